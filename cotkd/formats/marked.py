r"""A question between markers and a target from a template: one head of a student of several.

    prefix "predict: "   template "{answer}"      "predict: Ann has … eggs? ###" -> " 12"
    prefix "explain: "   template "{rationale}"   "explain: Ann has … eggs? ###" -> " 3*4=12 …"
    suffix "\nRationale:"                         "Ann has … eggs?\nRationale:"  -> …

The answer is the gold string. A rationale that holds what stands between rationale and answer could
not be read back and is rejected.
"""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Annotated, Literal, NamedTuple, Self

from pydantic import AfterValidator, Field, model_validator

from cotkd.formats.base import Format, after_input
from cotkd.types import Architecture, Example, Question, Rationale


def _checked(template: str) -> str:
    try:
        parts = list(string.Formatter().parse(template))
    except ValueError as error:
        raise ValueError(f"not a template ({error}); write {{{{ for a brace") from None
    gaps = [(name, spec, conversion) for _, name, spec, conversion in parts if name is not None]
    names = sorted(name for name, _, _ in gaps)
    plain = all(not spec and not conversion for _, spec, conversion in gaps)
    if not plain or names not in (["answer"], ["rationale"], ["answer", "rationale"]):
        raise ValueError(f"a template with {{rationale}}, {{answer}} or both, got {template!r}")
    if len(gaps) == 2 and not parts[1][0].strip():
        raise ValueError(f"needs a word between rationale and answer, got {template!r}")
    return template


TargetTemplate = Annotated[str, AfterValidator(_checked)]


class _Written(NamedTuple):
    """A target with the places of its gaps."""

    text: str
    rationale: tuple[int, int] | None
    answer: tuple[int, int] | None


class Marked(Format):
    """The question between markers; the target is a template of rationale and gold answer."""

    kind: Literal["marked"] = "marked"
    prefix: str = ""
    """Stands before the question."""
    suffix: str = ""
    """Stands after the question, before the separator."""
    template: TargetTemplate = "{rationale} --> {answer}"
    """What the student writes, with `{rationale}`, `{answer}` or both."""
    opening: str = ""
    """What an encoder–decoder's target begins with; at test time its decoder is made to."""
    trained: Literal["all", "answer", "rationale"] = "all"
    """Which tokens are trained: all, the answer or the rationale; the end with what comes last."""
    task: str = Field("answer", min_length=1)
    """Name of the task; the loss is a mean over its own tokens."""

    @model_validator(mode="after")
    def _something_trained(self) -> Self:
        if self.trained != "all" and f"{{{self.trained}}}" not in self.template:
            raise ValueError(f"trained {self.trained}, and the template {self.template!r} has none")
        return self

    def input(self, question: Question, architecture: Architecture) -> str:
        """Return the question between its markers."""
        text = self.prefix + question.text.strip() + self.suffix
        return text + self.separator if architecture == "decoder" else text

    def target(self, question: Question, rationale: Rationale | None) -> str:
        """Return the filled template."""
        reason = self.rejects(rationale) if rationale is not None else None
        if rationale is None and self.explains:
            reason = "no rationale"
        if reason is not None:
            raise ValueError(f"question {question.id}: {reason}")
        return self._written(question, rationale).text

    def answer_part(self, text: str) -> str:
        """Return what stands before the explanation where the answer comes first, else all."""
        first = self._gaps[0][1] == "answer"
        return text.partition(self._between)[0] if first and self._between else text

    def before_answer(self, rationale: str) -> str | None:
        """Return the template up to the answer, None where no rationale comes before that."""
        if [name for _, name in self._gaps] != ["rationale", "answer"]:
            return None
        (start, _), (between, _) = self._gaps
        return f"{start}{rationale.strip()}{between}".rstrip()

    def rejects(self, rationale: Rationale) -> str | None:
        """Return "empty rationale" or "holds the delimiter", None for a usable rationale."""
        if not self.explains:
            return None
        if not rationale.text.strip():
            return "empty rationale"
        held = self._between and self._between in rationale.text
        return "holds the delimiter" if held else None

    def examples(
        self, question: Question, rationales: Sequence[Rationale], architecture: Architecture
    ) -> list[Example]:
        """Return one example per usable rationale, or one where the target holds no rationale."""
        if not self.explains:
            return [self.example(question, None, architecture)]
        usable = (rationale for rationale in rationales if self.rejects(rationale) is None)
        return [self.example(question, rationale, architecture) for rationale in usable]

    def example(
        self,
        question: Question,
        rationale: Rationale | None,
        architecture: Architecture,
        *,
        weight: float = 1.0,
        group: str | None = None,
    ) -> Example:
        """Return one example; `question.answer` is what it states as the answer.

        Raises:
            ValueError: the rationale is missing or cannot be written in this format.
        """
        self.target(question, rationale)  # raises
        written = self._written(question, rationale)
        lead = self._lead(architecture)
        target = after_input(lead + written.text, architecture)
        shift = len(target) - len(written.text)
        own = () if rationale is None else (rationale.stream, str(rationale.sample_index))
        return Example(
            example_id="/".join((question.id, *own, self.task)),
            question_id=question.id,
            stream=rationale.stream if rationale else None,
            sample_index=rationale.sample_index if rationale else None,
            group=group,
            task=self.task,
            input=self.input(question, architecture),
            target=target,
            weight=weight,
            loss_spans=self._trained_spans(written, shift),
            answer_span=_protected(written, shift),
        )

    @property
    def explains(self) -> bool:
        """Whether the target holds a rationale."""
        return any(name == "rationale" for _, name in self._gaps)

    @property
    def states(self) -> bool:
        """Whether the target states an answer."""
        return any(name == "answer" for _, name in self._gaps)

    @property
    def _gaps(self) -> list[tuple[str, str]]:
        """Return (text before it, name) of each gap."""
        parts = string.Formatter().parse(self.template)
        return [(before, name) for before, name, _, _ in parts if name is not None]

    @property
    def _between(self) -> str:
        return self._gaps[1][0].strip() if len(self._gaps) == 2 else ""

    def _lead(self, architecture: Architecture) -> str:
        forced = self.opening if architecture == "encoder-decoder" else ""
        return forced + " " if forced else ""

    def _written(self, question: Question, rationale: Rationale | None) -> _Written:
        values = {"answer": question.answer.strip()}
        if rationale is not None:
            values["rationale"] = rationale.text.strip()
        places: dict[str, tuple[int, int]] = {}
        text = ""
        for before, name, _, _ in string.Formatter().parse(self.template):
            text += before
            if name is not None:
                places[name] = (len(text), len(text) + len(values[name]))
                text += values[name]
        return _Written(text, places.get("rationale"), places.get("answer"))

    def _trained_spans(self, written: _Written, shift: int) -> tuple[tuple[int, int], ...] | None:
        if self.trained == "rationale" and written.rationale is not None:
            start, stop = written.rationale
            return ((start + shift, stop + shift),)
        if self.trained == "all" or written.answer is None:
            return None
        start, stop = written.answer
        if written.rationale is None or written.rationale < written.answer:
            stop = len(written.text)  # with the end token
        return ((start + shift, stop + shift),)


def _protected(written: _Written, shift: int) -> tuple[int, int] | None:
    """Return the range that truncation never cuts: all of the target but the rationale."""
    if written.answer is None:
        return None
    if written.rationale is None:
        return (0, shift + len(written.text))
    if written.rationale < written.answer:
        return (shift + written.rationale[1], shift + len(written.text))
    return (0, shift + written.rationale[0])
