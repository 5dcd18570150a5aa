"""Budgets: what ends sampling, what it keeps, and that a larger one goes on to the same rows."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.decoding.generation import Generation
from cotkd.errors import SettingError
from cotkd.store.memory import HeldRows
from cotkd.teachers.budget import Budget, Meter, Price
from cotkd.teachers.elicitation import Plain
from cotkd.teachers.sample import sample
from cotkd.teachers.sampler import Sampler
from cotkd.teachers.scripted import ScriptedEngine
from cotkd.types import Question

QUESTIONS = [Question(id=f"q{i}", text=f"What is {i}+1?", answer=str(i + 1)) for i in range(9)]


def ten_tokens(request):
    return Generation(f" {request.seed}", prompt_tokens=6, completion_tokens=4)


def engine(batch_size=4):
    return ScriptedEngine(ten_tokens, batch_size=batch_size)


def run(budget, rows, n=4):
    sampler = Sampler(
        engine(), QUESTIONS, n=n, rows=lambda _: rows, elicitation=Plain(), budget=budget
    )
    return sampler.run()


def test_a_budget_is_overdrawn_by_a_batch_at_most_and_a_larger_one_goes_on():
    rows = HeldRows()
    tally = run(Budget(tokens=100), rows)
    assert (tally.stopped, tally.tokens, len(rows)) == ("100 tokens", 120, 12)
    tally = run(Budget(tokens=200), rows)
    assert (tally.there, tally.made, tally.tokens) == (12, 8, 200)
    tally = run(None, rows)
    assert tally.stopped is None
    assert sorted(r.key for r in rows.rows()) == sorted(
        r.key for r in sample(QUESTIONS, engine(), n=4)
    )


def test_a_budget_that_is_just_enough_stops_nothing():
    rows = HeldRows()
    assert run(Budget(tokens=360), rows).stopped is None
    assert run(Budget(tokens=360), rows).stopped is None
    assert len(rows) == 36


def test_cost_counts_prompt_and_completion_at_their_prices():
    prices = {"scripted": Price(prompt=1.0, completion=10.0)}
    rows = HeldRows()
    tally = run(Budget(cost=500e-6, prices=prices), rows)
    assert tally.stopped == "a cost of 0.0005"
    assert tally.cost == pytest.approx(len(rows) * 46e-6)
    assert 500e-6 <= tally.cost < 500e-6 + 4 * 46e-6


def test_a_cost_without_a_price_is_refused_before_the_first_call():
    with pytest.raises(SettingError, match=r"price of 'scripted' in budget.prices \(there: gpt\)"):
        run(Budget(cost=1, prices={"gpt": Price()}), HeldRows())


def test_prices_are_read_from_a_file(tmp_path):
    table = tmp_path / "prices.yaml"
    table.write_text("gpt: {prompt: 0.15, completion: 0.6}\n")
    assert Budget.parse({"prices": str(table)}).prices["gpt"].completion == 0.6
    with pytest.raises(SettingError, match="not a readable table of prices"):
        Budget.parse({"prices": str(tmp_path / "none.yaml")})


def test_minutes_count_from_this_start(monkeypatch):
    clock = iter(range(0, 100000, 20))
    monkeypatch.setattr("cotkd.teachers.budget.time.monotonic", lambda: float(next(clock)))
    meter = Meter(Budget(minutes=1))
    assert [meter.reached for _ in range(4)] == [None, None, "1 minutes", "1 minutes"]


@settings(max_examples=30, deadline=None)
@given(budgets=st.lists(st.integers(1, 400), max_size=5))
def test_any_row_of_budgets_ends_with_the_rows_of_an_undisturbed_run(budgets):
    rows = HeldRows()
    for tokens in budgets:
        tally = run(Budget(tokens=tokens), rows)
        assert (tally.stopped is None) == (len(rows) == 36)
    run(None, rows)
    assert sorted(rows.rows(), key=lambda r: r.key) == sorted(
        sample(QUESTIONS, engine()), key=lambda r: r.key
    )
