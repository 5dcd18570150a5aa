"""What a checkpoint's files tell of its weights, without loading them.

read_weights(folder)      # Weights(parameters=2212416, digest="5c0f3a1be07d")
"""

from __future__ import annotations

import hashlib
import json
import math
from pathlib import Path
from typing import NamedTuple

PER_WEIGHT = 4096
"""Bytes read of each weight: a training changes all of them."""


class Weights(NamedTuple):
    """Number of weights, and 12 digits that tell two trainings of one architecture apart."""

    parameters: int
    digest: str


def read_weights(folder: Path) -> Weights | None:
    """Return what the folder's safetensors files hold; None if it has none.

    How the weights are spread over files does not matter.
    """
    found: dict[str, tuple[int, bytes]] = {}
    for path in folder.glob("*.safetensors"):
        found |= _read(path)
    if not found:
        return None
    digest = hashlib.sha256()
    for name, (_, start) in sorted(found.items()):
        digest.update(name.encode() + b"\0" + start)
    return Weights(sum(count for count, _ in found.values()), digest.hexdigest()[:12])


def _read(path: Path) -> dict[str, tuple[int, bytes]]:
    """Return number and first bytes of each weight in a file.

    The format: eight bytes with the length of a JSON header, the header, the weights one by one.
    """
    found = {}
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        header.pop("__metadata__", None)
        for name, weight in header.items():
            begin, end = weight["data_offsets"]
            file.seek(8 + size + begin)
            start = file.read(min(end - begin, PER_WEIGHT))
            found[name] = (math.prod(weight["shape"]), start)
    return found
