"""One browser for all tests of the report, and one run that they browse."""

import json

import pytest

from cotkd.report import write_report
from cotkd.report.browse import browser_data
from cotkd.report.load import load_run
from tests.report.chromium import Chromium, require_chromium
from tests.report.example_run import add_growth, make_run


@pytest.fixture(scope="session")
def chromium():
    with Chromium(require_chromium()) as browser:
        yield browser


@pytest.fixture(scope="session")
def run(tmp_path_factory):
    run = make_run(tmp_path_factory.mktemp("run"), questions=60, samples=3, n=40)
    add_growth(run)
    return run


@pytest.fixture(scope="session")
def report(run):
    return write_report(run)


@pytest.fixture(scope="session")
def items(run):
    return json.loads(json.dumps(browser_data(load_run(run))["items"]))


@pytest.fixture
def page(chromium, report):
    chromium.open(report, "#browse")
    return chromium
