"""Questions are kept by their pass rate, which wrong rationales make even if they are dropped."""

from __future__ import annotations

from pathlib import Path

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.filters import select
from cotkd.filters.difficulty import Difficulty
from cotkd.store.rows import write_rows
from cotkd.types import Prediction, Rationale
from cotkd.verify import verify
from tests.filters.rows import rationale


def _rows(**right: int) -> list[Rationale]:
    """Ten rationales to each question, so many of which are right."""
    return [
        rationale("So.", "12" if at < count else "13", question=name, sample=at)
        for name, count in right.items()
        for at in range(10)
    ]


@pytest.mark.parametrize("chain", [["difficulty", "correct"], ["correct", "difficulty"]])
def test_the_pass_rate_is_the_same_before_and_after_wrong_ones_are_dropped(
    chain: list[str],
) -> None:
    rows = _rows(easy=10, middle=5, rare=1, common=9, never=0)
    kept, dropped, _, _ = select(rows, chain)
    assert {row.question_id for row in kept} == {"middle", "rare", "common"}
    assert dropped[rows[0].key] == ("difficulty", "too easy")
    assert {row.scores["pass_rate"] for row in kept} == {0.5, 0.1, 0.9}


def test_a_question_without_a_right_answer_is_too_hard() -> None:
    assert set(Difficulty().drop(_rows(never=0), {}).values()) == {"too hard"}
    assert not Difficulty(least=0).drop(_rows(never=0), {})


def test_a_students_pass_rate_comes_from_its_predictions(tmp_path: Path) -> None:
    path = tmp_path / "student.jsonl"
    answers = [("solved", "12"), ("solved", "12"), ("half", "12"), ("half", "13")]
    write_rows(
        path,
        [
            Prediction(
                question_id=name,
                sample_index=at,
                text=answer,
                verdict=verify(answer, "12"),
                suite="s",
            )
            for at, (name, answer) in enumerate(answers)
        ],
    )
    rows = _rows(solved=5, half=10, unseen=5)
    chosen = Difficulty(predictions=path)
    assert {key.question_id for key in chosen.drop(rows, {})} == {"solved"}
    strict = chosen.model_copy(update={"unknown": "drop"})
    reasons = {key.question_id: reason for key, reason in strict.drop(rows, {}).items()}
    assert reasons == {"solved": "too easy", "unseen": "no known pass rate"}


def test_a_missing_file_of_predictions_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl"):
        select(_rows(q=5), [Difficulty(predictions=tmp_path / "none.jsonl")])


def test_a_band_that_keeps_nothing_is_refused() -> None:
    with pytest.raises(SettingError, match="least"):
        Difficulty.parse({"least": 0.9, "most": 0.1})
