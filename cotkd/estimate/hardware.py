"""Accelerators as their makers' data sheets state them: arithmetic, memory, bandwidth.

hardware_of("a100").memory      # 80e9 bytes
"""

from __future__ import annotations

from typing import NamedTuple

from cotkd.config import plain, unknown
from cotkd.errors import SettingError


class Hardware(NamedTuple):
    """One device."""

    name: str
    flops: float
    """Operations a second in bfloat16, dense (float16 where there is no bfloat16)."""
    memory: float
    """Bytes."""
    bandwidth: float
    """Bytes a second."""


DEVICES = (
    Hardware("H200", 989e12, 141e9, 4.8e12),
    Hardware("H100", 989e12, 80e9, 3.35e12),
    Hardware("A100", 312e12, 80e9, 2.039e12),
    Hardware("A100-40GB", 312e12, 40e9, 1.555e12),
    Hardware("L40S", 362e12, 48e9, 0.864e12),
    Hardware("A10", 125e12, 24e9, 0.6e12),
    Hardware("RTX-4090", 165e12, 24e9, 1.008e12),
    Hardware("L4", 121e12, 24e9, 0.3e12),
    Hardware("T4", 65e12, 16e9, 0.32e12),
    Hardware("CPU", 0.1e12, 16e9, 0.02e12),
)
"""`CPU` is two cores of a server, in float32."""


def hardware_of(name: str) -> Hardware:
    """Return the device called `name`; raises `SettingError` with the known names."""
    found = {plain(device.name): device for device in DEVICES}
    if plain(name) not in found:
        raise SettingError(unknown("gpu", name, [device.name for device in DEVICES]))
    return found[plain(name)]
