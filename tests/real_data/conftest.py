"""Real questions and model output; tests that ask for them skip where they are not at hand."""

import os
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder `COTKD_REAL_DATA`, else `../shared/data` beside the checkout."""
    folder = Path(os.environ.get("COTKD_REAL_DATA") or CHECKOUT.parent / "shared" / "data")
    if folder.is_dir():
        return folder
    reason = f"no real data at {folder}: set COTKD_REAL_DATA to its folder"
    if "real_data" in os.environ.get("COTKD_REQUIRE", "").split(","):
        pytest.fail(f"{reason} (COTKD_REQUIRE asks for it)")
    pytest.skip(reason)
