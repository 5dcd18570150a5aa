"""One browser for all tests of the report."""

import pytest

from tests.report.chromium import Chromium, require_chromium


@pytest.fixture(scope="session")
def chromium():
    with Chromium(require_chromium()) as browser:
        yield browser
