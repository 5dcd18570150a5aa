import pytest

from cotkd.evaluation.results import Results, SuiteScore
from cotkd.evaluation.statistics import proportion, t_interval, wilson
from cotkd.report.headline import headline, headline_arms, together


def scored(correct: int, n: int) -> SuiteScore:
    return SuiteScore(**dict(proportion(correct, n)))


def seeded(accuracies: tuple[float, ...], n: int) -> SuiteScore:
    correct = round(sum(accuracies) * n / len(accuracies))
    return scored(correct, n).model_copy(update={"seeds": accuracies})


def test_every_question_of_the_other_suites_counts_once():
    found = together([scored(10, 100), scored(20, 40)])
    assert (found.correct, found.n) == (30, 140)
    assert found.ci95 == wilson(30, 140)


def test_over_seeds_the_interval_is_of_each_seeds_share_of_all_questions():
    found = together([seeded((0.5, 0.7), 200), seeded((0.1, 0.3), 600)])
    assert found.seeds == pytest.approx((0.2, 0.4))
    low, high = t_interval((0.2, 0.4))
    assert found.ci95 == pytest.approx((max(0, low), min(1, high)))


def test_seeds_that_agree_do_not_make_the_mean_exact():
    found = together([seeded((0.5, 0.5), 200), seeded((0.1, 0.1), 200)])
    low, high = found.ci95
    assert high - low > 0.05


def test_the_plot_has_the_first_suite_and_the_rest_together():
    scores = {
        "student": {"in": scored(60, 100), "far": scored(5, 50), "further": scored(1, 50)},
        "student:explain": {"in": scored(50, 100)},
        "teacher": {"in": scored(90, 100), "far": scored(40, 50)},
    }
    results = Results(scores=scores)
    assert headline_arms(results) == ["student", "teacher"]
    (group,) = headline(results)
    assert [(row.label, row.note) for row in group.rows] == [
        ("In distribution", "in, n = 100"),
        ("Other suites", "far, n = 50"),  # the teacher did not answer the third
    ]
    assert [point.value for point in group.rows[1].points] == ["10.0%", "80.0%"]


def test_a_run_without_scores_has_no_headline():
    assert headline(Results()) == []
    assert headline_arms(Results()) == []
