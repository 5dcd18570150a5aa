"""Three of ten requests meet a fault: all samples are made all the same, each once, each paid once.

The slow one is the whole of it: 2,000 requests through `sample` into a run directory.
"""

from __future__ import annotations

import resource
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, SettingError
from cotkd.teachers.base import Request
from cotkd.teachers.openai import OpenAITeacher
from cotkd.teachers.sample import sample
from cotkd.types import Question
from tests.teachers.openai.fault_server import FAULTS, Elsewhere, FaultServer

KEY = "sk-toy-5e3c9a1b7d2f4086"
PASSING = tuple(fault for fault in FAULTS if fault not in ("stall", "one byte at a time"))


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def teacher(server, **settings):
    quick = {"timeout": 3.0, "backoff": 0.02, "retries": 30, "concurrency": 64}
    return OpenAITeacher(**{"model": "toy", "base_url": server.url, **quick, **settings})


def questions(count):
    return [Question(id=f"q{i}", text=f"what is {i}", answer=str(i)) for i in range(count)]


def check_books(books, rows, *, late=0):
    """Every sample that was paid for is there, and no other; but for answers that came too late."""
    for kind in ("prompt_tokens", "completion_tokens"):
        unused = books["billed"][kind] - sum(getattr(row, kind) for row in rows)
        assert 0 <= unused <= 30 * late
    if not late:
        assert set(books["answered"].values()) == {len(rows) // len(books["answered"])}


def test_all_samples_are_made_once_and_paid_once_through_all_faults():
    batches = [
        [Request(f"what is {i}", seed=10 * i + k, sample_index=k) for k in range(4)]
        for i in range(150)
    ]
    with FaultServer(rate=0.3, faults=PASSING, latency=0.002) as server:
        with teacher(server).open() as engine, ThreadPoolExecutor(64) as pool:
            made = list(
                pool.map(lambda batch: engine.complete(batch, Sampling(max_tokens=64)), batches)
            )
        for i, batch in enumerate(made):
            assert all(one.text.startswith(f"what is {i} #") for one in batch)
        rows = [one for batch in made for one in batch]
        assert len(rows) == 600
        check_books(server.books, rows)
        # every fault that was met is in the table of errors, and nothing else is
        assert sum(engine.errors.values()) == sum(server.met.values()) > 30


def test_every_fault_is_counted_under_a_name_of_its_own():
    named = {
        "429": "HTTP 429",
        "429 with seconds": "HTTP 429",
        "429 with a date": "HTTP 429",
        "500": "HTTP 500",
        "502": "HTTP 502",
        "503 with seconds": "HTTP 503",
        "reset": "connection lost",
        "reset within an answer": "connection lost",
        "truncated JSON": "broken JSON",
        "empty choices": "no choices",
        "fewer choices": "fewer choices",
        "wrong content type": "wrong content type",
        "huge": "answer too large",
        "huge without length": "answer too large",
    }
    assert named.keys() == set(PASSING)
    with (
        FaultServer(faults_first=PASSING) as server,
        teacher(server, backoff=1e-5).open() as engine,
    ):
        engine.complete([Request("q", seed=k) for k in range(4)], Sampling(max_tokens=8))
        assert engine.errors == Counter(named.values())


def test_a_run_that_gave_up_keeps_what_it_made_and_goes_on_where_it_stopped(tmp_path):
    asked = questions(40)
    with FaultServer(latency=0.001) as server:
        server.first = [""] * 20 + ["500"] * 200
        with pytest.raises(EngineError, match="HTTP 500"):
            sample(asked, teacher(server, retries=2, concurrency=4), n=3, out=tmp_path / "run")
        paid = server.billed["completion_tokens"]
        assert paid > 0
        server.first = []
        rows = sample(asked, teacher(server, retries=2, concurrency=4), n=3, out=tmp_path / "run")
        assert len({row.key for row in rows}) == 120
        assert all(row.error is None for row in rows)
        check_books(server.books, rows)


@pytest.mark.parametrize("bad", [0, 7, 19])
def test_one_prompt_that_is_never_answered_fails_alone(tmp_path, bad):
    with FaultServer(breaks_on=f"what is {bad}\n", latency=0.001) as server:
        settings = teacher(server, retries=3, concurrency=4)
        rows = sample(questions(20), settings, n=2, out=tmp_path / "run")
        again = sample(questions(20), settings, n=2, out=tmp_path / "run")
    failed = [row for row in rows if row.error is not None]
    assert len(rows) == len(again) == 40
    assert {row.question_id for row in failed} == {f"q{bad}"}
    assert len(failed) == 2
    assert "after 4 attempts (4 x HTTP 500), the last: HTTP 500: engine failed" in failed[0].error
    check_books({"billed": server.billed, "answered": {"": 40}}, rows)


def test_a_prompt_that_is_never_answered_fails_alone_on_a_new_start_with_nothing_else_left(
    tmp_path,
):
    with FaultServer(breaks_on="what is 7\n", latency=0.001) as server:
        settings = teacher(server, retries=1, concurrency=4)
        others = [one for one in questions(20) if one.id != "q7"]
        sample(others, settings, n=2, out=tmp_path / "others")
        (only,) = [one for one in questions(20) if one.id == "q7"]
        rows = sample([only], settings, n=2, out=tmp_path / "run")
    assert [row.error is not None for row in rows] == [True, True]


def test_the_key_is_in_no_file_line_log_or_repr(tmp_path, monkeypatch, capfd, caplog):
    caplog.set_level("DEBUG")
    monkeypatch.setenv("TOY_KEY", KEY)
    said = []
    with FaultServer(key=KEY, rate=0.3, faults=("500", "429", "reset"), longest=30) as server:
        settings = teacher(server, key_variable="TOY_KEY")
        asked = [*questions(20), Question(id="long", text="word " * 40, answer="1")]
        sample(asked, settings, n=2, out=tmp_path / "run")
        with settings.open() as engine:
            said += [repr(settings), repr(engine), str(vars(engine)), engine.identity]
            said += [str(vars(engine._connection)), str(vars(engine._caller)), settings.to_yaml()]
        server.key = "another"  # the refusal quotes the key it was given
        with settings.open() as engine, pytest.raises(SettingError) as error:
            engine.complete([Request("q", seed=1)], Sampling())
        said += [repr(error.value), str(error.getrepr(style="long", showlocals=False))]
        assert "***" in str(error.value)
    written = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
    assert written
    out, err = capfd.readouterr()
    for text in [*said, out, err, caplog.text]:
        assert KEY not in text
    assert not any(KEY.encode() in data for data in written)


@pytest.mark.slow
def test_two_thousand_requests_with_all_faults_fill_a_run_in_bounded_memory(tmp_path):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    asked = questions(2000)
    server = Elsewhere("--rate=0.3", "--latency=0.002", "--slow=6")
    with server, teacher(server, timeout=5.0).open() as engine:
        rows = sample(asked, engine, n=2, out=tmp_path / "run", max_tokens=64)
        books, errors = server.books, engine.errors
    assert len({row.key for row in rows}) == len(rows) == 4000
    assert all(row.error is None for row in rows)
    assert set(books["met"]) >= set(FAULTS)
    slow = books["met"]["stall"] + books["met"]["one byte at a time"]
    check_books(books, rows, late=errors["time-out"] - slow)
    # the 100 MB answers alone would be gigabytes; in flight are 64 answers of 1 MiB at most
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 300 * 2**10
    written = [line for path in tmp_path.rglob("samples/*.jsonl") for line in path.open()]
    assert len(written) == 4000
