# ---
# jupyter:
#   jupytext:
#     formats: py:percent,ipynb
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 02 · Sampling rationales: diversity and cost
#
# Sampling is where the time and the money go. How many samples does a question need? How different are they? When
# is it enough? This notebook looks at what a teacher says when it is asked the same thing again and again.

# %%
import logging
import warnings
from collections import Counter, defaultdict

import matplotlib.pyplot as plt

import cotkd
from cotkd.rationales.parse import parse
from cotkd.stages.collect import judge_of
from cotkd.teachers.adaptive import Adaptive
from cotkd.teachers.budget import Budget
from cotkd.verify import verifier_of

warnings.filterwarnings("ignore", message="IProgress")  # progress bars as plain text
logging.getLogger("cotkd").setLevel(logging.ERROR)
questions = cotkd.load_questions("microgsm:train", limit=60)
by_id = {question.id: question for question in questions}
verifier = verifier_of("numeric")
judge = judge_of(verifier)  # names the reasoning of a right sample by its list of equations


def tidy(axis):
    axis.spines[["top", "right"]].set_visible(False)


# %% [markdown]
# ## Temperature
#
# At temperature 0 every sample is the same. The higher it is, the more differently the teacher reasons, and the more
# often it is wrong.

# %%
drawn = {}
with cotkd.load_teacher("microgsm-teacher") as engine:
    for temperature in (0.3, 1.0, 1.5):
        drawn[temperature] = cotkd.sample(
            questions, engine, n=6, temperature=temperature, max_tokens=160, progress=False
        )

# %%
shares = {}
for temperature, rows in drawn.items():
    named = [(row.question_id, judge(by_id[row.question_id], row)) for row in rows]
    right = [pair for pair in named if pair[1] is not None]
    shares[temperature] = len(right) / len(rows), len(set(right)) / len(questions)
    print(
        f"T = {temperature}: {shares[temperature][0]:.0%} right, "
        f"{shares[temperature][1]:.2f} different right reasonings a question"
    )

# %%
figure, axes = plt.subplots(1, 2, figsize=(7, 2.6), sharex=True)
for axis, place, label in (
    (axes[0], 0, "share of right samples"),
    (axes[1], 1, "different right ones"),
):
    axis.plot(list(shares), [value[place] for value in shares.values()], "o-")
    axis.set(xlabel="temperature", ylabel=label, ylim=(0, None))
    tidy(axis)
figure.tight_layout()

# %% [markdown]
# Two samples count as different when their lists of equations differ, not their words. That is what the filter
# `distinct` keeps, and what "diverse reasoning" of Ho et al. (2023) is after.
#
# ## How many samples are enough?
#
# `pass@k` is the chance that at least one of k samples is right. Its unbiased estimate uses all samples that there
# are, not the first k (Chen et al. 2021).

# %%
from math import comb

rows = drawn[1.0]
right = Counter(row.question_id for row in rows if judge(by_id[row.question_id], row))
n = 6
passed = [
    sum(1 - comb(n - right[q.id], k) / comb(n, k) for q in questions) / len(questions)
    for k in range(1, n + 1)
]
figure, axis = plt.subplots(figsize=(4.5, 2.6))
axis.plot(range(1, n + 1), passed, "o-")
axis.set(xlabel="k", ylabel="pass@k", ylim=(0, 1.02), title="60 questions, T = 1")
tidy(axis)

# %% [markdown]
# ## Ask only as often as needed
#
# Easy questions are answered at once, hard ones never. Adaptive sampling asks in waves and stops asking a question
# once it has enough right rationales that reason differently. The rows that it does make are the very ones that
# the full sampling makes: sample *i* of a question depends on its seed and on nothing else.

# %%
spared = cotkd.sample(
    questions,
    "microgsm-teacher",
    n=6,
    adaptive=Adaptive(correct=2, wave=2),
    judge=judge,
    max_tokens=160,
    progress=False,
)
everything = {row.key: row.text for row in drawn[1.0]}
print(f"{len(spared)} samples instead of {len(everything)}")
print("the same texts:", all(everything[row.key] == row.text for row in spared))

# %%
asked = Counter(Counter(row.question_id for row in spared).values())
figure, axis = plt.subplots(figsize=(4.5, 2.2))
axis.bar([str(k) for k in sorted(asked)], [asked[k] for k in sorted(asked)])
axis.set(xlabel="samples asked for", ylabel="questions")
tidy(axis)

# %% [markdown]
# ## Budgets
#
# A budget ends the sampling; what was made is kept, and the same call with a larger one goes on. On disk each sample
# has a key, so that nothing is ever paid for twice, not even after `kill -9`.

# %%
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp()) / "run"
with cotkd.load_teacher("microgsm-teacher", batch_tokens=4096) as engine:  # small batches
    for tokens in (5_000, 1_000_000):
        rows = cotkd.sample(
            questions[:40],
            engine,
            n=4,
            out=folder,
            budget=Budget(tokens=tokens),
            max_tokens=160,
            progress=False,
        )
        print(f"budget of {tokens:>9,} tokens: {len(rows)} samples")

# %% [markdown]
# ## What tokens are spent on

# %%
by_verdict = defaultdict(list)
for row in drawn[1.0]:
    status = parse(row, by_id[row.question_id], verifier=verifier).verdict.status
    by_verdict[status].append(row.completion_tokens)
figure, axis = plt.subplots(figsize=(5, 2.6))
axis.hist(list(by_verdict.values()), bins=range(10, 161, 10), stacked=True, label=list(by_verdict))
axis.set(xlabel="tokens of a sample", ylabel="samples")
axis.legend(frameon=False)
tidy(axis)

# %% [markdown]
# ## The same on GSM8K with real models
#
#     vllm serve Qwen/Qwen2.5-7B-Instruct
#     cotkd sample --questions gsm8k:train --teacher.engine openai --teacher.model Qwen/Qwen2.5-7B-Instruct \
#         --teacher.base-url http://127.0.0.1:8000/v1 --elicitation.kind chat --n 8 --adaptive.correct 4 \
#         --budget.tokens 20000000 --out runs/gsm8k
#
# 7,473 questions, at most eight samples of about 200 tokens: some 12 M new tokens. A GPU of 24 GB is enough for the
# teacher; `--adaptive.correct 4` spares what easy questions do not need.
