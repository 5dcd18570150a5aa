"""Properties of the batch plan."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from cotkd.decoding.plan import plan_batches

LENGTHS = st.lists(st.integers(1, 300), max_size=80)


@given(LENGTHS, st.integers(1, 2000))
def test_every_row_is_in_one_batch(lengths, budget):
    plan = plan_batches(lengths, batch_tokens=budget)
    assert sorted(row for batch in plan for row in batch) == list(range(len(lengths)))


@given(LENGTHS, st.integers(1, 2000))
def test_no_padded_batch_exceeds_the_budget_unless_it_is_one_row(lengths, budget):
    for batch in plan_batches(lengths, batch_tokens=budget):
        assert batch
        assert len(batch) == 1 or len(batch) * max(lengths[row] for row in batch) <= budget


@given(LENGTHS, st.integers(1, 2000))
def test_rows_are_taken_by_length_then_by_number(lengths, budget):
    rows = [row for batch in plan_batches(lengths, batch_tokens=budget) for row in batch]
    assert rows == sorted(range(len(lengths)), key=lambda row: (lengths[row], row))


@given(LENGTHS, st.integers(1, 2000))
def test_no_batch_could_have_taken_the_next_row(lengths, budget):
    plan = plan_batches(lengths, batch_tokens=budget)
    for batch, following in pairwise(plan):
        assert lengths[following[0]] * (len(batch) + 1) > budget
