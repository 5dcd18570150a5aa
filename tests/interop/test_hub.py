"""A push is one commit of rows and card; without a hub it fails in one line, at once."""

import time
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.cli.exporting import rows_of
from cotkd.interop.curated import read_curated
from cotkd.interop.exports.messages import Messages
from cotkd.interop.hub import FILE
from tests.interop.hub_server import hub_server
from tests.interop.runs import write_run


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


@pytest.fixture
def push(run: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """Return a function that pushes to the hub at an address: exit code, output and errors."""
    from huggingface_hub import constants

    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setenv("HF_TOKEN", "hf_test")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")

    def pushed(address: str) -> tuple[int, str, str]:
        monkeypatch.setenv("HF_ENDPOINT", address)
        code = main(["export", str(run), "--to", "messages", "--push", "me/data"])
        said = capsys.readouterr()
        return code, said.out, said.err

    return pushed


def test_a_push_is_one_commit_of_rows_and_card(run: Path, push, tmp_path: Path) -> None:
    import datasets

    with hub_server("hf_test") as hub:
        code, out, error = push(hub.address)
        assert code == 0, error
        assert f"4 rows pushed to {hub.address}/datasets/me/data" in out
        (made,) = hub.made
    assert (made["type"], made["name"], made["visibility"]) == ("dataset", "data", "private")
    assert hub.message == "4 rows from cotkd"
    assert set(hub.files) == {"README.md", FILE}
    assert b"Apache-2.0" in hub.files["README.md"]
    (tmp_path / "rows.parquet").write_bytes(hub.files[FILE])
    rows = datasets.Dataset.from_parquet(str(tmp_path / "rows.parquet"), cache_dir=str(tmp_path))
    assert rows.to_list() == rows_of(read_curated(run), Messages())


def test_a_token_that_the_hub_refuses_is_one_line(push) -> None:
    with hub_server("hf_other") as hub:
        code, _, error = push(hub.address)
    assert code == 2
    assert error.count("\n") == 1
    assert "the hub does not take me/data: " in error
    assert "set HF_TOKEN" in error
    assert not hub.files


def test_an_upload_that_breaks_off_says_to_run_it_again(push) -> None:
    with hub_server("hf_test", hangs_up=True) as hub:
        code, _, error = push(hub.address)
    assert code == 1
    assert error.count("\n") == 1
    assert "the upload to me/data broke off (" in error
    assert "run it again" in error


def test_a_hub_that_is_not_there_is_one_line_within_seconds(push) -> None:
    start = time.monotonic()
    assert push("http://127.0.0.1:9") == (
        2,
        "",
        "cotkd export: cannot push to me/data: the hub at http://127.0.0.1:9 is not reachable\n",
    )
    assert time.monotonic() - start < 60
