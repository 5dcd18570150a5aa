"""A push is one commit of rows and card; without a hub it fails in one line, at once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cotkd.cli.exporting import rows_of
from cotkd.interop.curated import read_curated
from cotkd.interop.exports.messages import Messages
from cotkd.interop.hub import FILE
from tests.interop.hub_server import hub_server
from tests.interop.runs import write_run

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


def push(
    run: Path, endpoint: str, home: Path, token: str = "hf_test"
) -> subprocess.CompletedProcess[str]:
    """Push in a process of its own: the hub's client reads its settings when it is imported."""
    own = {"HF_ENDPOINT": endpoint, "HF_HUB_OFFLINE": "0", "HF_HOME": str(home)}
    proxies = dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"), "")
    own["HF_TOKEN"] = "hf_test"
    command = ["-m", "cotkd", "export", str(run), "--to", "messages", "--push", "me/data"]
    return subprocess.run(
        [sys.executable, *command],
        env={**os.environ, **own, **proxies, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_push_is_one_commit_of_rows_and_card(run: Path, tmp_path: Path) -> None:
    import datasets

    with hub_server("hf_test") as hub:
        done = push(run, hub.address, tmp_path)
        assert done.returncode == 0, done.stderr
        assert f"4 rows pushed to {hub.address}/datasets/me/data" in done.stdout
        (made,) = hub.made
    assert (made["type"], made["name"], made["visibility"]) == ("dataset", "data", "private")
    assert hub.message == "4 rows from cotkd"
    assert set(hub.files) == {"README.md", FILE}
    assert b"Apache-2.0" in hub.files["README.md"]
    (tmp_path / "rows.parquet").write_bytes(hub.files[FILE])
    rows = datasets.Dataset.from_parquet(str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path))
    assert rows.to_list() == rows_of(read_curated(run), Messages())


def test_a_token_that_the_hub_refuses_is_one_line(run: Path, tmp_path: Path) -> None:
    with hub_server("hf_other") as hub:
        done = push(run, hub.address, tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "the hub does not take me/data: " in done.stderr
    assert "set HF_TOKEN" in done.stderr
    assert not hub.files


def test_a_hub_that_is_not_there_is_one_line_within_seconds(run: Path, tmp_path: Path) -> None:
    start = time.monotonic()
    done = push(run, "http://127.0.0.1:9", tmp_path)
    assert done.returncode == 2
    assert done.stderr == (
        "cotkd export: cannot push to me/data: the hub at http://127.0.0.1:9 is not reachable\n"
    )
    assert time.monotonic() - start < 60
