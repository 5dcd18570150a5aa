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
# # 03 · Verification, filters, and what a rationale is worth
#
# A model's text is evidence, not truth. This notebook reads answers, checks steps, and then looks inside a rationale:
# which of its tokens depend on the answer that the teacher was told? That is the idea behind SCOTT
# (Wang et al. 2023).

# %%
import logging
import warnings

import matplotlib.pyplot as plt

import cotkd

warnings.filterwarnings("ignore", message="IProgress")  # progress bars as plain text
logging.getLogger("cotkd").setLevel(logging.ERROR)

# %% [markdown]
# ## Three verdicts
#
# Correct, wrong, or unparsed. The third is neither of the others: two answers that cannot be read are never equal.

# %%
for text in (
    "She has 3 * 4 = 12 eggs.\n#### 12",
    "So the answer is $1,200.50.",
    "\\boxed{\\frac{24}{2}}",
    "It is 12 or maybe 13.",
    "That cannot be determined.",
    "I would have to see the shop.",
    "At 12 dollars each, 3 cost 36, of which she has",
):
    verdict = cotkd.verify(text, "12")
    print(f"{verdict.status:9} {verdict.extracted or '–':>8}   {verdict.reason:32} {text!r}")

# %% [markdown]
# ## Every step
#
# A right answer can stand at the end of wrong steps. Each equation, annotated or written out, is computed exactly:
# by a bounded parser, never by `eval`.

# %%
lucky = "She has 3 * 10 = <<3*10=13>>13 eggs, so 13 + 5 = <<13+5=18>>18.\n#### 18"
print(cotkd.verify(lucky, "18").status)
for check in cotkd.verify_steps(lucky):
    print(check)

# %% [markdown]
# ## The funnel
#
# What a teacher says, filter by filter.

# %%
from cotkd.rationales.parse import parse
from cotkd.verify import verifier_of

questions = cotkd.load_questions("microgsm:train", limit=60)
by_id = {question.id: question for question in questions}
rows = cotkd.sample(
    questions, "microgsm-teacher", n=4, temperature=1.2, max_tokens=160, progress=False
)
rationales = [parse(row, by_id[row.question_id], verifier=verifier_of("numeric")) for row in rows]
names = ["correct", "steps_valid", "consistency", "distinct"]
kept = [cotkd.select(rationales, names[:upto], questions=questions).kept for upto in range(5)]

figure, axis = plt.subplots(figsize=(6, 2.4))
counts = [len(rows) for rows in kept]
axis.barh(["sampled", *names], counts, color=["0.8", *["C0"] * 4])
for place, count in enumerate(counts):
    axis.text(count + 2, place, str(count), va="center")
axis.invert_yaxis()
axis.set(xlabel="rationales", xlim=(0, counts[0] * 1.12))
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## Contrastive growth
#
# Tell the teacher the right answer and let it explain: which of the rationale's tokens become likelier than if it had
# been told another answer? For each token $t$,
#
# $$g(t) = \log p(t \mid q, a^*, r_{<t}) - \log p(t \mid q, a', r_{<t}).$$
#
# SCOTT decodes by this quantity; the filter `contrastive` scores texts by it, whoever wrote them. Blue tokens are
# likelier with the right answer, red ones with the wrong one.

# %%
from cotkd.filters.contrastive import Contrastive

sound = kept[4][:40]
with cotkd.load_teacher("microgsm-teacher") as teacher:
    chosen = cotkd.select(sound, [Contrastive()], questions=questions, scorer=teacher)
print(f"{len(chosen.kept)} of {len(sound)} kept")
key, weighed = next((key, found) for key, found in chosen.weighed.items() if found.tokens)
print({name: round(value, 3) for name, value in weighed.scores.items()})


# %%
def heat(tokens, width=66):
    """Draw tokens with their growth as background."""
    top = max(abs(value) for _, value in tokens) or 1
    _, axis = plt.subplots(figsize=(8, 2))
    column, line = 0, 0
    for token, value in tokens:
        shown = token.strip("\n")
        if token.startswith("\n") or column + len(shown) > width:
            column, line = 0, line + 1
        axis.add_patch(
            plt.Rectangle(
                (column, -line), len(shown), 0.8, color=plt.cm.RdBu(0.5 + 0.45 * value / top)
            )
        )
        color = "white" if abs(value) > 0.6 * top else "black"
        axis.text(
            column + len(shown) / 2,
            0.36 - line,
            shown.strip(),
            family="monospace",
            fontsize=10,
            color=color,
            ha="center",
            va="center",
        )
        column += len(shown)
    axis.set(xlim=(0, width), ylim=(-line - 0.2, 1))
    axis.set_title(
        "growth of each token, blue: likelier with the right answer", fontsize=9, loc="left"
    )
    axis.axis("off")


print(by_id[key.question_id].text)
heat(weighed.tokens)

# %% [markdown]
# Growth sits where the numbers are: the words around them would be the same for any answer. A rationale without any
# growth explains every answer as well as the right one, and teaches nothing about why.

# %%
figure, axis = plt.subplots(figsize=(5, 2.4))
name = Contrastive.weighs[0]
axis.hist([found.scores[name] for found in chosen.weighed.values()], bins=20)
axis.set(xlabel=name, ylabel="rationales")
axis.spines[["top", "right"]].set_visible(False)

# %% [markdown]
# ## The same on GSM8K with real models
#
#     cotkd filter runs/gsm8k --questions gsm8k:train --filters correct,steps_valid,contrastive \
#         --scorer.kind transformers --scorer.model Qwen/Qwen2.5-7B-Instruct --scorer.dtype bfloat16 \
#         --out runs/gsm8k-kept
#
# filters the samples of notebook 02 on a GPU of 48 GB. Scoring reads each text twice and writes nothing. How many
# rationales it drops there we have not measured: the command prints it, filter by filter.
