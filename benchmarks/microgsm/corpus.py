r"""Endless training text for the world's models; a document is (prompt, completion).

The teacher reads solved problems in every elicitation; the base students read no solution of more
than one step.

    ("Q: Tom has 3 crates of 12 eggs. … now?\nA:", " Tom has <<3*12=36>>36 eggs at first.\n…")
"""

import random
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from cotkd.questions.microgsm import words
from cotkd.questions.microgsm.build import problems
from cotkd.questions.microgsm.forms import (
    LETTERS,
    corrupted,
    four_options,
    nearby,
    plausible,
    yes_no,
)
from cotkd.questions.microgsm.problems import SHIFTS, Problem, Step, World, between, draw, pick

Document = tuple[str, str]
IN_DISTRIBUTION = World()
READ_SHIFTS: Mapping[str, World] = {
    **SHIFTS,
    "names": World(names=words.NEW_NAMES),
    "domain": World(domains=(words.NEW_DOMAIN,)),
    "distractor": World(distractors=1),
}
"""The shifts as the models have read them: of names, domain and distractor a milder form."""


@dataclass(frozen=True)
class Corpus:
    """Where documents are drawn from.

    `held_out` are the skeletons that never occur; `shifted` is how often a solved problem looks
    like one of the shifts.
    """

    held_out: Set[str]
    shifted: tuple[tuple[str, float], ...] = (
        ("steps", 0.03),
        ("numbers", 0.02),
        ("wording", 0.03),
        ("distractor", 0.03),
    )

    def problem(self, rng: random.Random, world: World) -> Problem:
        """A problem whose skeleton is not held out."""
        while True:
            problem = draw(rng, world)
            if problem.skeleton not in self.held_out:
                return problem

    def solved(self, rng: random.Random) -> Problem:
        """A problem for the teacher, now and then a shifted one."""
        number = rng.random()
        for name, share in self.shifted:
            if number < share:
                return self.problem(rng, READ_SHIFTS[name])
            number -= share
        return self.problem(rng, IN_DISTRIBUTION)


def held_out() -> frozenset[str]:
    """The skeletons of every file: no training text of the checkpoints has one of them."""
    return frozenset(p.skeleton for chosen in problems().values() for p in chosen)


def choose(
    rng: random.Random, options: Sequence[tuple[float, Callable[..., Document]]]
) -> Callable[..., Document]:
    """One of the weighted kinds of documents."""
    number = rng.random() * sum(weight for weight, _ in options)
    for weight, option in options:
        number -= weight
        if number < 0:
            return option
    return options[-1][1]


def _lines(steps: Sequence[Step]) -> str:
    return "\n".join(step.text for step in steps)


def equation(rng: random.Random, largest: int = 200) -> tuple[int, str, int, int]:
    """A random equation (left, operation, right, result) of the size that the problems need."""
    op = pick(rng, "++--**/")
    if op == "*":
        left, right = between(rng, 2, 40), between(rng, 2, 12)
        while left * right > largest:
            left, right = between(rng, 2, 100), between(rng, 2, 20)
        return (
            (left, op, right, left * right)
            if rng.random() < 0.7
            else (right, op, left, left * right)
        )
    if op == "/":
        right, result = between(rng, 2, 10), between(rng, 2, 60)
        while right * result > largest:
            result = between(rng, 2, 60)
        return right * result, op, right, result
    small, total = between(rng, 2, 60), between(rng, 4, largest)
    if small >= total:
        small = between(rng, 2, total - 2) if total > 4 else 2
    if op == "-":
        return total, op, small, total - small
    pair = (total - small, small) if rng.random() < 0.6 else (small, total - small)
    return pair[0], op, pair[1], total


def drills(rng: random.Random) -> Document:
    """A dozen annotated equations; half of the time each goes on with the result before it."""
    largest = 300 if rng.random() < 0.15 else 200
    parts: list[str] = []
    chained, last = rng.random() < 0.5, 0
    for _ in range(9):
        left, op, right, result = equation(rng, largest)
        if chained and last > 4:
            left, op = last, pick(rng, "+-*/")
            right = pick(rng, [2, 3, 4, 5, 6]) if op in "*/" else between(rng, 2, 40)
            if op == "/" and left % right:
                op = "+"
            if op == "-" and right >= left:
                op = "+"
            result = {"+": left + right, "-": left - right, "*": left * right, "/": left // right}[
                op
            ]
            if result > largest:
                left, op, right, result = equation(rng, largest)
        parts.append(f"<<{left}{op}{right}={result}>>{result}")
        last = result
    return "", pick(rng, (" ", "\n")).join(parts)


