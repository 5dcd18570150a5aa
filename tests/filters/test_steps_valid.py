"""A wrong equation drops a rationale, whatever its answer."""

from __future__ import annotations

import pytest

from cotkd.filters.steps_valid import StepsValid
from tests.filters.rows import rationale

WRONG = "So <<3*4=13>>13 and <<13-1=12>>12."
OPEN = "So <<x+2=14>>12 and <<3*4=12>>12."
PLAIN = "So 3 * 4 = 12."
WRITTEN = "So 3 * 4 = 13."


@pytest.mark.parametrize(
    ("text", "settings", "reason"),
    [
        ("So <<3*4=12>>12.", {"uncheckable": "drop", "unannotated": "drop"}, None),
        (WRONG, {}, "wrong step"),
        (WRONG, {"uncheckable": "drop"}, "wrong step"),
        (OPEN, {}, None),
        (OPEN, {"uncheckable": "drop"}, "uncheckable step"),
        (PLAIN, {}, None),
        (WRITTEN, {}, "wrong step"),
        (PLAIN, {"unannotated": "drop"}, "no annotated step"),
    ],
)
def test_reasons(text: str, settings: dict[str, str], reason: str | None) -> None:
    row = rationale(text)
    reasons = StepsValid.parse(settings).drop([row], {})
    assert reasons == ({} if reason is None else {row.key: reason})
