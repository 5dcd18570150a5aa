from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_predictions, corrected
from cotkd.evaluation.pool import pool
from cotkd.evaluation.results import Results
from cotkd.evaluation.run import evaluate, read_predictions, suite_file
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
    rows = [
        read_predictions(suite_file(tmp_path / name / "evaluation", "student", "s"))
        for name in "ba"
    ]
    (expected,) = corrected([compare_predictions(*rows, names=("b", "a"), suite="s", draws=100)])
    assert found.comparisons[0] == expected
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
    assert found.notes[0] == "b − a on s: only the 8 shared questions"


def test_runs_over_the_same_seeds_are_compared_over_seeds(tmp_path):
    make_seeds(tmp_path / "a", {0: 3, 1: 5})
    make_seeds(tmp_path / "b", {0: 6, 1: 7})
    found = compare_runs(tmp_path / "a", tmp_path / "b", draws=50)
    row = found.comparisons[0]
    assert row.seeds == pytest.approx((0.3, 0.2))
    assert (row.test, row.n) == ("questions_and_seeds", 20)
    assert found.runs[0].seeds == (0, 1)


def test_runs_over_different_numbers_of_seeds_are_compared_and_the_reader_is_told(tmp_path):
    make_seeds(tmp_path / "a", {0: 3, 1: 5, 4: 4})
    make(tmp_path / "b", 7)
    found = compare_runs(tmp_path / "a", tmp_path / "b", draws=2000)
    row = found.comparisons[0]
    assert row.difference == pytest.approx(0.7 - 0.4)
    assert (row.test, row.n, row.seeds) == ("questions_and_seeds", 10, None)
    assert "different numbers of seeds (a 3, b 1)" in found.notes[-1]
    make(tmp_path / "c", 4)
    alone = compare_runs(tmp_path / "c", tmp_path / "b", draws=2000).comparisons[0]
    assert row.ci95.high - row.ci95.low > alone.ci95.high - alone.ci95.low


def test_other_seeds_are_not_paired(tmp_path):
    make_seeds(tmp_path / "a", {0: 3, 1: 5})
    make_seeds(tmp_path / "b", {2: 3, 3: 5})
    row = compare_runs(tmp_path / "a", tmp_path / "b", draws=50).comparisons[0]
    assert (row.difference, row.seeds, row.n) == (0, None, 10)


def test_one_seed_of_a_run_with_other_questions_is_refused(tmp_path):
    each = [make(tmp_path / "a" / f"seed-{s}", 3, seed=s, asked=questions(10 - s)) for s in (0, 1)]
    pooled = each[0].model_copy(update={"seeds": (0, 1)})
    write_json(tmp_path / "a" / "results.json", pooled.dump())
    make_seeds(tmp_path / "b", {0: 3, 1: 5})
    with pytest.raises(DataError, match=r"different questions of 's' \(10 and 10, 9 the same\)"):
        compare_runs(tmp_path / "b", tmp_path / "a")
    found = compare_runs(tmp_path / "b", tmp_path / "a", allow_different=True, draws=50)
    assert found.comparisons[0].n == 18


def test_questions_of_one_cluster_count_together(tmp_path):
    plain = questions(40)
    made = [q.model_copy(update={"cluster": f"t{i // 4}"}) for i, q in enumerate(plain)]
    for folder, asked in (("plain", plain), ("made", made)):
        for name, right in (("a", 20), ("b", 28)):
            make(tmp_path / folder / name, right, asked=asked)
    one, other = (
        compare_runs(tmp_path / folder / "a", tmp_path / folder / "b", draws=2000).comparisons[0]
        for folder in ("plain", "made")
    )
    assert (one.test, other.test) == ("mcnemar_exact", "sign_flip_exact")
    assert (one.clusters, other.clusters) == (None, 10)
    assert one.difference == other.difference == pytest.approx(0.2)
    assert one.p_value < 0.01 < other.p_value == 0.5  # two templates speak, not eight questions
    assert other.ci95.high - other.ci95.low > 1.5 * (one.ci95.high - one.ci95.low)


def test_p_values_are_corrected_over_the_suites_of_a_pair(tmp_path):
    for name, right in (("a", {"s": 10, "t": 10}), ("b", {"s": 17, "t": 19}), ("c", {"s": 4})):
        scores = {}
        for suite, count in right.items():
            made = make(tmp_path / name, count, asked=questions(20), suite=suite)
            scores |= made.scores["student"]
        results = Results(recipe="r", scores={"student": scores})
        write_json(tmp_path / name / "results.json", results.dump())
    found = compare_runs(*(tmp_path / name for name in "abc"), draws=50)
    by = {(row.a, row.suite): row for row in found.comparisons}
    assert by["b", "s"].p_holm == by["b", "s"].p_value == 2 / 2**7
    assert by["b", "t"].p_holm == 2 * by["b", "t"].p_value
    assert by["c", "s"].p_holm == by["c", "s"].p_value
    assert found.suites == ("s", "t")
    assert found.common == 1
    only = compare_runs(tmp_path / "a", tmp_path / "b", suites=["t"], draws=50)
    assert [row.suite for row in only.comparisons] == ["t"]
    with pytest.raises(DataError, match="no run answered suite 'x': known are s, t"):
        compare_runs(tmp_path / "a", tmp_path / "b", suites=["x"])


def test_a_question_without_an_answer_is_no_shared_one(tmp_path):
    make(tmp_path / "a", 3)
    make(tmp_path / "b", 3)
    path = tmp_path / "b" / "evaluation" / "student" / "s.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(DataError, match=r"different questions of 's' \(9 and 10, 9 the same\)"):
        compare_runs(tmp_path / "a", tmp_path / "b")


def test_an_answer_to_an_unknown_question_is_named(tmp_path):
    make(tmp_path / "a", 3)
    make(tmp_path / "b", 3)
    path = tmp_path / "b" / "evaluation" / "questions" / "s.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[:-1]))
    with pytest.raises(DataError, match=r"an answer to question 'q9' of 's', which .* not hold"):
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
