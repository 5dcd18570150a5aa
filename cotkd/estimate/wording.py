"""An estimate in words: the numbers, the formulas that they come from, and what was assumed."""

from __future__ import annotations

from collections.abc import Iterator

from cotkd.estimate.cost import Estimate
from cotkd.estimate.shape import Shape
from cotkd.estimate.workload import Range
from cotkd.report.wording import count, size

FORMULAS = (
    "N weights, D tokens, B rows at a time; use, layer_seconds and the like are listed below",
    "training  6 N D / (use x peak); 4 N D with adapters; + 2 N D with gradient checkpointing",
    "          an encoder's weights meet the prompt alone, a decoder's the target",
    "reading   2 N D / (use x peak)",
    "writing   max(2 N B / (use x peak), (weights + cache) / (use x bandwidth)) a token of B rows,",
    "          layers x layer_seconds at least, but not with vLLM",
    "memory    16 bytes a trained weight + 2 for its bfloat16 copy; 4 + 2 a frozen one;",
    "          3.2 for each input and output of a linear layer and 10 for each logit, of the",
    "          tokens of a pass; the teacher stays loaded while students train",
)
"""What `cotkd.estimate.cost` computes, in short."""


def lines(found: Estimate) -> Iterator[str]:
    """Yield the lines of an estimate."""
    hardware, work = found.hardware, found.workload
    yield (
        f"Estimate for one {hardware.name} ({hardware.flops / 1e12:g} TFLOP/s, "
        f"{hardware.memory / 1e9:g} GB, {hardware.bandwidth / 1e9:g} GB/s), "
        "expected (and at most):"
    )
    known = "" if work.questions.exact else ", a guess"
    yield _row("questions", f"{count(work.questions.number)}{known}")
    yield _row("teacher", _model(found.config.teacher.model, found.teacher, found))
    yield _row("student", _model(found.config.student.model, found.student, found))
    yield _row("samples", _counts(work.calls))
    yield _row("tokens read", _counts(work.calls.times(work.prompt)))
    yield _row("tokens written", _counts(work.calls.each(work.written)))
    yield _row("examples", f"{_counts(work.examples)} an epoch")
    arms = f"{work.arms} students" if work.arms > 1 else "1 student"
    yield _row("tokens trained", f"{_counts(work.trained)} for each of {arms}")
    yield _row("training", f"{found.training_flops.expected:.3g} FLOP")
    for stage, seconds in found.seconds.items():
        yield _row(stage, _hours(seconds))
    total = Range(0.0, 0.0)
    for seconds in found.seconds.values():
        total = total.plus(seconds)
    yield _row("in all", f"{total.expected / 3600:.2f} GPU hours ({total.most / 3600:.2f})")
    yield from _memory(found)
    disk = ", ".join(f"{name} {_bytes(value)}" for name, value in found.disk.items() if value)
    yield _row("disk", f"{_bytes(sum(found.disk.values()))} ({disk})")
    if found.cost is not None:
        yield _row("cost", f"{found.cost.expected:.2f} (at most {found.cost.most:.2f})")
    yield "How:"
    yield from (f"  {line}" for line in FORMULAS)
    yield "Assumed:"
    for name, field in type(found.assumed).model_fields.items():
        said = " ".join((field.description or "").split())
        yield f"  {name} {getattr(found.assumed, name):g}: {said}"


def _memory(found: Estimate) -> Iterator[str]:
    memory = found.memory
    yield _row(
        "memory",
        f"{_bytes(memory.peak)}: teacher {_bytes(memory.teacher)}, training "
        f"{_bytes(memory.training)} ({_bytes(memory.weights)} of it weights and optimizer)",
    )
    if memory.peak > found.hardware.memory:
        yield _row("", "more than the device has: lower training.batch_tokens / accumulation, set")
        yield _row(
            "", "student.lora or gradient_checkpointing, or sample with `cotkd sample` first"
        )


def _row(name: str, text: str) -> str:
    return f"  {name:<15} {text}"


def _model(name: str, shape: Shape | None, found: Estimate) -> str:
    if shape is None:
        return f"{name or found.config.teacher.kind}: size not known, not counted below"
    return f"{name}: {size(shape.parameters)}{'' if shape.exact else ', guessed from the name'}"


def _counts(value: Range) -> str:
    if round(value.expected) == round(value.most):
        return count(value.expected)
    return f"{count(value.expected)} ({count(value.most)})"


def _hours(value: Range) -> str:
    unit, factor = ("h", 3600) if value.most >= 360 else ("min", 60)
    return f"{value.expected / factor:.2f} {unit} ({value.most / factor:.2f})"


def _bytes(value: float) -> str:
    for unit, factor in (("GB", 1e9), ("MB", 1e6)):
        if value >= factor:
            return f"{value / factor:.1f} {unit}"
    return f"{value / 1e3:.0f} kB"
