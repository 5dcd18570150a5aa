"""What servers say of the end of a sample; what nobody knows counts as cut off."""

from __future__ import annotations

import pytest

from cotkd.decoding.finish import how_it_ended


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stop", "finished"),
        ("STOP", "finished"),
        ("end_turn", "finished"),
        ("eos", "finished"),
        ("stop-sequence", "finished"),
        (None, "finished"),
        ("length", "cut"),
        ("MAX_TOKENS", "cut"),
        ("model_context_window_exceeded", "cut"),
        ("tool_calls", "cut"),
        ("something new", "cut"),
        (7, "cut"),
        ("network_error", "broken"),
        ("error", "broken"),
        ("content_filter", "withheld"),
        ("SAFETY", "withheld"),
    ],
)
def test_finish_reasons(said: object, meant: str) -> None:
    assert how_it_ended(said) == meant
