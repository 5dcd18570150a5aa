r"""Multiple-choice answers: letters, "(B)", "B) text", or the text of an option.

    question  Which is heavier? options ("a feather", "an anvil"), answer "B"
    text      "… so the answer is (B)."  or  "… The answer is an anvil."   → correct, extracted "B"

A lone "A" before a word is the article, not an option ("the answer is a dog"), and an option that
is ruled out ("not A but B") or named in a reason ("B because A is light") is not chosen. A stated
answer that is no option ("(F)", "none of the above") is wrong, two options ("either A or B") are no
choice. Letters that are named before a statement do not count.

What a statement chooses is read in `option`, what prose names in `naming`. Without the question's
options, letters are compared with letters and texts with texts, ignoring case and punctuation; a
letter that is stated then counts more than words that are stated later.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import ClassVar, Literal

from cotkd.rationales.extract import MARKERS, Extraction, find
from cotkd.rationales.gold import gold_answer
from cotkd.rationales.markers import may_state, statements
from cotkd.rationales.text import Reading
from cotkd.types import Question, Verdict
from cotkd.verify.base import UNREADABLE_GOLD, Verifier
from cotkd.verify.naming import named_in
from cotkd.verify.option import LETTERS, NO_OPTION, SEVERAL, chosen, letter_of

_TAKEN_BACK = re.compile(
    r"\b(?:wait|no,|actually|correction|scratch that|on second thoughts?|I was wrong"
    r"|that(?:['’]s| is| was) (?:wrong|not right|incorrect))",
    re.IGNORECASE,
)


class MultipleChoice(Verifier):
    """The chosen option, compared by letter, or by text where no letter is given."""

    title: ClassVar[str] = "options by letter or text"

    kind: Literal["choice"] = "choice"
    markers: tuple[str, ...] = MARKERS
    """Where the answer is looked for, in order; `number` is the last "(B)" or "option B"."""

    def verify(self, text: str, gold: str) -> Verdict:
        """Return the verdict where the options are not known."""
        return self._verdict(text, gold, ())

    def verify_question(self, text: str, question: Question) -> Verdict:
        """Return the verdict on the option that `text` chooses."""
        return self._verdict(text, question.answer, question.choices or ())

    def reads(self, question: Question) -> bool:
        """Whether the gold answer is one option."""
        return _read_gold(question.answer, question.choices or ()) is not None

    def locate(self, text: str) -> tuple[int, int] | None:
        """Return the place of the final-answer statement; none where a bare "(B)" was read."""
        found = self._stated(Reading(text), ())
        return None if found is None or found.marker == "number" else (found.start, found.end)

    def _verdict(self, text: str, gold: str, choices: Sequence[str]) -> Verdict:
        expected = _read_gold(gold, choices)
        if expected is None:
            return Verdict(status="unparsed", reason=UNREADABLE_GOLD)
        reading = Reading(text)
        by_letter = not choices and len(expected) == 1 and expected in LETTERS
        found = self._letter(reading) if by_letter else self._stated(reading, choices)
        if found is None or found.value == SEVERAL:
            reason = "no answer found" if found is None else "several options named"
            return Verdict(status="unparsed", expected=expected, reason=reason)
        return Verdict(
            status="correct" if found.value == expected else "wrong",
            extracted=found.value,
            expected=expected,
            reason=f"marker {found.marker}",
        )

    def _stated(self, reading: Reading, choices: Sequence[str]) -> Extraction[str] | None:
        return self._find(reading, choices, lambda statement: chosen(statement, choices))

    def _letter(self, reading: Reading) -> Extraction[str] | None:
        """Return the letter that is stated, unless it is taken back; else the words."""
        letter = self._find(reading, (), letter_of)
        if letter is None or _TAKEN_BACK.search(reading.text, letter.end - reading.start):
            return self._stated(reading, ()) or letter
        return letter

    def _find(
        self, reading: Reading, choices: Sequence[str], read: Callable[[str], str | None]
    ) -> Extraction[str] | None:
        return find(
            reading,
            self.markers,
            lambda statement, _: read(statement),
            lambda rest: named_in(rest, choices, _last_statement(rest, self.markers)),
        )


def _read_gold(gold: str, choices: Sequence[str]) -> str | None:
    """Return the option that a gold answer is; None where it is none, or several."""
    expected = chosen(gold_answer(gold), choices)
    return None if not expected or (choices and expected == NO_OPTION) else expected


def _last_statement(reading: Reading, markers: Sequence[str]) -> int:
    """Return where the last statement begins; letters named before it do not count."""
    begins = [
        statement.begin
        for marker in markers
        if marker not in ("number", "bold") and may_state(reading.text, marker)
        for statement in statements(reading.text, marker)
    ]
    return max(begins, default=0)
