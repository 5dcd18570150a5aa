"""Settings of a run as dotted paths, and how two versions of them differ.

{"teacher": {"n": 4}}   becomes   {"teacher.n": 4}
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cotkd.errors import SettingsChanged
from cotkd.store.rows import shortened

_ABSENT = object()


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return every leaf under its dotted path; a list is a leaf, and so is an empty mapping."""
    leaves: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping) and value:
            leaves |= flat(value, f"{prefix}{name}.")
        else:
            leaves[f"{prefix}{name}"] = value
    return leaves


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """Return one `path: old -> new` for each setting that differs, in the order of `new`."""
    before, after = flat(old), flat(new)
    return [
        f"{path}: {_shown(before, path)} -> {_shown(after, path)}"
        for path in dict.fromkeys([*after, *before])
        if before.get(path, _ABSENT) != after.get(path, _ABSENT)
    ]


def refuse_changes(path: Path, old: Mapping[str, Any], new: Mapping[str, Any]) -> None:
    """Raise `SettingsChanged`, naming every difference, unless the settings are the same."""
    if changed := differences(old, new):
        raise SettingsChanged(
            f"{path} was made with other settings ({'; '.join(changed)}):"
            " choose another --out, or delete it"
        )


def _shown(leaves: Mapping[str, Any], path: str) -> str:
    return shortened(repr(leaves[path])) if path in leaves else "(not set)"
