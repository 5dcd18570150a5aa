"""What the filters do with real questions and recorded solutions."""

import json
from pathlib import Path
from typing import Any

import pytest

from cotkd.filters import select
from cotkd.filters.overlap import Index
from cotkd.questions.load import load_questions
from cotkd.rationales import parse
from cotkd.types import Completion, Question, Rationale
from cotkd.verify import verifier_of, verify


@pytest.fixture(scope="module")
def splits(real_data: Path) -> dict[str, list[Question]]:
    return {
        name: load_questions(f"gsm8k:{name}", path=real_data / "gsm8k")
        for name in ("train", "test")
    }


@pytest.fixture(scope="module")
def recorded(real_data: Path, splits: dict[str, list[Question]]) -> list[Rationale]:
    """The solutions of four samplers to the questions of the test split."""
    path = real_data / "gsm8k" / "example_model_solutions.jsonl"
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    return [
        parse(_completion(name, row[name]["solution"], question), question, verifier=_NUMERIC)
        for row, question in zip(rows, splits["test"], strict=True)
        for name in row
        if name[0].isdigit()
    ]


_NUMERIC = verifier_of("numeric")


def _completion(sampler: str, text: str, question: Question) -> Completion:
    return Completion(
        question_id=question.id,
        stream=sampler,
        sample_index=0,
        text=text,
        finish_reason="stop",
        teacher=sampler,
        elicitation="recorded",
        prompt_tokens=0,
        completion_tokens=0,
    )


def test_ninety_nine_of_a_hundred_gold_solutions_arrive_at_their_answer(
    splits: dict[str, list[Question]],
) -> None:
    for questions in splits.values():
        rows = [
            Rationale(
                question_id=question.id,
                stream="gold",
                sample_index=0,
                text=question.rationale or "",
                answer=question.answer,
                verdict=verify(question.answer, question.answer),
                teacher="gold",
                elicitation="gold",
            )
            for question in questions
        ]
        kept = select(rows, [{"kind": "consistency", "uncheckable": "drop"}]).kept
        assert len(kept) >= 0.985 * len(rows)


def test_the_test_split_overlaps_with_itself_and_hardly_with_the_training_split(
    splits: dict[str, list[Question]],
) -> None:
    index = Index({"gsm8k": splits["test"]})
    assert all(index.find(question.text) for question in splits["test"])
    leaked = [question.id for question in splits["train"] if index.find(question.text)]
    assert leaked == [f"gsm8k-train-{number:05d}" for number in (21, 407, 1315, 5163)]
    solutions = [
        question.id for question in splits["train"] if index.find(question.rationale or "")
    ]
    assert len(solutions) <= 5


@pytest.mark.parametrize(
    ("chosen", "kept"),
    [
        ("consistency", 5056),
        ("length", 4919),
        ("difficulty", 2924),
        ("hint_leak", 5275),
        ("truncated", 5276),
        ({"kind": "diverse", "keep": 2}, 2638),
        ("distinct", 4542),
        ({"kind": "distinct", "terms": "commutative"}, 4280),
    ],
)
def test_of_the_recorded_solutions_so_many_are_kept(
    recorded: list[Rationale], chosen: Any, kept: int
) -> None:
    found = select(recorded, [chosen])
    assert found.funnel.input == 5276
    assert abs(found.funnel.kept - kept) <= 10, found.funnel.as_dict()
    assert not select(found.kept, [chosen]).dropped
