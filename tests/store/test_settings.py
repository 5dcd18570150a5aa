from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import SettingsChanged
from cotkd.store.settings import differences, flat, refuse_changes

NAMES = st.sampled_from(["a", "b", "c"])
SETTINGS = st.dictionaries(
    NAMES, st.integers() | st.none() | st.dictionaries(NAMES, st.integers(0, 2), max_size=3)
)


@settings(max_examples=40, deadline=None)
@given(SETTINGS, SETTINGS)
def test_differences_are_the_paths_whose_values_differ(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    before, after = flat(old), flat(new)
    absent = object()
    expected = {
        path
        for path in before.keys() | after.keys()
        if before.get(path, absent) != after.get(path, absent)
    }
    assert {line.partition(":")[0] for line in differences(old, new)} == expected


def test_every_change_is_named_with_both_values_and_what_to_do() -> None:
    old = {"n": 4, "teacher": {"model": "a", "stop": ["x"]}, "gone": None}
    new = {"n": 8, "teacher": {"model": "a", "stop": ["y"]}, "fresh": {"x": 1}}
    with pytest.raises(SettingsChanged) as caught:
        refuse_changes(Path("runs/a"), old, new)
    message = str(caught.value)
    assert message.startswith("runs/a was made with other settings")
    for change in (
        "n: 4 -> 8",
        "teacher.stop: ['x'] -> ['y']",
        "fresh.x: (not set) -> 1",
        "gone: None -> (not set)",
        "choose another --out, or delete it",
    ):
        assert change in message
    assert "teacher.model" not in message


def test_the_same_settings_are_not_refused() -> None:
    old, new = {"a": {"b": [1]}, "c": {}}, {"c": {}, "a": {"b": [1]}}
    refuse_changes(Path("a"), old, new)
    assert differences(old, new) == []
