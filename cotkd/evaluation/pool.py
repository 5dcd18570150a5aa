"""Several seeds of one run as one result: means over seeds with Student's intervals.

    accuracies 0.51, 0.54, 0.52  ->  accuracy 0.5233, ci95 [0.485, 0.561], seeds [0.51, 0.54, 0.52]

The interval says how much another seed (sampling and training) may change the mean on these same
questions; it says nothing about other questions, so each seed's own result keeps its own interval.
Differences are pooled here in the same way; where the answers to every question are at hand,
`cotkd.evaluation.seeds` counts other questions as well.
Counts of questions, rationales, tokens and seconds are sums over seeds; what an arm was trained on
is the mean over seeds, because it describes one student. Of leaks, the worst seed's are kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

from cotkd.errors import DataError
from cotkd.evaluation.calibration import merged
from cotkd.evaluation.compare import compare_arms, corrected
from cotkd.evaluation.counts import added
from cotkd.evaluation.interventions import is_signed
from cotkd.evaluation.results import (
    Comparison,
    DataCounts,
    Estimate,
    Interval,
    Latency,
    Leak,
    Proportion,
    Results,
    SampledAnswers,
    SamplingRecord,
    SuiteScore,
    Tokens,
    TrainingRecord,
    Vote,
)
from cotkd.evaluation.statistics import t_interval, t_test


def pool(results: Sequence[Results], *, evaluations: Sequence[Path] = ()) -> Results:
    """Return the results of several seeds as one.

    Args:
        results: Those of each seed.
        evaluations: The `evaluation/` folder of each seed, for differences that count other
            questions as well; without them differences are pooled as accuracies are.

    Raises:
        DataError: fewer than two seeds, a seed twice, or seeds of different recipes or suites.
    """
    seeds = tuple(result.seed for result in results)
    if len(set(seeds)) != len(seeds) or len(seeds) < 2:
        raise DataError(f"pooling needs two or more different seeds, got {list(seeds)}")
    first = results[0]
    for result in results[1:]:
        _check_same(first, result)
    return Results(
        recipe=first.recipe,
        method=first.method,
        seed=first.seed,
        seeds=seeds,
        data=_data([result.data for result in results]),
        models=first.models,
        scores={
            arm: {
                suite: _suite([result.scores[arm][suite] for result in results]) for suite in suites
            }
            for arm, suites in first.scores.items()
        },
        oracles=first.oracles,
        training={
            arm: _training([result.training[arm] for result in results]) for arm in first.training
        },
        comparisons=_comparisons(results, evaluations),
        seconds=_sums(result.seconds for result in results),
        tokens=Tokens(**added([result.tokens for result in results], "prompt", "completion")),
        sampling=_sampling([result.sampling for result in results if result.sampling]),
        leaks=_leaks([result.leaks for result in results if result.leaks is not None]),
    )


def _sampling(records: Sequence[SamplingRecord]) -> SamplingRecord | None:
    if not records:
        return None
    costs = [record.cost for record in records if record.cost is not None]
    return SamplingRecord(
        **added(records, "made", "reused", "spared", "failed"),
        cost=sum(costs) if costs else None,
        errors=_sums(record.errors for record in records),
    )


def _check_same(first: Results, other: Results) -> None:
    for what, a, b in (
        ("recipe", first.recipe, other.recipe),
        ("method", first.method, other.method),
        ("trained arms", sorted(first.training), sorted(other.training)),
        ("scored suites", _shape(first), _shape(other)),
        ("comparisons", _pairs(first), _pairs(other)),
    ):
        if a != b:
            raise DataError(
                f"seeds {first.seed} and {other.seed} differ in {what} ({a} and {b}): "
                "pool repeats of one run only"
            )


def _shape(result: Results) -> dict[str, dict[str, int]]:
    return {arm: {s: score.n for s, score in by.items()} for arm, by in result.scores.items()}


def _pairs(result: Results) -> list[tuple[str, str, str]]:
    return [(row.a, row.b, row.suite) for row in result.comparisons]


def _proportion(shares: Sequence[Proportion]) -> Proportion:
    accuracies = tuple(share.accuracy for share in shares)
    return Proportion(
        **added(shares, "n", "correct"),
        accuracy=fmean(accuracies),
        ci95=_interval(accuracies, [share.ci95 for share in shares], least=0.0),
        seeds=accuracies,
    )


def _interval(values: Sequence[float], each: Sequence[Interval], *, least: float) -> Interval:
    """Return the interval over seeds; where all seeds agree, the hull of their own intervals.

    Equal values say that the seed changed nothing, not that the mean is known exactly.
    """
    hull = min(one[0] for one in each), max(one[1] for one in each)
    low, high = t_interval(values) if min(values) < max(values) else hull
    return Interval(max(least, low), min(1.0, high))


def _suite(scores: Sequence[SuiteScore]) -> SuiteScore:
    names = [name for name in scores[0].metrics if all(name in s.metrics for s in scores)]
    return SuiteScore(
        **dict(_proportion(scores)),
        unparsed=sum(score.unparsed for score in scores),
        truncated=_sum_known(score.truncated for score in scores),
        metrics={name: fmean(score.metrics[name] for score in scores) for name in names},
        by=_parts([score.by for score in scores]),
        sampled=_sampled([score.sampled for score in scores if score.sampled], len(scores)),
        faithfulness=_faithfulness([score.faithfulness for score in scores]),
        latency=_latency([score.latency for score in scores if score.latency], len(scores)),
    )


def _sampled(each: Sequence[SampledAnswers], seeds: int) -> SampledAnswers | None:
    if len(each) < seeds or len({(one.k, one.temperature) for one in each}) > 1:
        return None
    weighted = [one.weighted for one in each if one.weighted is not None]
    curves = [one.calibration for one in each if one.calibration is not None]
    return SampledAnswers(
        k=each[0].k,
        temperature=each[0].temperature,
        majority=_proportion([one.majority for one in each]),
        weighted=_proportion(weighted) if len(weighted) == seeds else None,
        pass_at={k: fmean(one.pass_at[k] for one in each) for k in each[0].pass_at},
        ties=sum(one.ties for one in each),
        calibration=merged(curves) if curves else None,
    )


def _latency(each: Sequence[Latency], seeds: int) -> Latency | None:
    """Return the mean over seeds of each figure."""
    if len(each) < seeds:
        return None
    names = ("median", "p95", "mean")
    means = {name: fmean(getattr(one, name) for one in each) for name in names}
    return Latency(**means, n=sum(one.n for one in each))


def _parts(
    each: Sequence[Mapping[str, Mapping[str, Proportion]]],
) -> dict[str, dict[str, Proportion]]:
    """Return the parts of a suite that all seeds have, each pooled."""
    return {
        name: {
            value: _proportion([one[name][value] for one in each])
            for value in values
            if all(value in one.get(name, {}) for one in each)
        }
        for name, values in each[0].items()
    }


def _faithfulness(each: Sequence[Mapping[str, Estimate]]) -> dict[str, Estimate]:
    """Return the measures that all seeds have, each pooled."""
    return {
        name: _estimate([one[name] for one in each], least=-1.0 if is_signed(name) else 0.0)
        for name in each[0]
        if all(name in one for one in each)
    }


def _estimate(each: Sequence[Estimate], *, least: float) -> Estimate:
    """Return the mean over seeds; a measure that is not defined for one of them is not defined."""
    n = sum(one.n for one in each)
    values = [one.value for one in each if one.value is not None]
    known = [one.ci95 for one in each if one.ci95 is not None]
    if len(values) < len(each) or len(known) < len(each):
        return Estimate(value=None, n=n)
    return Estimate(value=fmean(values), ci95=_interval(values, known, least=least), n=n)


def _comparisons(results: Sequence[Results], evaluations: Sequence[Path]) -> tuple[Comparison, ...]:
    rows = results[0].comparisons
    if evaluations:
        suites, pairs = (row.suite for row in rows), ((row.a, row.b) for row in rows)
        return compare_arms(
            evaluations, suites=list(dict.fromkeys(suites)), pairs=list(dict.fromkeys(pairs))
        )
    return corrected(
        [
            pool_comparisons(same)
            for same in zip(*(result.comparisons for result in results), strict=True)
        ]
    )


def pool_comparisons(rows: Sequence[Comparison]) -> Comparison:
    """Return the comparison of the same two models on the same suite over several seeds."""
    differences = tuple(row.difference for row in rows)
    spread = min(differences) < max(differences)
    return Comparison(
        a=rows[0].a,
        b=rows[0].b,
        suite=rows[0].suite,
        difference=fmean(differences),
        ci95=_interval(differences, [row.ci95 for row in rows], least=-1.0),
        p_value=t_test(differences) if spread else max(row.p_value for row in rows),
        test="t_over_seeds",
        n=_sum_known(row.n for row in rows),
        only_a=_sum_known(row.only_a for row in rows),
        only_b=_sum_known(row.only_b for row in rows),
        seeds=differences,
    )


def _data(counts: Sequence[DataCounts]) -> DataCounts:
    return DataCounts(
        **added(counts, "questions", "sampled", "correct", "wrong", "unparsed", "kept"),
        dropped=_sums(count.dropped for count in counts),
        vote=_vote([count.vote for count in counts if count.vote is not None], len(counts)),
    )


def _vote(votes: Sequence[Vote], seeds: int) -> Vote | None:
    if len(votes) < seeds:
        return None
    return Vote(
        k=max(vote.k for vote in votes),
        majority=_proportion([vote.majority for vote in votes]),
        any_of_k=_proportion([vote.any_of_k for vote in votes]),
        ties=sum(vote.ties for vote in votes),
    )


def _training(records: Sequence[TrainingRecord]) -> TrainingRecord:
    return TrainingRecord(
        processed_tokens=round(fmean(record.processed_tokens for record in records)),
        supervised_tokens=round(fmean(record.supervised_tokens for record in records)),
        epochs=fmean(record.epochs for record in records),
        steps=round(fmean(record.steps for record in records)),
        truncated=_sum_known(record.truncated for record in records),
    )


def _sum_known(values: Iterable[int | None]) -> int | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)


def _sums(mappings: Iterable[Mapping[str, float]]) -> dict[str, Any]:
    total: Counter[str] = Counter()
    for mapping in mappings:
        total.update(mapping)
    return dict(total)


def _leaks(each: Sequence[dict[str, Leak]]) -> dict[str, Leak] | None:
    """Return what stands in the training examples of the seed in which most does."""
    if not each:
        return None
    return {
        suite: max(
            (leaks[suite] for leaks in each if suite in leaks), key=lambda leak: leak.overlap
        )
        for suite in each[0]
    }
