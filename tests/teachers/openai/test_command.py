"""`cotkd sample --teacher.engine openai`: rows on success, one line and exit 2 on a mistake."""

from __future__ import annotations

import json

import pytest

from cotkd.cli import main
from tests.teachers.openai.fault_server import FaultServer


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    monkeypatch.setenv("COTKD_CACHE", "off")
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def sample(tmp_path, server, *flags, model="toy"):
    questions = tmp_path / "questions.jsonl"
    rows = [{"id": f"q{i}", "text": f"What is {i}?", "answer": str(i)} for i in range(5)]
    questions.write_text("".join(json.dumps(row) + "\n" for row in rows))
    named = ["--teacher.engine", "openai", "--teacher.model", model]
    named += ["--teacher.base_url", server.url, "--out", str(tmp_path / "run"), "--n", "3"]
    return main(["sample", "--questions", str(questions), *named, *flags])


def test_samples_are_drawn_and_written(tmp_path):
    with FaultServer() as server:
        assert not sample(tmp_path, server, "--teacher.options", "{service_tier: flex}")
        assert {asked["service_tier"] for asked in server.bodies} == {"flex"}
    (path,) = (tmp_path / "run").glob("samples/*.jsonl")
    rows = [json.loads(line) for line in path.read_text().splitlines()]
    assert len({(row["question_id"], row["sample_index"]) for row in rows}) == 15
    assert {row["teacher"] for row in rows} == {"toy"}


@pytest.mark.parametrize(
    ("flags", "said"),
    [
        (["--teacher.key_variable", "sk-oops"], "NAME of an environment variable"),
        (["--top-k", "5"], "top_k"),
        (["--teacher.dialect", "vlm"], "dialect"),
    ],
)
def test_mistakes_are_one_line_before_anything_is_sent(tmp_path, capsys, flags, said):
    with FaultServer() as server:
        assert sample(tmp_path, server, *flags) == 2
        assert server.bodies == []
    err = capsys.readouterr().err
    assert said in err
    assert err.count("\n") == 1
    assert "sk-oops" not in err


def test_an_unknown_model_is_one_line(tmp_path, capsys):
    with FaultServer() as server:
        assert sample(tmp_path, server, model="toi") == 2
    err = capsys.readouterr().err
    assert err.endswith("set teacher.model to one of: toy\n")
    assert err.count("\n") == 1


def test_the_engine_is_listed(capsys):
    assert not main(["engines"])
    assert "OpenAI-compatible" in capsys.readouterr().out
