from statistics import fmean

import pytest

from cotkd.errors import DataError
from cotkd.evaluation.compare import compare_predictions
from cotkd.evaluation.pool import pool, pool_comparisons
from cotkd.evaluation.results import (
    Calibration,
    CalibrationBin,
    Comparison,
    DataCounts,
    Estimate,
    Interval,
    Latency,
    Results,
    SampledAnswers,
    Tokens,
    TrainingRecord,
)
from cotkd.evaluation.run import evaluate, score
from cotkd.evaluation.statistics import proportion, t_interval
from cotkd.evaluation.vote import vote
from tests.evaluation.rows import judge, predictions, questions, rationale


def one(seed: int, right: int, *, n: int = 20) -> Results:
    student = predictions([i < right for i in range(n)])
    baseline = predictions([i < 4 for i in range(n)])
    row = compare_predictions(student, baseline, names=("student", "baseline"), suite="s", draws=50)
    samples = [rationale("a", i, "1" if i < right else "2") for i in range(3)]
    return Results(
        recipe="r",
        seed=seed,
        data=DataCounts(questions=1, sampled=3, dropped={"wrong": seed}, vote=vote(samples)),
        scores={"student": {"s": score(student)}, "baseline": {"s": score(baseline)}},
        training={
            "student": TrainingRecord(
                processed_tokens=100 + seed, supervised_tokens=50, epochs=1 + seed, steps=3
            )
        },
        comparisons=(row,),
        seconds={"train": 2.0},
        tokens=Tokens(prompt=1, completion=2),
    )


SEEDS = [one(0, 10), one(1, 12), one(2, 14)]


def test_pooled_accuracy_is_the_mean_with_its_interval_over_seeds():
    found = pool(SEEDS).scores["student"]["s"]
    assert found.seeds == (0.5, 0.6, 0.7)
    assert found.accuracy == pytest.approx(fmean(found.seeds))
    assert found.ci95 == pytest.approx(tuple(t_interval(found.seeds)))
    assert (found.n, found.correct) == (60, 36)


def test_pooled_difference_is_the_difference_of_pooled_accuracies():
    pooled = pool(SEEDS)
    row = pooled.comparisons[0]
    scores = [pooled.scores[arm]["s"].accuracy for arm in ("student", "baseline")]
    assert row.difference == pytest.approx(scores[0] - scores[1])
    assert (row.test, row.n) == ("t_over_seeds", 60)
    assert (row.p_value < 0.05) == (row.ci95.low > 0)


def test_differences_count_questions_where_their_answers_are_at_hand(tmp_path):
    folders = []
    for seed, right in ((0, 10), (1, 12), (2, 14)):
        folders.append(tmp_path / str(seed))
        for arm, count in (("student", right), ("baseline", 4)):
            answers = [str(i) if i < count else "no" for i in range(20)]
            evaluate(
                lambda _, answers=answers: answers,
                {"s": questions(20)},
                verify=judge,
                out=folders[-1],
                label=arm,
            )
    row, plain = pool(SEEDS, evaluations=folders).comparisons[0], pool(SEEDS).comparisons[0]
    assert (row.test, row.n) == ("questions_and_seeds", 60)
    assert row.difference == pytest.approx(plain.difference)
    assert row.seeds == pytest.approx(plain.seeds)
    assert row.p_holm == row.p_value


def test_counts_add_up_and_training_describes_one_student():
    pooled = pool(SEEDS)
    assert (pooled.seed, pooled.seeds) == (0, (0, 1, 2))
    assert (pooled.data.sampled, pooled.data.dropped) == (9, {"wrong": 3})
    assert pooled.training["student"].processed_tokens == 101
    assert pooled.training["student"].epochs == 2
    assert (pooled.seconds, pooled.tokens.completion) == ({"train": 6.0}, 6)


