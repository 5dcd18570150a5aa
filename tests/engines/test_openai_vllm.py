"""Kind `openai` against a real vLLM server: what is drawn, counted and returned, and a crash."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cotkd.decoding.chat_template import Chat, Message
from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, SettingError
from cotkd.questions.load import load_questions
from cotkd.teachers.base import Request
from cotkd.teachers.openai import OpenAITeacher
from cotkd.teachers.sample import sample
from tests.engines import vllm_server as servers

pytestmark = pytest.mark.vllm

DRAWN = Sampling(max_tokens=48, temperature=1.0)


def teacher(server, **settings):
    given = {"model": server.model, "base_url": server.url, "dialect": "vllm", "backoff": 0.2}
    return OpenAITeacher(**{**given, **settings})


@pytest.fixture
def asked():
    return load_questions("microgsm:test")[:64]


def samples(question, n, seed=1000):
    prompt = f"Q: {question.text}\nA:"
    return [Request(prompt, seed=seed + k, question=question, sample_index=k) for k in range(n)]


def test_sample_k_of_a_request_is_drawn_from_its_seed_plus_k(vllm_server, asked):
    with teacher(vllm_server).open() as engine:
        together = engine.complete(samples(asked[0], 4), DRAWN)
        again = engine.complete(samples(asked[0], 4), DRAWN)
        alone = [engine.complete([one], DRAWN)[0] for one in samples(asked[0], 4)]
    assert [one.seed for one in together] == [1000, 1001, 1002, 1003]
    assert [one.text for one in together] == [one.text for one in again]
    assert [one.text for one in together] == [one.text for one in alone]
    assert len({one.text for one in together}) > 1


def test_tokens_are_those_that_the_server_lists_and_the_prompt_is_counted_once(vllm_server, asked):
    with teacher(vllm_server, logprobs=True).open() as engine:
        made = engine.complete(samples(asked[1], 4), DRAWN)
    assert made[0].prompt_tokens > 10
    assert [one.prompt_tokens for one in made[1:]] == [0, 0, 0]
    for one in made:
        assert one.tokens == len(one.token_ids) > 0
        assert one.logprob is not None
        assert one.logprob < 0


def test_the_greedy_text_is_that_of_the_transformers_engine(vllm_server, asked):
    from cotkd.teachers.transformers import TransformersTeacher

    greedy = Sampling(max_tokens=64, temperature=0)
    requests = [samples(question, 1)[0] for question in asked[:24]]
    with teacher(vllm_server).open() as engine, ThreadPoolExecutor(8) as pool:
        (texts, ids) = zip(
            *(
                (one.text, one.finish_reason)
                for one in pool.map(lambda r: engine.complete([r], greedy)[0], requests)
            ),
            strict=True,
        )
    with TransformersTeacher(model=vllm_server.model).open() as local:
        own = [(one.text, one.finish_reason) for one in local.complete(requests, greedy)]
    same = sum(pair == mine for pair, mine in zip(zip(texts, ids, strict=True), own, strict=True))
    assert same >= 23


def test_top_k_of_one_is_greedy_so_the_dialect_reaches_the_server(vllm_server, asked):
    with teacher(vllm_server).open() as engine:
        drawn = engine.complete(samples(asked[2], 3), DRAWN.model_copy(update={"top_k": 1}))
        (greedy, *_) = engine.complete(samples(asked[2], 3), Sampling(max_tokens=48, temperature=0))
    assert {one.text for one in drawn} == {greedy.text}


def test_a_prompt_that_is_too_long_fails_alone(vllm_server, asked):
    long = Request("word " * 4000, seed=1)
    with teacher(vllm_server).open() as engine:
        (refused,) = engine.complete([long], DRAWN)
        assert refused.error is not None
        assert "context" in refused.error or "length" in refused.error
        assert engine.complete(samples(asked[0], 1), DRAWN)[0].error is None


def test_an_unknown_model_and_a_model_without_a_chat_template_end_the_run(vllm_server):
    unknown = pytest.raises(SettingError, match=f"one of: {vllm_server.model}")
    with teacher(vllm_server, model="nobody").open() as engine, unknown:
        engine.complete([Request("Hi", seed=1)], DRAWN)
    talk = Request("", seed=1, chat=Chat((Message("user", "Hi"),)))
    untaught = pytest.raises(SettingError, match="chat template")
    with teacher(vllm_server).open() as engine, untaught:
        engine.complete([talk], DRAWN)


def test_a_run_through_threads_makes_every_key_once(vllm_server, asked, tmp_path):
    rows = sample(asked, teacher(vllm_server), n=4, out=tmp_path / "run", max_tokens=48)
    assert len({row.key for row in rows}) == 256
    assert all(row.error is None for row in rows)
    again = sample(asked, teacher(vllm_server), n=4, max_tokens=48)
    same = sum(a.text == b.text for a, b in zip(rows, again, strict=True))
    assert same >= 0.99 * len(rows)


def test_an_engine_killed_mid_run_ends_it_with_one_line_and_the_run_goes_on(vllm, tmp_path):
    asked = load_questions("microgsm:test")[:400]
    out = tmp_path / "run"
    port = servers.free_port()

    def run(server):
        settings = teacher(server, retries=3, patience=2.0, concurrency=16)
        return sample(asked, settings, n=2, out=out, max_tokens=64)

    def rows_written():
        return sum(len(path.read_bytes().splitlines()) for path in out.glob("samples/*.jsonl"))

    with servers.vllm_server("microgsm-teacher", f"--port={port}") as server:
        ended = threading.Event()

        def kill():
            while rows_written() < 40 and not ended.is_set():
                time.sleep(0.02)
            server.kill_engine()

        killer = threading.Thread(target=kill)
        killer.start()
        with pytest.raises(EngineError) as error:
            run(server)
        ended.set()
        killer.join()
    assert "\n" not in str(error.value)
    assert str(port) in str(error.value)
    assert "run the same command again" in str(error.value)
    kept = rows_written()
    assert 40 <= kept < 800
    with servers.vllm_server("microgsm-teacher", f"--port={port}") as server:
        rows = run(server)
    assert len({row.key for row in rows}) == len(rows) == 800
    assert rows_written() == 800
    assert all(row.error is None for row in rows)
