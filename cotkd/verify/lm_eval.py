r"""GSM8K scored as lm-evaluation-harness scores it, for figures that are compared with its own.

    text  "She makes $18 a day.\n#### 18"     gold "18"   strict-match       18   → correct
    text  "The answer is 18 dollars."                     strict-match            → unparsed
                                                          flexible-extract   18   → correct

The rules are those of its task `gsm8k` (version 3): `strict-match` is the first number after
`#### `, `flexible-extract` the last one anywhere. Commas, dollar signs and a final full stop are
dropped, and what is left is compared letter by letter, so `18.00` is not `18` and `-` may be a
number. Use `numeric` for what a student can do, and this for what others report.
"""

from __future__ import annotations

import re
from typing import ClassVar, Literal

from cotkd.rationales.text import MAX_ANSWER
from cotkd.types import Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier

STRICT = r"#### (\-?[0-9\.\,]+)"
FLEXIBLE = r"(-?[$0-9.,]{2,})|(-?[0-9]+)"
_STRICT, _FLEXIBLE = re.compile(STRICT), re.compile(FLEXIBLE)
_MARKER = "#### "
_FULL_STOP = re.compile(r"\.$")

Rule = Literal["strict-match", "flexible-extract"]
RULES: tuple[Rule, ...] = ("strict-match", "flexible-extract")


class LmEval(Verifier):
    """The answer as lm-evaluation-harness reads it from GSM8K solutions."""

    title: ClassVar[str] = "GSM8K as lm-evaluation-harness scores it"
    source: ClassVar[str] = "github.com/EleutherAI/lm-evaluation-harness, task gsm8k, version 3"

    kind: Literal["lm_eval"] = "lm_eval"
    rule: Rule = "flexible-extract"
    """Which of its two filters reads the answer."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict that its exact match gives; where it finds no answer, unparsed."""
        expected = _compared(gold)
        if not expected.strip():
            return Verdict(status="unparsed", reason=UNREADABLE_GOLD)
        found = self._find(text)
        if found is None:
            return Verdict(status="unparsed", expected=expected, reason="no answer found")
        start, end = found
        value = _compared(text[start:end].strip())
        return Verdict(
            status="correct" if value == expected else "wrong",
            extracted=value[:MAX_ANSWER],
            expected=expected,
            reason=self.rule,
        )

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of a `#### ` statement; none where a number was read anywhere."""
        found = _STRICT.search(text)
        return None if found is None else found.span()

    def _find(self, text: str) -> tuple[int, int] | None:
        if self.rule == "strict-match":
            found = _STRICT.search(text)
            return None if found is None else found.span(1)
        spans = [match.span() for match in _FLEXIBLE.finditer(text)]
        return spans[-1] if spans else None


def _compared(answer: str) -> str:
    """Return an answer without what the task ignores, in its order."""
    answer = answer.replace(",", "").replace("$", "").rpartition(_MARKER)[2]
    return _FULL_STOP.sub("", answer).lower()
