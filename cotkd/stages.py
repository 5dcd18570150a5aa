"""The stages that work alone as well as in a run: collect, curate, fit; `measurement` is the last.

Each takes rows and settings, writes its own part of a run directory, and returns rows.

    samples/STREAM.jsonl
    rounds/000/questions.jsonl   rationales.jsonl   dropped.jsonl   tokens.jsonl   filter.json
               examples/ARM.jsonl                   ARM/ (the trained model)
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cotkd.choosing import dev_score
from cotkd.config import Config
from cotkd.errors import DataError
from cotkd.evaluation.leak import training_note
from cotkd.filters.base import Filter
from cotkd.filters.distinct import Distinct
from cotkd.filters.select import Funnel, Scorers, Selection, select
from cotkd.formats.rejections import rejections
from cotkd.measurement import EvaluationConfig
from cotkd.methods.base import Method
from cotkd.methods.dialogue import converse
from cotkd.rationales.parse import parse
from cotkd.store.atomic import replacing
from cotkd.store.lock import is_writer
from cotkd.store.rows import encoded, read_rows, write_json, write_rows
from cotkd.store.run import RunDirectory
from cotkd.students.lora import Lora, task_among
from cotkd.teachers.base import Engine
from cotkd.teachers.budget import Budget, Meter
from cotkd.teachers.cache import default_cache
from cotkd.teachers.elicitation import Elicitation
from cotkd.teachers.sampler import Adaptive, Judge, Sampler, Tally
from cotkd.teachers.sampling import Sampling
from cotkd.training.settings import Training
from cotkd.types import Completion, Drop, Example, Question, Rationale, TokenValues
from cotkd.verify import Verifier

if TYPE_CHECKING:
    from cotkd.students.load import Student
    from cotkd.training.result import TrainingResult


log = logging.getLogger(__name__)


class StudentConfig(Config):
    """The base model that is fine-tuned."""

    model: str = "microgsm-student"
    """An embedded name, a folder, or a hub name; decoder or encoder–decoder."""
    lora: Lora | None = None
    """Train low-rank adapters instead of all weights; null for none."""
    markers: tuple[str, ...] = ()
    """Task markers added to the tokenizer as one token each, e.g. `<predict>`."""


@dataclass
class Arm:
    """One trained model: `student` or `baseline`."""

    name: str
    method: Method
    student: Student
    training: TrainingResult


def collect(
    questions: Sequence[Question],
    engine: Engine,
    directory: RunDirectory,
    *,
    samples: int,
    sampling: Sampling,
    elicitation: Elicitation,
    seed: int,
    verifier: Verifier,
    adaptive: Adaptive | None = None,
    budget: Budget | None = None,
    cache: bool = True,
    wrong: Path | None = None,
    conditions: Mapping[str, str] | None = None,
    meter: Meter | None = None,
) -> tuple[Sampler, Tally]:
    """Ask the teacher for rationales, into the directory's `samples/`.

    Returns the sampler, whose `rows()` are what was asked for, and what it did; the manifest adds
    that up over all starts. A budget that is reached is no error here: see `Tally.stopped`.
    `wrong` is a run directory whose wrong answers are held against the right ones; `conditions` are
    the answers that prompts state, by question id; a `meter` is shared by those of one budget.
    """
    by_id = {question.id: question for question in questions}
    sampler = Sampler(
        engine,
        questions,
        n=samples,
        rows=directory.samples,
        sampling=sampling,
        elicitation=elicitation,
        seed=seed,
        conditions=conditions,
        adaptive=adaptive,
        judge=judge_of(verifier),
        wrong=wrong_answers(wrong, by_id, verifier) if wrong else None,
        budget=budget,
        cache=default_cache() if cache else None,
        meter=meter,
    )
    try:
        tally = sampler.run()
    finally:
        _record(directory, sampler)
    return sampler, tally


def wrong_answers(
    run: Path, questions: Mapping[str, Question], verifier: Verifier
) -> dict[str, str]:
    """Return the first wrong answer that a sampled run gave to each question that has one."""
    files = sorted((run / "samples").glob("*.jsonl"))
    if not files:
        raise DataError(f"{run}: no samples there: give a directory that `cotkd sample` wrote")
    found: dict[str, str] = {}
    for row in (row for file in files for row in read_rows(file, Completion)):
        question = questions.get(row.question_id)
        if question is not None and row.question_id not in found:
            verdict = parse(row, question, verifier=verifier).verdict
            if verdict.status == "wrong" and verdict.extracted is not None:
                found[row.question_id] = verdict.extracted
    return found


def judge_of(verifier: Verifier) -> Judge:
    """Return what tells right samples, and names their reasoning by its list of equations.

    A teacher that was told an answer, be it a wrong one, is right where it arrives there.
    """
    reasoning = Distinct()

    def judge(question: Question, completion: Completion) -> str | None:
        if completion.condition is not None:
            question = question.model_copy(update={"answer": completion.condition})
        rationale = parse(completion, question, verifier=verifier)
        if rationale.verdict.status != "correct":
            return None
        return "\x1f".join(reasoning.key(rationale.text))

    return judge


def _record(directory: RunDirectory, sampler: Sampler) -> None:
    """Add what a start has done to the manifest; what was spared is known anew at each start."""
    before, tally = directory.manifest.get("sampling", {}), sampler.tally
    facts: dict[str, Any] = {
        name: before.get(name, 0) + getattr(tally, name) for name in ("made", "reused", "failed")
    }
    errors = Counter(before.get("errors", {}))
    errors.update(tally.errors)
    facts["errors"] = dict(errors)
    directory.record("spared", {sampler.stream: tally.spared})
    facts["spared"] = sum(directory.manifest["spared"].values())
    directory.record("sampling", facts)


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
    """Return the questions and kept rationales that `curate` wrote to `folder`."""
    for name in ("questions.jsonl", "rationales.jsonl", "dropped.jsonl"):
        if not (folder / name).is_file():
            raise DataError(f"{folder / name} is missing: make it with `cotkd filter`")
    questions = {row.id: row for row in read_rows(folder / "questions.jsonl", Question)}
    dropped = {row.key for row in read_rows(folder / "dropped.jsonl", Drop)}
    rationales = read_rows(folder / "rationales.jsonl", Rationale)
    return questions, [row for row in rationales if row.key not in dropped]


def _check_heads(method: Method, tasks: Sequence[str], kept: Sequence[Rationale]) -> None:
    """Raise `DataError` where what is reported of the student would not have been trained."""
    if not tasks:
        raise DataError(
            f"method {method.kind} made no example of {len(kept)} rationales: look at their text, "
            "or relax method.filters"
        )
    for number, (name, head) in enumerate(method.heads.items()):
        task = getattr(head, "task", None)
        if task is None or task_among(task, tasks) is not None:
            continue
        if number == 0:
            raise DataError(
                f"method {method.kind} made no example of the task {task!r}, which the student is "
                "measured by: give it a weight, or report another head by method.main"
            )
        log.warning("head %r of the student has no training example", name)


def fit(
    name: str,
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    *,
    base: StudentConfig,
    training: Training,
    evaluation: EvaluationConfig,
    folder: Path,
) -> Arm:
    """Train one arm on the method's examples of the kept rationales.

    The checkpoint is the one that `cotkd.choosing` scores highest.
    """
    from cotkd.students.load import architecture_of, load_student
    from cotkd.training.rehearsal import train_rehearsed

    examples = method.examples(questions, kept, architecture=architecture_of(base.model))
    tasks = tuple(dict.fromkeys(example.task for example in examples))
    _check_heads(method, tasks, kept)
    for reason, count in rejections(method.heads.values(), kept, examples).items():
        log.warning("%s: %d of %d rationales are not written: %s", name, count, len(kept), reason)
    chosen_by = dev_score(method, questions, kept, evaluation)
    file = folder / "examples" / f"{name}.jsonl"
    again = _again(name, method, questions, kept, evaluation.max_tokens, folder)
    notes = training_note(folder / name, [file])
    if method.members:
        rows = _examples_of_members(method, questions, kept, base, examples)
        _write(file, chain.from_iterable(rows.values()))
        return _fit_members(
            name, method, rows, base, training, folder / name, chosen_by, again, notes
        )
    student = load_student(base.model, lora=base.lora, markers=base.markers, tasks=tasks)
    _write(file, examples)
    result = train_rehearsed(
        student, examples, training, again=again, out=folder / name, dev=chosen_by, notes=notes
    )
    return Arm(name, method, student, result)


def _write(file: Path, examples: Iterable[Example]) -> None:
    if is_writer():
        write_rows(file, examples)


def _again(
    name: str,
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    max_tokens: int,
    folder: Path,
) -> Callable[[Student], Sequence[Example]] | None:
    """Return what makes the examples of the second half of a training, where there is one."""
    if not method.rehearses:
        return None
    tasks = method.members[0].tasks if method.members else None

    def again(student: Student) -> Sequence[Example]:
        def ask(asked: Sequence[Question], head: str) -> list[list[str]]:
            return converse(student, method, asked, max_tokens, head)

        made = method.rehearsed(questions, kept, ask, architecture=student.architecture)
        rows = [row for row in made if tasks is None or row.task in tasks]
        _write(folder / "examples" / f"{name}.second.jsonl", rows)
        return rows

    return again


def _examples_of_members(
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    base: StudentConfig,
    examples: Sequence[Example],
) -> dict[str, list[Example]]:
    """Return the examples of each member's tasks, as its own architecture reads them.

    `examples` are those of the base model's architecture.
    """
    from cotkd.students.load import architecture_of

    made = {architecture_of(base.model): examples}
    rows = {}
    for member in method.members:
        own = architecture_of(member.model or base.model)
        if own not in made:
            made[own] = method.examples(questions, kept, architecture=own)
        rows[member.name] = [example for example in made[own] if example.task in member.tasks]
    return rows


def _fit_members(
    name: str,
    method: Method,
    examples: Mapping[str, Sequence[Example]],
    base: StudentConfig,
    training: Training,
    out: Path,
    dev: Callable[[Student], float] | None,
    again: Callable[[Student], Sequence[Example]] | None,
    notes: Mapping[str, Any],
) -> Arm:
    """Train the models of a student of several."""
    from cotkd.students.load import load_student
    from cotkd.students.members import Part
    from cotkd.training.members import train_members

    parts = {}
    for member in method.members:
        tasks = tuple(dict.fromkeys(example.task for example in examples[member.name]))
        model = member.model or base.model
        student = load_student(model, lora=base.lora, markers=base.markers, tasks=tasks)
        parts[member.name] = Part(student, member.tasks)
    student, result = train_members(
        parts, examples, training, out=out, dev=dev, again=again, notes=notes
    )
    return Arm(name, method, student, result)
