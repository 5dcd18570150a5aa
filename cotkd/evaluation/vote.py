"""What several sampled answers to one question are worth together: majority vote and any-of-k.

    answers 12, 12, 15, none   -> majority 12 (2 of 3 votes), any-of-k right if one of them is right

Answers that could not be read do not vote. Of answers with equally many votes the one that was
given first wins, in the order of stream and sample index, and the question is counted as a tie.
Votes may have weights, such as how probable an answer's text was or what a trained verifier gives
it; then the greatest sum wins, by the same rule.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from cotkd.evaluation.results import Vote
from cotkd.evaluation.statistics import proportion
from cotkd.types import Rationale, Verdict


class Majority(NamedTuple):
    """The answer with most votes; `answer` is None where nothing could be read."""

    answer: str | None
    votes: int
    """How many samples gave it, whatever they weigh."""
    tied: bool


def majority(answers: Sequence[str | None], weights: Sequence[float] | None = None) -> Majority:
    """Return the most frequent answer; None stands for an unreadable one and never wins.

    Args:
        answers: One per sample, in the order in which they were given.
        weights: The weight of each, not negative; None: all have one.

    Raises:
        ValueError: there are not as many weights as answers, or one is negative or not finite.
    """
    votes = [1] * len(answers) if weights is None else list(weights)
    if len(votes) != len(answers) or not all(math.isfinite(v) and v >= 0 for v in votes):
        raise ValueError(f"needs {len(answers)} weights of at least 0, got {votes}")
    sums: dict[str, float] = {}
    for answer, weight in zip(answers, votes, strict=True):
        if answer is not None:
            sums[answer] = sums.get(answer, 0) + weight
    if not sums:
        return Majority(None, 0, tied=False)
    most = max(sums.values())
    # sums of the same weights in another order may differ in their last digit
    winners = [answer for answer, total in sums.items() if math.isclose(total, most)]
    return Majority(winners[0], list(answers).count(winners[0]), tied=len(winners) > 1)


def pass_at_k(n: int, correct: int, *, k: int) -> float:
    """Return the unbiased chance that k of n samples, drawn without return, hold a correct one.

    Chen et al. (2021), arXiv 2107.03374, equation 1.
    """
    if not (0 <= correct <= n and 1 <= k <= n):
        raise ValueError(f"needs 0 <= correct <= n and 1 <= k <= n, got {correct}, {n}, k={k}")
    return 1 - math.comb(n - correct, k) / math.comb(n, k)


def majority_right(
    verdicts: Sequence[Verdict], weights: Sequence[float] | None = None
) -> tuple[bool, bool]:
    """Return whether the majority answer is right, and whether the tie rule decided it."""
    winner = majority([verdict.extracted for verdict in verdicts], weights)
    right = any(v.status == "correct" and v.extracted == winner.answer for v in verdicts)
    return right, winner.tied


def vote(rationales: Iterable[Rationale]) -> Vote | None:
    """Return majority and any-of-k accuracy over questions; None where there are no rationales."""
    verdicts: dict[str, list[Verdict]] = {}
    for rationale in sorted(rationales, key=lambda row: row.key):
        verdicts.setdefault(rationale.question_id, []).append(rationale.verdict)
    if not verdicts:
        return None
    outcomes = [majority_right(votes) for votes in verdicts.values()]
    found = [any(v.status == "correct" for v in votes) for votes in verdicts.values()]
    return Vote(
        k=max(map(len, verdicts.values())),
        majority=proportion(sum(right for right, _ in outcomes), len(outcomes)),
        any_of_k=proportion(sum(found), len(found)),
        ties=sum(tied for _, tied in outcomes),
    )


def total(votes: Sequence[Vote]) -> Vote | None:
    """Return the vote over the questions of several votes that have no question in common."""
    if not votes:
        return None
    asked = sum(vote.majority.n for vote in votes)
    return Vote(
        k=max(vote.k for vote in votes),
        majority=proportion(sum(vote.majority.correct for vote in votes), asked),
        any_of_k=proportion(sum(vote.any_of_k.correct for vote in votes), asked),
        ties=sum(vote.ties for vote in votes),
    )
