"""Several seeds of one run as one result: means over seeds with Student's intervals.

    accuracies 0.51, 0.54, 0.52  ->  accuracy 0.5233, ci95 [0.485, 0.561], seeds [0.51, 0.54, 0.52]

The interval says how much another seed (sampling and training) may change the mean on these same
questions; it says nothing about other questions, so each seed's own result keeps its own interval.
Counts of questions, rationales, tokens and seconds are sums over seeds; what an arm was trained on
is the mean over seeds, because it describes one student.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

from cotkd.errors import DataError
from cotkd.evaluation.results import (
    Comparison,
    DataCounts,
    Interval,
    Proportion,
    Results,
    SamplingRecord,
    SuiteScore,
    Tokens,
    TrainingRecord,
    Vote,
)
from cotkd.evaluation.statistics import t_interval, t_test


def pool(results: Sequence[Results]) -> Results:
    """Return the results of several seeds as one.

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
        comparisons=tuple(
            pool_comparisons(same)
            for same in zip(*(result.comparisons for result in results), strict=True)
        ),
        seconds=_sums(result.seconds for result in results),
        tokens=Tokens(
            prompt=sum(result.tokens.prompt for result in results),
            completion=sum(result.tokens.completion for result in results),
        ),
        sampling=_sampling([result.sampling for result in results if result.sampling]),
    )


def _sampling(records: Sequence[SamplingRecord]) -> SamplingRecord | None:
    if not records:
        return None
    errors: Counter[str] = Counter()
    for record in records:
        errors.update(record.errors)
    costs = [record.cost for record in records if record.cost is not None]
    return SamplingRecord(
        made=sum(record.made for record in records),
        reused=sum(record.reused for record in records),
        spared=sum(record.spared for record in records),
        failed=sum(record.failed for record in records),
        cost=sum(costs) if costs else None,
        errors=dict(errors),
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
    low, high = _interval(accuracies, [share.ci95 for share in shares])
    return Proportion(
        n=sum(share.n for share in shares),
        correct=sum(share.correct for share in shares),
        accuracy=fmean(accuracies),
        ci95=Interval(max(0.0, low), min(1.0, high)),
        seeds=accuracies,
    )


def _interval(values: Sequence[float], each: Sequence[Interval]) -> Interval:
    """Return the interval over seeds; where all seeds agree, the hull of their own intervals.

    Equal values say that the seed changed nothing, not that the mean is known exactly.
    """
    if min(values) < max(values):
        return t_interval(values)
    return Interval(min(one[0] for one in each), max(one[1] for one in each))


def _suite(scores: Sequence[SuiteScore]) -> SuiteScore:
    names = [name for name in scores[0].metrics if all(name in s.metrics for s in scores)]
    return SuiteScore(
        **dict(_proportion(scores)),
        unparsed=sum(score.unparsed for score in scores),
        metrics={name: fmean(score.metrics[name] for score in scores) for name in names},
    )


def pool_comparisons(rows: Sequence[Comparison]) -> Comparison:
    """Return the comparison of the same two models on the same suite over several seeds."""
    differences = tuple(row.difference for row in rows)
    low, high = _interval(differences, [row.ci95 for row in rows])
    spread = min(differences) < max(differences)
    return Comparison(
        a=rows[0].a,
        b=rows[0].b,
        suite=rows[0].suite,
        difference=fmean(differences),
        ci95=Interval(max(-1.0, low), min(1.0, high)),
        p_value=t_test(differences) if spread else max(row.p_value for row in rows),
        test="t_over_seeds",
        n=_sum_known(row.n for row in rows),
        only_a=_sum_known(row.only_a for row in rows),
        only_b=_sum_known(row.only_b for row in rows),
        seeds=differences,
    )


def _data(counts: Sequence[DataCounts]) -> DataCounts:
    names = ("questions", "sampled", "correct", "wrong", "unparsed", "kept")
    return DataCounts(
        **{name: sum(getattr(count, name) for count in counts) for name in names},
        dropped={key: int(n) for key, n in _sums(count.dropped for count in counts).items()},
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


def _sums(mappings: Iterable[Mapping[str, float]]) -> dict[str, float]:
    total: Counter[str] = Counter()
    for mapping in mappings:
        total.update(mapping)
    return dict(total)
