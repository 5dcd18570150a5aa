"""Draw a problem: a start, some moves and a question, with every step's equation and sub-question.

>>> problem = draw(stream("example"), World())
>>> problem.text
'Tom has 3 crates of 12 eggs. Then Tom sells 5 of the eggs. How many …'  # doctest: +SKIP
"""

import hashlib
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from cotkd.questions.microgsm import blocks as parts
from cotkd.questions.microgsm import words
from cotkd.questions.microgsm.blocks import Block, StepRule
from cotkd.questions.microgsm.words import Domain

T = TypeVar("T")


@dataclass(frozen=True)
class World:
    """What a problem may look like; the defaults are in distribution, a shift changes one thing."""

    steps: tuple[int, ...] = (2, 2, 2, 3, 3, 3, 3, 4, 4, 4)
    largest_operand: int = 40
    largest_result: int = 200
    operand_above: int = 0
    names: tuple[str, ...] = words.NAMES
    domains: tuple[Domain, ...] = tuple(words.DOMAINS.values())
    rewording: float = 0.0
    distractors: int = 0
    distracting: tuple[str, ...] = words.DISTRACTORS


SHIFTS: Mapping[str, World] = {
    "steps": World(steps=(5,)),
    "numbers": World(largest_operand=60, largest_result=300, operand_above=40),
    "names": World(names=words.UNSEEN_NAMES),
    "wording": World(rewording=0.5),
    "domain": World(domains=(words.UNSEEN_DOMAIN,)),
    "distractor": World(distractors=1, distracting=words.CLOSE_DISTRACTORS),
}
"""The shifts as they are asked."""


@dataclass(frozen=True)
class Operand:
    """A number of an equation: written in the text, or (`step` set) the result of a step."""

    number: int
    step: int | None = None


@dataclass(frozen=True)
class Step:
    """One step; `template` holds `{eq}` for the equation, `swapped` exchanges its operands."""

    subquestion: str
    template: str
    left: Operand
    op: str
    right: Operand
    result: int
    swapped: bool = False

    @property
    def equation(self) -> str:
        """The equation as written, such as `12*3=36`."""
        first, second = (self.right, self.left) if self.swapped else (self.left, self.right)
        return f"{first.number}{self.op}{second.number}={self.result}"

    @property
    def text(self) -> str:
        """The sentence, such as `Tom has <<12*3=36>>36 eggs at first.`."""
        return self.template.replace("{eq}", f"<<{self.equation}>>{self.result}")


@dataclass(frozen=True)
class Problem:
    """A word problem and its gold solution."""

    text: str
    steps: tuple[Step, ...]
    domain: str
    shape: tuple[str, ...]
    sentences: tuple[str, ...]
    operands: tuple[int, ...]

    @property
    def answer(self) -> int:
        """The result of the last step."""
        return self.steps[-1].result

    @property
    def rationale(self) -> str:
        """The steps, one a line."""
        return "\n".join(step.text for step in self.steps)

    @property
    def skeleton(self) -> str:
        """The ordered equations, unswapped, and the blocks: equal for two tellings of a problem."""
        equations = ";".join(replace(step, swapped=False).equation for step in self.steps)
        return equations + "|" + "-".join(self.shape)


class Rejected(Exception):
    """A draw that broke a bound; it is drawn again."""


def stream(*key: object) -> random.Random:
    """A random stream of its own for a key.

    Only `random()` is drawn from it, which is the same on every Python.
    """
    digest = hashlib.sha256("/".join(map(str, key)).encode()).digest()
    return random.Random(int.from_bytes(digest[:16], "big"))


def pick(rng: random.Random, options: Sequence[T]) -> T:
    """One of the options, all equally likely."""
    return options[int(rng.random() * len(options))]


def between(rng: random.Random, low: int, high: int) -> int:
    """A whole number from low to high, both included."""
    return low + int(rng.random() * (high - low + 1))


def combine(left: int, op: str, right: int) -> int:
    """The result of one equation.

    Raises:
        Rejected: where it is not a positive whole number.
    """
    result = {"+": left + right, "-": left - right, "*": left * right}.get(op)
    if result is None:
        if right == 0 or left % right:
            raise Rejected(f"{left}/{right}")
        result = left // right
    if result < 1:
        raise Rejected(f"{left}{op}{right}")
    return result


