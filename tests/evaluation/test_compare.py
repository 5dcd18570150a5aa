import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_arms, compare_over_seeds, compare_predictions
from cotkd.evaluation.run import evaluate
from cotkd.evaluation.statistics import mcnemar_exact
from tests.evaluation.rows import judge, predictions, questions

NAMES = ("student", "baseline")


@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=30))
def test_swapping_the_two_flips_the_sign_and_keeps_the_p_value(pairs):
    a, b = (predictions(side) for side in zip(*pairs, strict=True))
    there = compare_predictions(a, b, names=NAMES, suite="s", draws=50)
    back = compare_predictions(b, a, names=NAMES[::-1], suite="s", draws=50)
    assert there.difference == pytest.approx((there.only_a - there.only_b) / there.n)
    assert (back.difference, back.p_value) == (-there.difference, there.p_value)
    assert (back.only_a, back.only_b) == (there.only_b, there.only_a)
    assert there.p_value == mcnemar_exact(there.only_a, there.only_b)


def test_only_shared_questions_are_compared_whatever_their_order():
    a, b = predictions([1, 1, 0, 1]), predictions([0, 1, 1], first=1)
    found = compare_predictions(a, b[::-1], names=NAMES, suite="s", draws=50)
    assert (found.n, found.only_a, found.only_b) == (3, 1, 1)


def test_predictions_without_a_shared_question_are_refused():
    with pytest.raises(DataError, match="student and baseline share no question of suite 's'"):
        compare_predictions(predictions([1]), predictions([1], first=1), names=NAMES, suite="s")


def test_different_gold_answers_to_one_question_are_refused():
    a, b = predictions([1]), predictions([1])
    verdict = b[0].verdict.model_copy(update={"expected": "99"})
    b = [b[0].model_copy(update={"verdict": verdict})]
    with pytest.raises(DataError, match=r"different gold answers to question 'q0' .*\(0 and 99\)"):
        compare_predictions(a, b, names=NAMES, suite="s")


def test_arms_are_compared_suite_by_suite_in_the_order_asked_for(tmp_path):
    suites = {"a": questions(4), "b": questions(6)}
    for arm, text in (("student", None), ("baseline", "no"), ("teacher", None)):
        evaluate(
            lambda asked, text=text: [text or q.answer for q in asked],
            suites,
            verify=judge,
            out=tmp_path,
            label=arm,
        )
    found = compare_arms(tmp_path, suites=["b", "a", "absent"], draws=50)
    assert [(row.a, row.b, row.suite) for row in found] == [
        ("student", "baseline", "b"),
        ("student", "baseline", "a"),
        ("student", "teacher", "b"),
        ("student", "teacher", "a"),
    ]
    assert [row.difference for row in found] == [1, 1, 0, 0]


def test_absent_arms_are_left_out(tmp_path):
    evaluate(lambda asked: ["no"] * 3, {"a": questions(3)}, verify=judge, out=tmp_path)
    assert compare_arms(tmp_path) == ()


@pytest.mark.parametrize("seeds", [1, 2])
def test_questions_of_one_cluster_show_nothing_of_other_clusters(seeds):
    a, b = predictions([1] * 20), predictions([0] * 20)
    clusters = {row.question_id: "template-1" for row in a}
    found = compare_over_seeds([a] * seeds, [b] * seeds, names=NAMES, suite="s", clusters=clusters)
    assert (found.difference, found.p_value, found.clusters) == (1.0, 1.0, 1)
    assert (found.ci95, found.detectable) == ((-1.0, 1.0), None)
