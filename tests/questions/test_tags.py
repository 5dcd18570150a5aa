"""How long a solution is and what it computes, read from the solution."""

import pytest

from cotkd.questions import load_questions, read_files
from cotkd.questions.tags import operations, tags_of
from cotkd.store.rows import write_rows
from cotkd.types import Question

SOLVED = Question(
    id="q",
    text="Ann has 3 boxes of 4 eggs and eats 5. How many are left?",
    answer="7",
    rationale="She has <<3*4=12>>12 eggs.\nLeft are <<12-5=7>>7.",
)


def test_steps_and_operations_follow_from_the_solution() -> None:
    assert tags_of(SOLVED) == {"steps": "2", "operations": "-*"}


def test_without_a_solution_there_is_nothing_to_derive() -> None:
    assert tags_of(Question(id="q", text="How many?", answer="7")) == {}


def test_subquestions_count_where_no_computation_is_written_out() -> None:
    steps = (("Who?", "Ann."), ("When?", "Today."))
    assert tags_of(Question(id="q", text="?", answer="yes", steps=steps)) == {"steps": "2"}


def test_what_the_source_says_stands() -> None:
    question = SOLVED.model_copy(update={"tags": {"steps": "9", "perturbation": "added"}})
    assert tags_of(question) == {"steps": "9", "operations": "-*", "perturbation": "added"}


@pytest.mark.parametrize(
    ("text", "signs"),
    [("3*4", "*"), ("-3+4", "+"), ("(8-2)/3", "-/"), ("5 - 3", "-"), ("2×3÷6", "*/"), ("7", "")],
)
def test_a_sign_before_a_number_is_no_subtraction(text: str, signs: str) -> None:
    assert operations(text) == signs


def test_the_embedded_set_counts_the_steps_that_its_generator_did() -> None:
    for question in load_questions("microgsm:test"):
        assert tags_of(question)["steps"] == str(question.meta["steps"]), question


def test_cluster_and_tags_survive_a_file(tmp_path) -> None:
    rows = [SOLVED.model_copy(update={"cluster": "seed-1", "tags": {"level": "3"}}), SOLVED]
    rows[1] = rows[1].model_copy(update={"id": "other"})
    write_rows(tmp_path / "q.jsonl", rows)
    assert read_files(tmp_path / "q.jsonl") == rows


def test_rows_without_them_are_written_as_before() -> None:
    assert "tags" not in SOLVED.to_json()
    assert "cluster" not in SOLVED.to_json()
