"""`cotkd filter`: completions from a file or a sampled run become verified, filtered rationales."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import AliasChoices, BaseModel, Field, ValidationError
from pydantic_core import from_json

from cotkd.cli.settings import FilterSettings
from cotkd.config import describe
from cotkd.errors import DataError
from cotkd.evaluation.results import Results, Tokens
from cotkd.pipeline import count
from cotkd.questions.load import load_questions
from cotkd.stages import curate, verifier_for
from cotkd.store.rows import numbered_lines, read_rows, write_json
from cotkd.store.run import RunDirectory
from cotkd.types import Completion


def filter_files(sources: Sequence[Path], settings: FilterSettings, *, out: Path) -> dict[str, Any]:
    """Curate the completions of `sources` into the run directory `out` and return the funnel.

    Args:
        sources: JSON-lines files of completions, or directories that `cotkd sample` wrote.
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
    """Return the completions of a file, or of all streams of a run directory.

    A file may also hold plain recorded texts, `{"id": …, "text": …}` or with `question_id`; they
    are numbered per question in the order of lines. Other shapes are read by `--teacher.engine
    replay` of `cotkd sample`.
    """
    if source.is_dir():
        files = sorted((source / "samples").glob("*.jsonl"))
        rows = [row for file in files for row in read_rows(file, Completion)]
    elif _is_recorded(source):
        rows = _recorded(source)
    else:
        rows = list(read_rows(source, Completion))
    if not rows:
        raise DataError(f"{source} holds no completions: make some with `cotkd sample`")
    return rows


def _is_recorded(path: Path) -> bool:
    """Tell from the first line whether a file holds plain texts rather than `Completion` rows."""
    first = next(numbered_lines(path), (0, b""))[1]
    try:
        row = from_json(first)
    except ValueError:
        return False
    return isinstance(row, dict) and "text" in row and "stream" not in row


def _recorded(path: Path) -> list[Completion]:
    numbers: Counter[str] = Counter()
    rows = []
    for number, line in numbered_lines(path):
        try:
            text = _Text.model_validate_json(line)
        except ValidationError as error:
            raise DataError(f"{path}:{number}: {describe(error, _Text)}") from None
        name = str(text.name)
        rows.append(
            Completion(
                question_id=name,
                stream="recorded",
                sample_index=numbers[name],
                text=text.text,
                finish_reason="stop",
                teacher=path.stem,
                elicitation="recorded",
                prompt_tokens=0,
                completion_tokens=0,
            )
        )
        numbers[name] += 1
    return rows


class _Text(BaseModel):
    """A recorded text and the id of its question."""

    name: str | int = Field(validation_alias=AliasChoices("question_id", "id"))
    text: str
