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
# # 04 · Multi-task students: MT-CoT, step-by-step, SCOTT
#
# A rationale can be more than something to imitate. It can be a second task beside the answer (MT-CoT, Li et al.
# 2022; Distilling step-by-step, Hsieh et al. 2023), or evidence that the answer has to follow from (SCOTT, Wang et
# al. 2023). This notebook shows what each of them trains, token by token, and what comes out.

# %%
import logging
import warnings

import matplotlib.pyplot as plt

import cotkd
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.methods.mt_cot import MtCot
from cotkd.methods.step_by_step import StepByStep
from cotkd.rationales.parse import parse
from cotkd.verify import verifier_of

warnings.filterwarnings("ignore", message="IProgress")  # progress bars as plain text
logging.getLogger("cotkd").setLevel(logging.ERROR)
questions = cotkd.load_questions("microgsm:train", limit=150)
by_id = {question.id: question for question in questions}
verifier = verifier_of("numeric")
rows = cotkd.sample(questions, "microgsm-teacher", n=3, max_tokens=160, progress=False)
rationales = [parse(row, by_id[row.question_id], verifier=verifier) for row in rows]
kept = cotkd.select(rationales, "correct,steps_valid,distinct", questions=questions).kept
print(f"{len(kept)} rationales")

# %% [markdown]
# ## One question, every method
#
# An example is an input, a target, and a task. The loss is a mean over the trained tokens *of each task*, then a
# weighted sum over tasks: a rationale of fifty tokens does not drown an answer of one.

# %%
question = questions[0]
one = [row for row in kept if row.question_id == question.id][:1]
for method in (FineTuneCot(), MtCot(), StepByStep()):
    print(f"── {method.kind}")
    for example in method.examples({question.id: question}, one, architecture="decoder"):
        print(f"  task {example.task!r}, weight {example.weight:g}")
        print(f"   input: {example.input[:22]!r} … {example.input[-24:]!r}")
        print("  target: " + repr(example.target[:60]))

# %% [markdown]
# Step-by-step's two losses, $L = \mathrm{CE}(a) + \lambda\,\mathrm{CE}(r)$ in the paper and
# $\alpha\,\mathrm{CE}(a) + (1 - \alpha)\,\mathrm{CE}(r)$ in its code, point in the same direction when
# $\alpha = 1/(1+\lambda)$. Only their size differs.
#
# ## SCOTT: another rationale, another answer
#
# The teacher also explains a *wrong* answer. The student is given that rationale and must arrive where it leads; only
# the answer's tokens are trained. What the student learns is to read its own reasoning.

# %%
small = {
    "questions": {"limit": 24},
    "samples": 1,
    "training.processed_tokens": 3_000,
    "evaluation": {"suites": ["microgsm[:4]"], "dev": "microgsm:dev[:4]", "teacher": False},
    "baseline": None,
}
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
cotkd.run("scott", out=folder / "scott", settings=small)

from cotkd.store.rows import read_rows

examples = list(read_rows(next((folder / "scott").rglob("examples/student.jsonl")), cotkd.Example))
pair = [row for row in examples if row.question_id == examples[-1].question_id][-2:]
for example in pair:
    print(f"── {example.task}")
    print("read:   ", example.input)
    print("written:", example.target)
    spans = example.loss_spans or ((0, len(example.target)),)
    print("trained:", [example.target[start:end] for start, end in spans], "\n")

# %% [markdown]
# ## Three students
#
# The same base, the same rationales, as many processed tokens.

# %%
methods = {"fine_tune_cot": FineTuneCot(), "mt_cot": MtCot(), "step_by_step": StepByStep()}
scores = {}
for name, method in methods.items():
    student = cotkd.load_student("microgsm-student")
    examples = method.examples(by_id, kept, architecture=student.architecture)
    cotkd.train(
        student, examples, processed_tokens=100_000, batch_tokens=1024, learning_rate=1.5e-3
    )
    for head in method.heads:
        label = name if len(method.heads) == 1 else f"{name}: {head}"
        found = cotkd.evaluate(student, "microgsm[:60]", method=method, head=head, max_tokens=160)
        scores[label] = found["microgsm"]

# %%
figure, axis = plt.subplots(figsize=(6.5, 0.4 + 0.4 * len(scores)))
for place, score in enumerate(scores.values()):
    low, high = score.ci95
    axis.plot([low, high], [place, place], color="C0", lw=3, alpha=0.4)
    axis.plot(score.accuracy, place, "o", color="C0")
axis.set(yticks=range(len(scores)), yticklabels=list(scores), xlim=(-0.01, 0.5))
axis.set_xlabel(f"accuracy, 95 % interval, n = {score.n}")
axis.invert_yaxis()
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# Heads that answer at once gain next to nothing: an open number needs its steps on paper, and no amount of training on
# a rationale task writes them into the answer task. The papers report gains on classification, where an answer can be
# told without steps. The heads that explain share tokens and weights with the other task, and are behind as well after so
# little training. With a hundred thousand tokens and sixty questions the intervals are wide; the measured tables
# (`benchmarks/methods/table.md`) have six times the training.
#
# ## The same on GSM8K with real models
#
#     cotkd run gsm8k_step_by_step --out runs/sbs
#
# teaches Flan-T5 base with Qwen2.5-7B-Instruct on a GPU of 48 GB; `--dry-run` says how long that takes on yours. Compare
# both heads (`student` and `student:explain` in the report) before you say which one won.
