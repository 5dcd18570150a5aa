"""Time, memory and disk of a run from its workload and the shapes of its models.

With N weights, D tokens, B rows at a time, peak arithmetic F and bandwidth W of one device:

    training   6 N D / (use F)                          Kaplan et al. 2020, arXiv:2001.08361
               4 N D with adapters: frozen weights have no gradient of their own
               + 2 N D where activations are computed twice
               encoder-decoder: an encoder's weights meet the prompt, a decoder's the target
    reading    2 N D / (use F)
    writing    a token of B rows takes  max(2 N B / (use F), (weights + cache) / (use W), L s)
    memory     training 16 bytes a weight (weight, gradient, two moments in float32) + 2 for its
               copy in bfloat16; adapters: 4 + 2 a frozen weight (0.55 + 2 in four bits), 16 each
               activations 3.2 bytes for each input and output of a linear layer (measured, with
               fused attention in bfloat16), of the tokens of a pass; 10 bytes for each logit
               teacher: its weights and the cache of B rows; it stays loaded while students train
    disk       downloads 2 bytes a weight; students 4; twice 12 a trained one for checkpoints; rows

Attention's own part, a few per cent at the length of a rationale, is left out; the output layer is
counted for all tokens, though it is computed for those that are trained alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple

from cotkd.decoding import BATCH_TOKENS
from cotkd.decoding.checkpoints import EMBEDDED
from cotkd.estimate.hardware import Hardware
from cotkd.estimate.shape import Shape, shape_of
from cotkd.estimate.workload import Assumptions, Range, Workload, workload_of
from cotkd.stages.settings import RunConfig
from cotkd.teachers.base import Teacher
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.teachers.vllm import VllmTeacher

STUDENT_ROWS = 16_384
"""Token positions of a batch of a student that answers."""
KEPT_BYTES = 3.2
"""Of an input or output of a linear layer, with the norms' part: kept for the backward pass."""
ROW_BYTES = 900
"""Of a sample's rows on disk, apart from its text: keys, verdict, settings."""


class Memory(NamedTuple):
    """Bytes on the device."""

    teacher: float
    training: float
    weights: float
    """Of training: weights, gradients and moments alone."""

    @property
    def peak(self) -> float:
        """Both at once: the teacher stays loaded."""
        return self.teacher + self.training


class Estimate(NamedTuple):
    """What a run would take on one device."""

    config: RunConfig
    hardware: Hardware
    assumed: Assumptions
    workload: Workload
    teacher: Shape | None
    """None where the teacher runs elsewhere, or its size is not known."""
    student: Shape | None
    training_flops: Range
    """Of all arms together."""
    seconds: dict[str, Range]
    """By stage: sample, train, evaluate."""
    memory: Memory
    disk: dict[str, float]
    """Bytes: downloads, rows, students, checkpoints."""
    cost: Range | None
    """By the budget's prices; None where the teacher has none."""


def estimate(config: RunConfig, hardware: Hardware, assumed: Assumptions | None = None) -> Estimate:
    """Return what a run of these settings would take on one such device."""
    assumed = assumed or Assumptions()
    work = workload_of(config, assumed)
    local = isinstance(config.teacher, TransformersTeacher | VllmTeacher)
    teacher = shape_of(config.teacher.model) if local else None
    student = shape_of(config.student.model)
    flops = work.trained.times(work.arms * train_flops(student, work.target, config))
    return Estimate(
        config=config,
        hardware=hardware,
        assumed=assumed,
        workload=work,
        teacher=teacher,
        student=student,
        training_flops=flops,
        seconds={
            "sample": _sampling_seconds(config, work, teacher, hardware, assumed),
            "train": flops.times(1 / (hardware.flops * assumed.training_use)),
            "evaluate": _evaluation_seconds(config, work, teacher, student, hardware, assumed),
        },
        memory=Memory(
            _teacher_bytes(config, work, teacher, assumed),
            *_training_bytes(config, work, student),
        ),
        disk=_disk(config, work, teacher, student),
        cost=_price(config, work),
    )


def train_flops(student: Shape | None, target: float, config: RunConfig) -> float:
    """Return the operations of training for one token, on average.

    Args:
        student: Its shape; None counts nothing.
        target: Share of the tokens that are target.
        config: Says whether adapters are trained, and whether activations are computed twice.
    """
    if student is None:
        return 0.0
    met = student.of_a_token(student.decoder, student.encoder, target)
    passes = 4 if config.student.lora else 6
    return met * (passes + (2 if config.training.gradient_checkpointing else 0))


def write_seconds(
    shape: Shape,
    *,
    texts: float,
    prompt: float,
    written: float,
    rows: float,
    weight_bytes: int,
    hardware: Hardware,
    assumed: Assumptions,
    launched: bool,
) -> float:
    """Return the time in which a model reads prompts and continues each of them.

    Args:
        shape: Of the model.
        texts: Prompts, one continuation each.
        prompt: Tokens of one.
        written: Tokens of one continuation.
        rows: Continued at a time.
        weight_bytes: Of one weight, and of one number of the cache.
        hardware: Where it runs.
        assumed: What share of the hardware is used.
        launched: Each layer is started from Python, token by token.
    """
    compute = hardware.flops * assumed.reading_use
    rows = max(1.0, min(rows, texts))
    reader = shape.encoder or shape.decoder
    cache = rows * (prompt + written / 2) * shape.cached * weight_bytes
    step = max(
        2 * shape.decoder * rows / compute,
        (shape.decoder * weight_bytes + cache) / (hardware.bandwidth * assumed.bandwidth_use),
        shape.layers * assumed.layer_seconds if launched else 0.0,
    )
    return 2 * reader * prompt * texts / compute + texts / rows * written * step


