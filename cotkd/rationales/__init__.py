"""From raw model text to reasoning and answer: extraction, exact numbers, steps.

>>> from cotkd.rationales import extract_answer
>>> extract_answer("She makes 9 * 2 = $18 every day. The answer is $18.00.")
'18'

In which order a text is read is told in `docs/architecture.md`.
"""

from cotkd.rationales.extract import MARKERS, Extraction, extract_answer
from cotkd.rationales.gold import gold_answer
from cotkd.rationales.number import Number, parse_number
from cotkd.rationales.parse import parse
from cotkd.rationales.steps import Equation, Step, equations

__all__ = [
    "MARKERS",
    "Equation",
    "Extraction",
    "Number",
    "Step",
    "equations",
    "extract_answer",
    "gold_answer",
    "parse",
    "parse_number",
]
