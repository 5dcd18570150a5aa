"""A dotted path reaches what it names, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from cotkd.store.tables import at
from cotkd.store.tables.path import MISSING

ROW: dict[str, Any] = {
    "messages": [{"role": "user", "content": "How many?"}, {"content": "36"}],
    "reward_model": {"ground_truth": "36", "0": "zero"},
    "extra_info": '{"question": "How many?", "parts": [1, 2]}',
    "a.b": {"c.d": 1},
    "a": {"b": 2, "x": None},
    "text": "[not JSON",
}


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("messages.0.content", "How many?"),
        ("messages.-1.content", "36"),
        ("reward_model.ground_truth", "36"),
        ("reward_model.0", "zero"),
        ("extra_info.question", "How many?"),
        ("extra_info.parts.1", 2),
        ("extra_info", ROW["extra_info"]),
        ("a.b", {"c.d": 1}),
        ("a.x", None),
        ("messages.2.content", MISSING),
        ("messages.-3", MISSING),
        ("messages.first", MISSING),
        ("messages.1.0", MISSING),
        ("messages.0.content.x", MISSING),
        ("text.0", MISSING),
        ("reward_model.", MISSING),
        ("", MISSING),
        ("b", MISSING),
        ("messages.²", MISSING),
    ],
)
def test_a_path_reaches_what_it_names(path: str, value: Any) -> None:
    found = at(ROW, path)
    assert found is value if value is MISSING else found == value
