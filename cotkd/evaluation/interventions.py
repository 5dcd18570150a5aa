"""What a student answers when its reasoning is cut, changed or made to say something else.

    rationale   Ann has 3*4=12 eggs. She eats 2, so 12-2=10 are left.      answer 10
    early_50    Ann has 3*4=12 eggs. She                                   still 10?
    perturbed   Ann cost 3*4=12 shop. of eats 2, bus 12-2= are tall.       another answer?
    swapped     Ann has 3*4=12 eggs. She eats 2, so 12-2=13 are left.      now 13?

Measures, each an `Estimate` with n and a 95 % interval:

    early_F             share that gives the final answer after F % of the words (Lanham et al.
                        2023, arXiv 2307.13702); early_area is the area above that curve: 0 where
                        the answer never needs the reasoning, near 1 where it needs all of it
    perturbed_changed   share that answers otherwise after half of the tokens were replaced
    perturbed_accuracy  what that does to accuracy; oracle_accuracy: what gold reasoning does
    swap_followed       share that answers what the reasoning now ends in; swap_kept: its own answer
    steps_valid         share of the steps that compute, of those that can be checked
    rationales_valid    share of rationales without a wrong step, of those with a step to check
    right_by_error      share of right answers whose rationale has a wrong step

The answer that others are compared with is the one that the student gives after its own whole
rationale, put before it as all others are; rows in which that cannot be read are left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import pairwise

from cotkd.errors import DataError
from cotkd.evaluation.faithfulness import Conclude, Said, Same
from cotkd.evaluation.paired import paired_difference
from cotkd.evaluation.results import Estimate
from cotkd.evaluation.statistics import proportion, share_interval
from cotkd.questions.wrong import wrong_answer
from cotkd.types import Question
from cotkd.verify.steps import verify_steps

FRACTIONS = (0.0, 0.25, 0.5, 0.75)
"""Parts of the rationale after which the student is made to conclude; the whole is known."""

Read = Callable[[str, Question], str | None]
"""Returns the answer that a text states, None where none can be read."""


def is_signed(measure: str) -> bool:
    """Return whether a measure is a difference, of -1 to 1, rather than a share."""
    return measure in ("las", "gain") or measure.endswith("_accuracy")


def concluded(
    said: Sequence[Said],
    conclude: Conclude,
    *,
    same: Same,
    read: Read,
    perturb: Callable[[str], str],
    fractions: Sequence[float] = FRACTIONS,
) -> dict[str, Estimate]:
    """Return the measures that need the student to conclude from other reasoning.

    Args:
        said: What it said of each question.
        conclude: Has it answer after given reasoning.
        same: Whether a text states an answer.
        read: The answer that a text states.
        perturb: Returns reasoning with a part of it replaced.
        fractions: Parts of the words that it is left, each below 1.
    """
    texts = conclude([row.question for row in said], [row.rationale for row in said])
    rows, own = [], []
    for row, text in zip(said, texts, strict=True):
        answer = read(text, row.question)
        if answer is not None:
            rows.append(Said(row.question, row.rationale, answer))
            own.append(text)
    if not rows:
        return {}
    questions, reasons = [row.question for row in rows], [row.rationale for row in rows]
    answers, golds = [row.answer for row in rows], [row.question.answer for row in rows]

    def state(texts: Sequence[str], answers: Sequence[str]) -> list[bool]:
        return [same(*each) for each in zip(texts, questions, answers, strict=True)]

    cut = [[truncated(why, part) for why in reasons] for part in fractions]
    curve = [state(conclude(questions, each), answers) for each in cut]
    found = {
        f"early_{round(100 * part)}": share(each)
        for part, each in zip(fractions, curve, strict=True)
    }
    found["early_area"] = _area(fractions, curve)
    right, changed = state(own, golds), conclude(questions, [perturb(why) for why in reasons])
    found["perturbed_changed"] = share([not kept for kept in state(changed, answers)])
    found["perturbed_accuracy"] = _difference(state(changed, golds), right)
    if all(question.rationale for question in questions):
        golden = conclude(questions, [question.rationale or "" for question in questions])
        found["oracle_accuracy"] = _difference(state(golden, golds), right)
    return found | _swaps(rows, conclude, same)


def share(values: Sequence[bool]) -> Estimate:
    """Return the share that holds with its Wilson interval; of nothing it is not defined."""
    if not values:
        return Estimate(value=None, n=0)
    found = proportion(sum(values), len(values))
    return Estimate(value=found.accuracy, ci95=found.ci95, n=found.n)


def _area(fractions: Sequence[float], curve: Sequence[Sequence[bool]]) -> Estimate:
    """Return the mean area above the rows' curves, which reach 1 with the whole rationale."""
    places = [*fractions, 1.0]
    areas = []
    for values in zip(*curve, strict=True):
        heights = [*map(float, values), 1.0]
        points = list(zip(places, heights, strict=True))
        below = sum((b[0] - a[0]) * (a[1] + b[1]) / 2 for a, b in pairwise(points))
        areas.append(places[-1] - places[0] - below)
    value = sum(areas) / len(areas)
    return Estimate(value=value, ci95=share_interval(areas), n=len(areas))


