"""Four sets of MAWPS in the format of PAL: AddSub, SingleEq, SingleOp, MultiArith.

    {"input": "Ann had 7 pears and gave away 2 . How many has she now ?", "target": 5.0}

They have no training split of their own here: all problems are `test`, as most papers report them
(some train on 420 of MultiArith and test on 180). Thirds and sixths are given with six or ten
digits, so answers may differ from gold by two millionths of it; whole numbers must be equal.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from cotkd.questions.fields import number_of, text_of
from cotkd.questions.released import Hub, Released, Row


class _Mawps(Released):
    """A set of PAL's MAWPS files."""

    folder: ClassVar[str | None] = "pal"
    verifier: ClassVar[dict[str, Any]] = {"kind": "numeric", "tolerance": 2e-6}

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question."""
        return {"text": text_of(row, "input").strip(), "answer": number_of(row, "target")}


def _hub(name: str) -> Hub:
    return Hub("HuggingFaceTB/math_tasks", files={"test": f"data/mawps/{name}.jsonl"})


def _files(name: str) -> dict[str, tuple[str, ...]]:
    return {"test": (f"mawps{name}.jsonl", f"{name}.jsonl")}


class AddSub(_Mawps):
    """Problems of addition and subtraction."""

    title: ClassVar[str] = "MAWPS: addition and subtraction"
    source: ClassVar[str] = "Hosseini et al. 2014; PAL's copy Apache-2.0; 395"
    hub: ClassVar[Hub | None] = _hub("addsub")
    files: ClassVar[dict[str, tuple[str, ...]]] = _files("addsub")
    kind: Literal["addsub"] = "addsub"


class SingleEq(_Mawps):
    """Problems of one equation, of one or more steps."""

    title: ClassVar[str] = "MAWPS: one equation, one or more steps"
    source: ClassVar[str] = "Koncel-Kedziorski et al. 2015; PAL's copy Apache-2.0; 508"
    hub: ClassVar[Hub | None] = _hub("singleeq")
    files: ClassVar[dict[str, tuple[str, ...]]] = _files("singleeq")
    kind: Literal["singleeq"] = "singleeq"


class SingleOp(_Mawps):
    """Problems of one step."""

    title: ClassVar[str] = "MAWPS: one step"
    source: ClassVar[str] = "Roy et al. 2015; PAL's copy Apache-2.0; 562"
    hub: ClassVar[Hub | None] = _hub("singleop")
    files: ClassVar[dict[str, tuple[str, ...]]] = _files("singleop")
    kind: Literal["singleop"] = "singleop"


class MultiArith(_Mawps):
    """Problems of several steps."""

    title: ClassVar[str] = "MAWPS: several steps"
    source: ClassVar[str] = "Roy and Roth 2015; PAL's copy Apache-2.0; 600"
    hub: ClassVar[Hub | None] = _hub("multiarith")
    files: ClassVar[dict[str, tuple[str, ...]]] = _files("multiarith")
    kind: Literal["multiarith"] = "multiarith"
