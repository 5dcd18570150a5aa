"""Short texts of every kind that real models write get the verdict that they should.

A row of `cases/verdicts.jsonl`:

    {"kind": "sign-before-box", "verifier": "math", "text": "… = -\\\\boxed{49}$.", "gold": "-49",
     "want": "correct"}
"""

from __future__ import annotations

import json
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest

from cotkd.types import Question
from cotkd.verify import verifier_of
from cotkd.verify.math_pool import close_pools
from tests.real_data.conftest import CHECKOUT

ALL_OF_THEM = 0.95
OF_A_KIND = 2 / 3


@pytest.fixture(scope="module")
def judged() -> list[tuple[dict[str, Any], bool]]:
    """Each row, and whether it got its verdict."""
    file = Path(os.environ.get("COTKD_CASES") or CHECKOUT.parent / "shared" / "cases")
    file /= "verdicts.jsonl"
    if not file.is_file():
        reason = f"no cases at {file}: set COTKD_CASES to their folder"
        if "real_data" in os.environ.get("COTKD_REQUIRE", "").split(","):
            pytest.fail(f"{reason} (COTKD_REQUIRE asks for it)")
        pytest.skip(reason)
    rows = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    pairs = [(row, _status(row) in [row["want"], *row.get("accept", [])]) for row in rows]
    close_pools()
    return pairs


def _status(row: dict[str, Any]) -> str:
    choices = tuple(row["choices"]) if "choices" in row else None
    question = Question(id="q", text="?", answer=row["gold"], choices=choices)
    return verifier_of(row["verifier"]).verify_question(row["text"], question).status


def test_nearly_all_texts_get_their_verdict(judged: list[tuple[dict[str, Any], bool]]) -> None:
    right = [good for row, good in judged if not row.get("control")]
    assert len(right) == 107
    assert sum(right) >= ALL_OF_THEM * len(right)


def test_every_kind_gets_its_verdicts(judged: list[tuple[dict[str, Any], bool]]) -> None:
    kinds: dict[str, list[bool]] = defaultdict(list)
    for row, good in judged:
        if not row.get("control"):
            kinds[row["kind"]].append(good)
    assert len(kinds) == 34
    assert {kind: good for kind, good in kinds.items() if sum(good) < OF_A_KIND * len(good)} == {}


def test_every_control_keeps_its_verdict(judged: list[tuple[dict[str, Any], bool]]) -> None:
    controls = [(row, good) for row, good in judged if row.get("control")]
    assert len(controls) == 47
    assert [row["text"] for row, good in controls if not good] == []
