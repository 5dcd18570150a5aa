import http.server
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.questions.hub import hub_rows, reachable


class Refusing(http.server.BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.send_error(503)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.HTTPServer(("127.0.0.1", 0), Refusing) as server:
        serving = threading.Thread(target=server.serve_forever)
        serving.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        serving.join()


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "*")


def test_a_server_that_answers_anything_is_reachable(server: str) -> None:
    assert reachable(server, within=30)


def test_a_closed_port_is_not_reachable() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        assert not reachable(f"http://127.0.0.1:{unused.getsockname()[1]}")


def test_a_server_that_says_nothing_is_given_up() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        started = time.monotonic()
        assert not reachable(f"http://127.0.0.1:{silent.getsockname()[1]}", within=0.2)
        assert time.monotonic() - started < 5


def test_without_a_hub_the_error_is_one_line_that_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    with pytest.raises(DataError) as caught:
        next(hub_rows("openai/gsm8k", "main", "test"))
    assert "openai/gsm8k" in str(caught.value)
    assert "--questions.path" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_an_unreachable_hub_is_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr("cotkd.questions.hub.reachable", lambda endpoint: False)
    seen = []

    def load_dataset(*_: object, **__: object) -> None:
        seen.append(datasets.config.HF_HUB_OFFLINE)
        raise ConnectionError("no hub")

    monkeypatch.setattr(datasets, "load_dataset", load_dataset)
    with pytest.raises(DataError, match="the hub cannot be reached"):
        next(hub_rows("openai/gsm8k", "main", "test"))
    assert seen == [True]
    assert datasets.config.HF_HUB_OFFLINE is False
