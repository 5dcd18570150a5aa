"""Gold answers that a verifier cannot read, named before anything is scored.

warn_of_unread([("line 7", question), …], verifier, "golds.jsonl")
golds.jsonl: 3 of 120 gold answers cannot be read by the verifier numeric, the first 'yes' (line
7): no answer to them can be right; verifiers that read it: boolean, text
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from cotkd.errors import DataError, SettingError
from cotkd.types import Question
from cotkd.verify.base import Verifier

_SHOWN = 60
"""Characters of a gold answer in a message."""
_TRIED = 100
"""Unread gold answers on which other verifiers are tried."""
_NO_HELP = ("by_question", "judge", "lm_eval", "program")
"""Verifiers that are chosen for another reason than the kind of the answer."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Unread:
    """The gold answers of a set that its verifier cannot read."""

    count: int
    total: int
    place: str
    """Where the first one stands, such as `line 7`."""
    gold: str
    """The first one."""
    verifier: str
    readers: tuple[str, ...]
    """Kinds of registered verifiers that could read all of them, or else the first."""

    @property
    def line(self) -> str:
        """What there is to say, in one line."""
        shown = self.gold if len(self.gold) <= _SHOWN else f"{self.gold[: _SHOWN - 1]}…"
        said = (
            f"{self.count} of {self.total} gold answers cannot be read by the verifier "
            f"{self.verifier}, the first {shown!r} ({self.place}): no answer to them can be right"
        )
        if not self.readers:
            return f"{said}, and no other verifier reads it"
        return f"{said}; verifiers that read it: {', '.join(self.readers)}"


def unread_golds(asked: Iterable[tuple[str, Question]], verifier: Verifier) -> Unread | None:
    """Return what is not readable of the gold answers of questions; None where all are.

    Args:
        asked: Where each question stands, and the question.
        verifier: What is about to judge answers to them.
    """
    places: list[str] = []
    unread: list[Question] = []
    count = total = 0
    for place, question in asked:
        total += 1
        if verifier.reads(question):
            continue
        count += 1
        if len(unread) < _TRIED:
            places.append(place)
            unread.append(question)
    if not unread:
        return None
    kind = _named(verifier, unread[0])
    return Unread(count, total, places[0], unread[0].answer, kind, _readers(unread))


def warn_of_unread(
    asked: Iterable[tuple[str, Question]], verifier: Verifier, name: str, *, strict: bool = False
) -> None:
    """Log one line about gold answers that cannot be read, where there are any.

    Args:
        asked: Where each question stands, and the question.
        verifier: What is about to judge answers to them.
        name: What the line calls the set.
        strict: Raise it instead.

    Raises:
        DataError: `strict`, and there are such.
    """
    found = unread_golds(asked, verifier)
    if found is None:
        return
    if strict:
        raise DataError(f"{name}: {found.line}")
    log.warning("%s: %s", name, found.line)


def by_id(questions: Iterable[Question]) -> Iterable[tuple[str, Question]]:
    """Return questions with their ids as their places."""
    return ((question.id, question) for question in questions)


def _named(verifier: Verifier, question: Question) -> str:
    """Return the kind of the verifier that judges answers to `question`."""
    own = getattr(verifier, "named", None)
    return str(own(question).kind if own is not None else verifier.kind)


def _readers(unread: list[Question]) -> tuple[str, ...]:
    tried = [(kind, _other(kind)) for kind in Verifier.kinds() if kind not in _NO_HELP]
    others = [(kind, other) for kind, other in tried if other is not None]
    every = tuple(kind for kind, other in others if all(map(other.reads, unread)))
    return every or tuple(kind for kind, other in others if other.reads(unread[0]))


def _other(kind: str) -> Verifier | None:
    """Return a verifier as it is by default; None for one that needs settings."""
    try:
        return Verifier.parse({"kind": kind})
    except SettingError:
        return None
