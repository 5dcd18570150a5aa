"""Short, stable names for values: equal values have equal fingerprints in every process.

fingerprint({"temperature": 1.0, "top_p": 0.9})     "0d9f…", 12 hexadecimal digits
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import PurePath
from typing import Any

from pydantic import BaseModel

from cotkd.types import Row


def fingerprint(value: Any, *, length: int = 12) -> str:
    """Return the first `length` hexadecimal digits of a SHA-256 over the canonical JSON of `value`.

    The order of keys does not matter, nor that of sets; that of lists does. Tuples are lists, and
    settings are their JSON form, the rows of a list their lines. `1` and `1.0` differ, as they do
    on disk.

    Raises:
        TypeError: A value has no JSON form.
    """
    assert 1 <= length <= 64, f"a SHA-256 has 64 digits, asked for {length}"
    digest = hashlib.sha256()
    for part in _parts(value):
        digest.update(part.encode())
    return digest.hexdigest()[:length]


def stream_id(teacher: str, elicitation: Any, condition: str | None, sampling: Any) -> str:
    """Return the name of a stream of samples: who was asked, how, given which answer, drawn how.

    Args:
        teacher: The engine's identity, e.g. `microgsm-teacher`.
        elicitation: The settings of the prompt, or their dump.
        condition: What the teacher was told about the answer (`gold`, `wrong`); None for nothing.
        sampling: The settings of the decoding, or their dump.
    """
    return fingerprint([teacher, elicitation, condition, sampling])


def _parts(value: Any) -> Iterator[str]:
    """Yield the canonical text in pieces: that of many rows never stands in memory as a whole."""
    if not isinstance(value, list):
        yield _canonical(value)
        return
    yield "["
    for number, item in enumerate(value):
        if number:
            yield ","
        yield item.to_json() if isinstance(item, Row) else _canonical(item)
    yield "]"


def _canonical(value: Any) -> str:
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", serialize_as_any=True)
    if isinstance(value, PurePath):
        return str(value)
    if isinstance(value, set | frozenset):
        return sorted(value, key=_canonical)
    raise TypeError(f"a {type(value).__name__} has no fingerprint: pass plain values or settings")


_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=_plain
)
