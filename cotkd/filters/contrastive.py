r"""Keeps rationales that their own answer makes more probable than another answer would.

Plausibility growth is what contrastive decoding steers by (Wang et al. 2023, arXiv:2305.01879);
here it weighs finished rationales, of any teacher and any engine that scores texts:

    G = mean over tokens t of r of  log p(t | q, a*, t's before) - log p(t | q, a', t's before)

    "… 3*4=<<3*4=12>>12 eggs."     G = 2.1     says why it is 12 and not 14
    "So we get the answer."        G = 0.0     would be said of any answer

Where there are several a' the mean over them is taken. What the model says of each token is kept
for the report.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.filters.base import Filter, Questions, Rationales, Scope, Weighed
from cotkd.filters.weighing import argued, log_probabilities, others, question_of, together
from cotkd.questions.wrong import Wrong
from cotkd.teachers.elicitation.template import AnsweredTemplate, fill
from cotkd.types import Key, Question, Rationale, Scorer


class Contrastive(Filter):
    """Drops rationales of little plausibility growth under a model, usually the teacher."""

    title: ClassVar[str] = "supports its own answer more than another"
    source: ClassVar[str] = "Wang et al. 2023, arXiv 2305.01879"
    weighs: ClassVar[tuple[str, ...]] = ("growth",)
    scope: ClassVar[Scope] = "question"

    kind: Literal["contrastive"] = "contrastive"
    against: tuple[Wrong, ...] = Field(("other",), min_length=1)
    """The other answers: none at all (`empty`), other options (`choice`), other numbers (`number`),
    or options or numbers as the question has them (`other`)."""
    draws: int = Field(1, ge=1)
    """Options or numbers drawn for each entry of `against`."""
    threshold: float | None = 0.0
    """Least growth that is kept, in nats per token; null keeps any."""
    top: int | None = Field(None, ge=1)
    """Rationales kept per question, those of the greatest growth; null keeps all."""
    template: AnsweredTemplate = "Q: {question}\nA: The answer is {answer}."
    """What the rationale is read after."""
    separator: str = " "
    """Between the template and the rationale."""
    seed: int = 0
    """Draws the other answers of each question."""
    shown: int = Field(100, ge=0)
    """Rationales of which the growth of every token is kept for the report, the first ones."""

    def weigh(
        self, rationales: Rationales, questions: Questions, scorer: Scorer
    ) -> dict[Key, Weighed]:
        """Return the growth of every rationale."""
        shown = {row.key for row in rationales[: self.shown]}
        found: dict[Key, Weighed] = {}
        for rows in together(rationales):
            growths = self._growths(rows, questions, scorer)
            for row, values in zip(rows, growths, strict=True):
                mean = sum(values) / len(values) if values else 0.0
                found[row.key] = Weighed({"growth": mean})
            some = [at for at, row in enumerate(rows) if row.key in shown]
            pieces = scorer.pieces([self._text(rows[at]) for at in some]) if some else []
            for at, texts in zip(some, pieces, strict=True):
                tokens = tuple(zip(texts, growths[at], strict=True))
                found[rows[at].key] = found[rows[at].key]._replace(tokens=tokens)
        return found

    def drop(self, rationales: Rationales, questions: Questions) -> dict[Key, str]:
        """Return the rationales below the threshold, and then those beyond the best."""
        dropped: dict[Key, str] = {}
        ranked: dict[str, list[Rationale]] = {}
        for row in rationales:
            if self.threshold is not None and row.scores["growth"] < self.threshold:
                dropped[row.key] = f"growth below {self.threshold:g}"
            else:
                ranked.setdefault(row.question_id, []).append(row)
        if self.top is not None:
            for rows in ranked.values():
                rows.sort(key=lambda row: -row.scores["growth"])
                for row in rows[self.top :]:
                    dropped[row.key] = f"not among the {self.top} of most growth"
        return dropped

    def _text(self, row: Rationale) -> str:
        return self.separator + row.text

    def _growths(
        self, rows: Sequence[Rationale], questions: Mapping[str, Question], scorer: Scorer
    ) -> list[list[float]]:
        """Return the growth of every token of each row, from one call of the scorer."""
        asked = [
            [(prompt, self._text(row)) for prompt in self._contexts(row, question)]
            for row in rows
            for question in (question_of(row, questions, self.kind),)
        ]
        values = log_probabilities(scorer, (pair for pairs in asked for pair in pairs))
        return [_growth(*(values[pair] for pair in pairs)) for pairs in asked]

    def _contexts(self, row: Rationale, question: Question) -> list[str]:
        """Return the prompt with the answer that the row argues for, then those with others."""
        wrong = others(row, question, self.against, draws=self.draws, seed=self.seed)
        return [
            fill(self.template, question=question.text, answer=answer)
            for answer in (argued(row, question), *wrong)
        ]


def _growth(given: Sequence[float], *contrasts: Sequence[float]) -> list[float]:
    """Return how much more probable each token is with the first context, in the mean."""
    return [one - sum(values) / len(values) for one, *values in zip(given, *contrasts, strict=True)]
