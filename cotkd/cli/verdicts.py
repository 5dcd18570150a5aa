"""`cotkd verify`: one verdict per line of a file of texts and gold answers.

{"id": 1, "status": "correct", "extracted": "18", "expected": "18"}
"""

from __future__ import annotations

import json
import logging
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from cotkd.cli.settings import VerifySettings
from cotkd.errors import DataError
from cotkd.interop.imports.base import field
from cotkd.store.atomic import replacing
from cotkd.store.newlines import unified
from cotkd.store.rows import numbered_lines
from cotkd.types import Status
from cotkd.verify import verifier_of
from cotkd.verify.base import UNREADABLE_GOLD

log = logging.getLogger(__name__)


def verify_file(path: Path, settings: VerifySettings) -> Counter[Status]:
    """Write a verdict for every line of `path`, in order, and return how many of each there are.

    Raises:
        DataError: a line is not an object, or lacks a field; names file, line and field.
    """
    verifier = settings.verifier or verifier_of("numeric")
    counts: Counter[Status] = Counter()
    unreadable: list[int] = []
    with replacing(settings.out) as file:
        for number, row in _objects(path):
            where = f"{path}:{number}"
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


def _objects(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in numbered_lines(path):
        try:
            row = unified(json.loads(line))
        except (ValueError, RecursionError) as error:
            raise DataError(f"{path}:{number}: not valid JSON ({error})") from None
        if not isinstance(row, dict):
            raise DataError(f"{path}:{number}: expected an object, found {type(row).__name__}")
        yield number, row
