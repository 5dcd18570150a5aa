"""`cotkd doctor`: what is installed, what the machine offers, and the line that mends what is not.

    cotkd 0.1.0, Python 3.11.9, Linux-6.1
    packages
      torch          2.13.0
      trl            1.15.0, needs <1.17,>=1.16: pip install 'trl<1.17,>=1.16'

What is needed is read from the metadata of the installed package, so that it cannot be outdated.
"""

from __future__ import annotations

import importlib.metadata
import os
import platform
import shutil
from collections.abc import Iterator
from pathlib import Path

from cotkd.decoding.checkpoints import EMBEDDED
from cotkd.errors import DataError, first_line
from cotkd.teachers import vllm_environment as vllm
from cotkd.version import VERSION

CORE = ("torch", "transformers", "trl", "datasets", "accelerate", "peft", "evaluate", "pydantic")
"""What is looked for where the package is not installed, but run from its checkout."""


def lines() -> Iterator[str]:
    """Yield the lines of the report."""
    yield f"cotkd {VERSION}, Python {platform.python_version()}, {platform.platform()}"
    core, extras = needed(_requirements())
    yield "packages"
    for line in core:
        yield _row(line.partition(" ")[0], _state(line))
    yield "devices"
    yield _row("cpu", f"{_cores()} cores, {_memory()}")
    yield _row("cuda", _cuda())
    yield _row("disk", f"{shutil.disk_usage('.').free / 1e9:.1f} GB free in {Path.cwd()}")
    yield "models"
    yield _row("embedded", _embedded())
    yield _row("hub", _hub())
    yield "extras"
    for extra, wanted in extras.items():
        yield _row(extra, extra_state(extra, wanted))
    yield _row("kind vllm", vllm.fault(vllm.installed()) or "usable")


def needed(requirements: list[str]) -> tuple[list[str], dict[str, list[str]]]:
    """Return the requirements of the package itself, and those of each extra by its name.

    Args:
        requirements: As metadata lists them: `vllm<0.33,>=0.31; extra == "vllm"`.
    """
    from packaging.requirements import Requirement

    core: list[str] = []
    extras: dict[str, list[str]] = {}
    for text in requirements:
        one = Requirement(text)
        line = f"{one.name} {one.specifier}".strip()
        if one.marker is None or one.marker.evaluate({"extra": ""}):
            core.append(line)
            continue
        for name in _extras(text):
            if one.marker.evaluate({"extra": name}):
                extras.setdefault(name, []).append(line)
    return sorted(core), dict(sorted(extras.items()))


def extra_state(extra: str, wanted: list[str]) -> str:
    """Return the versions of an extra's packages, or the line that installs it."""
    faults = [line.partition(" ")[0] for line in wanted if not _fits(line)]
    if faults:
        lacks = "" if len(wanted) == 1 else f" (lacks {', '.join(faults)})"
        return f"not installed{lacks}: pip install 'cotkd[{extra}]'"
    names = [line.partition(" ")[0] for line in wanted]
    return ", ".join(f"{name} {_version(name)}" for name in names)


def _requirements() -> list[str]:
    try:
        return importlib.metadata.requires("cotkd") or list(CORE)
    except importlib.metadata.PackageNotFoundError:
        return list(CORE)


def _extras(text: str) -> list[str]:
    import re

    return re.findall(r"extra == ['\"]([\w-]+)['\"]", text)


def _fits(line: str) -> bool:
    from packaging.specifiers import SpecifierSet

    name, _, wanted = line.partition(" ")
    found = _version(name)
    return found is not None and SpecifierSet(wanted).contains(found, prereleases=True)


def _state(line: str) -> str:
    name, _, wanted = line.partition(" ")
    found = _version(name)
    install = f"pip install '{name}{wanted}'"
    if found is None:
        return f"missing: {install}"
    return found if _fits(line) else f"{found}, needs {wanted}: {install}"


def _version(package: str) -> str | None:
    return vllm.installed([package]).get(package)


def _cores() -> int:
    """Return the cores that this process may use, which a container may have fewer of."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> str:
    try:
        text = Path("/proc/meminfo").read_text(encoding="ascii")
    except OSError:
        return "memory unknown"
    sizes = {line.split(":")[0]: line.split()[1] for line in text.splitlines()}
    total, free = (int(sizes.get(name, 0)) / 1e6 for name in ("MemTotal", "MemAvailable"))
    return f"{free:.1f} of {total:.1f} GB memory free"


def _cuda() -> str:
    try:
        import torch
    except (ImportError, OSError) as error:
        return f"unknown: torch does not load ({first_line(error)})"
    if not torch.cuda.is_available():
        return "none seen by torch"
    devices = (torch.cuda.get_device_properties(n) for n in range(torch.cuda.device_count()))
    return ", ".join(f"{one.name} ({one.total_memory / 1e9:.0f} GB)" for one in devices)


def _embedded() -> str:
    from cotkd.store.resources import resource

    missing = []
    for name in EMBEDDED:
        try:
            resource(f"checkpoints/{name}/config.json")
        except DataError:
            missing.append(name)
    if missing:
        return f"{', '.join(missing)} missing: pip install --force-reinstall --no-deps cotkd"
    return ", ".join(EMBEDDED)


def _hub() -> str:
    try:
        from huggingface_hub import constants
    except ImportError:
        return "missing: pip install huggingface_hub"
    cached = len(list(Path(constants.HF_HUB_CACHE).glob("models--*")))
    where = "switched off by HF_HUB_OFFLINE" if constants.HF_HUB_OFFLINE else constants.ENDPOINT
    return f"{where}, {cached} models in {constants.HF_HUB_CACHE}"


def _row(name: str, text: str) -> str:
    return f"  {name:<14} {text}"
