"""Sub-questions with their steps: written and read back exactly, and what does not split."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.questions.subquestions import fault, parse_pairs, unusable, write_pairs

PAIRS = (("How many eggs?", "3*4=<<3*4=12>>12 ** exactly"), ("And left?", "12-5=<<12-5=7>>7"))

part = st.text("a ?*\n<=7é", min_size=1, max_size=8)


def test_pairs_round_trip() -> None:
    assert parse_pairs(write_pairs(PAIRS)) == PAIRS


@given(st.lists(st.tuples(part, part), min_size=1, max_size=3))
def test_what_is_written_reads_back_as_the_same_pairs_or_is_refused(pairs: list) -> None:
    try:
        text = write_pairs(pairs)
    except DataError:
        return
    assert parse_pairs(text) == tuple(pairs)


@pytest.mark.parametrize("bad", ["", "3*4=12", " ** 3*4=12", "How many? **12"])
def test_a_line_that_does_not_split_is_named_with_the_id(bad: str) -> None:
    text = f"How many eggs? ** 12\n{bad}"
    assert "line 2" in (fault(text) or "")
    with pytest.raises(DataError, match=r"^q7: no sub-question in line 2"):
        parse_pairs(text, where="q7")


@pytest.mark.parametrize(
    "pairs", [[], [("a\nb", "c")], [("a", "b\nc")], [("a ** b", "c")], [("a **", "c")], [("", "c")]]
)
def test_pairs_that_could_not_be_read_back_are_refused(pairs: list) -> None:
    with pytest.raises(DataError, match="q7: its"):
        write_pairs(pairs, where="q7")


def test_an_empty_step_is_read_but_nothing_can_be_learned_from_it() -> None:
    """The fourth line of `gsm8k-test-01043`."""
    text = "How many? ** 12\nHow much did he lose on average that day? ** "
    assert write_pairs(parse_pairs(text)) == text
    assert unusable(text) == "empty step in line 2"
    assert unusable(write_pairs(PAIRS)) is None
