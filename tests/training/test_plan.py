"""The batch plan: budgets met, sizes kept, every example in every pass."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import SettingError
from cotkd.training.plan import Sides, padded_tokens, plan_steps, split_step
from cotkd.training.settings import Training

one_side = st.lists(st.tuples(st.integers(2, 60)), min_size=1, max_size=60)
two_sides = st.lists(st.tuples(st.integers(1, 40), st.integers(2, 60)), min_size=1, max_size=60)
lengths = one_side | two_sides


def tokens(steps: list[tuple[int, ...]], of: list[Sides]) -> int:
    return sum(sum(of[i]) for step in steps for i in step)


@given(lengths, st.integers(1, 4), st.integers(0, 9))
def test_whole_passes_hold_every_example_equally_often(
    of: list[Sides], epochs: int, seed: int
) -> None:
    steps = plan_steps(of, Training(epochs=epochs, batch_tokens=300, seed=seed))
    assert Counter(i for step in steps for i in step) == dict.fromkeys(range(len(of)), epochs)


@given(lengths, st.integers(300, 5000))
def test_budget_is_met_up_to_one_example_and_never_exceeded(of: list[Sides], budget: int) -> None:
    steps = plan_steps(of, Training(processed_tokens=budget, batch_tokens=300))
    assert budget - max(map(sum, of)) < tokens(steps, of) <= budget


@given(lengths)
def test_no_step_exceeds_its_size_padding_included(of: list[Sides]) -> None:
    steps = plan_steps(of, Training(batch_tokens=300))
    assert all(0 < padded_tokens(step, of) <= 300 for step in steps)
    steps = plan_steps(of, Training(batch_size=7))
    assert all(0 < len(step) <= 7 for step in steps)


def test_batch_size_one_and_all() -> None:
    of: list[Sides] = [(n,) for n in range(2, 12)]
    assert len(plan_steps(of, Training(batch_size=1, epochs=1))) == 10
    assert len(plan_steps(of, Training(batch_size=10, epochs=1))) == 1


def test_steps_of_a_pass_have_nearly_equal_numbers_of_examples() -> None:
    """21 examples in batches of at most 20 are 11 and 10, not 20 and 1."""
    steps = plan_steps([(5,)] * 21, Training(batch_size=20, epochs=1))
    assert sorted(map(len, steps)) == [10, 11]


def test_padding_is_below_a_tenth_on_lengths_of_word_problems() -> None:
    spread = [(25 + 7 * i % 26, 40 + 31 * i % 71) for i in range(1000)]
    for of in (spread, [(a + b,) for a, b in spread]):
        steps = plan_steps(of, Training(batch_tokens=2048, epochs=2))
        assert tokens(steps, of) > 0.9 * sum(padded_tokens(step, of) for step in steps)


def test_plan_is_a_function_of_the_seed() -> None:
    of: list[Sides] = [(5 + i % 7,) for i in range(100)]
    plans = [plan_steps(of, Training(batch_tokens=60, seed=seed)) for seed in (0, 0, 1)]
    assert plans[0] == plans[1]
    assert plans[0] != plans[2]


def test_passes_differ_in_order() -> None:
    of: list[Sides] = [(5 + i % 7,) for i in range(40)]
    steps = plan_steps(of, Training(batch_size=4, epochs=2))
    assert steps[:10] != steps[10:]


@given(lengths, st.data())
@settings(max_examples=50)
def test_groups_are_never_torn(of: list[Sides], data: st.DataObject) -> None:
    names = data.draw(
        st.lists(st.sampled_from(["a", "b", None]), min_size=len(of), max_size=len(of))
    )
    plan = plan_steps(of, Training(batch_tokens=6000, epochs=2), groups=names)
    pieces = [piece for step in plan for piece in split_step(step, 3, of, groups=names)]
    for name in {"a", "b"} & set(names):
        members = {i for i, each in enumerate(names) if each == name}
        for piece in [*plan, *pieces]:
            assert members <= set(piece) or not members & set(piece)


@given(lengths, st.integers(1, 5))
def test_pieces_of_a_step_put_together_are_the_step(of: list[Sides], parts: int) -> None:
    step = tuple(range(len(of)))
    pieces = split_step(step, parts, of)
    assert len(pieces) == parts
    assert tuple(i for piece in pieces for i in piece) == step
    sizes = [sum(sum(of[i]) for i in piece) for piece in pieces]
    assert max(sizes) - min(sizes) <= 2 * max(map(sum, of))


def test_what_cannot_fit_is_refused() -> None:
    with pytest.raises(SettingError, match="needs 90 tokens, batch_tokens is 64"):
        plan_steps([(10,), (90,)], Training(batch_tokens=64))
    with pytest.raises(SettingError, match="a group has 3 examples, batch_size is 2"):
        plan_steps([(4,)] * 3, Training(batch_size=2), groups=["a"] * 3)
    with pytest.raises(SettingError, match="processed_tokens=5 does not cover one example"):
        plan_steps([(10,), (90,)], Training(processed_tokens=5))


def test_split_keeps_the_order_of_lengths() -> None:
    pieces = split_step((0, 1, 2, 3), 2, [(1,), (2,), (3,), (4,)])
    assert all(max(a) < min(b) for a, b in pairwise(piece for piece in pieces if piece))
