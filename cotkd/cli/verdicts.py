"""`cotkd verify`: one verdict per row of files of texts and gold answers.

{"id": 1, "status": "correct", "extracted": "18", "expected": "18"}
{"id": 2, "status": "unparsed", "extracted": null, "expected": "18", "reason": "no answer found"}

The files are read twice: first all gold answers, so that those which cannot be read are named
before anything is judged, then in parts, one of which is judged while the next is read.
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
from typing import Any, NamedTuple

from cotkd.cli.progress import Progress
from cotkd.cli.settings import VerifySettings
from cotkd.errors import DataError
from cotkd.interop.imports.base import field
from cotkd.questions.options import Options, options_of
from cotkd.rationales.message import holds_text, split_message
from cotkd.store.atomic import replacing
from cotkd.store.tables import Fault, tables_of
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


def verify_files(
    names: Sequence[str], settings: VerifySettings, *, strict: bool = False
) -> Counter[Status]:
    """Write a verdict for every row of files, in order, and return how many of each there are.

    Args:
        names: The files.
        settings: Their fields, the verifier, and where verdicts go.
        strict: A gold answer that cannot be read is an error.

    Raises:
        DataError: a row is not an object, or lacks a field; names file, line and field.
    """
    verifier = settings.verifier or verifier_of("numeric")
    total = _look_at_golds(names, settings, verifier, strict=strict)
    counts: Counter[Status] = Counter()
    with replacing(settings.out) as file, Progress("verify", total=total, unit="texts") as progress:
        for part, verdicts in _judged(_parts(names, settings), verifier):
            for row, verdict in zip(part, verdicts, strict=True):
                counts[verdict.status] += 1
                file.write(_line(row.name, verdict))
            progress.advance(len(part))
    return counts


def _look_at_golds(
    names: Sequence[str], settings: VerifySettings, verifier: Verifier, *, strict: bool
) -> int:
    """Say which gold answers cannot be read, and return how many rows there are."""
    flawed: list[_Asked] = []
    rows = 0

    def asked() -> Iterator[tuple[str, Question]]:
        nonlocal rows
        for row in _rows(names, settings):
            rows += 1
            if row.flaw:
                flawed.append(row)
            else:
                yield row.place, row.question

    warn_of_unread(asked(), verifier, ", ".join(names), strict=strict)
    if flawed:
        first = flawed[0]
        said = (
            f"{', '.join(names)}: {len(flawed)} gold answers are none, the first in "
            f"{first.place}: {first.flaw}"
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


def _parts(names: Sequence[str], settings: VerifySettings) -> Iterator[Sequence[_Asked]]:
    rows = _rows(names, settings)
    while part := list(islice(rows, PART)):
        yield part


def _rows(names: Sequence[str], settings: VerifySettings) -> Iterator[_Asked]:
    """Yield the rows of files, their fields checked."""
    for number, where, row in _records(names):
        gold, flaw = _gold(field(row, settings.gold_field, where), settings.gold_field, where)
        options = None
        if settings.choices_field is not None:
            options = _choices(field(row, settings.choices_field, where), settings, where)
        name = row.get("id", number)
        if settings.id_field is not None:
            name = field(row, settings.id_field, where)
        text = _text(field(row, settings.text_field, where), settings.text_field, where)
        place = where if len(names) > 1 else _place(where, names[0])
        yield _Asked(name, place, text, _question(gold, options), flaw)


def _place(where: str, name: str) -> str:
    """Return where in the only file a row stands: `line 2`, or `row 2` of what has no lines."""
    inside = where.removeprefix(name)
    return f"line {inside[1:]}" if inside.startswith(":") else inside.strip()


@lru_cache(maxsize=4096)
def _question(gold: str, options: Options | None) -> Question:
    if options is None:
        return Question(id="", text="", answer=gold)
    return Question(id="", text="", answer=options.answer(gold), choices=options.texts)


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


def _choices(value: Any, settings: VerifySettings, where: str) -> Options | None:
    """Return options in their order; None where a row has none."""
    found = None if value is None else options_of(value)
    if value is not None and found is None:
        raise DataError(
            f"{where}: {settings.choices_field} must be a list of options: {str(value)[:60]}"
        )
    return found


def _records(names: Sequence[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield number, place and row of every row; the numbers of a file go on from those before."""
    before = number = 0
    for table in tables_of(names):
        before, number = number, 0
        for number, line, row in table.records():
            if isinstance(row, Fault):
                raise DataError(f"{table.where(number, line)}: {row.reason}")
            yield before + number, table.where(number, line), row
        number += before
