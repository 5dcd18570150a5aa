"""Asking a decomposer and a solver: a batch against one question after another, and plain CoT.

Two copies of the embedded decoder student, trained for a short while on gold sub-questions so that
their dialogues have the usual shape; 64 questions of MicroGSM, one thread, CPU time of a process.
Plain CoT is the same model's decoding of as many tokens for each question as its dialogue has, with
all questions in one batch.
"""

import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest

from cotkd.asking.dialogue import dialogues
from cotkd.decoding.loop import Decoder, evaluating
from cotkd.decoding.sampling import Sampling
from cotkd.methods.socratic import Socratic
from cotkd.questions.load import load_questions
from cotkd.students.load import load_student
from cotkd.students.student import Part, Student
from cotkd.training.members import train_members
from cotkd.training.settings import Training
from cotkd.types import Question

QUESTIONS, TRAINED, TOKENS, MOST = 64, 200, 150_000, 160
METHOD = Socratic(data="gold")


@pytest.fixture(scope="module", autouse=True)
def one_thread() -> Iterator[None]:
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(scope="module")
def questions() -> list[Question]:
    return load_questions("microgsm:test", limit=QUESTIONS)


@pytest.fixture(scope="module")
def student() -> Student:
    rows = load_questions("microgsm:train", limit=TRAINED)
    examples = METHOD.examples({row.id: row for row in rows}, [], architecture="decoder")
    parts = {
        member.name: Part(load_student("microgsm-student"), member.tasks)
        for member in METHOD.members
    }
    own = {
        name: [example for example in examples if example.task in part.tasks]
        for name, part in parts.items()
    }
    settings = Training(processed_tokens=TOKENS, batch_tokens=2048, learning_rate=1.5e-3)
    trained, _ = train_members(parts, own, settings)
    return trained


def least(call: Callable[[], Any], rounds: int = 3) -> tuple[float, Any]:
    """Return the least CPU seconds of a call after a first one, and what it returns."""
    result = call()
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        call()
        seconds.append(time.process_time() - start)
    return min(seconds), result


def converse(student: Student, questions: list[Question]) -> list[list[str]]:
    said = dialogues(student, METHOD.prompting, questions, MOST)
    return [[reply.text for reply in replies] for replies in said]


def tokens_of(student: Student, said: list[str]) -> int:
    """Return the tokens of a dialogue's replies, end tokens included."""
    return sum(
        len(student.tokenizer(reply, add_special_tokens=False)["input_ids"]) + 1 for reply in said
    )


def test_asking(benchmark, student: Student, questions: list[Question]) -> None:
    """Batched against one by one, and against one batch of plain CoT of as many tokens."""
    together, said = least(lambda: converse(student, questions))
    apart, alone = least(
        lambda: [converse(student, [question])[0] for question in questions],
        1,
    )
    same = sum(one == other for one, other in zip(said, alone, strict=True))
    limits = np.array([tokens_of(student, replies) for replies in said])
    decoder = Decoder(student.model, student.tokenizer)
    decoder.end_tokens = []
    prompts = decoder.encode([f"{question.text} ###" for question in questions])
    greedy = Sampling(temperature=0.0, max_tokens=int(limits.max()))

    def plain() -> list[Any]:
        with evaluating(student.model):
            return decoder._decode(
                prompts, sampling=greedy, seeds=None, contrasts=None, opening=(), limits=limits
            )

    cot, written = least(plain)
    assert sum(one.tokens for one in written) == limits.sum()
    benchmark.pedantic(lambda: converse(student, questions), rounds=1)
    benchmark.extra_info |= {"one_by_one": apart / together, "plain": together / cot}
    turns = sum(map(len, said)) / len(said)
    print(
        f"\n{limits.sum()} tokens, {turns:.1f} replies a question, {same} of {len(said)} the same"
    )
    print(f"one by one / batched: {apart:.2f} s / {together:.2f} s = {apart / together:.1f}")
    print(f"batched / plain CoT: {together:.2f} s / {cot:.2f} s = {together / cot:.2f}")
    assert same >= 0.95 * len(said)
    assert apart / together >= 5
    assert together / cot <= 1.8
