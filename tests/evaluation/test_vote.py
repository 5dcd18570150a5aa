from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.evaluation.vote import majority, pass_at_k, vote
from tests.evaluation.rows import rationale

answers = st.lists(st.sampled_from(["1", "2", "3", None]), max_size=7)


@given(answers)
def test_majority_wins_at_least_as_many_votes_as_any_other(given_answers):
    winner = majority(given_answers)
    counts = {a: given_answers.count(a) for a in given_answers if a is not None}
    assert winner.votes == max(counts.values(), default=0)
    assert winner.tied == (list(counts.values()).count(winner.votes) > 1)
    assert winner.answer == next((a for a in given_answers if counts.get(a) == winner.votes), None)


def test_without_a_tie_order_does_not_matter():
    assert {majority(order).answer for order in permutations(["1", "2", "2", None])} == {"2"}


def test_unreadable_answers_never_win():
    assert majority([None, None, "7"]).answer == "7"
    assert majority([None, None]) == (None, 0, False)


@pytest.mark.parametrize(("n", "correct", "k"), [(3, 4, 1), (3, 1, 4), (3, 1, 0), (3, -1, 1)])
def test_pass_at_k_refuses_impossible_counts(n, correct, k):
    with pytest.raises(ValueError, match="needs 0 <= correct"):
        pass_at_k(n, correct, k=k)


def test_vote_counts_questions_and_takes_samples_in_their_order():
    rows = [rationale("a", i, answer) for i, answer in enumerate(["2", "1", "1"])]
    rows += [rationale("b", i, answer) for i, answer in enumerate(["2", "1"])]
    rows += [rationale("c", 0, None)]
    found = vote(reversed(rows))
    assert (found.k, found.ties) == (3, 1)
    assert (found.majority.correct, found.majority.n) == (1, 3)
    assert (found.any_of_k.correct, found.any_of_k.n) == (2, 3)


def test_no_rationales_have_no_vote():
    assert vote([]) is None
