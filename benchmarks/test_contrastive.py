"""Contrastive decoding against plain, and contrastive scoring against two passes of the engine.

The embedded teacher, questions of MicroGSM, one thread, CPU time of this process. Each pair takes
turns, so that both sides see the same machine; ratios are of medians over the rounds.
"""

import statistics
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.filters.contrastive import Contrastive as Growth
from cotkd.questions.load import load_questions
from cotkd.teachers.base import Request, load_teacher
from cotkd.teachers.elicitation import Contrastive
from cotkd.types import Question, Rationale, Verdict

ROUNDS = 3
QUESTIONS = 64
WEIGHED = 24
SAMPLES = 4
GREEDY = Sampling(temperature=0.0, max_tokens=96, stop=("\n\nQ:",))


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return load_questions("microgsm:train", limit=QUESTIONS)


@pytest.fixture(scope="module")
def engine() -> Iterator[Any]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with load_teacher("microgsm-teacher", device="cpu") as opened:
        yield opened
    torch.set_num_threads(threads)


def complete(engine: Any, requests: list[Request], sampling: Sampling) -> list[Any]:
    plan = engine.batches(requests, sampling)
    return [
        one for rows in plan for one in engine.complete([requests[row] for row in rows], sampling)
    ]


def ratio(one: Callable[[], Any], other: Callable[[], Any]) -> tuple[float, float]:
    """Return median CPU seconds of both, measured by turns after a first call of each."""
    one(), other()
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for call, times in zip((one, other), seconds, strict=True):
            start = time.process_time()
            call()
            times.append(time.process_time() - start)
    return statistics.median(seconds[0]), statistics.median(seconds[1])


def test_decoding(benchmark, engine: Any, questions: list[Question]) -> None:
    """λ = 1e-9 reads both contexts at every step and writes the texts of greedy decoding."""
    asking = Contrastive(strength=1e-9)
    requests = [asking.request(question, seed=0) for question in questions]
    plain = [request._replace(contrast=None) for request in requests]
    strong = [Contrastive(strength=0.5).request(question, seed=0) for question in questions]
    made = complete(engine, plain, GREEDY)
    tokens = sum(one.tokens for one in made)
    assert sum(one.tokens for one in complete(engine, requests, GREEDY)) == pytest.approx(
        tokens, rel=0.01
    )
    both, alone = ratio(
        lambda: complete(engine, requests, GREEDY), lambda: complete(engine, plain, GREEDY)
    )
    half = sum(one.tokens for one in complete(engine, strong, GREEDY))
    benchmark.pedantic(lambda: complete(engine, requests, GREEDY), rounds=1)
    benchmark.extra_info |= {"ratio": both / alone, "tokens": tokens, "tokens_at_half": half}
    print(f"\ncontrastive / plain greedy: {both:.2f} s / {alone:.2f} s = {both / alone:.2f}")
    print(f"tokens: {tokens} plain, {half} with strength 0.5")
    assert both / alone <= 2.3


@pytest.fixture(scope="module")
def rationales(questions: list[Question]) -> list[Rationale]:
    """To each question its gold solution and those of the next ones: the length is what counts."""
    some = questions[:WEIGHED]
    return [
        Rationale(
            question_id=question.id,
            stream="s",
            sample_index=sample,
            text=str(some[(number + sample) % len(some)].rationale),
            verdict=Verdict(status="correct"),
            teacher="t",
            elicitation="plain",
        )
        for number, question in enumerate(some)
        for sample in range(SAMPLES)
    ]


def test_scoring(
    benchmark, engine: Any, questions: list[Question], rationales: list[Rationale]
) -> None:
    """The filter with one other answer, against scoring the same tokens in either context."""
    by_id = {question.id: question for question in questions}
    chosen = Growth(shown=0)
    contexts = [chosen._contexts(row, by_id[row.question_id]) for row in rationales]
    texts = [f" {row.text}" for row in rationales]

    def twice() -> None:
        for side in (0, 1):
            engine.score([prompts[side] for prompts in contexts], texts)

    def apart() -> None:
        """Each row with its prompt, as where no prompt is shared."""
        for side in (0, 1):
            for start in range(SAMPLES):
                rows = slice(start, None, SAMPLES)
                engine.score([prompts[side] for prompts in contexts[rows]], texts[rows])

    def growth() -> Any:
        return chosen.weigh(rationales, by_id, engine)

    weighing, two = ratio(growth, twice)
    _, unshared = ratio(growth, apart)
    benchmark.pedantic(growth, rounds=1)
    benchmark.extra_info |= {"ratio": weighing / two, "unshared_ratio": weighing / unshared}
    print(f"\ncontrastive scoring / two passes: {weighing:.2f} s / {two:.2f} s = ", end="")
    print(f"{weighing / two:.2f}; / two passes without shared prompts: {weighing / unshared:.2f}")
    assert weighing / two <= 1.15
