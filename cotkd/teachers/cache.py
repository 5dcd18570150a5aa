r"""Completions of all runs on this machine, so that nothing is sampled, or paid for, twice.

    CompletionCache(Path("~/.cache/cotkd/completions")).find("3f2a9c01d4e5", {key: digest, …})

One file for each stream, one line for each sample:

    {"prompt": "9e107d9d372bb682", "row": {"question_id": "q7", "stream": "3f2a9c01d4e5", …}}

A row is taken where stream, question, sample number and seed are the same and the prompt is, word
for word. `COTKD_CACHE=off` switches the cache off, `COTKD_CACHE=FOLDER` moves it.
"""

from __future__ import annotations

import fcntl
import hashlib
import logging
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError
from pydantic_core import from_json

from cotkd.teachers.base import Request
from cotkd.types import Completion, Key

log = logging.getLogger(__name__)


class Wanted(NamedTuple):
    """What a cached row must have been made from."""

    prompt: str
    seed: int


def wanted(request: Request) -> Wanted:
    """Return what a row of this request must have been made from."""
    asked = "\x1f".join(map(repr, (request.prompt, request.chat, request.contrast)))
    return Wanted(
        hashlib.blake2b(asked.encode("utf-8", "replace"), digest_size=8).hexdigest(), request.seed
    )


def default_cache() -> CompletionCache | None:
    """Return the cache of this user, or None where it is switched off."""
    named = os.environ.get("COTKD_CACHE", "")
    if named.lower() in ("off", "0", "no", "none"):
        return None
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    folder = Path(named) if named else Path(base) / "cotkd" / "completions"
    return CompletionCache(folder.expanduser())


class CompletionCache:
    """A folder of sampled rows; several processes may use it at a time.

    It is a convenience, never the source of truth: what cannot be read or written is passed over
    with a warning.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find(self, stream: str, missing: Mapping[Key, Wanted]) -> list[Completion]:
        """Return the rows that are there for the missing keys, each key once."""
        found: dict[Key, Completion] = {}
        try:
            with self._path(stream).open("rb") as file:
                for line in file:
                    row = _read(line, missing)
                    if row is not None:
                        found.setdefault(row.key, row)
        except FileNotFoundError:
            return []
        except OSError as error:
            log.warning("completion cache: cannot be read (%s)", error)
        return list(found.values())

    def add(self, rows: Iterable[tuple[Completion, Wanted]]) -> None:
        """Remember rows that were made; failed ones are asked again next time."""
        lines: dict[str, list[str]] = {}
        for row, made_from in rows:
            if row.finish_reason != "error":
                line = f'{{"prompt":"{made_from.prompt}","row":{row.to_json()}}}\n'
                lines.setdefault(row.stream, []).append(line)
        for stream, new in lines.items():
            try:
                self._append(self._path(stream), "".join(new).encode("utf-8", "replace"))
            except OSError as error:
                log.warning("completion cache: cannot be written (%s)", error)

    def _path(self, stream: str) -> Path:
        return self._folder / f"{stream}.jsonl"

    @staticmethod
    def _append(path: Path, data: bytes) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # the blank line closes half a line that a killed process has left
            file.write(b"\n" + data)


def _read(line: bytes, missing: Mapping[Key, Wanted]) -> Completion | None:
    try:
        entry = from_json(line)
        row = entry["row"]
        key = Key(row["question_id"], row["stream"], row["sample_index"])
        if missing.get(key) != (entry["prompt"], row.get("seed")):
            return None
        return Completion.model_validate(row)
    except (ValueError, KeyError, TypeError, ValidationError):
        return None
