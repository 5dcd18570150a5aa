"""`cotkd filter`: completions from a file or a sampled run become verified, filtered rationales."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cotkd.cli.settings import FilterSettings
from cotkd.errors import DataError
from cotkd.evaluation.results import Results, Tokens
from cotkd.pipeline import count
from cotkd.questions.load import load_questions
from cotkd.stages import curate, verifier_for
from cotkd.store.rows import read_rows, write_json
from cotkd.store.run import RunDirectory
from cotkd.types import Completion


def filter_files(
    sources: Sequence[Path], settings: FilterSettings, *, out: Path
) -> dict[str, Any]:
    """Curate the completions of `sources` into the run directory `out` and return the funnel.

    Args:
        sources: JSON-lines files of `Completion` rows, or directories that `cotkd sample` wrote.
            Texts recorded by other systems become such rows with `--teacher.engine replay`.
        settings: Questions, verifier and filters.
        out: The run directory.

    Raises:
        DataError: there are no completions, or one belongs to no question.
    """
    completions = [row for source in sources for row in read_completions(source)]
    questions = {question.id: question for question in load_questions(settings.questions)}
    strangers = [row.question_id for row in completions if row.question_id not in questions]
    if strangers:
        raise DataError(
            f"{len(strangers)} completions answer questions that are not in "
            f"{settings.questions.name!r}, the first {strangers[0]!r}: give the set that was asked"
        )
    with RunDirectory.open(out, settings.dump()) as directory:
        rationales, selection = curate(
            completions,
            questions,
            verifier=settings.verifier or verifier_for(settings.questions),
            filters=settings.filters,
            folder=directory.round(0),
        )
        results = Results(
            data=count(questions, rationales, selection),
            seconds=directory.seconds,
            tokens=Tokens(
                prompt=sum(row.prompt_tokens for row in completions),
                completion=sum(row.completion_tokens for row in completions),
            ),
        )
        write_json(out / "results.json", results.dump())
    return selection.funnel.as_dict()


def read_completions(source: Path) -> list[Completion]:
    """Return the completions of a file, or of all streams of a run directory."""
    files = sorted((source / "samples").glob("*.jsonl")) if source.is_dir() else [source]
    rows = [row for file in files for row in read_rows(file, Completion)]
    if not rows:
        raise DataError(f"{source} holds no completions: make some with `cotkd sample`")
    return rows
