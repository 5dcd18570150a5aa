"""One of two processes that exchange the gradients of tiled losses: `tiles_worker.py OUT`.

Each computes two passes and exchanges with the second. After the last file is written the process
leaves by `os._exit`: with gloo, tearing the group down sometimes aborts a process that has done its
work.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import distributed
from torch.nn.parallel import DistributedDataParallel

from cotkd.training.output_layer import OutputLayer
from cotkd.training.tiles import Term, tiled_sum
from tests.training.output_layers import MODELS, cross_entropy, one_pass

NAMES = ("tied", "untied", "t5", "adapted")


def gradients(name: str, rank: int, *, find_unused: bool) -> dict[str, torch.Tensor]:
    """Return the gradients of four passes of which this process computes two."""
    model = MODELS[name]().double()
    wrapped = DistributedDataParallel(model, find_unused_parameters=find_unused)
    layer = OutputLayer.of(wrapped)
    assert layer is not None
    for turn in range(2):
        one = one_pass(model, seed=2 * turn + rank)
        term = Term(torch.arange(len(one.labels))[None], cross_entropy(one.labels), one.weights)
        wrapped.require_backward_grad_sync = turn == 1
        states = layer.states(wrapped, one.inputs, one.places)
        (2 * tiled_sum(layer, states, [term], tile=3)).backward()
    trained = {name: w.grad for name, w in model.named_parameters() if w.grad is not None}
    return {name: gradient.clone() for name, gradient in trained.items()}


def main() -> None:
    """Write the exchanged gradients of each model."""
    distributed.init_process_group("gloo")
    rank = distributed.get_rank()
    for name in NAMES:
        for find_unused in (True, False):
            found = gradients(name, rank, find_unused=find_unused)
            if rank == 0:
                save_file(found, Path(sys.argv[1]) / f"{name}.{find_unused}")
    distributed.barrier()
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
