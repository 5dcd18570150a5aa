"""A small run directory: four questions, ten samples, right, wrong and unreadable ones."""

from __future__ import annotations

from pathlib import Path

from cotkd.filters.correct import Correct
from cotkd.filters.distinct import Distinct
from cotkd.stages.curate import curate
from cotkd.store.rows import write_rows
from cotkd.types import Completion, Question
from cotkd.verify import verifier_of

QUESTIONS = {
    f"q{n}": Question(
        id=f"q{n}",
        text=f"Ann has {n} boxes of 3 “eggs”. How many?",
        answer=str(3 * n),
        source="gsm8k",
        split="train",
    )
    for n in (1, 2, 3, 4)
}
TEACHER = "Qwen/Qwen2.5-7B-Instruct"


def solution(n: int, answer: int) -> str:
    return f"{n}*3=<<{n}*3={answer}>>{answer}"


def completion(n: int, index: int, text: str, *, condition: str | None = None) -> Completion:
    return Completion(
        question_id=f"q{n}",
        stream="told" if condition else "abc123",
        sample_index=index,
        text=text,
        finish_reason="stop",
        teacher=TEACHER,
        elicitation="chat",
        condition=condition,
        prompt_tokens=20,
        completion_tokens=10,
    )


COMPLETIONS = [
    # q1: two right in two ways, two wrong; q2: right twice in one way, one wrong; q3: right alone
    completion(1, 0, f"{solution(1, 3)}\n#### 3"),
    completion(1, 1, "She has 3 of 1.\n3+0=<<3+0=3>>3\n#### 3"),
    completion(1, 2, f"{solution(1, 4)}\n#### 4"),
    completion(1, 3, "1+3=<<1+3=5>>5\n#### 5.0"),
    completion(2, 0, f"{solution(2, 6)}\n#### 6"),
    completion(2, 1, f"{solution(2, 6)}\n#### 6.00"),
    completion(2, 2, f"{solution(2, 5)}\n#### 5"),
    completion(3, 0, f"{solution(3, 9)}\n#### 9"),
    completion(4, 0, "I do not know."),
    # written to a wrong answer that the prompt stated: no solution, and no honest mistake
    completion(3, 0, f"{solution(3, 11)}\n#### 11", condition="11"),
]


def write_run(folder: Path) -> Path:
    """Write the directory as `cotkd filter` does, and return it."""
    write_rows(folder / "samples" / "abc123.jsonl", COMPLETIONS)
    curate(
        COMPLETIONS,
        QUESTIONS,
        verifier=verifier_of("numeric"),
        filters=[Correct(), Distinct()],
        folder=folder / "rounds" / "000",
    )
    return folder
