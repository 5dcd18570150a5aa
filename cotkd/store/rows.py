"""Rows and JSON documents as files: one JSON object per line, in UTF-8, replaced as a whole.

{"question_id": "microgsm-train-00007", "sample_index": 2, "text": " Ann has …", …}
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import ValidationError
from pydantic_core import PydanticSerializationError, from_json, to_json

from cotkd.config import describe
from cotkd.errors import DataError, first_line
from cotkd.store.atomic import replacing
from cotkd.types import Row

R = TypeVar("R", bound=Row)
OnBadRow = Literal["error", "skip"]

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_REASON = 300

log = logging.getLogger(__name__)


def read_rows(path: str | Path, row: type[R], *, on_bad_row: OnBadRow = "error") -> Iterator[R]:
    """Yield the rows of a file in order; blank lines are no rows.

    Args:
        path: A JSON-lines file.
        row: The class that every line must hold.
        on_bad_row: `"error"` raises at the first line that holds no such row, `"skip"` leaves such
            lines out and logs how many there were.

    Raises:
        DataError: The file cannot be read, or a line holds no such row; names file and line.
    """
    bad: list[DataError] = []
    for number, line in numbered_lines(Path(path)):
        try:
            value = row.model_validate_json(line)
        except ValidationError as error:
            bad.append(DataError(f"{path}:{number}: {shortened(describe(error, row))}"))
            if on_bad_row == "error":
                raise bad[0] from None
            continue
        yield value
    if bad:
        log.warning("%s: skipped %d bad rows, the first: %s", path, len(bad), bad[0])


def write_rows(path: str | Path, rows: Iterable[Row]) -> int:
    """Write `rows` in place of what `path` held, all or nothing; return how many there were."""
    count = 0
    with replacing(Path(path)) as file:
        for row in rows:
            file.write(encoded(row))
            count += 1
    return count


def read_json(path: str | Path) -> Any:
    """Return the JSON document in a file; raises `DataError` where it is absent or damaged."""
    try:
        return from_json(Path(path).read_bytes(), allow_inf_nan=False)
    except OSError as error:
        raise unreadable(Path(path), error) from error
    except ValueError as error:
        raise DataError(f"{path}: not valid JSON ({error})") from None


def read_object(path: Path) -> dict[str, Any]:
    """Return the JSON object in a file, an empty one where the file is absent."""
    value = read_json(path) if path.exists() else {}
    if not isinstance(value, dict):
        raise DataError(f"{path}: expected a JSON object, found {type(value).__name__}")
    return value


def read_yaml(path: Path) -> dict[str, Any]:
    """Return the settings in a YAML file, none where it is absent or holds something else.

    Raises:
        DataError: The file cannot be read.
    """
    import yaml

    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise DataError(f"{path}: not readable as YAML ({first_line(error)})") from None
    return values if isinstance(values, dict) else {}


def write_json(path: str | Path, document: Any) -> None:
    """Write a JSON document in place of what `path` held, all or nothing.

    Rows, settings, paths and tuples are taken as they are; a number that is not finite becomes
    null, because JSON has no word for it.
    """
    data = to_json(document, indent=2, inf_nan_mode="null", serialize_as_any=True)
    with replacing(Path(path)) as file:
        file.write(data + b"\n")


def numbered_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    r"""Yield (number from 1, line) for each line that is not blank.

    Lines end at `\n` alone: other line separators of Unicode may stand inside a JSON string.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                text = line.removeprefix(_BYTE_ORDER_MARK) if number == 1 else line
                if text.strip():
                    yield number, text
    except OSError as error:
        raise unreadable(path, error) from error


def encoded(row: Row) -> bytes:
    """Return the row as one line of UTF-8; raises `DataError` for text that has no UTF-8 form."""
    try:
        return row.to_json().encode() + b"\n"
    except (PydanticSerializationError, UnicodeEncodeError) as error:
        raise DataError(
            f"a {type(row).__name__} row cannot be stored: {shortened(str(error))}"
        ) from None


def shortened(reason: str) -> str:
    """Return `reason` on one line and of bounded length: it may quote a whole damaged line."""
    line = " ".join(reason.split())
    return line if len(line) <= _LONGEST_REASON else line[: _LONGEST_REASON - 1] + "…"


def unreadable(path: Path, error: OSError) -> DataError:
    """Return the error to raise for a file that cannot be read."""
    return DataError(f"cannot read {path}: {error.strerror or error}")
