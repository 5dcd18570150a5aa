"""The local engine against the library's own `generate`, on the same prompts, in one run.

The models are the embedded ones, which really end: their texts have the spread of lengths that word
problems have. Sampling at temperature 1, as for rationales; the unit is generated tokens, end token
included, per second of CPU time on one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import torch

from cotkd.decoding.sampling import Sampling
from cotkd.questions.load import load_questions
from cotkd.teachers.base import Request
from cotkd.teachers.transformers import TransformersEngine, TransformersTeacher

SAMPLING = Sampling(max_tokens=192)
SAMPLES = 4
PROMPTS = {"microgsm-teacher": "Q: {}\nA:", "microgsm-student-t5": "{}"}


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _requests(model: str, questions: int) -> list[Request]:
    asked = load_questions("microgsm:test", limit=questions)
    return [
        Request(PROMPTS[model].format(question.text), seed=SAMPLES * number + index)
        for number, question in enumerate(asked)
        for index in range(SAMPLES)
    ]


def _engine(engine: TransformersEngine, requests: Sequence[Request]) -> int:
    """Return the tokens that the engine makes, planning included."""
    plan = engine.batches(requests, SAMPLING)
    batches = (engine.complete([requests[row] for row in rows], SAMPLING) for rows in plan)
    return sum(made.tokens for batch in batches for made in batch)


def _library(engine: TransformersEngine, requests: Sequence[Request], rows: int) -> int:
    """Return the tokens that `generate` makes, in file order, batches padded to the longest."""
    model, tokenizer = engine._decoder.model, engine._decoder.tokenizer
    decoder = engine.architecture == "decoder"
    tokenizer.padding_side = "left" if decoder else "right"
    end, tokens = tokenizer.eos_token_id, 0
    for start in range(0, len(requests), rows):
        prompts = [request.prompt for request in requests[start : start + rows]]
        inputs = tokenizer(prompts, return_tensors="pt", padding=True)
        with torch.inference_mode():
            output = model.generate(
                input_ids=inputs["input_ids"],
                attention_mask=inputs["attention_mask"],
                do_sample=True,
                temperature=1.0,
                top_k=0,
                max_new_tokens=SAMPLING.max_tokens,
            )
        made = output[:, inputs["input_ids"].shape[1] if decoder else 1 :]
        tokenizer.batch_decode(made, skip_special_tokens=True)
        tokens += sum(row.index(end) + 1 if end in row else len(row) for row in made.tolist())
    return tokens


def _rate(make: Callable[[], int]) -> float:
    """Return tokens per second of CPU time, loading and warm-up left out."""
    start = time.process_time()
    tokens = make()
    return tokens / (time.process_time() - start)


def _compare(benchmark: Any, model: str, *, rows: int, questions: int, alone: int) -> float:
    """Return how many times as fast the engine is as `generate` with `rows` in a batch."""
    engine = TransformersTeacher(model=model).open()
    requests = _requests(model, questions)
    fewer = requests[::7][:alone]
    _engine(engine, requests[:8])
    _library(engine, requests[:8], rows=8)
    rates = [_rate(lambda: _library(engine, fewer if alone else requests, rows))]
    benchmark.pedantic(lambda: rates.append(_rate(lambda: _engine(engine, requests))), rounds=2)
    ratio = max(rates[1:]) / rates[0]
    benchmark.extra_info |= {"tokens_per_second": max(rates[1:]), "ratio": ratio}
    print(
        f"\n{model}: {max(rates[1:]):.0f} tokens/s, {rates[0]:.0f} by generate, {ratio:.2f} times"
    )
    return ratio


@pytest.mark.parametrize("rows", [16, 64])
def test_engine_against_batches_in_file_order(benchmark, rows: int) -> None:
    assert _compare(benchmark, "microgsm-teacher", rows=rows, questions=32, alone=0) >= 1.5


def test_engine_against_one_by_one(benchmark) -> None:
    assert _compare(benchmark, "microgsm-teacher", rows=1, questions=32, alone=12) >= 8


def test_encoder_decoder_against_batches_in_file_order(benchmark) -> None:
    assert _compare(benchmark, "microgsm-student-t5", rows=64, questions=32, alone=0) >= 1.2


@pytest.mark.parametrize("model", PROMPTS)
def test_bfloat16_against_float32(benchmark, model: str) -> None:
    """Measured, not asserted: without bf16 arithmetic in the CPU it is a loss."""
    requests = _requests(model, 32)
    rates = {}
    for dtype in ("float32", "bfloat16"):
        engine = TransformersTeacher(model=model, dtype=dtype).open()
        _engine(engine, requests[:8])
        rates[dtype] = _rate(lambda engine=engine: _engine(engine, requests))
    benchmark.pedantic(lambda: None)
    benchmark.extra_info |= rates
    print(f"\n{model}: bfloat16 / float32 = {rates['bfloat16'] / rates['float32']:.2f}")
