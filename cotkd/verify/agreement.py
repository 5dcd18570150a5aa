"""Majority vote over several samples of one question (self-consistency).

    ["18", None, "17", "18.00"]  →  "18" with 2 of 3 votes

Answers that could not be read do not vote. Among answers with equally many votes the one that was
seen first wins, and how many others it tied with is stated.
Source: Wang et al. 2022, arXiv 2203.11171.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from cotkd.types import Verdict


class Vote(NamedTuple):
    """The winning answer with its votes, out of those cast; no answer where none was cast."""

    answer: str | None
    votes: int
    cast: int
    tied: int = 0
    """Other answers with as many votes."""


def majority(answers: Iterable[str | None]) -> Vote:
    """Return the vote over canonical answers; None is an answer that could not be read."""
    counts = Counter(answer for answer in answers if answer is not None)
    if not counts:
        return Vote(None, 0, 0)
    answer, votes = max(counts.items(), key=lambda item: item[1])
    tied = list(counts.values()).count(votes) - 1
    return Vote(answer, votes, counts.total(), tied)


def majority_verdict(verdicts: Iterable[Verdict]) -> Verdict:
    """Return the verdict of the majority answer; unparsed where no sample could be read.

    The verdicts are of samples of one question, by one verifier.
    """
    verdicts = list(verdicts)
    vote = majority(verdict.extracted for verdict in verdicts if verdict.status != "unparsed")
    expected = next((v.expected for v in verdicts if v.expected is not None), None)
    if vote.answer is None:
        return Verdict(status="unparsed", expected=expected, reason="no sample could be read")
    status = next(v.status for v in verdicts if v.extracted == vote.answer)
    return Verdict(
        status=status,
        extracted=vote.answer,
        expected=expected,
        reason=f"majority, {vote.votes} of {vote.cast}"
        + (f", tied with {vote.tied}" if vote.tied else ""),
    )
