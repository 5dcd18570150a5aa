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
# # 01 · From questions to a student that reasons
#
# A large model (the *teacher*) solves word problems by writing out its reasoning. A small one (the *student*)
# cannot. Chain-of-thought distillation lets the teacher write several solutions of many problems, keeps the right
# ones, and trains the student on them. This notebook does each step by hand. It needs no GPU and no network: a
# teacher of 2.4 M parameters, an untrained student and the problems (*MicroGSM*, a small relative of GSM8K) travel
# with `cotkd`.

# %%
import logging
import warnings
from collections import Counter

import matplotlib.pyplot as plt

import cotkd

warnings.filterwarnings("ignore", message="IProgress")  # progress bars as plain text
logging.getLogger("cotkd").setLevel(logging.WARNING)

# %% [markdown]
# ## Questions
#
# A question has a text and a gold answer. `load_questions` takes a registered set, or a file of your own.

# %%
questions = cotkd.load_questions("microgsm:train", limit=200)
print(questions[0].text)
print("gold answer:", questions[0].answer)

# %% [markdown]
# ## The teacher's samples
#
# Four solutions of each question, drawn at temperature 1. The same question asked again is reasoned about
# differently, which is what makes several samples worth having.

# %%
samples = cotkd.sample(questions, "microgsm-teacher", n=4, max_tokens=160, progress=False)
for row in samples[:2]:
    print(row.text, "\n")

# %% [markdown]
# ## Right, wrong, unreadable
#
# Each sample is taken apart into reasoning and answer, and the answer is compared with the gold one, as a number.

# %%
from cotkd.rationales.parse import parse
from cotkd.verify import verifier_of

by_id = {question.id: question for question in questions}
verifier = verifier_of("numeric")
rationales = [parse(row, by_id[row.question_id], verifier=verifier) for row in samples]
print(Counter(row.verdict.status for row in rationales))

# %% [markdown]
# ## What becomes data
#
# Filters are applied in order. Every rationale that is dropped has a reason.

# %%
chosen = cotkd.select(rationales, "correct,steps_valid,distinct", questions=questions)
reasons = Counter(f"{name}: {reason.partition(':')[0]}" for name, reason in chosen.dropped.values())
print(f"{len(rationales)} sampled, {len(chosen.kept)} kept")
for reason, count in reasons.most_common():
    print(f"  {count:4}  {reason}")

# %% [markdown]
# ## Two students
#
# The same base, the same questions, as many processed tokens: one learns the teacher's reasoning followed by the
# answer (Fine-tune-CoT, Ho et al. 2023), one the answers alone. Anything else would not be a comparison.

# %%
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.fine_tune_cot import FineTuneCot

methods = {"reasons first": FineTuneCot(), "answers at once": AnswerOnly()}
students, curves = {}, {}
for name, method in methods.items():
    student = cotkd.load_student("microgsm-student")
    examples = method.examples(by_id, chosen.kept, architecture=student.architecture)
    result = cotkd.train(
        student, examples, processed_tokens=150_000, batch_tokens=1024, learning_rate=1.5e-3
    )
    students[name], curves[name] = student, result.losses
    print(f"{name}: {len(examples)} examples, {result.processed_tokens:,} tokens")

# %%
figure, axis = plt.subplots(figsize=(6, 3))
for name, points in curves.items():
    axis.plot([step for step, _ in points], [value for _, value in points], label=name)
axis.set(xlabel="step", ylabel="loss of its own target", title="What each one learns")
axis.legend(frameon=False)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# The two losses are of different texts: an answer has few tokens that are hard, a rationale many that are easy. They
# cannot be compared. Accuracies can.
#
# ## What they learned

# %%
scores = {}
for name, method in methods.items():
    found = cotkd.evaluate(students[name], "microgsm[:100]", method=method, max_tokens=160)
    scores[name] = found["microgsm"]
    low, high = scores[name].ci95
    print(f"{name:16} {scores[name].accuracy:6.1%}  [{low:.1%} – {high:.1%}]  n = {scores[name].n}")

# %%
figure, axis = plt.subplots(figsize=(6, 1.6))
for place, (name, score) in enumerate(scores.items()):
    low, high = score.ci95
    axis.plot([low, high], [place, place], color="C0", lw=3, alpha=0.4)
    axis.plot(score.accuracy, place, "o", color="C0")
axis.set(
    yticks=range(len(scores)),
    yticklabels=list(scores),
    xlabel="accuracy, 95 % interval",
    xlim=(0, 1),
)
axis.set_ylim(-0.6, 1.6)
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# What the student that reasons writes on a problem it has never seen:

# %%
from cotkd.measuring.answers import student_answers

unseen = cotkd.load_questions("microgsm:test", limit=2)
say = student_answers(students["reasons first"], methods["reasons first"].prompting, 160)
for question, text in zip(unseen, say(unseen), strict=True):
    print(question.text, "\n→", text.strip(), "\ngold:", question.answer, "\n")

# %% [markdown]
# ## All of it in one command
#
#     cotkd run fine_tune_cot --out runs/first
#
# does this with 750 questions, four times the training, seven suites of which six are unlike the training problems,
# and writes a report. It takes about three minutes; the README shows what comes out.
#
# ## The same on GSM8K with real models
#
#     cotkd run gsm8k_fine_tune_cot --teacher.model Qwen/Qwen2.5-7B-Instruct --student.model Qwen/Qwen2.5-0.5B
#
# needs a GPU of 48 GB. `--dry-run` prints the settings and an estimate of hours, memory and disk first.
