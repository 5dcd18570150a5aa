"""What ended at the token limit does not become data."""

from __future__ import annotations

from cotkd.filters.truncated import Truncated
from tests.filters.rows import rationale


def test_only_what_was_cut_is_dropped() -> None:
    rows = [rationale("She has 3 * 4 = 1", cut=True), rationale("She has 3 * 4 = 1", sample=1)]
    assert Truncated().drop(rows, {}) == {rows[0].key: "cut at the token limit"}
