from cotkd.evaluation.results import (
    Calibration,
    CalibrationBin,
    Estimate,
    Latency,
    Results,
    SampledAnswers,
)
from cotkd.evaluation.run import score
from cotkd.evaluation.statistics import proportion
from cotkd.report.probes import MEASURES, measure_name, part_tables, probe_tables
from tests.evaluation.rows import predictions

PLAIN = score(predictions([1, 0, 1, 1]))


def results(**fields) -> Results:
    return Results(
        scores={
            "student": {"a": PLAIN.model_copy(update=fields), "b": PLAIN},
            "baseline": {"a": PLAIN},
        }
    )


def test_what_was_not_asked_for_has_no_table():
    assert list(probe_tables(results())) == []
    assert list(part_tables(results())) == []


def test_measures_are_in_words_with_interval_and_n():
    measures = {
        "swap_kept": Estimate(value=0.25, ci95=(0.1, 0.5), n=40),
        "early_50": Estimate(value=0.5, ci95=(0.25, 0.75), n=12),
        "early_0": Estimate(value=0.0, ci95=(0.0, 0.2), n=12),
        "las": Estimate(value=None, n=9),
    }
    (table,) = probe_tables(results(faithfulness=measures))
    assert table.columns == ("measure", "student")
    assert table.rows == (
        (MEASURES["las"], "– (9)"),
        ("same answer after 0 % of the rationale", "0.0 [0.0, 20.0] (12)"),
        ("same answer after 50 % of the rationale", "50.0 [25.0, 75.0] (12)"),
        (MEASURES["swap_kept"], "25.0 [10.0, 50.0] (40)"),
    )
    assert measure_name("early_75") == "same answer after 75 % of the rationale"


def test_votes_and_times_have_a_table_each():
    curve = Calibration(ece=0.125, bins=(CalibrationBin(share=1.0, accuracy=0.875, n=4),))
    sampled = SampledAnswers(
        k=4,
        temperature=0.7,
        majority=proportion(3, 4),
        pass_at={"1": 0.5, "4": 1.0},
        calibration=curve,
    )
    time = Latency(median=0.25, p95=0.5, mean=0.3, n=10)
    votes, times = probe_tables(results(sampled=sampled, latency=time))
    assert votes.rows == (("a", "student", "75.0 [30.1–95.4]", "–", "50.0", "100.0", "12.5"),)
    assert "4 answers per question at temperature 0.7" in votes.caption
    assert times.rows == (("a", "student", "0.250", "0.500", "10"),)


def test_parts_are_shown_for_all_arms():
    (table,) = part_tables(results(by={"steps": {"2": proportion(1, 2), "3": proportion(2, 2)}}))
    assert table.columns == ("steps", "n", "student", "baseline")
    assert [row[:2] for row in table.rows] == [("2", "2"), ("3", "2")]
    assert table.rows[0][3] == "–"
