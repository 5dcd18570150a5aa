import pytest

from cotkd.evaluation.results import (
    Comparison,
    DataCounts,
    Interval,
    Results,
    SuiteScore,
    Vote,
)
from cotkd.evaluation.statistics import proportion
from cotkd.report import wording
from cotkd.report.wording import (
    arms,
    asked,
    comparisons,
    count,
    denominator,
    duration,
    findings,
    p_value,
    percent,
    points,
    points_interval,
    size,
    suites,
)


def scored(correct: int, n: int = 100) -> SuiteScore:
    return SuiteScore(**dict(proportion(correct, n)))


def gain(suite: str, difference: float) -> Comparison:
    ci95 = Interval(difference - 0.1, difference + 0.1)
    return Comparison(
        a="student", b="baseline", suite=suite, difference=difference, ci95=ci95, p_value=0.0004
    )


RUN = Results(
    scores={
        "teacher": {"in": scored(90), "far": scored(70)},
        "other": {"in": scored(50)},
        "baseline": {"in": scored(20), "far": scored(15)},
        "student": {"in": scored(60), "far": scored(20)},
    },
    comparisons=(gain("far", 0.05), gain("in", 0.4)),
)


@pytest.mark.parametrize(
    ("shown", "expected"),
    [
        (percent(0.5236), "52.4%"),
        (points(0.342), "+34.2"),
        (points(-0.342), "−34.2"),
        (points(-0.0001), "0.0"),
        (points(0.0001), "0.0"),
        (points_interval(Interval(-0.1, 0.2)), "−10.0 to +20.0"),
        (p_value(0.0009999), "< 0.001"),
        (p_value(0.05), "0.050"),
        (p_value(1.0), "1.000"),
        (count(1234567), "1,234,567"),
        (size(2_512_384), "2.51 M parameters"),
        (size(641), "641 parameters"),
        (size(None), "size unknown"),
        (duration(8.24), "8.2 s"),
        (duration(59.97), "1 min 00 s"),
        (duration(185), "3 min 05 s"),
        (duration(7620), "2 h 07 min"),
    ],
)
def test_numbers_are_written_the_way_people_read_them(shown, expected):
    assert shown == expected


def test_student_comes_first_and_suites_keep_the_order_they_were_run_in():
    assert arms(RUN) == ["student", "baseline", "teacher", "other"]
    assert suites(RUN) == ["in", "far"]
    assert [row.suite for row in comparisons(RUN)] == ["in", "far"]


def test_the_finding_names_student_baseline_teacher_and_the_gain():
    first, second = findings(RUN)
    assert first.startswith("On in the student answers 60.0%")
    for part in (
        "of 100 questions",
        "baseline 20.0%",
        "+40.0 points",
        "p < 0.001",
        "reaches 90.0%",
    ):
        assert part in first
    assert "+5.0 points (far)" in second
    assert "above zero on 0 of 1 suites" in second


def test_a_run_without_students_reports_its_vote():
    vote = Vote(k=4, majority=proportion(8, 10), any_of_k=proportion(9, 10))
    data = DataCounts(sampled=40, correct=20, wrong=15, unparsed=5, vote=vote)
    text = " ".join(findings(Results(data=data)))
    assert "20 of 40" in text
    assert "5 could not be read" in text
    assert "right on 80.0%" in text


def test_an_empty_run_claims_nothing():
    assert findings(Results()) == []


def test_a_run_of_the_teacher_alone_is_worded():
    assert findings(Results(scores={"teacher": {"in": scored(90)}})) == [
        "On in the teacher answers 90.0% (82.6 – 94.5) of 100 questions correctly."
    ]


def test_pooled_scores_name_the_questions_once_and_the_seeds():
    pooled = scored(180, 300).model_copy(update={"seeds": (0.6, 0.5, 0.7)})
    (sentence,) = findings(Results(seeds=(0, 1, 2), scores={"student": {"in": pooled}}))
    assert "of 100 questions correctly (mean of 3 seeds)" in sentence
    assert denominator(300, pooled.seeds) == "100 × 3"
    assert denominator(300, None) == "300"


def test_every_arm_that_was_asked_another_number_is_named():
    first, other = scored(50), scored(5, 20)
    assert asked([("student", first), ("teacher", first)]) == "n = 100"
    assert asked([("student", first), ("other", other), ("far", None)]) == "n = 100; other 20"
    pooled = first.model_copy(update={"seeds": (0.5, 0.5)})
    assert asked([("student", pooled)]) == "n = 50 × 2 seeds"


def test_a_comparison_says_where_its_interval_comes_from_where_little_differs() -> None:
    said = wording.tests(RUN.comparisons)
    assert said.startswith("paired bootstrap of questions (Tango's score interval if fewer than")