def probed(seed: int, followed: float, las: float | None, right: int) -> Results:
    plain = one(seed, right)
    share, gain = Interval(followed - 0.1, min(1, followed + 0.1)), Interval(-0.2, 0.4)
    curve = Calibration(ece=0.5, bins=(CalibrationBin(share=0.5, accuracy=1.0, n=2),))
    update = {
        "faithfulness": {
            "swap_followed": Estimate(value=followed, ci95=share, n=10),
            "las": Estimate(value=las, ci95=None if las is None else gain, n=10),
        },
        "sampled": SampledAnswers(
            k=2,
            temperature=0.7,
            majority=proportion(right, 20),
            pass_at={"1": right / 20, "2": 1.0},
            ties=1,
            calibration=curve,
        ),
        "truncated": 1,
        "by": {"steps": {"2": proportion(right, 20), str(seed + 3): proportion(1, 2)}},
    }
    scores = {"student": {"s": plain.scores["student"]["s"].model_copy(update=update)}}
    return plain.model_copy(update={"scores": scores})


def test_what_was_measured_beside_accuracy_is_pooled():
    found = pool([probed(0, 0.7, 0.1, 10), probed(1, 0.9, 0.3, 12)]).scores["student"]["s"]
    followed, las = found.faithfulness["swap_followed"], found.faithfulness["las"]
    assert (followed.value, followed.n) == (pytest.approx(0.8), 20)
    assert followed.ci95 == (0.0, 1.0), "t with one degree of freedom, kept inside the shares"
    assert las.ci95.low == -1.0
    assert found.truncated == 2
    assert found.by == {"steps": {"2": found.by["steps"]["2"]}}
    assert found.by["steps"]["2"].seeds == (0.5, 0.6)
    assert found.sampled.majority.accuracy == pytest.approx(0.55)
    assert found.sampled.pass_at == {"1": pytest.approx(0.55), "2": 1.0}
    assert (found.sampled.ties, found.sampled.calibration.bins[0].n) == (2, 4)


def test_a_measure_that_one_seed_has_not_is_not_defined():
    found = pool([probed(0, 0.7, None, 10), probed(1, 0.9, 0.3, 12)])
    las = found.scores["student"]["s"].faithfulness["las"]
    assert (las.value, las.ci95, las.n) == (None, None, 20)
    assert Results.model_validate(found.dump()) == found


def test_order_of_seeds_changes_no_number():
    there, back = pool(SEEDS), pool(SEEDS[::-1])
    assert there.scores["student"]["s"].ci95 == pytest.approx(back.scores["student"]["s"].ci95)


def test_intervals_stay_in_range():
    found = pool([one(0, 19), one(1, 20)]).scores["student"]["s"]
    assert found.ci95.high == 1


def test_pooled_results_round_trip():
    pooled = pool(SEEDS)
    assert Results.model_validate(pooled.dump()) == pooled


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([one(0, 9)], "two or more different seeds"),
        ([one(0, 9), one(0, 9)], "two or more different seeds"),
        ([one(0, 9), one(1, 9, n=30)], "differ in scored suites"),
        (
            [one(0, 9), one(1, 9).model_copy(update={"recipe": "x"})],
            r"differ in recipe \(r and x\)",
        ),
    ],
)
def test_what_is_no_repeat_of_one_run_is_refused(results, message):
    with pytest.raises(DataError, match=message):
        pool(results)


def test_equal_seeds_keep_the_intervals_of_their_questions():
    rows = [
        Comparison(
            a="student", b="baseline", suite="s", difference=0.5, ci95=(low, high), p_value=p, n=4
        )
        for low, high, p in ((0.1, 0.8, 0.02), (0.2, 0.9, 0.04))
    ]
    pooled = pool_comparisons(rows)
    assert pooled.ci95 == (0.1, 0.9)
    assert pooled.p_value == 0.04


def test_latency_is_the_mean_over_seeds_and_absent_where_one_seed_has_none():
    def timed(result: Results, median: float) -> Results:
        found = Latency(median=median, p95=2 * median, mean=median, n=4)
        score = result.scores["student"]["s"].model_copy(update={"latency": found})
        return result.model_copy(update={"scores": {**result.scores, "student": {"s": score}}})

    each = [timed(result, median) for result, median in zip(SEEDS, (0.1, 0.2, 0.6), strict=True)]
    pooled = pool(each).scores["student"]["s"].latency
    assert pooled is not None
    assert (pooled.median, pooled.p95, pooled.n) == (pytest.approx(0.3), pytest.approx(0.6), 12)
    assert pool([*each[:2], SEEDS[2]]).scores["student"]["s"].latency is None
