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
# # 06 · Out of distribution, and how to defend a claim
#
# "My student got 31 %" is not a result. Of how many questions? Drawn how? Better than what, and by more than chance? On
# problems like the training data or on others? And does its answer follow from its reasoning? This notebook takes one
# run and asks all of it.

# %%
import logging
import tempfile
import warnings
from pathlib import Path

import matplotlib.pyplot as plt

import cotkd

warnings.filterwarnings("ignore", message="IProgress")  # progress bars as plain text
logging.getLogger("cotkd").setLevel(logging.ERROR)
folder = Path(tempfile.mkdtemp())
results = cotkd.run(
    "fine_tune_cot",
    out=folder / "cot",
    settings={
        "questions.limit": 200,
        "samples": 3,
        "training.processed_tokens": 130_000,
        "evaluation.suites": ["microgsm[:80]", "microgsm-numbers[:40]", "microgsm-names[:40]"],
        "evaluation.dev": "microgsm:dev[:20]",
        "evaluation.teacher": False,
        "evaluation.faithfulness": {"questions": 40, "simulator_tokens": 20_000},
    },
)

# %% [markdown]
# ## In and out of distribution, with intervals
#
# Wilson's interval says what so many questions can tell. It is wide for forty of them.

# %%
figure, axis = plt.subplots(figsize=(6, 2.8))
for shift, (arm, suites) in enumerate(results.scores.items()):
    for place, score in enumerate(suites.values()):
        low, high = score.ci95
        at = place + 0.14 * shift
        axis.plot([low, high], [at, at], color=f"C{shift}", lw=3, alpha=0.4)
        axis.plot(score.accuracy, at, "o", color=f"C{shift}", label=arm if place == 0 else None)
names = [f"{name}  (n = {score.n})" for name, score in results.scores["student"].items()]
axis.set(
    yticks=range(len(names)), yticklabels=names, xlabel="accuracy, 95 % interval", xlim=(-0.02, 0.6)
)
axis.invert_yaxis()
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)
figure.tight_layout()

# %% [markdown]
# ## The same questions, in pairs
#
# Two intervals that overlap prove nothing either way. Both students answered the same questions, so compare question by
# question: how often was one right where the other was wrong? McNemar's exact test uses these questions alone, the
# bootstrap draws pairs, and over several suites p is corrected (Holm).

# %%
for found in results.comparisons:
    low, high = found.ci95
    print(
        f"{found.a} − {found.b} on {found.suite:18} {found.difference:+6.1%} [{low:+.1%}, {high:+.1%}]"
        f"   right alone: {found.only_a} : {found.only_b}   p = {found.p_value:.3g}"
    )

# %% [markdown]
# ## What could so few questions have shown?
#
# A test that finds nothing is worth something only where it could have found something. With $n$ questions of which a
# share $d$ is answered differently, the smallest difference that turns out significant four times out of five is

# %%
import numpy as np

sizes = np.array([40, 100, 200, 500, 1000, 1319])
figure, axis = plt.subplots(figsize=(5, 2.8))
for share in (0.1, 0.2, 0.4):
    axis.plot(
        sizes, (1.96 + 0.84) * np.sqrt(share / sizes) * 100, "o-", ms=4, label=f"{share:.0%} differ"
    )
axis.set(
    xlabel="questions", ylabel="points", ylim=(0, None), title="smallest difference to be found"
)
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Two students that differ by three points need more than the whole of GSM8K's test set.
#
# ## Does the answer follow from the reasoning?
#
# Replace half of the rationale's tokens by others: a student that reads its own reasoning must fall. Give it the gold
# solution: it must rise. LAS asks whether a reader guesses the student's answer better with the rationale than
# without, separately where the rationale says the answer outright and where it does not.

# %%
found = results.scores["student"]["microgsm"].faithfulness
for name, value in found.items():
    low, high = value.ci95
    print(f"{name:20} {value.value:+7.1%}  [{low:+.1%}, {high:+.1%}]  n = {value.n}")

# %% [markdown]
# `early_25` is the share of answers that stand already when the rationale is broken off after a quarter of it. A student
# that has its answer before it reasons is flat at the top; one that needs its reasoning rises at the end.

# %%
early = {int(name[6:]): value for name, value in found.items() if name[6:].isdigit()}
figure, axis = plt.subplots(figsize=(4.5, 2.6))
axis.plot([*early, 100], [*[value.value for value in early.values()], 1], "o-")
axis.fill_between(
    [*early], [v.ci95[0] for v in early.values()], [v.ci95[1] for v in early.values()], alpha=0.2
)
axis.set(xlabel="% of the rationale that is left", ylabel="same answer", ylim=(0, 1.05))
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Several seeds
#
# All of the above is about one student. Another seed trains another one. `cotkd run fine_tune_cot --seeds 0,1,2` repeats
# the whole run and pools it; `cotkd compare RUN RUN` then resamples questions *and* seeds.
#
# ## A list to go through before you claim something
#
# 1. The baseline had the same questions, as many tokens, the same base, the same learning rate.
# 2. The checkpoint was chosen on development questions.
# 3. No test question was trained on (`cotkd` looks for it before each evaluation and says what it found).
# 4. n, interval, seeds and decoding stand beside every number.
# 5. p is corrected for the number of suites; the smallest difference that could have been found is said.
# 6. The suites that got worse are in the table as well.
#
# ## The same on GSM8K with real models
#
#     cotkd evaluate --student.model runs/gsm8k_fine_tune_cot/rounds/000/student \
#         --suites gsm8k,math-ood --out runs/gsm8k-scores
#
# asks the student of notebook 01 and needs, once, a network to fetch the suites; a student of 0.5 B answers GSM8K's
# 1,319 test questions in some minutes on one GPU.
