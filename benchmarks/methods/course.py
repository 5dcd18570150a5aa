"""The base of the forms with labels: an embedded base that has learnt to compare numbers.

The embedded bases have read such questions, but never which number agrees with the one they found.
So nothing that is trained on 750 questions names a label better than by chance, whatever the
method. Before the methods start, the base takes a course; what it solves has one step, as before:

    Is the answer 15? ###                                                15 --> yes
    Answer Choices: (A) 15 (B) 7 (C) 60 (D) 12 ###          <<20-5=15>>15 The answer is A.
    Tom has 12 eggs. … How many eggs …? Is the answer 9? ### Tom has <<12-5=7>>7 eggs. --> no
"""

from __future__ import annotations

import hashlib
import json
import logging
import random
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.microgsm.base_corpus import base_document, late_pair_document, one_step_problem
from benchmarks.microgsm.corpus import Corpus, equation, held_out
from cotkd.formats.base import after_input
from cotkd.measuring.reasons import concluding
from cotkd.measuring.suites import load_suite
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.questions.microgsm.forms import LETTERS, four_options, yes_no
from cotkd.questions.microgsm.problems import between, pick, stream
from cotkd.students.load import load_student
from cotkd.students.student import Student
from cotkd.training.trainer import train
from cotkd.types import Architecture, Example

log = logging.getLogger(__name__)

BASES = Path(__file__).parent / "bases"
SEPARATORS = (" ###", "\nRationale:", "\nAnswer:", "\n[Explanation Generation]:")
ENDS = (" --> {}", " The answer is {}.", " So the answer is {}")
"""Of what the methods write after a question and before an answer, all equally often."""
KEPT = 0.3
"""Share of every part that is what the base has read before, or it would forget to reason."""
TEST = 1000
AFTER_GOLD = 500
FIGURES = "course.json"


class Part(NamedTuple):
    """A part of the course: what is compared in it, up to which bare number, how long and fast."""

    kinds: tuple[str, ...]
    largest: int
    tokens: int
    rate: float = 2e-3


PARTS = (
    Part(("number",), 9, 500_000),
    Part(("number",), 30, 700_000),
    Part(("number",), 99, 1_200_000),
    Part(("number",), 200, 1_200_000),
    Part(("number", "equation"), 200, 1_000_000, rate=1e-3),
    Part(("number", "equation", "problem"), 200, 2_000_000, rate=1e-3),
    Part(("equation", "problem"), 200, 3_000_000, rate=1e-3),
)
"""From numbers of one digit on: begun with all of them, four options stay at chance far longer."""
WRITTEN = 0.25
"""Share of equations and problems of which the whole text is learnt; of others the label."""
EXAMPLES_PER_TOKEN = 1 / 20
SETTINGS = {"batch_tokens": 2048, "decay": 0.6, "save_every": 100}


class Asked(NamedTuple):
    """A question with a label: what is asked, the reasoning, the label."""

    text: str
    reasoning: str
    label: str


def take_course(
    student: str, work: Path, bases: Path = BASES, parts: Sequence[Part] = PARTS
) -> Path:
    """Train an embedded base part after part, measure what it compares, and save it in bfloat16.

    Args:
        student: Name of an embedded base.
        work: Folder of parts; an interrupted course goes on where it was.
        bases: Folder under which the base is saved.
        parts: Of the course.
    """
    name = student
    for number, part in enumerate(parts, start=1):
        log.info("course of %s, part %d: %d tokens", student, number, part.tokens)
        base, out = load_student(name), work / "course" / student / f"part-{number}"
        rest = {"learning_rate": part.rate, "processed_tokens": part.tokens}
        train(base, lessons(base.architecture, part), SETTINGS | rest, out=out)
        name = str(out)
    return write_figures(load_student(name, dtype="bfloat16").save(bases / student))


def write_figures(folder: Path) -> Path:
    """Write down what the base in `folder` compares rightly."""
    digest = hashlib.sha256((folder / "model.safetensors").read_bytes()).hexdigest()
    found = compares(str(folder)) | {"digest": digest[:16]}
    (folder / FIGURES).write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return folder


def base_of(student: str) -> Path:
    """Return the folder of the base that has taken the course."""
    folder = BASES / student
    if not (folder / FIGURES).exists():
        raise SystemExit(
            f"{folder}: {student} has taken no course yet: "
            f"`python -m benchmarks.methods course --students {student}`"
        )
    return folder


def course_of(base: Path) -> dict[str, Any]:
    """Return what was measured of a base after its course, and which one it is."""
    return json.loads((base / FIGURES).read_text(encoding="utf-8"))