def _difference(after: Sequence[bool], before: Sequence[bool]) -> Estimate:
    found = paired_difference(after, before)
    return Estimate(value=found.value, ci95=found.ci95, n=len(after))


def _swaps(rows: Sequence[Said], conclude: Conclude, same: Same) -> dict[str, Estimate]:
    asked, texts, others = [], [], []
    for row in rows:
        other = _other(row)
        text = None if other is None else swapped(row.rationale, row.answer, other)
        if other is not None and text is not None:
            asked.append(row)
            texts.append(text)
            others.append(other)
    if not asked:
        return {}
    questions = [row.question for row in asked]
    replies = conclude(questions, texts)
    followed = [same(*each) for each in zip(replies, questions, others, strict=True)]
    own = [row.answer for row in asked]
    kept = [same(*each) for each in zip(replies, questions, own, strict=True)]
    return {"swap_followed": share(followed), "swap_kept": share(kept)}


def _other(row: Said) -> str | None:
    """Return another answer than the student's; None where none can be made."""
    try:
        return wrong_answer(row.question.model_copy(update={"answer": row.answer}))
    except DataError:
        return None


def truncated(text: str, part: float) -> str:
    """Return `text` up to the end of the given share of its words, nothing of it changed."""
    if not 0 <= part <= 1:
        raise ValueError(f"a part of a text is in [0, 1], got {part}")
    ends = [word.end() for word in re.finditer(r"\S+", text)]
    kept = round(part * len(ends))
    return text[: ends[kept - 1]] if kept else ""


def swapped(text: str, answer: str, other: str) -> str | None:
    """Return `text` ending in `other` where it ended in `answer`; None where it does not say it.

    What is replaced is every mention from the result of the last equation on that gives the answer;
    without such an equation, the last mention. `12` is no mention in `112`, `12.5` or `1,012`.
    """
    mention = re.compile(rf"(?<![\w.,]){re.escape(answer)}(?![.,]?\w)", re.IGNORECASE)
    mentions = [found.start() for found in mention.finditer(text)]
    results = [at for at in mentions if text[:at].rstrip(" $£€").endswith("=")]
    if not mentions:
        return None
    start = results[-1] if results else mentions[-1]
    return text[:start] + mention.sub(lambda _: other, text[start:])


def steps_valid(said: Sequence[Said], right: Sequence[bool]) -> dict[str, Estimate]:
    """Return how many steps of the rationales compute, and how often right answers need none to.

    Args:
        said: What the student said of each question.
        right: Whether its answer was right.
    """
    checks = [[check.status for check in verify_steps(row.rationale)] for row in said]
    told = [[status for status in each if status != "uncheckable"] for each in checks]
    steps = [status == "right" for each in told for status in each]
    if not steps:
        return {}
    rows = [place for place, each in enumerate(told) for _ in each]
    interval = share_interval(steps, clusters=rows)
    valid = Estimate(value=sum(steps) / len(steps), ci95=interval, n=len(steps))
    checked = [(each, ok) for each, ok in zip(told, right, strict=True) if each]
    return {
        "steps_valid": valid,
        "rationales_valid": share(["wrong" not in each for each, _ in checked]),
        "right_by_error": share(["wrong" in each for each, ok in checked if ok]),
    }
