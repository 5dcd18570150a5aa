from cotkd.evaluation.results import (
    Calibration,
    CalibrationBin,
    Latency,
    Results,
    SampledAnswers,
    SuiteScore,
)
from cotkd.evaluation.statistics import proportion
from cotkd.report.further import Cell, further_figures, part_groups


def scored(correct: int, n: int, **more) -> SuiteScore:
    return SuiteScore(**dict(proportion(correct, n)), **more)


def test_parts_of_a_suite_have_a_row_each_with_n_and_a_point_per_arm():
    student = scored(3, 10, by={"steps": {"1": proportion(2, 4), "2": proportion(1, 6)}})
    teacher = scored(9, 10, by={"steps": {"2": proportion(6, 6)}})
    (group,) = part_groups(Results(scores={"student": {"in": student}, "teacher": {"in": teacher}}))
    assert group.title == "in by steps"
    assert [(row.label, row.note) for row in group.rows] == [
        ("1 step", "n = 4"),
        ("2 steps", "n = 6"),
    ]
    assert [[p and p.value for p in row.points] for row in group.rows] == [
        ["50.0%", None],
        ["16.7%", "100.0%"],
    ]


def test_figures_beside_accuracy_keep_their_n():
    first = scored(3, 10, truncated=2, metrics={"tokens_per_answer": 41.25})
    other = scored(1, 20, metrics={"tokens_per_answer": 1234.0})
    results = Results(scores={"student": {"in": first, "far": other}, "teacher": {"in": other}})
    student, teacher = further_figures(results)
    assert student.suites == (("in", "10"), ("far", "20"))
    assert student.rows == (
        ("cut off at the token limit", (Cell("2"), Cell("–"))),
        ("tokens per answer", (Cell("41.2"), Cell("1,234.0"))),
    )
    assert teacher.suites == (("in", "20"),)


def test_several_sampled_answers_are_worth_a_majority_and_a_chance():
    sampled = SampledAnswers(
        k=8,
        temperature=0.7,
        majority=proportion(6, 10),
        pass_at={"1": 0.5, "8": 0.9},
        calibration=Calibration(ece=0.125, bins=(CalibrationBin(share=0.5, accuracy=0.4, n=10),)),
    )
    (table,) = further_figures(Results(scores={"student": {"in": scored(5, 10, sampled=sampled)}}))
    rows = {name: cells[0] for name, cells in table.rows}
    assert rows["majority of 8, temperature 0.7"] == Cell("60.0%", "31.3 – 83.2")
    assert rows["pass@8"] == Cell("90.0%", "of 8 samples")
    assert rows["calibration error of the vote share"] == Cell("0.125")


def test_latency_says_what_the_slow_ones_take():
    latency = Latency(median=0.5, p95=1.25, mean=0.6, n=20)
    (table,) = further_figures(Results(scores={"student": {"in": scored(5, 10, latency=latency)}}))
    shown = (("seconds per answer, median", (Cell("0.5", "95 of 100 within 1.25, n = 20"),)),)
    assert table.rows == shown


def test_operations_have_names():
    parts = {"operation": {"+": proportion(1, 2), "/": proportion(1, 3)}}
    (group,) = part_groups(Results(scores={"student": {"in": scored(1, 3, by=parts)}}))
    assert [row.label for row in group.rows] == ["addition", "division"]


def test_where_nothing_else_was_measured_there_is_no_table():
    results = Results(scores={"student": {"in": scored(1, 2)}})
    assert further_figures(results) == []
    assert part_groups(results) == []
