"""The files that travel with the package are found in a checkout; of a wheel: test_packaging."""

from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.store.resources import resource

ROOT = Path(__file__).parents[2]
NEEDED = ("microgsm/test.jsonl", "checkpoints/microgsm-teacher", "checkpoints/microgsm-student")


@pytest.mark.parametrize("name", NEEDED)
def test_a_checkout_has_its_data_beside_the_package(name: str) -> None:
    assert resource(name) == ROOT / "data" / name


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DataError, match=r"'microgsm/none.jsonl' is missing"):
        resource("microgsm/none.jsonl")
