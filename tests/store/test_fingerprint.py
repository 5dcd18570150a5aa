import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.config import Config
from cotkd.store.fingerprint import fingerprint, stream_id
from cotkd.types import Question

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)


class Inner(Config):
    value: float = 1.0


class Wider(Inner):
    more: int = 2


class Outer(Config):
    inner: Inner = Inner()


@settings(max_examples=40, deadline=None)
@given(st.dictionaries(st.text(), VALUES))
def test_the_order_of_keys_does_not_matter(value: dict[str, object]) -> None:
    assert fingerprint(value) == fingerprint(dict(reversed(value.items())))


@pytest.mark.parametrize(
    ("one", "other"),
    [([1, 2], [2, 1]), ("1", 1), (None, "null"), ({"a": "b"}, {"b": "a"}), (["ab"], ["a", "b"])],
)
def test_different_values_differ(one: object, other: object) -> None:
    assert fingerprint(one) != fingerprint(other)


def test_settings_and_rows_are_their_json() -> None:
    question = Question(id="a", text="t", answer="1", choices=("x", "y"))
    assert fingerprint(question) == fingerprint(question.model_dump(mode="json"))
    assert fingerprint(Outer()) == fingerprint({"inner": {"value": 1.0}})
    assert fingerprint((1, Path("a/b"))) == fingerprint([1, "a/b"])


def test_fields_of_a_subclass_count() -> None:
    assert fingerprint(Outer(inner=Wider())) != fingerprint(Outer(inner=Wider(more=3)))


def test_every_process_finds_the_same() -> None:
    code = (
        "from cotkd.store.fingerprint import fingerprint\n"
        "print(fingerprint({'set': {'a', 'b', 'c', 'd'}, 'x': [1.5, 'ä']}))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in "12"
    }
    assert found == {fingerprint({"x": [1.5, "ä"], "set": {"d", "c", "b", "a"}}) + "\n"}


def test_a_longer_fingerprint_begins_with_the_shorter() -> None:
    assert fingerprint("a", length=64).startswith(fingerprint("a"))
    assert len(fingerprint("a")) == 12


def test_a_value_without_a_json_form_is_refused() -> None:
    with pytest.raises(TypeError, match="object has no fingerprint"):
        fingerprint({"a": object()})


def test_every_part_of_a_stream_changes_its_name() -> None:
    names = {
        stream_id("t", {"kind": "plain"}, None, {"temperature": 1.0}),
        stream_id("u", {"kind": "plain"}, None, {"temperature": 1.0}),
        stream_id("t", {"kind": "few_shot_cot"}, None, {"temperature": 1.0}),
        stream_id("t", {"kind": "plain"}, "gold", {"temperature": 1.0}),
        stream_id("t", {"kind": "plain"}, None, {"temperature": 0.7}),
    }
    assert len(names) == 5
