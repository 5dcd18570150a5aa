"""What holds for every registered filter, on any rationales."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cotkd.cli import main
from cotkd.config import Config
from cotkd.filters import Filter, filter_of, select
from cotkd.types import Rationale
from tests.filters.rows import QUESTIONS, TEXTS, rationale, rationales

SUITE = "exam.jsonl"
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "steps_valid": [{}, {"uncheckable": "drop", "unannotated": "drop"}],
    "distinct": [{}, {"terms": "commutative"}],
    "per_question": [{"limit": 2}],
    "diverse": [{"keep": 1}, {"keep": 3}],
    "length": [{}, {"unit": "steps", "least": 2}, {"band": [0.9, 1.1], "most": 60}],
    "difficulty": [{}, {"least": 0.5, "most": 0.5}],
    "hint_leak": [{}, {"threshold": 0.25}],
    "decontaminate": [{"suites": [SUITE]}],
    "consistency": [{}, {"uncheckable": "drop"}],
    "counterfactual_pair": [{}, {"uncheckable": "keep"}],
}
"""Settings under which a filter is tried; one that is not named here is tried as it is."""
CASES = [
    pytest.param({"kind": kind, **variant}, id=f"{kind}-{number}")
    for kind in Filter.kinds()
    for number, variant in enumerate(VARIANTS.get(kind, [{}]))
]


class Shares:
    """A model by which a word is as likely as the share of it in the prompt, plus a little."""

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[list[float]]:
        counts = [Counter(prompt.split()) for prompt in prompts]
        return [
            [math.log((1 + count[word]) / (100 + count.total())) for word in words]
            for count, words in zip(counts, self.pieces(continuations), strict=True)
        ]

    def pieces(self, continuations: Sequence[str]) -> list[list[str]]:
        return [text.split() for text in continuations]


@pytest.fixture(autouse=True)
def _suite(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """A suite that holds one of the questions and one of the rationales."""
    folder = tmp_path_factory.mktemp("suite")
    rows = [{"id": "e1", "text": QUESTIONS["q3"].text, "answer": "12"}]
    rows.append({"id": "e2", "text": TEXTS[-1], "answer": "1"})
    (folder / SUITE).write_text("".join(json.dumps(row) + "\n" for row in rows))
    monkeypatch.chdir(folder)


def _select(rows: Sequence[Rationale], *chain: Any) -> Any:
    return select(rows, chain, questions=QUESTIONS, scorer=Shares())


anything = settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.mark.parametrize("case", CASES)
@anything
@given(rows=rationales(), chained=st.booleans())
def test_a_selection_keeps_the_order_has_reasons_and_drops_nothing_a_second_time(
    case: dict[str, Any], rows: list[Rationale], chained: bool
) -> None:
    limit = {"kind": "per_question", "limit": 3}
    pairs = case["kind"] == "counterfactual_pair"  # which a limit behind them can part
    chain = ["correct", *([limit, case] if pairs else [case, limit])] if chained else [case]
    kept, dropped, funnel, _ = _select(rows, *chain)
    keys = {row.key for row in kept}
    assert [row.key for row in kept] == [row.key for row in rows if row.key in keys]
    assert keys | set(dropped) == {row.key for row in rows}
    assert all(0 < len(reason) <= 80 and "\n" not in reason for _, reason in dropped.values())
    assert all(len(stage.dropped) <= 6 for stage in funnel.stages)
    again = _select(kept, *chain)
    assert again.kept == kept
    assert not again.dropped


@pytest.mark.parametrize("case", CASES)
@anything
@given(rows=rationales())
def test_a_filter_looks_no_farther_than_it_says(
    case: dict[str, Any], rows: list[Rationale]
) -> None:
    chosen = filter_of(case)
    together = _select(rows, chosen).dropped
    parts = {
        "row": [[row] for row in rows],
        "question": [[row for row in rows if row.question_id == name] for name in QUESTIONS],
        "dataset": [rows],
    }[chosen.scope]
    apart: dict[Any, Any] = {}
    for part in parts:
        apart |= _select(part, chosen).dropped
    assert together == apart


@pytest.mark.parametrize("case", CASES)
def test_rows_are_the_same_and_only_gain_scores(case: dict[str, Any]) -> None:
    rows = [rationale(text, sample=at, told="12") for at, text in enumerate(TEXTS)]
    before = {row.key: row for row in rows}
    for row in _select(rows, case).kept:
        assert row.model_copy(update={"scores": before[row.key].scores}) == before[row.key]
        assert row.scores.items() >= before[row.key].scores.items()


@pytest.mark.parametrize("case", CASES)
def test_settings_survive_yaml(case: dict[str, Any]) -> None:
    chosen = filter_of(case)

    class Chain(Config):
        filters: tuple[Filter, ...] = ()

    path = Path("chain.yaml")
    path.write_text(Chain(filters=(chosen,)).to_yaml())
    assert Chain.from_yaml(path).filters == (chosen,)


@pytest.mark.parametrize("kind", Filter.kinds())
def test_the_list_names_title_and_source(kind: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["filters"]) == 0
    line = next(line for line in capsys.readouterr().out.splitlines() if line.split()[0] == kind)
    found = Filter.of(kind)
    assert found.title
    assert found.title in line
    assert f"[{found.source}]" in line


@given(st.permutations(sorted(set(Filter.kinds()) - {"decontaminate"})))
@settings(max_examples=5, deadline=None)
def test_all_filters_work_together_by_name(names: list[str]) -> None:
    rows = [rationale(text, sample=at, told="12") for at, text in enumerate(TEXTS)]
    found = select(rows, ",".join(names), questions=QUESTIONS, scorer=Shares())
    assert len(found.kept) + len(found.dropped) == len(rows)
    assert [stage.filter for stage in found.funnel.stages] == names
