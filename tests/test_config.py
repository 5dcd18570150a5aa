"""Settings: unknown keys, kinds, round trips."""

from pathlib import Path
from typing import Literal

import pytest
from pydantic import Field

from cotkd.config import Choice, Config
from cotkd.errors import SettingError


class Fruit(Choice):
    """A root class; its module is a plain file, so its package is this test package."""


class Apple(Fruit):
    """An apple."""

    kind: Literal["apple"] = "apple"
    size: int = Field(3, ge=1)
    """How large."""


class Citrus(Fruit):
    """Two names for one class."""

    kind: Literal["blood-orange", "lemon"] = "lemon"


class Basket(Config):
    """A group with a choice and a list of choices."""

    best: Fruit = Apple()
    """The best one."""
    rest: tuple[Fruit, ...] = (Apple(), Citrus())
    """The others."""
    count: int = 1
    """How many."""


@pytest.fixture(autouse=True)
def _known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Fruit, "kinds", classmethod(lambda cls: dict(Fruit.known)))


def test_dump_and_parse_are_inverse() -> None:
    basket = Basket.parse(
        {"best": {"kind": "lemon"}, "rest": ["apple", {"kind": "apple", "size": 7}]}
    )
    assert Basket.parse(basket.dump()) == basket
    assert basket.dump()["rest"][1] == {"kind": "apple", "size": 7}


def test_yaml_round_trip(tmp_path: Path) -> None:
    basket = Basket(count=4, best=Citrus(kind="blood-orange"))
    path = tmp_path / "basket.yaml"
    path.write_text(basket.to_yaml())
    assert Basket.from_yaml(path) == basket


def test_hyphens_and_underscores_name_the_same_kind() -> None:
    assert Basket.parse({"best": "blood_orange"}).best.kind == "blood-orange"


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        ({"bast": 1}, ["'bast'", "did you mean 'best'"]),
        ({"best": {"kind": "aple"}}, ["'aple'", "did you mean 'apple'"]),
        ({"best": {"kind": "apple", "sice": 2}}, ["best.sice", "did you mean 'best.size'"]),
        ({"rest": [{"kind": "apple", "sice": 2}]}, ["rest.0.sice", "did you mean 'rest.0.size'"]),
        ({"best": {"kind": "apple", "size": 0}}, ["best.size", "greater than or equal to 1", "0"]),
        ({"rest": [{"size": 2}]}, ["rest.0", "kind", "apple"]),
        ({"count": "many"}, ["count", "'many'"]),
    ],
)
def test_a_mistake_is_one_line_with_path_and_value(values: dict, parts: list[str]) -> None:
    with pytest.raises(SettingError) as caught:
        Basket.parse(values)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


def test_a_kind_has_one_definition() -> None:
    with pytest.raises(TypeError, match="apple"):
        type("Other", (Fruit,), {"__annotations__": {"kind": Literal["apple"]}, "kind": "apple"})


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Basket().count = 2  # type: ignore[misc]


def test_a_part_of_a_group_changes_the_fields_default_and_another_kind_starts_afresh() -> None:
    from cotkd.methods.base import Method

    method = Method.parse({"kind": "step_by_step", "predict": {"prefix": "label: "}})
    default = Method.parse({"kind": "step_by_step"})
    assert method.predict == default.predict.model_copy(update={"prefix": "label: "})
    assert method.explain == default.explain
    assert Method.parse({"kind": "scott", "elicitation": {"strength": 2.0}}).elicitation.kind == (
        "contrastive"
    )
    other = Method.parse({"kind": "scott", "elicitation": {"kind": "plain"}}).elicitation
    assert other == type(other)()
    assert Method.parse(method.dump()) == method
