"""Throws generated texts at every verifier: `python -m tests.verify.fuzz --texts 200000`.

A text is a random row of answer markers, numbers, LaTeX, JSON, odd Unicode and noise, now and then
repeated a thousand times. None may raise, take a second, or make the process grow.
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from typing import NamedTuple

from cotkd.rationales.extract import extract
from cotkd.rationales.written import written_equations
from cotkd.types import Question
from cotkd.verify import verifier_of, verify_steps
from cotkd.verify.math_pool import close_pools

PIECES = (
    "#### ", "The answer is ", '"answer": ', '{"reasoning": "', "\\boxed{", "}", "{", "**", "A: ",
    "-->", "\n", "\n\nQ: ", "</think>", "<|im_end|>", "Final Answer", "not ", "yes", "no", "true",
    "(B)", "B) ", "option C", "None", "cannot be determined", "not enough information", "5", "-",
    "−", "1,000", "1.000.000", "1 000", "3/4", "1 1/2", "½", "20%", "$", "€", "9.3e12", "0", "007",
    "9" * 50, "=", "==", "≈", "+", "*", "×", "/", "÷", "^", "(", ")", "[", "]", "<<", ">>",
    "<<3*4=12>>", "3 * 4 = 13", " of ", " eggs", "x", "X", "\\frac{1}{2}", "\\frac{", "\\sqrt{2}",
    "\\times ", "\\text{ cm}", "\\pi", "^{", "!", "\\left(", "\\begin{pmatrix}", "&", "\\\\",
    "three hundred and ", "half", "minus ", "million", "percent", "3:30 PM", ".", ",", ";", ":",
    "'", '"', "\\", "\t", "\x00", "\ud800", "\u202e", "\u0301", "１８", "१८", "\U0001f600", "，",
    "I hope this helps", "let me know", "```json\n", "```", "def solution():", "import os", " ",
)  # fmt: skip
KINDS = ("numeric", "choice", "boolean", "text")
MATH_EVERY = 100
"""One in so many texts also goes to the processes of `math`."""


class Found(NamedTuple):
    """What a run saw; anything raised ends it."""

    texts: int
    slowest: float
    grown_mb: float


def fuzz(texts: int, seed: int, *, math: bool = False) -> Found:
    """Run every verifier on generated texts and return the slowest text and the growth."""
    source = random.Random(seed)
    verifiers = [verifier_of(kind) for kind in KINDS]
    symbolic = verifier_of({"kind": "math", "seconds": 1.0}) if math else None
    slowest, before = 0.0, 0
    for number in range(texts):
        text, gold = generated(source), generated(source)[:40]
        question = Question(id="q", text="?", answer=gold, choices=("18", "an anvil", "no"))
        start = time.process_time()
        for verifier in verifiers:
            verifier.verify(text, gold).to_json()
            verifier.verify_question(text, question).to_json()
            verifier.locate(text)
        extract(text)
        verify_steps(text)
        list(written_equations(text))
        took = time.process_time() - start
        assert took < 1, f"{took:.1f} s for text {number} of seed {seed}: {text[:200]!r}"
        slowest = max(slowest, took)
        if symbolic is not None and number % MATH_EVERY == 0:
            assert symbolic.verify(text, gold).to_json()
        if number == texts // 10:
            before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return Found(texts, slowest, (after - before) / 1024)


def generated(source: random.Random) -> str:
    """Return one random text, most of them short."""
    pieces = source.choices(PIECES, k=source.choice((1, 3, 8, 20, 60)))
    text = "".join(pieces)
    return text * 1000 if source.random() < 0.002 else text


def main() -> None:
    """Fuzz as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=200_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    start = time.process_time()
    found = fuzz(arguments.texts, arguments.seed, math=True)
    close_pools()
    print(
        f"{found.texts} texts, no exception; slowest {found.slowest:.2f} s, grown by "
        f"{found.grown_mb:.0f} MB after the first tenth, {time.process_time() - start:.0f} s"
    )
    assert found.grown_mb < 200


if __name__ == "__main__":
    main()
