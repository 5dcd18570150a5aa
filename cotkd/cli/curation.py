"""`cotkd filter`: completions from a file or a sampled run become verified, filtered rationales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from cotkd.cli.completions import Completions
from cotkd.cli.progress import Progress
from cotkd.cli.settings import FilterSettings
from cotkd.errors import DataError, SettingError
from cotkd.evaluation.counts import added, data_counts
from cotkd.evaluation.results import DataCounts, Results, Tokens
from cotkd.evaluation.vote import total
from cotkd.filters.select import Selection, select
from cotkd.measuring.suites import verifier_for
from cotkd.questions.load import load_questions
from cotkd.stages.curate import curate_parts
from cotkd.store.rows import read_json, write_json
from cotkd.store.run import RunDirectory
from cotkd.types import Question, Rationale

PART = 2000
"""Completions in memory at a time, a question's all together; more where a filter looks at all."""


def filter_files(
    sources: Sequence[str | Path], settings: FilterSettings, *, out: Path
) -> dict[str, Any]:
    """Curate the completions of `sources` into the run directory `out` and return the funnel.

    Args:
        sources: Files of completions in any format, or directories that `cotkd sample` wrote.
        settings: Questions, verifier and filters.
        out: The run directory.

    Raises:
        DataError: there are no completions, or one belongs to no question.
    """
    completions = Completions(sources)
    questions = {question.id: question for question in load_questions(settings.questions)}
    _refuse_strangers(completions, questions, ", ".join(settings.questions.names))
    select([], settings.filters)  # a filter that lacks a setting says so before `out` is claimed
    if settings.scorer is None and (lacking := [f.kind for f in settings.filters if f.weighs]):
        raise SettingError(
            f"filter {lacking[0]!r} weighs rationales with a model: give one, --scorer.model NAME"
        )
    whole = any(chosen.scope == "dataset" for chosen in settings.filters)
    with ExitStack() as stack:
        scorer = stack.enter_context(settings.scorer.open()) if settings.scorer else None
        directory = stack.enter_context(RunDirectory.open(out, settings.dump()))
        folder = directory.round(0)
        parts = curate_parts(
            completions.parts(len(completions) if whole else PART),
            questions,
            verifier=settings.verifier or verifier_for(settings.questions),
            filters=settings.filters,
            folder=folder,
            scorer=scorer,
            reasoning=settings.rationale,
        )
        results = Results(
            data=_total(_counted(parts, questions, len(completions))),
            seconds=directory.seconds,
            tokens=Tokens(
                prompt=completions.prompt_tokens, completion=completions.completion_tokens
            ),
        )
        write_json(out / "results.json", results.dump())
    funnel: dict[str, Any] = read_json(folder / "filter.json")
    return funnel


def _refuse_strangers(
    completions: Completions, questions: Mapping[str, Question], name: str
) -> None:
    strangers = [asked for asked in completions.questions if asked not in questions]
    if strangers:
        number = sum(completions.questions[asked] for asked in strangers)
        raise DataError(
            f"{number} completions answer questions that are not in {name!r}, the first "
            f"{strangers[0]!r}: give the set that was asked"
        )


def _counted(
    parts: Iterable[tuple[list[Rationale], Selection]],
    questions: Mapping[str, Question],
    completions: int,
) -> list[DataCounts]:
    """Return the counts of each part, and show how far it has come."""
    counts = []
    with Progress("filter", total=completions, unit="completions") as progress:
        for rows, chosen in parts:
            counts.append(
                data_counts(questions, rows, kept=len(chosen.kept), dropped=chosen.funnel.dropped)
            )
            progress.advance(len(rows))
    return counts


def _total(parts: Sequence[DataCounts]) -> DataCounts:
    """Return the counts of parts that share their set of questions and no rationale."""
    dropped: Counter[str] = Counter()
    for part in parts:
        dropped.update(part.dropped)
    return DataCounts(
        questions=parts[0].questions,
        **added(parts, "sampled", "correct", "wrong", "unparsed", "kept"),
        dropped=dict(dropped.most_common()),
        vote=total([part.vote for part in parts if part.vote is not None]),
    )
