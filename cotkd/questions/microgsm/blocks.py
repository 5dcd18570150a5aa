"""The building blocks of a story: what each one says, which steps it costs, and what it asks.

A block is data. `texts` are its usual sentences, `alternatives` those of the wording shift, `steps`
its equations over `v` (the running number), `t` (the step before), `a` and `b` (numbers of the
sentence) and constants, for example
`StepRule("v+a", "How many eggs does Tom have then?", ("Now Tom has {eq} eggs.",))`.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class StepRule:
    """One equation, its sub-question and the sentences that may state it (at `{eq}`)."""

    expression: str
    question: str
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Block:
    """A sentence of a story.

    `limits` bounds the numbers `a` and `b` where they are smaller than the world's; `question` is
    the question of a closing block. The running number becomes the result of the last step.
    """

    name: str
    texts: tuple[str, ...]
    alternatives: tuple[str, ...]
    steps: tuple[StepRule, ...] = ()
    limits: tuple[tuple[int, int], ...] = ()
    question: str = ""
    question_alternative: str = ""


_HAVE = "How many {I} does {A} have then?"
_NOW = ("Now {A} has {eq} {I}.", "Then {A} has {eq} {I}.")
_LEFT = ("Now {A} has {eq} {I} left.", "That leaves {eq} {I}.")
_SMALL = (2, 12)

STARTS = (
    Block(
        "given",
        ("{A} has {a} {I}.",),
        ("{a} {I} belong to {A}.", "The number of {I} of {A} is {a}."),
    ),
    Block(
        "groups",
        ("{A} has {a} {boxes} with {b} {I} in each.", "{A} has {a} {boxes} of {b} {I}."),
        (
            "Each of the {a} {boxes} of {A} holds {b} {I}.",
            "With {b} {I} per {box}, {A} fills {a} {boxes}.",
        ),
        (
            StepRule(
                "a*b",
                "How many {I} does {A} have at first?",
                ("{A} has {eq} {I} at first.", "At first {A} has {eq} {I}."),
            ),
        ),
        (_SMALL, (2, 20)),
    ),
    Block(
        "rate",
        ("{A} {gain} {a} {I} every day for {b} days.",),
        (
            "For {b} days in a row, {A} {gain} {a} {I} daily.",
            "Day after day {A} {gain} {a} {I}, {b} days long.",
        ),
        (
            StepRule(
                "a*b",
                "How many {I} is that in {b} days?",
                ("In {b} days that makes {eq} {I}.", "After {b} days {A} has {eq} {I}."),
            ),
        ),
        ((2, 20), _SMALL),
    ),
    Block(
        "kinds",
        ("{A} has {a} {k1} {I} and {b} {k2} {I}.",),
        (
            "{a} {k1} and {b} {k2} {I} belong to {A}.",
            "Of the {I} of {A}, {a} are {k1} and {b} are {k2}.",
        ),
        (
            StepRule(
                "a+b",
                "How many {I} does {A} have in all?",
                ("{A} has {eq} {I} in all.", "In all {A} has {eq} {I}."),
            ),
        ),
    ),
)

MOVES = (
    Block(
        "gain",
        ("Then {A} {gain} {a} more {I}.", "Later {A} {gain} {a} {I}."),
        ("Another {a} {I} are added after that.", "On top of that, {A} {gain} {a} extra {I}."),
        (StepRule("v+a", _HAVE, _NOW),),
    ),
    Block(
        "lose",
        ("Then {A} {lose} {a} of the {I}.", "Later {A} {lose} {a} {I}."),
        ("{a} of them are taken off after that.", "Soon {a} {I} go missing."),
        (StepRule("v-a", "How many {I} does {A} have left?", _LEFT),),
    ),
    Block(
        "gain_groups",
        ("Then {A} {gain} {a} {boxes} of {b} {I}.",),
        (
            "Another {a} {boxes}, each with {b} {I}, are added.",
            "On top of that come {a} {boxes} holding {b} {I} each.",
        ),
        (
            StepRule("a*b", "How many {I} are in the {boxes}?", ("The {boxes} hold {eq} {I}.",)),
            StepRule("v+t", _HAVE, _NOW),
        ),
        (_SMALL, (2, 20)),
    ),
    Block(
        "lose_groups",
        ("Then {A} {lose} {a} {boxes} of {b} {I}.",),
        (
            "{a} {boxes}, each with {b} {I}, go missing.",
            "Soon {a} {boxes} holding {b} {I} each are taken off.",
        ),
        (
            StepRule("a*b", "How many {I} are in the {boxes}?", ("The {boxes} hold {eq} {I}.",)),
            StepRule("v-t", "How many {I} does {A} have left?", _LEFT),
        ),
        (_SMALL, _SMALL),
    ),
    Block(
        "half",
        ("Then {A} {lose} half of the {I}.",),
        ("Every second one of the {I} goes missing.", "Only half of them remain after that."),
        (StepRule("v/2", "How many {I} does {A} have left?", _LEFT),),
    ),
    Block(
        "third",
        ("Then {A} {lose} a third of the {I}.",),
        ("One in three of the {I} goes missing.", "One third of them are taken off after that."),
        (
            StepRule("v/3", "How many {I} is a third?", ("A third of them is {eq} {I}.",)),
            StepRule("v-t", "How many {I} does {A} have left?", _LEFT),
        ),
    ),
    Block(
        "quarter",
        ("Then {A} {lose} a quarter of the {I}.",),
        ("One in four of the {I} goes missing.", "One quarter of them are taken off after that."),
        (
            StepRule("v/4", "How many {I} is a quarter?", ("A quarter of them is {eq} {I}.",)),
            StepRule("v-t", "How many {I} does {A} have left?", _LEFT),
        ),
    ),
    Block(
        "double",
        ("Then {A} doubles the number of {I}.",),
        ("Soon there are twice as many {I} as before.", "After that the {I} become twice as many."),
        (StepRule("v*2", _HAVE, _NOW),),
    ),
    Block(
        "two_days",
        ("{A} {gain} {a} {I} on {day1} and {b} {I} on {day2}.",),
        (
            "On {day1} {A} {gain} {a} extra {I}, on {day2} another {b}.",
            "{day1} adds {a} {I} and {day2} adds {b}.",
        ),
        (
            StepRule(
                "a+b",
                "How many {I} are new on the two days?",
                ("On both days that makes {eq} {I}.",),
            ),
            StepRule("v+t", _HAVE, _NOW),
        ),
    ),
)

_TOTAL = "How many {I} do {A} and {B} have together?"
_TOTAL_ALTERNATIVE = "What is the number of {I} of {A} and {B} taken together?"
_B_HAVE = "How many {I} does {B} have?"
_B_ALTERNATIVE = "What is the number of {I} of {B}?"
_B_TEXTS = ("{B} has {eq} {I}.", "So {B} has {eq} {I}.")
_SUM = StepRule(
    "v+t", _TOTAL, ("Together they have {eq} {I}.", "{A} and {B} have {eq} {I} together.")
)
_MORE = ("{B} has {a} more {I} than {A}.",), ("Compared with {A}, {B} owns {a} extra {I}.",)
_FEWER = ("{B} has {a} fewer {I} than {A}.",), ("Compared with {A}, {B} is {a} {I} short.",)
_TIMES = (
    ("{B} has {a} times as many {I} as {A}.",),
    ("Compared with {A}, {B} owns {a} times the {I}.",),
)
_PLUS, _MINUS, _MULTIPLY = (StepRule(e, _B_HAVE, _B_TEXTS) for e in ("v+a", "v-a", "v*a"))
_FACTOR = ((2, 6),)

ENDS = (
    Block(
        "now",
        (),
        (),
        question="How many {I} does {A} have now?",
        question_alternative="What number of {I} is there at the end?",
    ),
    Block("more", *_MORE, (_PLUS,), (), _B_HAVE, _B_ALTERNATIVE),
    Block("fewer", *_FEWER, (_MINUS,), (), _B_HAVE, _B_ALTERNATIVE),
    Block("times", *_TIMES, (_MULTIPLY,), _FACTOR, _B_HAVE, _B_ALTERNATIVE),
    Block("more_total", *_MORE, (_PLUS, _SUM), (), _TOTAL, _TOTAL_ALTERNATIVE),
    Block("fewer_total", *_FEWER, (_MINUS, _SUM), (), _TOTAL, _TOTAL_ALTERNATIVE),
    Block("times_total", *_TIMES, (_MULTIPLY, _SUM), _FACTOR, _TOTAL, _TOTAL_ALTERNATIVE),
    Block(
        "difference",
        ("{B} has {a} {I}.",),
        ("The number of {I} of {B} is {a}.",),
        (
            StepRule(
                "v-a",
                "How many more {I} does {A} have than {B}?",
                ("{A} has {eq} more {I} than {B}.", "The difference is {eq} {I}."),
            ),
        ),
        (),
        "How many more {I} does {A} have than {B}?",
        "By what number of {I} is {A} ahead of {B}?",
    ),
    Block(
        "price",
        ("{A} sells each of them for {a} dollars.",),
        ("A buyer pays {A} {a} dollars for every single one.",),
        (
            StepRule(
                "v*a",
                "How many dollars does {A} get?",
                ("{A} gets {eq} dollars.", "That makes {eq} dollars."),
            ),
        ),
        _FACTOR,
        "How many dollars does {A} get?",
        "What sum of dollars is paid?",
    ),
    Block(
        "share",
        ("{A} shares the {I} equally among {a} friends.",),
        ("In equal parts the {I} go to {a} friends.",),
        (
            StepRule(
                "v/a",
                "How many {I} does each friend get?",
                ("Each friend gets {eq} {I}.", "So each friend gets {eq} {I}."),
            ),
        ),
        ((2, 10),),
        "How many {I} does each friend get?",
        "What number of {I} goes to a single friend?",
    ),
    Block(
        "need",
        ("{A} wants to have {a} {I}.",),
        ("The goal of {A} is {a} {I}.",),
        (
            StepRule(
                "a-v",
                "How many more {I} does {A} need?",
                ("{A} needs {eq} more {I}.", "So {A} needs {eq} more {I}."),
            ),
        ),
        (),
        "How many more {I} does {A} need?",
        "What number of {I} is missing to the goal?",
    ),
    Block(
        "pack",
        ("{A} puts the {I} into {boxes} of {a}.",),
        ("Every {box} gets {a} of the {I}.",),
        (
            StepRule(
                "v/a",
                "How many {boxes} does {A} need?",
                ("{A} needs {eq} {boxes}.", "That fills {eq} {boxes}."),
            ),
        ),
        ((2, 10),),
        "How many {boxes} does {A} need?",
        "What number of {boxes} is filled?",
    ),
)
BLOCKS = (*STARTS, *MOVES, *ENDS)
