import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.evaluation.results import Comparison, DataCounts, Interval, Results, SuiteScore
from cotkd.evaluation.statistics import proportion
from cotkd.report.figures import (
    SHARES,
    difference_axis,
    difference_point,
    funnel_bars,
    sampled_share,
    share_point,
    suite_groups,
)
from cotkd.report.load import load_run
from cotkd.report.run import Funnel
from tests.evaluation.rows import rationale
from tests.report.example_run import make_run

shares = st.integers(1, 500).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@given(shares)
def test_a_dot_lies_inside_its_interval_and_both_inside_the_axis(pair):
    point = share_point("student", proportion(*pair))
    assert 0 <= point.low <= point.x + 0.001
    assert point.x <= point.low + point.width + 0.002 <= 100.003


def difference(low: float, value: float, high: float) -> Comparison:
    return Comparison(
        a="a", b="b", suite="s", difference=value, ci95=Interval(low, high), p_value=0.5
    )


@given(st.lists(st.tuples(*[st.floats(-1, 1)] * 3).map(sorted), max_size=5))
def test_the_axis_of_differences_holds_zero_and_every_interval(triples):
    rows = [difference(*triple) for triple in triples]
    axis = difference_axis(rows)
    assert axis.low <= 0 <= axis.high
    assert 0 in axis.ticks
    assert 2 <= len(axis.ticks) <= 8
    for row in rows:
        assert axis.low - 1e-9 <= row.ci95.low <= row.ci95.high <= axis.high + 1e-9
        point = difference_point(row, axis)
        assert point.low - 0.001 <= point.x <= point.low + point.width + 0.002


def test_ticks_of_shares_are_where_they_say():
    assert [SHARES.at(tick) for tick in SHARES.ticks] == [0, 25, 50, 75, 100]


def test_each_stage_of_the_funnel_begins_where_the_one_before_ended(tmp_path):
    found = load_run(make_run(tmp_path, questions=30, n=3))
    bars = funnel_bars(found.rounds[0].funnel, found.results.data)
    for before, after in itertools.pairwise(bars):
        assert after.width + after.lost == pytest.approx(before.width, abs=0.002)
        assert after.left + sum(n for _, n in after.dropped) == before.left
    assert bars[-1].left == found.results.data.kept


def test_without_a_funnel_file_the_counts_make_one():
    data = DataCounts(sampled=10, kept=4, dropped={"wrong": 5, "none": 1})
    bars = funnel_bars(None, data)
    assert [(bar.left, bar.width) for bar in bars] == [(10, 100), (4, 40)]
    assert bars[1].dropped == (("wrong", 5), ("none", 1))


def test_nothing_sampled_has_no_funnel():
    assert funnel_bars(None, DataCounts()) == []
    assert funnel_bars(Funnel(input=0, kept=0), DataCounts()) == []


def test_a_suite_that_one_arm_did_not_run_has_a_gap():
    score = SuiteScore(**dict(proportion(1, 2)))
    scores = {"student": {"in": score, "far": score}, "teacher": {"in": score}}
    groups = suite_groups(Results(scores=scores))
    assert [[row.label for row in group.rows] for group in groups] == [["in"], ["far"]]
    assert groups[1].rows[0].points[1] is None


def test_samples_of_one_question_do_not_count_as_independent():
    rows = [rationale(f"q{q}", i, "1" if q % 2 else "2") for q in range(30) for i in range(8)]
    clustered = sampled_share(rows).ci95
    naive = proportion(120, 240).ci95
    assert clustered.high - clustered.low > 1.5 * (naive.high - naive.low)


def test_one_sample_per_question_has_the_wilson_interval():
    rows = [rationale(f"q{q}", 0, "1" if q % 3 else "2") for q in range(30)]
    assert sampled_share(rows) == proportion(20, 30)
