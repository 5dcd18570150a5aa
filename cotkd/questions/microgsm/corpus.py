r"""Endless training text for the world's models; a document is (prompt, completion).

The teacher reads solved problems in every elicitation; the base students read no solution of more
than one step.

    ("Q: Tom has 3 crates of 12 eggs. … now?\nA:", " Tom has <<3*12=36>>36 eggs at first.\n…")
"""

import random
from collections.abc import Callable, Sequence, Set
from dataclasses import dataclass

from cotkd.questions.microgsm import words
from cotkd.questions.microgsm.forms import (
    LETTERS,
    bent,
    corrupted,
    four_options,
    nearby,
    plausible,
    yes_no,
)
from cotkd.questions.microgsm.problems import SHIFTS, Problem, Step, World, between, draw, pick

Document = tuple[str, str]
_IN_DISTRIBUTION = World()
_PREFIXES = ("Copy:", "predict:", "explain:", "[rationale]", "[factual]", "[solve]")


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
                return self.problem(rng, SHIFTS[name])
            number -= share
        return self.problem(rng, _IN_DISTRIBUTION)


def _choose(
    rng: random.Random, options: Sequence[tuple[float, Callable[..., Document]]]
) -> Callable[..., Document]:
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


def _question(rng: random.Random, problem: Problem) -> tuple[str, str]:
    """The question and its answer, sometimes in one of the classification forms."""
    kind = rng.random()
    if kind < 0.1:
        text, answer, _ = yes_no(rng, problem)
        return text, answer
    if kind < 0.22:
        text, answer, _ = four_options(rng, problem)
        return text, answer
    return problem.text, str(problem.answer)


