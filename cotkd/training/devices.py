"""Which device a process trains on, with how many others, and in which arithmetic.

One process trains on one device, whatever else is visible: several devices are used by several
processes (`torchrun --nproc-per-node N`).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from cotkd.errors import MissingDependency, SettingError
from cotkd.training.settings import Training

if TYPE_CHECKING:
    from accelerate import Accelerator


def accelerator(settings: Training, folder: Path) -> Accelerator:
    """Return what knows this process's device and its fellows; trackers write below `folder`.

    Raises:
        SettingError: there is no such tracker.
        MissingDependency: a tracker is not installed.
    """
    from accelerate import Accelerator
    from accelerate.state import AcceleratorState
    from accelerate.utils import DistributedDataParallelKwargs, InitProcessGroupKwargs

    check_trackers(settings.report_to)
    accelerated = torch.cuda.is_available()
    handlers: list[Any] = [
        DistributedDataParallelKwargs(find_unused_parameters=False, broadcast_buffers=False)
    ]
    if not accelerated and int(os.environ.get("WORLD_SIZE", "1")) > 1:
        handlers.append(InitProcessGroupKwargs(backend="gloo"))
    AcceleratorState._reset_state(reset_partial_state=True)  # of other trainings of this process
    return Accelerator(
        cpu=not accelerated,
        mixed_precision="no",  # the arithmetic of a pass is `autocast`'s, that of scoring is not
        log_with=list(settings.report_to) or None,
        project_dir=str(folder),
        kwargs_handlers=handlers,
    )


def check_trackers(names: tuple[str, ...]) -> None:
    """Raise an error for a tracker that is unknown or not installed."""
    from accelerate.tracking import LOGGER_TYPE_TO_CLASS, get_available_trackers

    known = sorted(str(name) for name in LOGGER_TYPE_TO_CLASS)
    for name in names:
        if name not in known:
            raise SettingError(
                f"training.report_to: unknown tracker {name!r}: known: {', '.join(known)}"
            )
        if name not in [str(each) for each in get_available_trackers()]:
            raise MissingDependency(
                f"training.report_to: tracker {name!r} is not installed: pip install {name}"
            )


def resolve_precision(settings: Training) -> str:
    """Return `float32` or `bfloat16`: auto takes the latter where the hardware multiplies in it."""
    if settings.precision != "auto":
        return settings.precision
    if torch.cuda.is_available():
        return "bfloat16" if torch.cuda.is_bf16_supported() else "float32"
    native = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return "bfloat16" if native() else "float32"
