"""CROP: chain-of-thought first, rationalisation as back-off where it found no right answer.

Shiyang Li et al. "Explanations from Large Language Models Make Small Reasoners Better".
arXiv:2210.06726.

    attempt (COTE)   asked of every question: the teacher is not told the answer
    backoff (RP)     asked of the questions of which no sample of `attempt` was right

Each is a stream of its own, and each row names its own way of asking, so that COTE, RP and CROP can
be told apart in one run.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.few_shot_cot import FewShotCot
from cotkd.teachers.elicitation.rationalization import Rationalization
from cotkd.types import Question


class Crop(Elicitation):
    """Reasons first; explains the gold answer where reasoning did not get there."""

    title: ClassVar[str] = "reasoning, else an explanation of the answer (CROP, Li et al. 2022)"

    kind: Literal["crop"] = "crop"
    attempt: Elicitation = FewShotCot()
    """Asked of every question; states no answer."""
    backoff: Elicitation = Rationalization()
    """Asked, with the gold answer, where no sample of `attempt` was right."""
    stop: tuple[str, ...] = ()
    """Texts that end an answer, beside those of `attempt` and `backoff`."""

    @model_validator(mode="before")
    @classmethod
    def _same_kinds(cls, values: Any) -> Any:
        """Let `backoff: {shots: 2}` set that of the default kind."""
        if not isinstance(values, Mapping):
            return values
        kinds = {name: cls.model_fields[name].default.kind for name in ("attempt", "backoff")}
        return {
            key: {"kind": kinds[key], **value}
            if key in kinds and isinstance(value, Mapping)
            else value
            for key, value in values.items()
        }

    @model_validator(mode="after")
    def _answer_only_in_the_backoff(self) -> Self:
        for name, stage in (("attempt", self.attempt), ("backoff", self.backoff)):
            if len(stage.stages) > 1:
                raise ValueError(f"{name} {stage.kind!r} backs off itself: choose a single step")
        if self.attempt.conditioned:
            raise ValueError(f"attempt {self.attempt.kind!r} states the answer: choose another")
        if not self.backoff.conditioned:
            raise ValueError(
                f"backoff {self.backoff.kind!r} states no answer: choose rationalization or "
                "answer_conditioned"
            )
        return self

    @property
    def stages(self) -> tuple[Elicitation, ...]:
        """Both ways of asking, in their order."""
        return tuple(
            stage.model_copy(update={"stop": tuple(dict.fromkeys((*stage.stop, *self.stop)))})
            if self.stop
            else stage
            for stage in (self.attempt, self.backoff)
        )

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the prompt of the attempt, or of the back-off where an answer is given."""
        stage = self.attempt if condition is None else self.backoff
        return stage.first(question, condition=condition)
