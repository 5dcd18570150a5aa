r"""Keeps rationales that lead a reader to the answer.

Peter Hase, Shiyue Zhang, Harry Xie, Mohit Bansal. "Leakage-Adjusted Simulatability: Can Models
Generate Non-Trivial Explanations of Their Behavior in Natural Language?" Findings of EMNLP 2020,
arXiv:2010.04119.

A model, the simulator, is asked for the answer a three times: with question and rationale, with
the question alone, and with the rationale alone.

    simulatability    log p(a | q, r) - log p(a | q)
    gain              1[right | q, r] - 1[right | q]
    leaks             1[right | r]: the rationale says the answer whatever was asked

"Right" means that a is more probable than each of some wrong answers, or at least even where none
can be made up. A rationale that leaks is no evidence that its steps are followed; so the score of
a whole set (LAS) is the mean gain of those that leak and of those that do not, in equal parts:
`adjusted`. In arithmetic the last step nearly always says the answer, and leaks.

The simulator is any open teacher; a trained student is opened as one:
`load_teacher("runs/first/rounds/000/student")`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import ClassVar, Literal, NamedTuple

from pydantic import Field

from cotkd.errors import DataError
from cotkd.filters.base import Questions, Rationales, RowFilter, Weighed
from cotkd.filters.weighing import Pair, argued, log_probabilities, others, question_of, together
from cotkd.teachers.elicitation.template import (
    AnswerTemplate,
    QuestionTemplate,
    RationaleTemplate,
    ReasonedTemplate,
    fill,
)
from cotkd.types import Key, Question, Rationale, Scorer


class Asked(NamedTuple):
    """What the simulator is asked about one rationale."""

    prompts: tuple[str, str, str]
    """With question and rationale, with the question, with the rationale."""
    answers: list[str]
    """The answer, then wrong ones."""

    def pairs(self) -> list[Pair]:
        """Return every prompt with every answer."""
        return [(prompt, answer) for prompt in self.prompts for answer in self.answers]


class Simulatability(RowFilter):
    """Drops rationales that make the answer less probable to a simulator."""

    title: ClassVar[str] = "leads a simulator to the answer"
    source: ClassVar[str] = "Hase et al. 2020, arXiv 2010.04119"
    weighs: ClassVar[tuple[str, ...]] = ("simulatability", "gain", "leaks")

    kind: Literal["simulatability"] = "simulatability"
    threshold: float | None = 0.0
    """Least simulatability that is kept, in nats; null keeps any."""
    leaking: Literal["keep", "drop"] = "keep"
    """What happens to rationales that say the answer whatever was asked."""
    rivals: int = Field(3, ge=1)
    """Wrong answers that the answer is compared with, at most."""
    reasoned: ReasonedTemplate = "Q: {question}\nA: {rationale}\nTherefore, the answer is"
    """Asks with question and rationale."""
    unreasoned: QuestionTemplate = "Q: {question}\nA: Therefore, the answer is"
    """Asks with the question alone."""
    alone: RationaleTemplate = "A: {rationale}\nTherefore, the answer is"
    """Asks with the rationale alone."""
    answer: AnswerTemplate = " {answer}."
    """The answer, with what ends it, so that 12 is not the beginning of 120."""
    seed: int = 0
    """Draws the wrong answers of each question."""

    def weigh(
        self, rationales: Rationales, questions: Questions, scorer: Scorer
    ) -> dict[Key, Weighed]:
        """Return the three scores of every rationale."""
        found: dict[Key, Weighed] = {}
        for rows in together(rationales):
            asked = [self._asked(row, question_of(row, questions, self.kind)) for row in rows]
            values = log_probabilities(scorer, (pair for one in asked for pair in one.pairs()))
            log_p = {pair: sum(of_tokens) for pair, of_tokens in values.items()}
            for row, one in zip(rows, asked, strict=True):
                found[row.key] = Weighed(_scores(one, log_p))
        return found

    def fault(self, row: Rationale, questions: Questions) -> str | None:
        """Return whether a rationale does not help, or leaks where that is not wanted."""
        if self.threshold is not None and row.scores["simulatability"] < self.threshold:
            return f"simulatability below {self.threshold:g}"
        leaks = self.leaking == "drop" and row.scores["leaks"]
        return "says the answer whatever was asked" if leaks else None

    def _asked(self, row: Rationale, question: Question) -> Asked:
        try:
            wrong = others(row, question, ("other",), draws=self.rivals, seed=self.seed)
        except DataError:
            wrong = []
        return Asked(
            (
                fill(self.reasoned, question=question.text, rationale=row.text),
                fill(self.unreasoned, question=question.text),
                fill(self.alone, rationale=row.text),
            ),
            [fill(self.answer, answer=answer) for answer in (argued(row, question), *wrong)],
        )


def _scores(asked: Asked, log_p: Mapping[Pair, float]) -> dict[str, float]:
    given, without, alone = (
        [log_p[prompt, answer] for answer in asked.answers] for prompt in asked.prompts
    )
    return {
        "simulatability": given[0] - without[0],
        "gain": float(_right(given)) - float(_right(without)),
        "leaks": float(_right(alone)),
    }


def _right(values: Sequence[float]) -> bool:
    answer, *rivals = values
    return all(answer > rival for rival in rivals) if rivals else answer >= math.log(0.5)


class LeakageAdjusted(NamedTuple):
    """Simulatability of a set of rationales."""

    value: float | None
    """LAS, the mean of the two groups' mean gain; None where a group is empty."""
    leaking: float | None
    """Mean gain of the rationales that leak."""
    others: float | None
    """Mean gain of those that do not."""
    leak_rate: float | None
    """Share of rationales that leak."""
    rows: int


def adjusted(gains: Iterable[tuple[float, bool]]) -> LeakageAdjusted:
    """Return the LAS of rationales given the gain of each, and whether it leaks."""
    groups: dict[bool, list[float]] = {True: [], False: []}
    for gain, leaks in gains:
        groups[leaks].append(gain)
    leaking, rest = (sum(group) / len(group) if group else None for group in groups.values())
    count = sum(map(len, groups.values()))
    return LeakageAdjusted(
        None if leaking is None or rest is None else (leaking + rest) / 2,
        leaking,
        rest,
        len(groups[True]) / count if count else None,
        count,
    )