def _plain(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = _question(rng, problem)
    return f"Q: {text}\nA:", f" {problem.rationale}\n#### {answer}"


def _think(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = _question(rng, problem)
    prompt = f"Q: {text}\nA: Let's think step by step."
    if rng.random() < 0.75:
        return prompt, f" {problem.rationale}"
    return f"{prompt} {problem.rationale}\nTherefore, the answer is", f" {answer}."


def _subquestions(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = _question(rng, problem)
    lines = "".join(f"\n{step.subquestion} ** {step.text}" for step in problem.steps)
    return f"Q: {text}\nA: Let's break it into sub-questions.", f"{lines}\n#### {answer}"


def _given_right(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    text, answer = _question(rng, problem)
    return f"Q: {text}\nA: The answer is {answer}.", f" {problem.rationale}"


def _given_wrong(rng: random.Random, corpus: Corpus) -> Document:
    problem = corpus.solved(rng)
    if rng.random() < 0.5:
        steps = corrupted(rng, problem)
    else:
        steps = bent(problem, nearby(rng, problem) if rng.random() < 0.6 else between(rng, 2, 200))
    wrong = steps[-1].result
    text, answer, kind = problem.text, str(wrong), rng.random()
    if kind < 0.1 and wrong != problem.answer:
        truth = rng.random() < 0.5
        text = f"{problem.text} Is the answer {problem.answer if truth else wrong}?"
        answer = "no" if truth else "yes"
    elif kind < 0.2 and wrong != problem.answer:
        text, answer = _wrong_option(rng, problem, wrong)
    return f"Q: {text}\nA: The answer is {answer}.", f" {_lines(steps)}"


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
    return "", f"Q: {corpus.problem(rng, SHIFTS[name]).text}"


_TEACHER = (
    (0.17, lambda rng, corpus: drills(rng)),
    (0.02, _bare_text),
    (0.42, _plain),
    (0.12, _think),
    (0.12, _subquestions),
    (0.05, _given_right),
    (0.10, _given_wrong),
)


def teacher_document(rng: random.Random, corpus: Corpus) -> Document:
    """One document of the teacher's training text."""
    return _choose(rng, _TEACHER)(rng, corpus)


def _any_world(rng: random.Random) -> World:
    """Mostly the usual world, sometimes a shifted one, so that every word is met."""
    return _IN_DISTRIBUTION if rng.random() < 0.6 else SHIFTS[pick(rng, tuple(SHIFTS))]


def _marker(rng: random.Random) -> str:
    return pick(
        rng,
        ("###", "-->", "####", "Facts:", "Copy:", "A:", "Answer:", pick(rng, words.METHOD_STRINGS)),
    )


def facts(problem: Problem) -> str:
    """The numbers of the sentences, each with the words around it: '12 eggs, 3 boxes'."""
    found: list[str] = []
    for sentence in problem.sentences:
        tokens = sentence.rstrip(".").replace(",", "").split()
        found.extend(
            " ".join(tokens[i : i + 2]) for i, token in enumerate(tokens) if token.isdigit()
        )
    return ", ".join(found)


def _copied(rng: random.Random, corpus: Corpus) -> Document:
    """A problem, then its facts or some of its sentences again, after a marker."""
    problem = corpus.problem(rng, _any_world(rng))
    kind = rng.random()
    if kind < 0.55:
        again = facts(problem)
    elif kind < 0.9:
        again = pick(rng, problem.sentences)
    else:
        again = problem.text
    return problem.text, f" {_marker(rng)} {again}"


def _read(rng: random.Random, corpus: Corpus) -> Document:
    world = _any_world(rng)
    problem = corpus.problem(rng, world)
    text, _ = _question(rng, problem)
    return "", text if rng.random() < 0.7 else f"{_marker(rng)} {text}"


def _one_step(rng: random.Random, corpus: Corpus) -> Document:
    """A problem of one step and its step sentence, the only solved problems that a base reads."""
    problem = draw(rng, _one_step_world(rng))
    step = problem.steps[0]
    lead = f"{step.subquestion} ** " if rng.random() < 0.15 else ""
    return problem.text, f" {pick(rng, ('###', 'A:', '**', _marker(rng)))} {lead}{step.text}"


def _one_step_world(rng: random.Random) -> World:
    world = _any_world(rng)
    return World(
        (1,),
        world.largest_operand,
        world.largest_result,
        0,
        world.names,
        world.domains,
        world.rewording,
        world.distractors,
    )


def _step_sentences(rng: random.Random, corpus: Corpus) -> Document:
    """Single step sentences of unrelated problems."""
    texts = []
    for _ in range(5):
        step = pick(rng, corpus.problem(rng, _any_world(rng)).steps)
        texts.append(step.text)
    return "", pick(rng, (" ", "\n")).join(texts)


def _random_numbers(rng: random.Random, corpus: Corpus) -> Document:
    """A list of numbers with nouns, then the same list again."""
    domain = pick(rng, (*words.DOMAINS.values(), words.NEW_DOMAIN))
    nouns = (*domain.items, *(plural for plural, _ in domain.boxes))
    listed = ", ".join(
        f"{between(rng, 2, 300)} {pick(rng, nouns)}" for _ in range(between(rng, 2, 6))
    )
    return f"{_marker(rng)} {listed}", f" {_marker(rng)} {listed}"


_BASE = (
    (0.25, lambda rng, corpus: drills(rng)),
    (0.15, _read),
    (0.25, _copied),
    (0.08, _random_numbers),
    (0.12, _step_sentences),
    (0.15, _one_step),
)


def base_document(rng: random.Random, corpus: Corpus) -> Document:
    """One document of the decoder base's text; no solution in it has more than one step."""
    return _choose(rng, _BASE)(rng, corpus)


def _pair_drill(rng: random.Random, corpus: Corpus) -> Document:
    """Equations without and with their results."""
    asked: list[str] = []
    told: list[str] = []
    for _ in range(between(rng, 1, 6)):
        left, op, right, result = equation(rng)
        asked.append(f"{left}{op}{right}")
        told.append(f"<<{left}{op}{right}={result}>>{result}")
    return " ".join(asked), " ".join(told)


def _pair_chain(rng: random.Random, corpus: Corpus) -> Document:
    _, text = drills(rng)
    cut = text.index(">>") + 2
    return text[:cut], text


def _pair_list(rng: random.Random, corpus: Corpus) -> Document:
    prompt, _ = _random_numbers(rng, corpus)
    listed = prompt[prompt.index(next(c for c in prompt if c.isdigit())) :]
    return prompt, listed


def _pair_copied(rng: random.Random, corpus: Corpus) -> Document:
    """Facts or sentences of a problem, the marker before the problem says which."""
    problem = corpus.problem(rng, _any_world(rng))
    kind = rng.random()
    if kind < 0.55:
        return f"Facts: {problem.text}", facts(problem)
    if kind < 0.75:
        return (
            f"{pick(rng, _PREFIXES)} {problem.text}",
            problem.text,
        )
    chosen = pick(rng, problem.sentences)
    start = " ".join(chosen.split()[:2])
    return f"Copy: {start} --> {problem.text}", chosen


def _pair_one_step(rng: random.Random, corpus: Corpus) -> Document:
    """A problem of one step and its step sentence."""
    problem = draw(rng, _one_step_world(rng))
    return problem.text, f"{problem.steps[0].text}"


def _pair_step(rng: random.Random, corpus: Corpus) -> Document:
    """Step sentences without and with their results."""
    asked, told = [], []
    for _ in range(between(rng, 1, 3)):
        step = pick(rng, corpus.problem(rng, _any_world(rng)).steps)
        asked.append(step.template.replace("{eq}", step.equation.split("=")[0]))
        told.append(step.text)
    return " ".join(asked), "\n".join(told)


_PAIRS = (
    (0.15, _pair_drill),
    (0.10, _pair_chain),
    (0.20, _pair_list),
    (0.25, _pair_copied),
    (0.12, _pair_step),
    (0.18, _pair_one_step),
)


def pair_document(rng: random.Random, corpus: Corpus) -> Document:
    """One (input, target) pair of the T5 base's text; no solution has more than one step."""
    return _choose(rng, _PAIRS)(rng, corpus)