def _weight_bytes(teacher: Teacher) -> int:
    return 4 if getattr(teacher, "dtype", "") == "float32" else 2


def _rows(config: RunConfig, work: Workload, assumed: Assumptions) -> float:
    """Return how many samples the teacher writes at a time."""
    teacher = config.teacher
    if isinstance(teacher, VllmTeacher):
        return float(teacher.options.get("max_num_seqs", assumed.rows))
    positions = getattr(teacher, "batch_tokens", BATCH_TOKENS)
    return max(1.0, positions / (work.prompt + config.sampling.max_tokens))


def _sampling_seconds(
    config: RunConfig,
    work: Workload,
    teacher: Shape | None,
    hardware: Hardware,
    assumed: Assumptions,
) -> Range:
    if teacher is None:
        return Range(0.0, 0.0)
    seconds = partial(
        write_seconds,
        teacher,
        prompt=work.prompt,
        rows=_rows(config, work, assumed),
        weight_bytes=_weight_bytes(config.teacher),
        hardware=hardware,
        assumed=assumed,
        launched=isinstance(config.teacher, TransformersTeacher),
    )
    return _both(seconds, work.calls, work.written)


def _evaluation_seconds(
    config: RunConfig,
    work: Workload,
    teacher: Shape | None,
    student: Shape | None,
    hardware: Hardware,
    assumed: Assumptions,
) -> Range:
    total = Range(0.0, 0.0)
    asked = Range(work.asked, work.asked)
    if student is not None:
        rows = STUDENT_ROWS / (work.asked_tokens + config.evaluation.max_tokens)
        seconds = partial(
            write_seconds,
            student,
            prompt=work.asked_tokens,
            rows=rows,
            weight_bytes=4,
            hardware=hardware,
            assumed=assumed,
            launched=True,
        )
        total = _both(seconds, asked, work.answered).times(work.heads)
    if config.evaluation.teacher:
        as_sampled = work._replace(calls=asked)
        total = total.plus(_sampling_seconds(config, as_sampled, teacher, hardware, assumed))
    return total


def _both(seconds: Callable[..., float], texts: Range, written: Range) -> Range:
    return Range(*(seconds(texts=n, written=t) for n, t in zip(texts, written, strict=True)))


def _teacher_bytes(
    config: RunConfig, work: Workload, teacher: Shape | None, assumed: Assumptions
) -> float:
    if teacher is None:
        return 0.0
    size = _weight_bytes(config.teacher)
    positions = _rows(config, work, assumed) * (work.prompt + work.written.expected)
    return teacher.parameters * size + positions * teacher.cached * size


def _training_bytes(
    config: RunConfig, work: Workload, student: Shape | None
) -> tuple[float, float]:
    """Return the bytes of training, and those of weights, gradients and moments alone."""
    if student is None:
        return 0.0, 0.0
    copied = 0 if config.training.precision == "float32" else 2
    if lora := config.student.lora:
        adapters = student.adapters(lora.rank)
        frozen = 4.0 if lora.base == "full" else 0.55
        weights = student.parameters * (frozen + copied) + 16 * adapters
    else:
        weights = student.parameters * (16.0 + copied)
    tokens = config.training.batch_tokens / config.training.accumulation
    kept = 4.0 * student.width * student.layers  # what a layer begins with, in float32
    if not config.training.gradient_checkpointing:
        ends = student.of_a_token(student.linear, student.linear_encoder, work.target)
        kept = KEPT_BYTES * ends
    logits = 10 * student.vocabulary * work.target
    return weights + tokens * (kept + logits), weights


def _disk(
    config: RunConfig, work: Workload, teacher: Shape | None, student: Shape | None
) -> dict[str, float]:
    models = {config.teacher.model: teacher, config.student.model: student}
    fetched = [shape.parameters for name, shape in models.items() if shape and _on_the_hub(name)]
    weights = student.parameters if student else 0
    # a sample's text: as completion (with its ids), as rationale, as example, in the report
    rows = work.calls.expected * (ROW_BYTES + work.written.expected * (4 * 4 + 7))
    found = {"downloads": 2.0 * sum(fetched), "rows": rows, "students": 4.0 * weights * work.models}
    if config.training.save_every is not None and student is not None:
        lora = config.student.lora
        trained = student.adapters(lora.rank) if lora else weights
        found["checkpoints"] = 2 * 12.0 * trained
    return found


def _on_the_hub(model: str) -> bool:
    return model not in EMBEDDED and not Path(model).is_dir()


def _price(config: RunConfig, work: Workload) -> Range | None:
    price = config.budget.prices.get(config.teacher.model) if config.budget.prices else None
    if price is None:
        return None
    # a teacher that is measured beside its students is paid for the suites' questions as well
    asked = work.asked if config.evaluation.teacher else 0.0
    calls = work.calls.plus(Range(asked, asked))
    read = calls.times(work.prompt * price.prompt / 1e6)
    return read.plus(calls.each(work.written).times(price.completion / 1e6))