@dataclass
class _Story:
    """A problem under construction."""

    rng: random.Random
    world: World
    fields: dict[str, str]
    value: Operand = Operand(0)
    sentences: list[str] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    operands: list[int] = field(default_factory=list)
    reworded: int = 0

    def word(self, usual: Sequence[str], alternatives: Sequence[str]) -> str:
        """A usual sentence or, with the world's probability, one of the wording shift."""
        if self.world.rewording and self.rng.random() < self.world.rewording:
            self.reworded += 1
            return pick(self.rng, alternatives)
        return pick(self.rng, usual)

    def tell(self, block: Block) -> None:
        """Add the sentence and the steps of a block."""
        days = between(self.rng, 0, len(words.DAYS) - 2)
        first = between(self.rng, 0, len(words.KINDS) - 1)
        second = (first + between(self.rng, 1, len(words.KINDS) - 1)) % len(words.KINDS)
        fields = self.fields | {
            "day1": words.DAYS[days],
            "day2": words.DAYS[days + 1],
            "k1": words.KINDS[first],
            "k2": words.KINDS[second],
        }
        numbers: dict[str, Operand] = {"v": self.value}
        sentence = self.word(block.texts, block.alternatives) if block.texts else ""
        for index, name in enumerate(n for n in ("a", "b") if "{" + n + "}" in sentence):
            low, high = (
                block.limits[index]
                if index < len(block.limits)
                else (2, self.world.largest_operand)
            )
            numbers[name] = Operand(between(self.rng, low, high))
            fields[name] = str(numbers[name].number)
            self.operands.append(numbers[name].number)
        if sentence:
            self.sentences.append(sentence.format_map(fields))
        if block.name == "given":
            self.value = numbers["a"]
        before = self.value
        for rule in block.steps:
            numbers["v"] = before
            self.add(rule, numbers, fields)
            numbers["t"] = self.value

    def add(
        self, rule: StepRule, numbers: Mapping[str, Operand], fields: Mapping[str, str]
    ) -> None:
        """Work one step out; its result becomes the running number."""
        left, op, right = tuple(rule.expression)
        terms = [numbers[t] if t in numbers else Operand(int(t)) for t in (left, right)]
        result = combine(terms[0].number, op, terms[1].number)
        if result > self.world.largest_result or result < 2:
            raise Rejected(str(result))
        self.steps.append(
            Step(
                rule.question.format_map(fields),
                pick(self.rng, rule.texts).format_map({**fields, "eq": "{eq}"}),
                terms[0],
                op,
                terms[1],
                result,
                swapped=op in "+*" and self.rng.random() < 0.2,
            )
        )
        self.value = Operand(result, len(self.steps) - 1)


def _cast(rng: random.Random, world: World) -> tuple[Domain, dict[str, str]]:
    domain = pick(rng, world.domains)
    boxes, box = pick(rng, domain.boxes)
    first = between(rng, 0, len(world.names) - 1)
    second = (first + between(rng, 1, len(world.names) - 1)) % len(world.names)
    return domain, {
        "A": world.names[first],
        "B": world.names[second],
        "I": pick(rng, domain.items),
        "boxes": boxes,
        "box": box,
        "gain": pick(rng, domain.gain),
        "lose": pick(rng, domain.lose),
    }


def _shape(rng: random.Random, target: int) -> tuple[Block, ...]:
    """A start, moves and an end whose steps add up to the target."""
    while True:
        start, end = pick(rng, parts.STARTS), pick(rng, parts.ENDS)
        chosen: list[Block] = []
        left = target - len(start.steps) - len(end.steps)
        while left > 0:
            move = pick(rng, parts.MOVES)
            chosen.append(move)
            left -= len(move.steps)
        if left == 0 and len({block.name for block in chosen}) == len(chosen):
            return (start, *chosen, end)


def _attempt(rng: random.Random, world: World, target: int) -> Problem:
    domain, fields = _cast(rng, world)
    shape = _shape(rng, target)
    story = _Story(rng, world, fields)
    for block in shape:
        story.tell(block)
    if world.operand_above and max(story.operands) <= world.operand_above:
        raise Rejected("operands too small")
    for _ in range(world.distractors):
        number = between(rng, 2, world.largest_operand)
        sentence = pick(rng, world.distracting).format_map({**fields, "n": str(number)})
        story.sentences.insert(between(rng, 1, len(story.sentences)), sentence)
    end = shape[-1]
    question = story.word((end.question,), (end.question_alternative,)).format_map(fields)
    if world.rewording and not story.reworded:
        raise Rejected("nothing re-worded")
    return Problem(
        " ".join([*story.sentences, question]),
        tuple(story.steps),
        domain.name,
        tuple(block.name for block in shape),
        tuple(story.sentences),
        tuple(story.operands),
    )


def draw(rng: random.Random, world: World) -> Problem:
    """A problem of the world; draws that break a bound are drawn again."""
    target = pick(rng, world.steps)
    while True:
        try:
            return _attempt(rng, world, target)
        except Rejected:
            continue
