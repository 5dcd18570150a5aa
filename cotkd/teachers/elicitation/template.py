r"""Prompt templates: text with named gaps, checked when the settings are read.

fill("Q: {question}\nA:", question="2+3?")          # "Q: 2+3?\nA:"
"""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator


def _checked(*gaps: str) -> Callable[[str], str]:
    def check(template: str) -> str:
        try:
            parts = list(string.Formatter().parse(template))
        except ValueError as error:
            raise ValueError(f"not a template ({error}); write {{{{ for a brace") from None
        found = {name for _, name, _, _ in parts if name is not None}
        plain = all(not spec and not conversion for _, _, spec, conversion in parts)
        if found != set(gaps) or not plain:
            wanted = ", ".join(f"{{{gap}}}" for gap in gaps)
            raise ValueError(f"a template with exactly {wanted} is needed, got {template!r}")
        return template

    return check


QuestionTemplate = Annotated[str, AfterValidator(_checked("question"))]
AnsweredTemplate = Annotated[str, AfterValidator(_checked("question", "answer"))]
AnswerTemplate = Annotated[str, AfterValidator(_checked("answer"))]
RationaleTemplate = Annotated[str, AfterValidator(_checked("rationale"))]
ReasonedTemplate = Annotated[str, AfterValidator(_checked("question", "rationale"))]
SolutionTemplate = Annotated[str, AfterValidator(_checked("rationale", "answer"))]
SolvedTemplate = Annotated[str, AfterValidator(_checked("question", "rationale", "answer"))]


def fill(template: str, **values: str) -> str:
    """Return the template with its gaps filled; braces in the values mean nothing."""
    return template.format_map(values)
