"""Other forms of a problem: as a yes/no or four-option question, or with a wrong solution.

>>> yes_no(stream("example"), problem)
('Tom has 12 eggs. … How many eggs does Tom have now? Is the answer 17?', 'no')  # doctest: +SKIP
"""

import random
from collections.abc import Sequence
from dataclasses import replace

from cotkd.questions.microgsm.problems import (
    Operand,
    Problem,
    Rejected,
    Step,
    between,
    combine,
    pick,
)

LETTERS = "ABCD"
_NEARBY = (-20, -10, -5, -3, -2, -1, 1, 2, 3, 5, 10, 20)


def recompute(steps: Sequence[Step]) -> tuple[Step, ...]:
    """The same steps with every result worked out again from the numbers before it.

    Raises:
        Rejected: where a result is no whole number in 1..400.
    """
    done: list[Step] = []
    for step in steps:
        left, right = (
            o if o.step is None else replace(o, number=done[o.step].result)
            for o in (step.left, step.right)
        )
        result = combine(left.number, step.op, right.number)
        if result > 400:
            raise Rejected(str(result))
        done.append(replace(step, left=left, right=right, result=result))
    return tuple(done)


def _without(steps: Sequence[Step], index: int) -> list[Step]:
    """The steps without one of them; what used its result uses its first operand instead."""

    def redirect(operand: Operand) -> Operand:
        if operand.step is None or operand.step < index:
            return operand
        if operand.step == index:
            return steps[index].left
        return replace(operand, step=operand.step - 1)

    kept = [step for i, step in enumerate(steps) if i != index]
    return [replace(step, left=redirect(step.left), right=redirect(step.right)) for step in kept]


def _mutated(rng: random.Random, problem: Problem) -> list[Step]:
    steps = list(problem.steps)
    index = between(rng, 0, len(steps) - 1)
    step = steps[index]
    kind = rng.random()
    if kind < 0.3 and len(steps) > 1:
        return _without(steps, index)
    if kind < 0.65 or (step.left.step is not None and step.right.step is not None):
        steps[index] = replace(step, op=pick(rng, [op for op in "+-*" if op != step.op]))
        return steps
    other = Operand(pick(rng, [*problem.operands, step.right.number + pick(rng, _NEARBY)]))
    steps[index] = (
        replace(step, right=other) if step.right.step is None else replace(step, left=other)
    )
    return steps


def corrupted(rng: random.Random, problem: Problem) -> tuple[Step, ...]:
    """A consistent but wrong solution: another operation, a wrong number or a forgotten step."""
    while True:
        try:
            steps = recompute(_mutated(rng, problem))
        except Rejected:
            continue
        if steps[-1].result != problem.answer and all(
            s.left.number > 0 and s.right.number > 0 for s in steps
        ):
            return steps


def nearby(rng: random.Random, problem: Problem) -> int:
    """A wrong answer close to the right one."""
    while True:
        number = problem.answer + pick(rng, _NEARBY)
        if number > 0:
            return number


def plausible(rng: random.Random, problem: Problem) -> int:
    """A wrong answer that somebody could give: an earlier result, a wrong plan's, or nearby."""
    while True:
        kind = rng.random()
        if kind < 0.3:
            number = pick(rng, [step.result for step in problem.steps])
        elif kind < 0.8:
            number = corrupted(rng, problem)[-1].result
        else:
            number = nearby(rng, problem)
        if number != problem.answer:
            return number


def yes_no(
    rng: random.Random, problem: Problem, *, truth: bool | None = None
) -> tuple[str, str, int]:
    """The problem as a yes/no question: its text, its answer and the number it proposes."""
    proposed, wrong = problem.answer, plausible(rng, problem)
    right = rng.random() < 0.5 if truth is None else truth
    if not right:
        proposed = wrong
    return f"{problem.text} Is the answer {proposed}?", "yes" if right else "no", proposed


def four_options(rng: random.Random, problem: Problem) -> tuple[str, str, tuple[str, ...]]:
    """The problem with four options: its text, the right letter and the texts of the options."""
    place = between(rng, 0, 3)
    numbers: list[int] = []
    while len(numbers) < 3:
        number = plausible(rng, problem)
        if number not in numbers:
            numbers.append(number)
    numbers.insert(place, problem.answer)
    options = tuple(map(str, numbers))
    shown = " ".join(
        f"({letter}) {option}" for letter, option in zip(LETTERS, options, strict=True)
    )
    return f"{problem.text} Answer Choices: {shown}", LETTERS[place], options
