"""A rationale's last step arrives at the answer that it states."""

from __future__ import annotations

import pytest

from cotkd.filters.consistency import Consistency
from cotkd.filters.last_value import last_value, same_answer
from cotkd.types import Question
from tests.filters.rows import rationale


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9 + 3 = <<9+3=12>>12 eggs, of which 4 are boiled", "12"),
        ("<<3*4=12>>12, then <<12/5=2.4>>2.4", "2.4"),
        ("3 + 4 = <<3+4=7>>7, and 16 - 7 = 9 are left", "9"),
        ("<<10/4=2.50>>$2.50", "2.5"),
        ("<<20*.5=10>>10 and <<1/3=1/3>>", "1/3"),
        ("<<2*600=1,200>>$1,200", "1200"),
        ("She has 9 + 3 = 12 eggs, so 12 / 4 = 3 boxes.", "3"),
        ("Then 3 * 400 = $1,200.", "1200"),
        ("So $x = \\$18$.", "18"),
        ("The rest is 12 = 3 * 4.", "12"),
        ("So 100 - 20 = 80%.", "80"),
        ("3 - 5 = -2.", "-2"),
        ("3 − 5 = −2", "-2"),
        ("Let <<x=y>> be", None),
        ("<<12>>", None),
        ("x = y", None),
        ("She has a dozen.", None),
        ("=", None),
        ("", None),
    ],
)
def test_the_last_value(text: str, value: str | None) -> None:
    found = last_value(text)
    assert (None if found is None else found.spelling) == value


@pytest.mark.parametrize(
    ("text", "answer", "reason"),
    [
        ("16 - 7 = <<16-7=9>>9 eggs are left.", "9", None),
        ("16 - 7 = <<16-7=9>>9 eggs are left.", "18", "last step contradicts the answer"),
        (
            "9 * 2 = <<9*2=18>>18, and 16 - 7 = <<16-7=9>>9",
            "18",
            "last step contradicts the answer",
        ),
        ("It is <<1/2=.5>>.5 of them.", "1/2", None),
        ("It is 1 / 5 = 20% of them.", "0.2", None),
        ("7 / 2 = <<7/2=3.5>>3.5, so 4 boxes.", "4", "last step contradicts the answer"),
        ("Sixteen less seven.", "9", None),
        ("<<3*4=12>>", "?", None),
    ],
)
def test_contradictions(text: str, answer: str, reason: str | None) -> None:
    row = rationale(text, answer)
    assert Consistency().drop([row], {}) == ({} if reason is None else {row.key: reason})


@pytest.mark.parametrize(("text", "answer"), [("Sixteen less seven.", "9"), ("<<3*4=12>>", "?")])
def test_what_cannot_be_compared_is_dropped_where_asked(text: str, answer: str) -> None:
    row = rationale(text, answer)
    strict = Consistency(uncheckable="drop")
    assert strict.drop([row], {}) == {row.key: "no last step to compare"}


@pytest.mark.parametrize(
    ("solution", "strict", "reason"),
    [
        ("85 - 16 = <<85-16=69>>69 cookies.", True, "last step contradicts the solution"),
        ("She has 59 in the end: 85 - 26 = 59.", True, None),
        ("As many as before.", True, "no last step to compare"),
        ("As many as before.", False, None),
        (None, True, "no last step to compare"),
    ],
)
def test_where_answers_are_labels_the_gold_solution_is_compared(
    solution: str | None, strict: bool, reason: str | None
) -> None:
    row = rationale("85 - 26 = <<85-26=59>>59. The answer is yes.", "yes")
    asked = Question(id=row.question_id, text="Is it 69?", answer="yes", rationale=solution)
    uncheckable = "drop" if strict else "keep"
    found = Consistency(arrives_at="solution", uncheckable=uncheckable).drop(
        [row], {asked.id: asked}
    )
    assert found == ({} if reason is None else {row.key: reason})
    assert Consistency().drop([row], {asked.id: asked}) == {}


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [("12", "12.0", True), ("1/2", "0.5", True), ("Yes", "yes", True), ("12", "twelve", False)],
)
def test_answers_are_equal_as_numbers_or_as_words(one: str, other: str, same: bool) -> None:
    assert same_answer(one, other) == same