def question(
    rng: random.Random, problem: Problem, *, forms: tuple[float, float] = (0.13, 0.13)
) -> tuple[str, str]:
    """The question and its answer; `forms` are the shares of the yes/no and four-option forms."""
    kind = rng.random()
    if kind < forms[0]:
        text, answer, _ = yes_no(rng, problem)
        return text, answer
    if kind < sum(forms):
        text, answer, _ = four_options(rng, problem)
        return text, answer
    return problem.text, str(problem.answer)


def _plain(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = question(rng, problem)
    return f"Q: {text}\nA:", f" {problem.rationale}\n#### {answer}"


def _think(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = question(rng, problem)
    prompt = f"Q: {text}\nA: Let's think step by step."
    if rng.random() < 0.75:
        return prompt, f" {problem.rationale}"
    return f"{prompt} {problem.rationale}\nTherefore, the answer is", f" {answer}."


def _subquestions(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = question(rng, problem)
    lines = "".join(f"\n{step.subquestion} ** {step.text}" for step in problem.steps)
    return f"Q: {text}\nA: Let's break it into sub-questions.", f"{lines}\n#### {answer}"


def bent(problem: Problem, answer: int) -> tuple[Step, ...]:
    """The right steps, but the last one states the given result, right or wrong."""
    return (*problem.steps[:-1], replace(problem.steps[-1], result=answer))


def _given_right(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = question(rng, problem)
    return f"Q: {text}\nA: The answer is {answer}.", f" {problem.rationale}"


def _given_wrong(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    if rng.random() < 0.5:
        steps = corrupted(rng, problem)
    else:
        steps = bent(problem, _other_answer(rng, problem))
    wrong = steps[-1].result
    text, answer, kind = problem.text, str(wrong), rng.random()
    if kind < 0.1 and wrong != problem.answer:
        truth = rng.random() < 0.5
        text = f"{problem.text} Is the answer {problem.answer if truth else wrong}?"
        answer = "no" if truth else "yes"
    elif kind < 0.2 and wrong != problem.answer:
        text, answer = _wrong_option(rng, problem, wrong)
    return f"Q: {text}\nA: The answer is {answer}.", f" {_lines(steps)}"


def _other_answer(rng: random.Random, problem: Problem) -> int:
    """An answer to bend to: close by, an earlier result or another plan's, or any number."""
    kind = rng.random()
    if kind < 0.4:
        return nearby(rng, problem)
    return plausible(rng, problem) if kind < 0.8 else between(rng, 2, 200)


def _wrong_option(rng: random.Random, problem: Problem, wrong: int) -> tuple[str, str]:
    """The problem with four options of which the wrong one is named."""
    numbers = [problem.answer, wrong]
    while len(numbers) < 4:
        number = plausible(rng, problem)
        if number not in numbers:
            numbers.append(number)
    order = sorted(range(4), key=lambda _: rng.random())
    shown = " ".join(f"({letter}) {numbers[i]}" for letter, i in zip(LETTERS, order, strict=True))
    return f"{problem.text} Answer Choices: {shown}", LETTERS[order.index(1)]


def _bare_text(rng: random.Random, corpus: Corpus) -> Document:
    name = pick(rng, ("names", "domain"))
    return "", f"Q: {corpus.problem(rng, READ_SHIFTS[name]).text}"


def label_drill(rng: random.Random) -> Document:
    """A result compared with a proposed number or with four options; the label completes it."""
    left, op, right, result = equation(rng)
    numbers = [result]
    while len(numbers) < 4:
        near = rng.random() < 0.5
        other = result + between(rng, -20, 20) if near else between(rng, 2, 200)
        if other > 0 and other not in numbers:
            numbers.append(other)
    if rng.random() < 0.5:
        truth = rng.random() < 0.5
        asked = f"Is the answer {result if truth else numbers[1]}?"
        answer = "yes" if truth else "no"
    else:
        order = sorted(range(4), key=lambda _: rng.random())
        shown = zip(LETTERS, order, strict=True)
        asked = "Answer Choices: " + " ".join(f"({x}) {numbers[i]}" for x, i in shown)
        answer = LETTERS[order.index(0)]
    return f"Q: {asked}\nA: <<{left}{op}{right}={result}>>{result}\n####", f" {answer}"


_TEACHER = (
    (0.11, lambda rng, corpus: drills(rng)),
    (0.07, lambda rng, corpus: label_drill(rng)),
    (0.02, _bare_text),
    (0.41, _plain),
    (0.10, _think),
    (0.11, _subquestions),
    (0.05, _given_right),
    (0.13, _given_wrong),
)


def teacher_document(rng: random.Random, corpus: Corpus) -> Document:
    """One document of the teacher's training text."""
    return choose(rng, _TEACHER)(rng, corpus)