def compares(name: str) -> dict[str, Any]:
    """Return how many labels a base names rightly.

    `yesno` and `choice`: of `n` problems of one step, unseen so far, which it solves itself.
    `after_gold`: the same of test questions of several steps, after the gold solution; nothing but
    the last comparison is left to do.
    """
    student = load_student(name)
    found: dict[str, Any] = {"n": TEST, "after_gold": {"n": AFTER_GOLD}}
    for form in ("yesno", "choice"):
        rng = stream("course", "test", form)
        asked = [_problem(rng, form) for _ in range(TEST)]
        prompts = [_input(one.text, SEPARATORS[0], student.architecture) for one in asked]
        replies = student.generate(prompts, max_tokens=64)
        said = [re.findall(r"\w+", reply.text)[-1:] for reply in replies]
        found[form] = sum(last == [one.label] for last, one in zip(said, asked, strict=True))
        found["after_gold"][form] = _after_gold(student, form)
    return found


def _after_gold(student: Student, form: str) -> int:
    _, (questions, verifier) = load_suite(f"microgsm-{form}[:{AFTER_GOLD}]")
    conclude = concluding(student, FineTuneCot().prompting)
    assert conclude is not None, "Fine-tune-CoT answers after a rationale"
    said = conclude(questions, [question.rationale or "" for question in questions])
    verdicts = map(verifier.verify_question, said, questions)
    return sum(verdict.status == "correct" for verdict in verdicts)


def lessons(architecture: Architecture, part: Part) -> list[Example]:
    """Return the examples of a part, always the same."""
    world = Corpus(held_out())
    rng = stream("course", architecture, *part.kinds, part.largest)
    count = max(1, round(part.tokens * EXAMPLES_PER_TOKEN))
    return [_lesson(rng, world, part, f"course-{n}", architecture) for n in range(count)]


def _lesson(
    rng: random.Random, world: Corpus, part: Part, name: str, architecture: Architecture
) -> Example:
    if rng.random() < KEPT:
        return _read_before(rng, world, name, architecture)
    form = "yesno" if rng.random() < 0.4 else "choice"
    kind = pick(rng, part.kinds)
    if kind == "number":
        asked = _number(rng, form, part.largest)
    else:
        asked = _equation(rng, form) if kind == "equation" else _problem(rng, form)
    separator, end = pick(rng, SEPARATORS), pick(rng, ENDS)
    given = _input(asked.text, separator, architecture)
    target = after_input(asked.reasoning + end.format(asked.label), architecture)
    start = target.rindex(asked.label)
    if kind != "number" and rng.random() < WRITTEN:
        return _example(name, given, target)
    return _example(name, given, target, (start - 1, start + len(asked.label)))


def _example(name: str, given: str, target: str, label: tuple[int, int] | None = None) -> Example:
    """The task is the text, or the label alone where its place in the target is given."""
    return Example(
        example_id=name,
        question_id=name,
        task="label" if label else "text",
        input=given,
        target=target,
        loss_spans=(label,) if label else None,
    )


def _input(text: str, separator: str, architecture: Architecture) -> str:
    return text + separator if architecture == "decoder" else text


def _read_before(
    rng: random.Random, world: Corpus, name: str, architecture: Architecture
) -> Example:
    document = base_document if architecture == "decoder" else late_pair_document
    while True:
        given, target = document(rng, world)
        if given:
            return _example(name, given, target)


def _number(rng: random.Random, form: str, largest: int) -> Asked:
    number = between(rng, 1, largest)
    return _asked(rng, form, number, str(number), largest)


def _equation(rng: random.Random, form: str) -> Asked:
    left, op, right, number = equation(rng)
    return _asked(rng, form, number, f"<<{left}{op}{right}={number}>>{number}", 200)


def _asked(rng: random.Random, form: str, number: int, reasoning: str, largest: int) -> Asked:
    numbers = [number]
    while len(numbers) < len(LETTERS):
        other = number + between(rng, -20, 20) if rng.random() < 0.5 else between(rng, 1, largest)
        if 0 < other <= max(number, largest) and other not in numbers:
            numbers.append(other)
    if form == "yesno":
        truth = rng.random() < 0.5
        text = f"Is the answer {numbers[0 if truth else 1]}?"
        return Asked(text, reasoning, "yes" if truth else "no")
    order = sorted(range(len(LETTERS)), key=lambda _: rng.random())
    shown = zip(LETTERS, order, strict=True)
    text = "Answer Choices: " + " ".join(f"({x}) {numbers[i]}" for x, i in shown)
    return Asked(text, reasoning, LETTERS[order.index(0)])


def _problem(rng: random.Random, form: str) -> Asked:
    problem = one_step_problem(rng)
    text, label, _ = yes_no(rng, problem) if form == "yesno" else four_options(rng, problem)
    return Asked(text, problem.steps[0].text, label)
