"""`cotkd verify`: one verdict per line of a file of texts and gold answers.

{"id": 1, "status": "correct", "extracted": "18", "expected": "18"}
{"id": 2, "status": "unparsed", "extracted": null, "expected": "18", "reason": "no answer found"}

The file is read twice: first all gold answers, so that those which cannot be read are named before
anything is judged, then in parts, one of which is judged while the next is read.
"""

from __future__ import annotations

import json
import logging
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from pydantic_core import from_json

from cotkd.cli.progress import Progress
from cotkd.cli.settings import VerifySettings
from cotkd.errors import DataError
from cotkd.interop.imports.base import field
from cotkd.rationales.message import holds_text, split_message
from cotkd.store.atomic import replacing
from cotkd.store.newlines import unified
from cotkd.store.rows import numbered_lines
from cotkd.types import Question, Status, Verdict
from cotkd.verify import Verifier, verifier_of
from cotkd.verify.golds import warn_of_unread

PART = 4_000
"""Rows in memory at a time; two parts are."""

log = logging.getLogger(__name__)


class _Asked(NamedTuple):
    """A row: its text, and its gold answer as a question."""

    name: Any
    """What its verdict is called."""
    place: str
    """Where it stands."""
    text: str
    question: Question
    flaw: str
    """Why its gold answer is none that any verifier reads; empty where it may be."""


def verify_file(path: Path, settings: VerifySettings, *, strict: bool = False) -> Counter[Status]:
    """Write a verdict for every line of `path`, in order, and return how many of each there are.

    Args:
        path: The file.
        settings: Its fields, the verifier, and where verdicts go.
        strict: A gold answer that cannot be read is an error.

    Raises:
        DataError: a line is not an object, or lacks a field; names file, line and field.
    """
    verifier = settings.verifier or verifier_of("numeric")
    total = _look_at_golds(path, settings, verifier, strict=strict)
    counts: Counter[Status] = Counter()
    with replacing(settings.out) as file, Progress("verify", total=total, unit="texts") as progress:
        for part, verdicts in _judged(_parts(path, settings), verifier):
            for row, verdict in zip(part, verdicts, strict=True):
                counts[verdict.status] += 1
                file.write(_line(row.name, verdict))
            progress.advance(len(part))
    return counts


def _look_at_golds(
    path: Path, settings: VerifySettings, verifier: Verifier, *, strict: bool
) -> int:
    """Say which gold answers cannot be read, and return how many rows there are."""
    flawed: list[_Asked] = []
    rows = 0

    def asked() -> Iterator[tuple[str, Question]]:
        nonlocal rows
        for row in _rows(path, settings):
            rows += 1
            if row.flaw:
                flawed.append(row)
            else:
                yield row.place, row.question

    warn_of_unread(asked(), verifier, str(path), strict=strict)
    if flawed:
        first = flawed[0]
        said = (
            f"{path}: {len(flawed)} gold answers are none, the first in {first.place}: {first.flaw}"
        )
        if strict:
            raise DataError(said)
        log.warning("%s; their verdicts are unparsed", said)
    return rows


def _judged(
    parts: Iterable[Sequence[_Asked]], verifier: Verifier
) -> Iterator[tuple[Sequence[_Asked], list[Verdict]]]:
    """Yield parts with their verdicts; one is judged while the next is read."""
    with ThreadPoolExecutor(1) as judge:
        before = None
        for part in parts:
            now = part, judge.submit(_verdicts, part, verifier)
            if before is not None:
                yield before[0], before[1].result()
            before = now
        if before is not None:
            yield before[0], before[1].result()


def _verdicts(part: Sequence[_Asked], verifier: Verifier) -> list[Verdict]:
    sound = [row for row in part if not row.flaw]
    made = iter(verifier.verify_all([r.text for r in sound], [r.question for r in sound]))
    return [Verdict(status="unparsed", reason=row.flaw) if row.flaw else next(made) for row in part]


def _line(name: Any, verdict: Verdict) -> bytes:
    line = {
        "id": name,
        "status": verdict.status,
        "extracted": verdict.extracted,
        "expected": verdict.expected,
    }
    if verdict.status == "unparsed":
        line["reason"] = verdict.reason
    return json.dumps(line, ensure_ascii=True).encode() + b"\n"


def _parts(path: Path, settings: VerifySettings) -> Iterator[Sequence[_Asked]]:
    rows = _rows(path, settings)
    while part := list(islice(rows, PART)):
        yield part


def _rows(path: Path, settings: VerifySettings) -> Iterator[_Asked]:
    """Yield the rows of a file, their fields checked."""
    for number, row in _objects(path):
        where = f"{path}:{number}"
        gold, flaw = _gold(field(row, settings.gold_field, where), settings.gold_field, where)
        choices = None
        if settings.choices_field is not None:
            choices = _choices(field(row, settings.choices_field, where), settings, where)
        name = row.get("id", number)
        if settings.id_field is not None:
            name = field(row, settings.id_field, where)
        text = _text(field(row, settings.text_field, where), settings.text_field, where)
        yield _Asked(name, f"line {number}", text, _question(gold, choices), flaw)


@lru_cache(maxsize=4096)
def _question(gold: str, choices: tuple[str, ...] | None) -> Question:
    return Question(id="", text="", answer=gold, choices=choices)


def _gold(value: Any, name: str, where: str) -> tuple[str, str]:
    """Return a gold answer as text, and what is wrong with it if it is none."""
    if value is None:
        raise DataError(f"{where}: {name} is null: every line needs a gold")
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if isinstance(value, str | int):
        return str(value), ""
    if isinstance(value, float):
        return str(value), "" if math.isfinite(value) else f"the gold answer is {value}"
    kind = "a list" if isinstance(value, list) else "an object"
    return "", f"the gold answer is {kind}, not a text or a number"


def _text(value: Any, name: str, where: str) -> str:
    """Return a text, that of a message, or that of a message's parts; "" for null."""
    if value is None or isinstance(value, str | int | float):
        return "" if value is None else str(value)
    if not holds_text(value):
        raise DataError(f"{where}: {name} holds {type(value).__name__}, expected a text")
    trace = split_message(value) if isinstance(value, dict) else split_message({}, value)
    return trace.answer


def _choices(value: Any, settings: VerifySettings, where: str) -> tuple[str, ...] | None:
    """Return options in their order; None where a line has none."""
    if value is None:
        return None
    if isinstance(value, dict):
        value = value.get("text", list(value.values()))
    if not isinstance(value, list) or not all(isinstance(v, str | int | float) for v in value):
        raise DataError(
            f"{where}: {settings.choices_field} must be a list of options: {str(value)[:60]}"
        )
    return tuple(map(str, value))


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in numbered_lines(path):
        try:
            row = unified(from_json(line))
        except ValueError as error:
            raise DataError(f"{path}:{number}: not valid JSON ({error})") from None
        if not isinstance(row, dict):
            raise DataError(f"{path}:{number}: expected an object, found {type(row).__name__}")
        yield number, row
