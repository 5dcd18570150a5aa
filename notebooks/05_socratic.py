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
# # 05 · Socratic CoT: a decomposer and a solver
#
# Shridhar et al. (2023) train two models: one breaks a problem into sub-questions, the other answers them in turn, each
# with its own answers to those before in front of it. When the pair fails one can see which of the two it was.

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

# %% [markdown]
# ## The data
#
# GSM8K has a Socratic form: each line of a solution is `sub-question ** step`. MicroGSM has it too, and a teacher can be
# asked for it. A chain is kept where its final answer is right and its steps compute.

# %%
question = next(
    q for q in cotkd.load_questions("microgsm:train", limit=50) if q.steps and len(q.steps) > 2
)
print(question.text)
for asked, step in question.steps:
    print(f"   {asked}  →  {step}")

# %% [markdown]
# ## One model with two tasks, and a pair
#
# `scheme: shared` is one model with two tasks, `iterative` two models. Both get as many processed tokens in all.

# %%
settings = {
    "method.data": "gold",
    "questions.limit": 300,
    "samples": 1,
    "training.processed_tokens": 200_000,
    "training.batch_tokens": 1024,
    "evaluation": {"suites": ["microgsm[:60]"], "dev": "microgsm:dev[:20]", "teacher": False},
    "baseline": None,
}
runs = {
    scheme: cotkd.run(
        "socratic", out=folder / scheme, settings={**settings, "method.scheme": scheme}
    )
    for scheme in ("shared", "iterative")
}

# %%
rows = [
    (f"{scheme}{label.removeprefix('student')}", suites["microgsm"])
    for scheme, results in runs.items()
    for label, suites in results.scores.items()
    if label.startswith("student")
]
figure, axis = plt.subplots(figsize=(6, 0.6 + 0.4 * len(rows)))
for place, (name, score) in enumerate(rows):
    low, high = score.ci95
    color = "0.6" if "oracle" in name else "C0"
    axis.plot([low, high], [place, place], color=color, lw=3, alpha=0.4)
    axis.plot(score.accuracy, place, "o", color=color)
axis.set(yticks=range(len(rows)), yticklabels=[name for name, _ in rows], xlim=(-0.02, 1))
axis.set_xlabel(f"accuracy, 95 % interval, n = {rows[0][1].n}; grey: told the gold sub-questions")
axis.invert_yaxis()
axis.spines[["top", "right"]].set_visible(False)
figure.tight_layout()

# %% [markdown]
# The grey rows are told the gold sub-questions. They are upper bounds, not results: the distance between a row and its
# oracle is what better decomposition could win.
#
# ## A dialogue

# %%
from cotkd.evaluation.compare import read_arms

answers = read_arms(folder / "shared" / "evaluation")["student"]["microgsm"]
asked = {q.id: q for q in cotkd.load_questions("microgsm:test", limit=60)}
shown = max(answers, key=lambda row: (row.verdict.status == "correct", row.text.count("\n")))
print(asked[shown.question_id].text, "\n")
for turn in shown.trace or (shown.text,):
    print("  ", turn.strip().replace("\n", "\n   "))
print("\n", shown.verdict.status, shown.verdict.extracted)

# %% [markdown]
# ## Whose fault was it?
#
# An answer that is wrong with the predicted sub-questions and right with the gold ones was decomposed wrongly; one that
# is wrong with both was computed wrongly.

# %%
both = read_arms(folder / "shared" / "evaluation")
oracle = {
    row.question_id: row.verdict.status == "correct" for row in both["student:oracle"]["microgsm"]
}
wrong = [row for row in both["student"]["microgsm"] if row.verdict.status != "correct"]
fault = {
    "decomposition": sum(oracle.get(row.question_id, False) for row in wrong),
    "solving": sum(not oracle.get(row.question_id, False) for row in wrong),
}
figure, axis = plt.subplots(figsize=(5, 1.6))
axis.barh(list(fault), list(fault.values()))
axis.set(xlabel=f"of {len(wrong)} wrong answers")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## The same on GSM8K with real models
#
#     cotkd run gsm8k_socratic --out runs/socratic
#
# trains two Flan-T5 base on the sub-questions that GSM8K comes with, on a GPU of 48 GB; `--dry-run` says how long that
# takes on yours.
