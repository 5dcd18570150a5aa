r"""Rationales that only the given answer explains: contrastive decoding between two answers.

Peifeng Wang, Zhengyang Wang, Zheng Li, Yifan Gao, Bing Yin, Xiang Ren. "SCOTT: Self-Consistent
Chain-of-Thought Distillation". ACL 2023, arXiv:2305.01879.

    context      Q: {question}           contrasted with   Q: {question}
                 A: The answer is 12.                      A: The answer is 14.

Each token of the rationale is chosen by log p(t | 12) + λ [log p(t | 12) - log p(t | 14)], so that
what the teacher would write whatever the answer loses against what it writes for this one.

The paper's λ is 0.5; the weight w = 0.5 of its code is λ = 1 (`decoding.contrast`). Given a wrong
answer by `conditions` of `sample`, the roles are exchanged and the contrast is with the gold one:
the counterfactual stream of the paper. Without such an engine, `answer_conditioned` and the filter
`contrastive` choose among finished rationales instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from cotkd.decoding.contrast import strength_of
from cotkd.errors import DataError, SettingError
from cotkd.questions.wrong import Wrong, wrong_answer
from cotkd.teachers.base import Ability, Contrast, Request
from cotkd.teachers.elicitation.answer_conditioned import Answered
from cotkd.types import Question


class Contrastive(Answered):
    """The question and its answer, decoded against the same question with another answer."""

    title: ClassVar[str] = "contrastive decoding against another answer (SCOTT, Wang et al. 2023)"
    needs: ClassVar[frozenset[Ability]] = frozenset({"contrast"})

    kind: Literal["contrastive"] = "contrastive"
    against: Wrong | Literal["sample"] = "other"
    """The other answer: none at all (`empty`), another option (`choice`), another `number`, option
    or number as the question has it (`other`), or a wrong answer that a teacher gave (`sample`)."""
    strength: float | None = Field(None, ge=0, allow_inf_nan=False)
    """Weight λ of the contrast, 0.5 if neither it nor `weight` is given; 0 is greedy decoding."""
    weight: float | None = Field(None, ge=0, lt=1)
    """The same as w = λ / (1 + λ), instead of `strength`."""
    plausibility: float = Field(0.0, ge=0, le=1)
    """Rules out tokens with less than this share of the most probable one's probability given the
    answer; 0 rules out none."""
    seed: int = 0
    """Draws the other option or number of each question."""

    @model_validator(mode="after")
    def _one_weight(self) -> Self:
        if self.strength is not None and self.weight is not None:
            raise ValueError(
                f"strength {self.strength} and weight {self.weight} are two spellings of one "
                "setting: give one of them"
            )
        return self

    @property
    def contrast_strength(self) -> float:
        """λ, however it was given."""
        if self.weight is not None:
            return strength_of(self.weight)
        return 0.5 if self.strength is None else self.strength

    def request(
        self,
        question: Question,
        *,
        condition: str | None = None,
        wrong: Mapping[str, str] | None = None,
        **sample: Any,
    ) -> Request:
        """Return the prompt with the other one as its contrast.

        Where `wrong` has no answer to a question, another option or number takes its place, and the
        empty answer where it has none of these either.
        """
        plain = super().request(question, condition=condition, **sample)
        other = self.other_answer(question, condition=condition, wrong=wrong)
        contrast = Contrast(
            self.first(question, condition=other), self.contrast_strength, self.plausibility
        )
        return plain._replace(contrast=contrast)

    def other_answer(
        self,
        question: Question,
        *,
        condition: str | None = None,
        wrong: Mapping[str, str] | None = None,
    ) -> str:
        """Return the answer that is contrasted with."""
        if self.against == "empty":
            return ""
        if condition is not None and condition != question.answer:
            return question.answer
        if self.against != "sample":
            return wrong_answer(question, self.against, seed=self.seed)
        if wrong is None:
            raise SettingError(
                "contrastive: `against: sample` needs the wrong answers of an earlier sampling; "
                "choose against: empty, choice, number or other without them"
            )
        return wrong[question.id] if question.id in wrong else self._made_up(question)

    def _made_up(self, question: Question) -> str:
        try:
            return wrong_answer(question, seed=self.seed)
        except DataError:
            return ""
