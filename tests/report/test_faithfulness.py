from cotkd.evaluation.results import Estimate, Interval, Results, SuiteScore
from cotkd.evaluation.statistics import proportion
from cotkd.report.faithfulness import (
    SIGNED,
    faithful_arms,
    faithful_axis,
    faithful_groups,
    in_order,
)
from cotkd.report.probes import MEASURES, measure_name


def scored(**measures: Estimate) -> SuiteScore:
    return SuiteScore(**dict(proportion(5, 10)), faithfulness=measures)


def estimate(value: float, low: float, high: float, n: int = 8) -> Estimate:
    return Estimate(value=value, ci95=Interval(low, high), n=n)


RESULTS = Results(
    scores={
        "student": {
            "in": scored(
                swap_followed=estimate(0.9, 0.8, 1.0),
                early_50=estimate(0.25, 0.1, 0.4),
                perturbed_accuracy=estimate(-0.2, -0.33, -0.1),
                own_measure=Estimate(value=None, n=3),
            ),
            "far": scored(),
        },
        "baseline": {"in": scored()},
    }
)


def test_measures_have_a_row_each_in_a_fixed_order_with_interval_and_n():
    (group,) = faithful_groups(RESULTS)
    assert group.title == "in"
    assert [(row.label, row.note) for row in group.rows] == [
        (measure_name("early_50"), "n = 8"),
        (MEASURES["perturbed_accuracy"], "n = 8"),
        (MEASURES["swap_followed"], "n = 8"),
        (measure_name("own_measure"), "n = 3"),
    ]
    shown = [[p and (p.value, p.interval) for p in row.points] for row in group.rows]
    assert shown == [
        [("25.0%", "10.0 – 40.0")],
        [("−20.0", "−33.0 to −10.0")],
        [("90.0%", "80.0 – 100.0")],
        [None],
    ]


def test_the_axis_holds_negative_differences_and_all_shares():
    axis = faithful_axis(RESULTS)
    assert axis.low <= -0.33
    assert axis.high == 1
    assert 0 in axis.ticks
    for group in faithful_groups(RESULTS):
        for point in (p for row in group.rows for p in row.points if p):
            assert point.low <= point.x + 0.001
            assert point.x <= point.low + point.width + 0.001


def test_arms_without_a_measure_have_no_column():
    assert faithful_arms(RESULTS) == ["student"]
    assert faithful_groups(Results()) == []


def test_measures_come_as_in_the_terminal():
    known = {"early_50", "early_0", "early_area", "las", "steps_valid", "my_own"}
    assert in_order(known) == ["las", "early_0", "early_50", "early_area", "steps_valid", "my_own"]
    assert set(SIGNED) <= set(MEASURES)
