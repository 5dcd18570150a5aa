"""Real questions and model output; tests that ask for them skip where they are not at hand."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder `COTKD_REAL_DATA`, else `../shared/data` beside the checkout."""
    return _folder("COTKD_REAL_DATA", "data")


@pytest.fixture(scope="session")
def shapes() -> Path:
    """Files of questions in many shapes: `COTKD_CASES`, else `../shared/cases`, and `questions`."""
    return _folder("COTKD_CASES", "cases") / "questions"


def _folder(variable: str, name: str) -> Path:
    folder = Path(os.environ.get(variable) or CHECKOUT.parent / "shared" / name)
    if folder.is_dir():
        return folder
    reason = f"no real data at {folder}: set {variable} to its folder"
    if "real_data" in os.environ.get("COTKD_REQUIRE", "").split(","):
        pytest.fail(f"{reason} (COTKD_REQUIRE asks for it)")
    pytest.skip(reason)
