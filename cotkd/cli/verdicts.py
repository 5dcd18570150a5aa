"""`cotkd verify`: one verdict per row of files of texts and gold answers.

{"id": 1, "status": "correct", "extracted": "18", "expected": "18"}
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from cotkd.cli.settings import VerifySettings
from cotkd.errors import DataError
from cotkd.interop.imports.base import field
from cotkd.store.atomic import replacing
from cotkd.store.tables import Fault, tables_of
from cotkd.types import Status
from cotkd.verify import verifier_of
from cotkd.verify.base import UNREADABLE_GOLD

log = logging.getLogger(__name__)


def verify_files(names: Sequence[str], settings: VerifySettings) -> Counter[Status]:
    """Write a verdict for every row of files, in order, and return how many of each there are.

    Raises:
        DataError: a row is not an object, or lacks a field; names file, line and field.
    """
    verifier = settings.verifier or verifier_of("numeric")
    counts: Counter[Status] = Counter()
    unreadable: list[int] = []
    with replacing(settings.out) as file:
        for number, where, row in _rows(names):
            gold = field(row, settings.gold_field, where)
            if gold is None:
                raise DataError(f"{where}: {settings.gold_field} is null: every line needs a gold")
            text = field(row, settings.text_field, where)
            verdict = verifier.verify("" if text is None else str(text), str(gold))
            counts[verdict.status] += 1
            if verdict.reason == UNREADABLE_GOLD:
                unreadable.append(number)
            name = row.get("id", number)
            if settings.id_field is not None:
                name = field(row, settings.id_field, where)
            line = {"id": name, **verdict.model_dump(include={"status", "extracted", "expected"})}
            file.write(json.dumps(line, ensure_ascii=True).encode() + b"\n")
    if unreadable:
        log.warning(
            "%d gold answers cannot be read with --verifier %s, the first in line %d: "
            "no answer to them can be right",
            len(unreadable),
            verifier.kind,
            unreadable[0],
        )
    return counts


def _rows(names: Sequence[str]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Yield number, place and row of every row; the numbers of a file go on from those before."""
    before = number = 0
    for table in tables_of(names):
        before, number = number, 0
        for number, line, row in table.records():
            if isinstance(row, Fault):
                raise DataError(f"{table.where(number, line)}: {row.reason}")
            yield before + number, table.where(number, line), row
        number += before
