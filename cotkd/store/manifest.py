"""What a run was made with, for whoever wants to make it again.

{"schema": 1, "created": "2026-11-21T07:00:00+00:00", "cotkd": "0.1.0", "python": "3.12.3",
 "platform": "Linux-6.1-x86_64", "packages": {"torch": "2.13.0"}, "git_commit": "e774be9…",
 "directory": "/home/ann/project",
 "seeds": {"seed": 0}, "fingerprints": {"settings": "3f2a9c01d4e5"}, "seconds": {"sample": 41.2}}
"""

from __future__ import annotations

import os
import platform
import subprocess
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from cotkd.store.fingerprint import fingerprint
from cotkd.store.rows import read_json
from cotkd.store.settings import flat

SCHEMA = 1

_PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "trl",
    "accelerate",
    "peft",
    "datasets",
    "evaluate",
    "vllm",
    "numpy",
    "pydantic",
)


def new_manifest(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the manifest of a run that starts now; no package is imported to learn its version."""
    return {
        "schema": SCHEMA,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "cotkd": _version("cotkd"),
        "python": platform.python_version(),
        "platform": platform.platform(),
        "packages": {name: found for name in _PACKAGES if (found := _version(name))},
        "git_commit": _git_commit(),
        "directory": str(Path.cwd()),
        "seeds": {
            path: value
            for path, value in flat(settings).items()
            if path.rpartition(".")[2] in ("seed", "seeds")
        },
        "fingerprints": {"settings": fingerprint(settings)},
        "seconds": {},
    }


def begun_in(run: Path) -> Path | None:
    """Return the working directory in which a run was begun; None where it is not there."""
    path = run / "manifest.json"
    found = read_json(path) if os.path.isfile(path) else None
    place = found.get("directory") if isinstance(found, dict) else None
    return Path(place) if isinstance(place, str) and Path(place).is_dir() else None


def _version(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def _git_commit() -> str | None:
    """Return the commit of the checkout that the command was started in; None outside of one."""
    try:
        done = subprocess.run(
            ["git", "rev-parse", "--verify", "--quiet", "HEAD"],
            capture_output=True,
            text=True,
            timeout=5,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() or None
