"""The directory of one run: settings, manifest, samples, rounds, evaluation; one writer at a time.

    runs/NAME/
      config.yaml  manifest.json
      samples/STREAM.jsonl            Completion rows, append-only: the source of truth
      rounds/000/                     what was made of them
      evaluation/

Opening it again with the same settings continues the run; with others it is refused. A start that
is refused before anything was made leaves nothing behind.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

import yaml

from cotkd.errors import CotkdError, DataError
from cotkd.store.atomic import replacing
from cotkd.store.lock import DirectoryLock, is_writer
from cotkd.store.manifest import new_manifest
from cotkd.store.rows import read_json, shortened, unreadable, write_json
from cotkd.store.settings import refuse_changes
from cotkd.store.shard import Shard
from cotkd.types import Completion

_STREAM = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
_ROWS = ("questions", "rationales", "dropped", "tokens")
"""Files of a round, as `stages.curate` writes them."""


class RunDirectory:
    """A locked run directory; make one with `RunDirectory.open`.

    Attributes:
        path: The directory.
        manifest: What `manifest.json` holds; change it through `record`, `pin` and `add_seconds`.
    """

    def __init__(
        self, path: Path, manifest: dict[str, Any], lock: DirectoryLock, *, begun: bool
    ) -> None:
        self.path = path
        self.manifest = manifest
        self._lock = lock
        self._begun = begun
        self._shards: dict[str, Shard[Completion]] = {}

    @classmethod
    def open(cls, path: str | Path, settings: Mapping[str, Any]) -> Self:
        """Make the run directory, or continue the run in it.

        Args:
            path: The directory; missing parents are made.
            settings: Plain values (`Config.dump()`), without those that may differ between two
                starts of one run, such as the directory itself.

        Raises:
            SettingsChanged: The run was begun with other settings; every changed one is named.
            RunLocked: Another process is writing to the directory.
            DataError: The directory cannot be written, or its files are damaged.
        """
        path = Path(path)
        lock = DirectoryLock(path)
        if not is_writer():
            return cls(path, new_manifest(settings), lock, begun=False)
        try:
            begun = not _holds_work(path)
            return cls(path, _begin_or_continue(path, settings), lock, begun=begun)
        except BaseException:
            lock.close()
            raise

    def samples(self, stream: str) -> Shard[Completion]:
        """Return the open shard of a stream, the same object at every call."""
        assert _STREAM.fullmatch(stream), f"a stream name becomes a file name: {stream!r}"
        if stream not in self._shards:
            self._shards[stream] = Shard(self.path / "samples" / f"{stream}.jsonl", Completion)
        return self._shards[stream]

    def round(self, index: int) -> Path:
        """Return the folder of a round, made if missing; rounds count from 0."""
        return _folder(self.path / "rounds" / f"{index:03d}")

    @property
    def evaluation(self) -> Path:
        """The folder of predictions, made if missing."""
        return _folder(self.path / "evaluation")

    @property
    def seconds(self) -> dict[str, float]:
        """Seconds spent in each stage, over all starts of this run."""
        return dict(self.manifest["seconds"])

    def add_seconds(self, stage: str, seconds: float) -> None:
        """Add to the time spent in a stage."""
        self.record("seconds", {stage: self.seconds.get(stage, 0.0) + seconds})

    def pin(self, **fingerprints: str) -> None:
        """Record fingerprints of what the settings only name, and hold the run to them.

        `run.pin(questions=fingerprint(questions))` notices a question file that was edited since.

        Raises:
            SettingsChanged: One was recorded before with another value.
        """
        known = self.manifest["fingerprints"]
        refuse_changes(
            self.path, {k: known.get(k, v) for k, v in fingerprints.items()}, fingerprints
        )
        self.record("fingerprints", fingerprints)

    def record(self, section: str, facts: Mapping[str, Any]) -> None:
        """Merge `facts` into a section of the manifest, on disk too."""
        merged = {**self.manifest.get(section, {}), **facts}
        if merged != self.manifest.get(section):
            self.manifest = {**self.manifest, section: merged}
            if is_writer():
                write_json(self.path / "manifest.json", self.manifest)

    def close(self) -> None:
        """Close the shards and let another process in."""
        for shard in self._shards.values():
            shard.close()
        self._shards.clear()
        self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if self._begun and isinstance(error, CotkdError) and not _holds_work(self.path):
            _remove(self.path)
        self.close()


def settings_of(path: Path) -> dict[str, Any]:
    """Return the settings that the run in `path` was begun with; nothing where there is none."""
    config = path / "config.yaml"
    return _read_yaml(config) if os.path.isfile(config) else {}


def _begin_or_continue(path: Path, settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest, having compared or written the settings."""
    config, manifest = path / "config.yaml", path / "manifest.json"
    text = yaml.safe_dump(dict(settings), sort_keys=False, allow_unicode=True)
    if config.exists() and _holds_work(path):
        # compared as read back, so that a tuple, which YAML knows as a list, has not changed
        refuse_changes(path, _read_yaml(config), yaml.safe_load(text))
    else:
        with replacing(config) as file:
            file.write(text.encode())
    if not manifest.exists():
        write_json(manifest, new_manifest(settings))
    found = read_json(manifest)
    if not isinstance(found, dict) or found.get("schema") != 1:
        raise DataError(
            f"{manifest}: not a manifest of schema 1: choose another --out, or delete it"
        )
    return found


def _holds_work(path: Path) -> bool:
    """Tell whether the run has anything to lose: a start that failed at once has not.

    Questions and training examples are made again in seconds; a sample, a rationale that was
    verified, a checkpoint, a student or a prediction is work.
    """
    rows = [*path.glob("samples/*.jsonl"), *path.glob("rounds/*/rationales.jsonl")]
    if any(file.stat().st_size for file in rows):
        return True
    made = [*path.glob("rounds/*/*/**/*"), *path.glob("evaluation/**/*")]
    return any(file.is_file() and file.parent.name != "examples" for file in made)


def _remove(path: Path) -> None:
    """Remove what a start without any work has written; other files of the folder stay."""
    own = ("config.yaml", "manifest.json", ".lock", "samples/*.jsonl")
    of_round = ("examples/*.jsonl", "filter.json", *(f"{name}.jsonl" for name in _ROWS))
    for pattern in (*own, *(f"rounds/[0-9][0-9][0-9]/{name}" for name in of_round)):
        for file in path.glob(pattern):
            file.unlink()
    parts = [path / part for part in ("samples", "rounds", "evaluation")]
    inner = [folder for part in parts for folder in part.glob("**/") if folder != part]
    for folder in [*sorted(inner, reverse=True), *parts, path]:
        with suppress(OSError):  # what is not empty holds something else
            folder.rmdir()


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        values = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise unreadable(path, error) from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataError(f"{path}: not valid YAML ({shortened(str(error))})") from None
    if not isinstance(values, dict):
        raise DataError(f"{path}: expected `key: value` lines, found {type(values).__name__}")
    return values


def _folder(path: Path) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    return path
