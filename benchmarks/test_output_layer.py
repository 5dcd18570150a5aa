"""Cross-entropy of a large vocabulary from the states: all logits at once, and a tile at a time.

The output layer alone, its weight and the weight's gradient included, forward and backward. Each
measurement is a process of its own, on one thread, the two ways taken in turns; times are CPU time,
memory is the peak above what the process holds before the layer is made.
"""

from __future__ import annotations

import subprocess
import sys
from statistics import median
from typing import Any

import pytest

VOCABULARY = 151_936

_MEASURE = """
import sys, time
from pathlib import Path
import torch
from cotkd.losses import token_cross_entropy, token_mean
from cotkd.training.output_layer import After, OutputLayer
from cotkd.objectives import CrossEntropy
from cotkd.training.tiles import Reading, Term, tile_rows, tiled_sum

def memory(kind):
    status = Path("/proc/self/status").read_text()
    return int(status.split(kind + ":")[1].split()[0]) / 1024

way, vocabulary, tokens, width, passes = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(1)
torch.manual_seed(0)

def at_once(layer, states, labels):
    logits = layer.logits(states.unsqueeze(0))[0]
    losses = token_cross_entropy(logits.unsqueeze(1), labels.unsqueeze(1))
    return token_mean(losses, count=float(len(labels)))

def in_tiles(layer, states, labels):
    places, count = torch.arange(len(labels)).unsqueeze(0), len(labels)
    reading = Reading(CrossEntropy().values, {"labels": labels}, CrossEntropy().gradient)
    term = Term(places, reading, torch.full((count,), 1 / count))
    tile = tile_rows(vocabulary, tokens)
    return tiled_sum(layer, states, [term], tile=tile)

def once(layer, count):
    states = torch.randn(count, layer.module.in_features, requires_grad=True)
    labels = torch.randint(0, layer.vocabulary, (count,))
    layer.module.weight.grad = None
    start = time.process_time()
    loss = at_once if way == "before" else in_tiles
    loss(layer, states, labels).backward()
    return time.process_time() - start

def make(vocabulary, width):
    linear = torch.nn.Linear(width, vocabulary, bias=False)
    return OutputLayer(linear, After(1, None, None), vocabulary)

once(make(1000, 64), 64)  # what is loaded and never given back counts on neither side
before = memory("VmRSS")
layer = make(vocabulary, width)
seconds = min(once(layer, tokens) for _ in range(passes))
print(seconds, memory("VmHWM") - before)
"""


def _measure(way: str, tokens: int, width: int) -> tuple[float, float]:
    """Return CPU seconds of the faster pass and MB at the peak."""
    passes = 2 if tokens < 1000 else 1
    numbers = map(str, (VOCABULARY, tokens, width, passes))
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, way, *numbers],
        capture_output=True,
        text=True,
        check=True,
    )
    seconds, peak = map(float, done.stdout.split())
    return seconds, peak


@pytest.mark.parametrize("width", [128, 896])
@pytest.mark.parametrize("tokens", [512, 4096])
def test_tiles_against_all_logits_at_once(benchmark: Any, tokens: int, width: int) -> None:
    found: dict[str, list[tuple[float, float]]] = {"before": [], "after": []}

    def both() -> None:
        for way, each in found.items():
            each.append(_measure(way, tokens, width))

    benchmark.pedantic(both, rounds=3)
    time, peak = (
        {way: median(one[i] for one in each) for way, each in found.items()} for i in (0, 1)
    )
    slower, larger = time["after"] / time["before"], peak["after"] / peak["before"]
    benchmark.extra_info |= {"time": slower, "memory": larger}
    print(
        f"\n{tokens} tokens, {width} wide: {time['after']:.2f} s against {time['before']:.2f}, "
        f"{slower:.2f} times; {peak['after']:.0f} MB against {peak['before']:.0f}, "
        f"{larger:.2f} times"
    )
    assert slower <= 1.05
    # The weight and its gradient alone are 0.72 of what 512 tokens of this width took at once.
    assert larger <= (0.85 if (tokens, width) == (512, 896) else 0.7)
