from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_predictions
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import Results
from cotkd.evaluation.run import evaluate, read_suite
from cotkd.evaluation.runs import compare_runs
from cotkd.store.rows import write_json
from tests.evaluation.rows import judge, questions


def make(path: Path, right: int, *, asked=None, seed: int = 0, suite: str = "s") -> Results:
    def answer(rows):
        return [q.answer if i < right else "no" for i, q in enumerate(rows)]

    scores = evaluate(
        answer, {suite: asked or questions(10)}, verify=judge, out=path / "evaluation"
    )
    results = Results(recipe="r", seed=seed, scores={"student": scores})
    write_json(path / "results.json", results.dump())
    return results


def make_seeds(path: Path, rights: dict[int, int]) -> None:
    each = [make(path / f"seed-{seed}", n, seed=seed) for seed, n in rights.items()]
    write_json(path / "results.json", pool(each).dump())


def test_each_run_is_compared_with_the_first_as_arms_are(tmp_path):
    for name, right in (("a", 4), ("b", 7), ("c", 2)):
        make(tmp_path / name, right)
    found = compare_runs(*(tmp_path / name for name in "abc"), draws=100)
    assert [(row.a, row.b) for row in found.comparisons] == [("b", "a"), ("c", "a")]
    rows = [read_suite(tmp_path / name / "evaluation", "student", "s") for name in "ba"]
    assert found.comparisons[0] == compare_predictions(
        *rows, names=("b", "a"), suite="s", draws=100
    )
    assert [run.scores["s"].accuracy for run in found.runs] == [0.4, 0.7, 0.2]


@pytest.mark.parametrize(
    "other",
    [
        questions(8),
        questions(10, "p"),
        [q.model_copy(update={"text": "changed"}) if q.id == "q3" else q for q in questions(10)],
    ],
    ids=["fewer", "other ids", "one text changed"],
)
def test_runs_with_different_questions_are_refused(tmp_path, other):
    make(tmp_path / "a", 4)
    make(tmp_path / "b", 7, asked=other)
    with pytest.raises(DataError, match="b and a asked different questions of 's'") as caught:
        compare_runs(tmp_path / "a", tmp_path / "b")
    assert "--allow-different-questions" in str(caught.value)


def test_shared_questions_are_compared_when_allowed_and_the_reader_is_told(tmp_path):
    make(tmp_path / "a", 4)
    make(tmp_path / "b", 7, asked=questions(8))
    found = compare_runs(tmp_path / "a", tmp_path / "b", allow_different=True, draws=50)
    assert found.comparisons[0].n == 8
    assert found.notes == ("b − a on s: only the 8 shared questions",)


def test_runs_over_the_same_seeds_are_compared_over_seeds(tmp_path):
    make_seeds(tmp_path / "a", {0: 3, 1: 5})
    make_seeds(tmp_path / "b", {0: 6, 1: 7})
    found = compare_runs(tmp_path / "a", tmp_path / "b", draws=50)
    assert found.comparisons[0].seeds == pytest.approx((0.3, 0.2))
    assert found.comparisons[0].test == "t_over_seeds"
    assert found.runs[0].seeds == (0, 1)


def test_runs_over_different_seeds_are_refused(tmp_path):
    make_seeds(tmp_path / "a", {0: 3, 1: 5})
    make(tmp_path / "b", 5)
    with pytest.raises(DataError, match=r"different seeds \(\[0, 1\] and \[0\]\)"):
        compare_runs(tmp_path / "a", tmp_path / "b")


def test_runs_of_one_name_are_told_apart_by_their_parents(tmp_path):
    make(tmp_path / "x" / "run", 3)
    make(tmp_path / "y" / "run", 5)
    found = compare_runs(tmp_path / "x" / "run", tmp_path / "y" / "run", draws=50)
    assert [run.name for run in found.runs] == ["x/run", "y/run"]


def test_runs_without_a_common_suite_are_refused(tmp_path):
    make(tmp_path / "a", 3)
    make(tmp_path / "b", 3, suite="t")
    with pytest.raises(DataError, match="a and b have no suite in common"):
        compare_runs(tmp_path / "a", tmp_path / "b")


def test_a_run_without_answers_of_the_arm_is_named(tmp_path):
    make(tmp_path / "a", 3)
    make(tmp_path / "b", 3)
    with pytest.raises(DataError, match="holds no answers of the teacher"):
        compare_runs(tmp_path / "a", tmp_path / "b", arm="teacher")


def test_one_run_or_the_same_twice_is_no_comparison(tmp_path):
    make(tmp_path / "a", 3)
    with pytest.raises(DataError, match="two or more"):
        compare_runs(tmp_path / "a")
    with pytest.raises(DataError, match="with itself"):
        compare_runs(tmp_path / "a", tmp_path / "x" / ".." / "a")
