"""Parsing, verifying and filtering what the teacher wrote.

rounds/000/questions.jsonl   rationales.jsonl   dropped.jsonl   tokens.jsonl   filter.json
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from cotkd.errors import DataError
from cotkd.filters.base import Filter
from cotkd.filters.empty import is_blank
from cotkd.filters.select import Funnel, Scorers, Selection, select
from cotkd.rationales.parse import parse
from cotkd.store.atomic import replacing
from cotkd.store.rows import encoded, read_rows, write_json, write_rows
from cotkd.types import Completion, Drop, Question, Rationale, TokenValues
from cotkd.verify import Verifier


def curate(
    completions: Sequence[Completion],
    questions: Mapping[str, Question],
    *,
    verifier: Verifier,
    filters: Sequence[Filter],
    folder: Path,
    scorer: Scorers = None,
    reasoning: Literal["answer", "trace"] = "answer",
) -> tuple[list[Rationale], Selection]:
    """Parse and verify every completion, keep what the filters let through, write both."""
    ((rationales, selection),) = curate_parts(
        [completions],
        questions,
        verifier=verifier,
        filters=filters,
        folder=folder,
        scorer=scorer,
        reasoning=reasoning,
    )
    return rationales, selection


def curate_parts(
    parts: Iterable[Sequence[Completion]],
    questions: Mapping[str, Question],
    *,
    verifier: Verifier,
    filters: Sequence[Filter],
    folder: Path,
    scorer: Scorers = None,
    reasoning: Literal["answer", "trace"] = "answer",
) -> Iterator[tuple[list[Rationale], Selection]]:
    """Curate part after part, as `curate` does all at once, and yield what became of each.

    Memory is that of one part. A part holds all completions of its questions, and no filter may
    look farther than a question (`Filter.scope`). The files appear when the last part is done.
    """
    funnels = []
    write_rows(folder / "questions.jsonl", questions.values())
    with (
        replacing(folder / "rationales.jsonl") as kept,
        replacing(folder / "dropped.jsonl") as out,
        replacing(folder / "tokens.jsonl") as values,
    ):
        for completions in parts:
            rationales = [
                parse(one, questions[one.question_id], verifier=verifier, reasoning=reasoning)
                for one in completions
            ]
            selection = select(rationales, filters, questions=questions, scorer=scorer)
            rationales = selection.scored(rationales)
            kept.writelines(map(encoded, rationales))
            out.writelines(map(encoded, _drops(selection)))
            values.writelines(map(encoded, _token_values(selection)))
            funnels.append(selection.funnel)
            yield rationales, selection
    write_json(folder / "filter.json", Funnel.total(funnels).as_dict())


def _token_values(selection: Selection) -> Iterator[TokenValues]:
    for key, weighed in selection.weighed.items():
        if weighed.tokens:
            yield TokenValues(**key._asdict(), tokens=weighed.tokens)


def _drops(selection: Selection) -> Iterator[Drop]:
    for key, (name, reason) in selection.dropped.items():
        yield Drop(**key._asdict(), filter=name, reason=reason)


def read_kept(folder: Path) -> tuple[dict[str, Question], list[Rationale]]:
    """Return the questions and kept rationales that `curate` wrote to `folder`, no blank one."""
    for name in ("questions.jsonl", "rationales.jsonl", "dropped.jsonl"):
        if not (folder / name).is_file():
            raise DataError(f"{folder / name} is missing: make it with `cotkd filter`")
    questions = {row.id: row for row in read_rows(folder / "questions.jsonl", Question)}
    dropped = {row.key for row in read_rows(folder / "dropped.jsonl", Drop)}
    rationales = read_rows(folder / "rationales.jsonl", Rationale)
    kept = (row for row in rationales if row.key not in dropped)
    return questions, [row for row in kept if not is_blank(row.text)]
