"""Completion rows for tests of the store."""

from cotkd.types import Completion


def completion(number: int, text: str = "3*4=<<3*4=12>>12\n#### 12") -> Completion:
    return Completion(
        question_id=f"q-{number // 4:05d}",
        stream="stream",
        sample_index=number % 4,
        text=text,
        finish_reason="stop",
        teacher="teacher",
        elicitation="plain",
        prompt_tokens=3,
        completion_tokens=5,
        seed=number,
    )


def lines(*rows: Completion) -> bytes:
    return b"".join(row.to_json().encode() + b"\n" for row in rows)
