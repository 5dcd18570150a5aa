r"""The sets of MicroGSM as question sources; their files travel with the package.

{"id": "microgsm-train-0000", "text": "Maria has 9 trays of 5 cookies. …", "answer": "69",
 "rationale": "Maria has <<9*5=45>>45 cookies at first.\n…", "steps": [["How many …?", "…"]], …}
"""

from __future__ import annotations

from typing import ClassVar, Literal

from cotkd.questions.base import QuestionSource
from cotkd.store.resources import resource
from cotkd.store.rows import read_rows
from cotkd.types import Question

_MADE = "made by `python -m cotkd.questions.microgsm build`; Apache-2.0"


class _MicroGSM(QuestionSource):
    """A set whose files are `STEM-SPLIT.jsonl`, without either part where there is one only."""

    source: ClassVar[str] = f"{_MADE}; train 1000, dev 200, test 500"
    splits: ClassVar[tuple[str, ...]] = ("train", "dev", "test")
    default_split: ClassVar[str] = "train"

    def read(self, split: str) -> list[Question]:
        """Return the questions of a split in the order of the file."""
        form = self.kind.removeprefix("microgsm").removeprefix("-")
        parts = [form] if len(self.splits) == 1 else [form, split]
        name = "-".join(part for part in parts if part)
        return list(read_rows(resource(f"microgsm/{name}.jsonl"), Question))


class _Shift(_MicroGSM):
    """The world with one thing changed: for evaluation only."""

    source: ClassVar[str] = f"{_MADE}; 500"
    splits: ClassVar[tuple[str, ...]] = ("test",)
    default_split: ClassVar[str] = "test"


class MicroGSM(_MicroGSM):
    """Word problems of two to four steps, the embedded default."""

    title: ClassVar[str] = "word problems of 2-4 steps, embedded"
    source: ClassVar[str] = f"{_MADE}; train 2000, dev 300, test 1000"
    kind: Literal["microgsm"] = "microgsm"


class MicroGSMSteps(_Shift):
    """MicroGSM with longer problems."""

    title: ClassVar[str] = "MicroGSM with more steps"
    kind: Literal["microgsm-steps"] = "microgsm-steps"


class MicroGSMNumbers(_Shift):
    """MicroGSM with larger numbers."""

    title: ClassVar[str] = "MicroGSM with larger numbers"
    kind: Literal["microgsm-numbers"] = "microgsm-numbers"


class MicroGSMNames(_Shift):
    """MicroGSM about people that no training question names."""

    title: ClassVar[str] = "MicroGSM with new names"
    kind: Literal["microgsm-names"] = "microgsm-names"


class MicroGSMWording(_Shift):
    """MicroGSM in other words."""

    title: ClassVar[str] = "MicroGSM in new wording"
    kind: Literal["microgsm-wording"] = "microgsm-wording"


class MicroGSMDomain(_Shift):
    """MicroGSM about things that no training question is about."""

    title: ClassVar[str] = "MicroGSM in a new domain"
    kind: Literal["microgsm-domain"] = "microgsm-domain"


class MicroGSMDistractor(_Shift):
    """MicroGSM with one sentence that does not matter."""

    title: ClassVar[str] = "MicroGSM with a distracting sentence"
    kind: Literal["microgsm-distractor"] = "microgsm-distractor"


class MicroGSMYesNo(_MicroGSM):
    """MicroGSM as classification: is the proposed answer right?"""

    title: ClassVar[str] = "MicroGSM as yes/no questions"
    verifier: ClassVar[str] = "boolean"
    kind: Literal["microgsm-yesno"] = "microgsm-yesno"


class MicroGSMChoice(_MicroGSM):
    """MicroGSM as classification: which of four answers is right?"""

    title: ClassVar[str] = "MicroGSM with four options"
    verifier: ClassVar[str] = "choice"
    kind: Literal["microgsm-choice"] = "microgsm-choice"
