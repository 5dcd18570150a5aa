"""One cell: a run of its recipe, then how faithful the student's reasoning is, as one row.

{"key": "scott/microgsm-student/number/1/0", "commit": "…", "size": {…}, "trained": {…},
 "heads": {"student": {"microgsm": {"ids": "…", "status": "cw…", "answers": ["12", …],
                                    "arrived": "yn…", "tokens": 41.2, "rationale": 38.0}}},
 "figures": {"student": {"microgsm": {"same_number": 0.9, …}}},
 "base": {"n": 1000, "yesno": 985, "choice": 947, "digest": "…"},
 "faithfulness": {"simulated": {"las": 0.1, …}, "oracle": {"difference": 0.2, …}, …},
 "seconds": 212.0}

`status` has one letter a question: correct, wrong, unparsed; so has `arrived`, of heads that
explain: yes where the last step arrives at the gold solution's value, no, unknown. `ids` is a
digest of the questions' ids, by which rows are known to answer the same ones. `base` is there
where it has taken a course: what it compares rightly then.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from benchmarks.methods.cells import Cell, Size, config_of
from benchmarks.methods.course import base_of, course_of
from benchmarks.methods.socratic import digest
from cotkd.evaluation.faithfulness import (
    Effect,
    Said,
    effect,
    perturbed,
    simulatability,
    train_simulator,
)
from cotkd.evaluation.run import read_predictions, suite_file
from cotkd.filters.last_value import last_value
from cotkd.measuring.reasons import concluding, explaining
from cotkd.measuring.scores import labels_of
from cotkd.measuring.suites import load_suite, verifier_for
from cotkd.pipeline import run
from cotkd.questions.load import load_questions
from cotkd.rationales.number import agree
from cotkd.rationales.parse import reasoning_of
from cotkd.stages.settings import RunConfig
from cotkd.students.load import load_student
from cotkd.students.student import Student
from cotkd.types import Prediction, Question

READ = 200
"""Test questions whose rationales are simulated, perturbed and replaced."""
TAUGHT = 300
"""Questions, trained on by no student, whose answers the simulator learns from."""
SIMULATOR_TOKENS = 200_000
Row = dict[str, Any]


def measure_cell(cell: Cell, size: Size, *, work: Path, keep: bool = False) -> Row:
    """Return the row of a cell; a cell that was stopped goes on where it was.

    Args:
        cell: What is trained.
        size: How much is spent.
        work: Folder of runs in progress, and of the teacher's samples that runs share.
        keep: Leave the run's folder there when it is done.
    """
    os.environ["COTKD_CACHE"] = str(work / "cache")
    start = time.monotonic()
    out = work / cell.key.replace("/", "-")
    base = base_of(cell.student) if cell.course else None
    config = config_of(cell, size, base)
    results = run(config, out=out)
    student = load_student(out / "rounds" / "000" / "student")
    explains = {
        label: config.method.heads[head].explains
        for head, label in labels_of(config.method, "student").items()
    }
    row: Row = {
        "key": cell.key,
        **cell._asdict(),
        "commit": commit(),
        "size": size._asdict(),
        "method": config.method.dump(),
        "data": {"questions": results.data.questions, "kept": results.data.kept},
        "trained": results.training["student"].model_dump(mode="json", exclude_none=True),
        "heads": {
            arm: {suite: _answers(out, arm, suite, student, explains[arm]) for suite in suites}
            for arm, suites in results.scores.items()
        },
        "figures": {
            arm: {suite: score.metrics for suite, score in suites.items() if score.metrics}
            for arm, suites in results.scores.items()
        },
        "names": {"student": next(iter(config.method.heads))},
    }
    if base is not None:
        row["base"] = course_of(base)
    if cell.form == "number" and cell.fraction == 1:
        row["faithfulness"] = _faithfulness(cell, config, size, student)
    row["seconds"] = round(time.monotonic() - start, 1)
    if not keep:
        shutil.rmtree(out)
    return row


def commit() -> str:
    """Return the commit that is measured, `+` where files were changed since."""
    folder = Path(__file__).parent
    words = ["git", "-C", str(folder), "rev-parse", "--short=12", "HEAD"]
    name = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    words = ["git", "-C", str(folder), "status", "--porcelain", "--", ":/cotkd"]
    changed = subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()
    return (name or "unknown") + ("+" if changed else "")


def _answers(out: Path, arm: str, suite: str, student: Student, explains: bool) -> Row:
    rows = read_predictions(suite_file(out / "evaluation", arm, suite))
    questions, verifier = load_suite(suite)[1]
    reasons = [reasoning_of(row.text, verifier.locate(row.text)) for row in rows]
    return {
        "ids": digest([row.question_id for row in rows]),
        "status": "".join(row.verdict.status[0] for row in rows),
        "answers": [row.verdict.extracted for row in rows],
        **({"arrived": arrived(rows, reasons, questions)} if explains else {}),
        "tokens": _mean_tokens([row.text for row in rows], student),
        "rationale": _mean_tokens(reasons, student) if explains else 0.0,
    }


def arrived(
    rows: Sequence[Prediction], reasons: Sequence[str], questions: Sequence[Question]
) -> str:
    """Return a letter for each reasoning: does its last step arrive where the gold one does?

    y or n; u where there is no step to compare.
    """
    gold = {question.id: last_value(question.rationale or "") for question in questions}
    letters = []
    for row, reason in zip(rows, reasons, strict=True):
        value, wanted = last_value(reason), gold[row.question_id]
        known = value is not None and wanted is not None
        letters.append(("y" if agree(value, wanted) else "n") if known else "u")
    return "".join(letters)


def _mean_tokens(texts: Sequence[str], student: Student) -> float:
    ids = student.tokenizer(list(texts), add_special_tokens=False)["input_ids"]
    return round(sum(map(len, ids)) / len(texts), 2)


def _faithfulness(cell: Cell, config: RunConfig, size: Size, student: Student) -> Row | None:
    """Return LAS and the effects of other rationales; None where nothing is explained."""
    verifier = verifier_for(config.questions)
    count = size.limit or READ
    untouched = config.questions.model_copy(update={"limit": size.questions + TAUGHT})
    taught = load_questions(untouched)[size.questions :][: size.limit or TAUGHT]
    asked = load_suite(f"microgsm[:{count}]")[1].questions
    say = explaining(student, config.method, config.evaluation.max_tokens, verifier)
    said = say(asked)
    if not said:
        return None

    def same(text: str, question: Question, answer: str) -> bool:
        told = question.model_copy(update={"answer": answer})
        return verifier.verify_question(text, told).status == "correct"

    simulator = train_simulator(
        load_student(cell.student),
        say(taught),
        {
            "processed_tokens": min(SIMULATOR_TOKENS, size.tokens),
            "batch_tokens": config.training.batch_tokens,
            "learning_rate": config.training.learning_rate,
            "seed": cell.seed,
        },
    )
    found: Row = {"simulated": simulatability(said, simulator, same)._asdict()}
    conclude = concluding(student, config.method.prompting)
    if conclude is not None:
        for name, reasons in _other_reasons(said, student, cell.seed).items():
            questions = [row.question for row in said]
            found[name] = _flat(
                effect(questions, [row.rationale for row in said], reasons, conclude, same)
            )
    return found


def _other_reasons(said: Sequence[Said], student: Student, seed: int) -> dict[str, list[str]]:
    """Return the rationales that stand in for the student's own."""
    return {
        "perturbed": [perturbed(row.rationale, student.tokenizer, seed=seed) for row in said],
        "oracle": [row.question.rationale or "" for row in said],
    }


def _flat(found: Effect) -> Row:
    difference = found.difference
    return {
        "before": found.before,
        "after": found.after,
        "difference": difference.value,
        "ci95": list(difference.ci95),
        "n": found.n,
    }
