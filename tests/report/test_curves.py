import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.report.curves import panels, round_ticks
from cotkd.report.run import Curve


def test_losses_become_lines_on_common_axes_that_begin_at_zero():
    (panel,) = panels(
        {"student": Curve([(0, 4.0), (10, 1.0)], []), "baseline": Curve([(0, 2.0), (5, 2.0)], [])}
    )
    assert [line.path for line in panel.lines] == [
        "M0.0,0.0L1000.0,225.0",
        "M0.0,150.0L500.0,150.0",
    ]
    assert [line.last for line in panel.lines] == ["1", "2"]
    assert (panel.values[0].label, panel.values[-1].label) == ("0", "4")
    assert (panel.steps[0].label, panel.steps[-1].label) == ("0", "10")


def test_members_have_a_line_each_in_the_colour_of_their_arm():
    line = [(1, 2.0), (2, 1.0)]
    curves = {name: Curve(line, []) for name in ("student/decomposer", "student/solver")}
    (panel,) = panels(curves)
    assert [(x.name, x.series, x.member) for x in panel.lines] == [
        ("student decomposer", "student", 0),
        ("student solver", "student", 1),
    ]


def test_development_scores_have_a_panel_of_their_own():
    losses, scores = panels({"student": Curve([(1, 2.0), (9, 1.0)], [(5, 0.2), (9, 0.5)])})
    assert losses.title.startswith("Loss")
    assert (scores.lines[0].last, scores.values[-1].label) == ("50.0%", "50.0%")


@pytest.mark.parametrize(
    "losses", [[], [(0, 1.0)], [(0, float("nan")), (1, float("inf"))]], ids=["none", "one", "nan"]
)
def test_too_few_losses_have_no_line(losses):
    assert panels({"student": Curve(losses, [])}) == []
    assert panels({}) == []


@given(st.floats(1e-9, 1e9))
def test_ticks_are_few_evenly_spaced_and_reach_the_highest_value(high):
    ticks = round_ticks(high)
    assert 2 <= len(ticks) <= 6
    assert ticks[0] == 0
    assert ticks[-1] >= high * (1 - 1e-6)
    assert ticks[-2] < high * (1 + 1e-6)


def test_a_flat_line_at_zero_has_an_axis():
    assert round_ticks(0.0) == [0.0, 1.0]
