"""The engine against real sockets: what is asked, what comes back, and what it costs."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from cotkd.decoding.chat_template import Chat, Message
from cotkd.decoding.sampling import Sampling
from cotkd.errors import EngineError, SettingError
from cotkd.teachers.base import Request
from cotkd.teachers.openai import OpenAITeacher
from tests.teachers.openai.fault_server import FaultServer

SHORT = Sampling(max_tokens=32)


@pytest.fixture(autouse=True)
def no_environment(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_BASE_URL", "HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)


def opened(server, **settings):
    quick = {"model": "toy", "base_url": server.url, "timeout": 10.0, "backoff": 0.01}
    return OpenAITeacher(**{**quick, **settings}).open()


def samples(prompt="2 + 3 is", n=4, seed=100):
    return [Request(prompt, seed=seed + k, sample_index=k) for k in range(n)]


def test_the_samples_of_a_question_are_one_request_and_their_prompt_is_paid_once():
    with FaultServer() as server, opened(server) as engine:
        made = engine.complete(samples(), SHORT)
        (asked,) = server.bodies
        assert (asked["n"], asked["seed"]) == (4, 100)
        assert [one.text for one in made] == [f"2 + 3 is #{100 + k}" for k in range(4)]
        assert [one.prompt_tokens for one in made] == [4, 0, 0, 0]
        assert sum(one.tokens for one in made) == server.billed["completion_tokens"]


def test_batches_are_the_samples_of_one_question_whatever_their_number():
    with FaultServer() as server, opened(server, samples_per_request=3) as engine:
        requests = [*samples("a", 2), *samples("b", 4), *samples("c", 1)]
        assert engine.batches(requests, SHORT) == [[0, 1], [2, 3, 4], [5], [6]]
        made = engine.complete(requests, SHORT)
        assert [one.text.split()[0] for one in made] == [*"aabbbbc"]
        assert max(asked.get("n", 1) for asked in server.bodies) == 3


def test_one_greedy_sample_stands_for_all_of_them():
    with FaultServer() as server, opened(server) as engine:
        made = engine.complete(samples(), Sampling(temperature=0))
        assert "n" not in server.bodies[0]
        assert len(server.bodies) == 1
        assert len({one.text for one in made}) == 1
        assert sum(one.tokens for one in made) == server.billed["completion_tokens"]


def test_a_conversation_is_answered_through_the_chat_api():
    talk = Request("", seed=1, chat=Chat((Message("system", "Be brief."), Message("user", "Hi"))))
    with FaultServer() as server, opened(server, logprobs=True) as engine:
        (made,) = engine.complete([talk], SHORT)
        assert made.text == "Hi #1"
        assert made.logprob == -1.0
        assert server.bodies[0]["messages"][0]["role"] == "system"


def test_what_the_server_or_the_settings_cannot_do_is_refused():
    with FaultServer() as server:
        with opened(server) as plain, opened(server, dialect="vllm") as vllm:
            for ability in ("top_k", "repetition_penalty"):
                vllm.refuse(ability)
                with pytest.raises(SettingError, match=ability):
                    plain.refuse(ability)
            plain.refuse("chat")
            with pytest.raises(SettingError, match="contrastive"):
                vllm.refuse("contrast")
        with opened(server, api="completions", seeds=False) as base:
            for ability in ("chat", "seed"):
                with pytest.raises(SettingError):
                    base.refuse(ability)


@pytest.mark.parametrize(
    ("settings", "drawn"),
    [
        ({"dialect": "vllm"}, [100, 101, 102, 103]),
        ({"dialect": "openai"}, [None] * 4),
        ({"seeds": False}, [None] * 4),
        ({"samples_per_request": 1}, [100, 101, 102, 103]),
    ],
)
def test_each_sample_says_what_it_was_drawn_from_or_that_nobody_knows(settings, drawn):
    with FaultServer() as server, opened(server, **settings) as engine:
        assert [one.seed for one in engine.complete(samples(), SHORT)] == drawn


def test_samples_that_were_left_out_are_asked_for_again():
    first = ["fewer choices"] * 3
    with FaultServer(faults_first=first) as server, opened(server) as engine:
        made = engine.complete(samples(n=8), SHORT)
        assert len(made) == 8
        assert server.answered["2 + 3 is"] == 8
        assert sum(one.prompt_tokens for one in made) == server.billed["prompt_tokens"]
        assert engine.errors["fewer choices"] == server.met["fewer choices"]


def test_a_server_that_knows_no_n_is_soon_asked_for_single_samples():
    with FaultServer(knows_n=False) as server, opened(server) as engine:
        for question in range(4):
            made = engine.complete(samples(f"q{question}", 6, seed=10 * question), SHORT)
            assert len(made) == 6
        assert [asked.get("n", 1) for asked in server.bodies[-6:]] == [1] * 6
        assert len({one.text for one in made}) == 6
        assert len(server.bodies) == 24


def test_what_an_empty_answer_cost_is_not_lost():
    with FaultServer(faults_first=["empty choices"]) as server, opened(server) as engine:
        made = engine.complete(samples(), SHORT)
        assert sum(one.prompt_tokens for one in made) == server.billed["prompt_tokens"] == 8


def test_no_more_requests_are_in_flight_than_allowed():
    with FaultServer(latency=0.02) as server, opened(server, concurrency=5) as engine:
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda i: engine.complete(samples(f"q{i}"), SHORT), range(40)))
        assert server.most_in_flight == 5


def test_requests_keep_to_the_rate_and_are_still_all_answered():
    with FaultServer() as server, opened(server, requests_per_minute=1200) as engine:
        with ThreadPoolExecutor(20) as pool:
            list(pool.map(lambda i: engine.complete(samples(f"q{i}"), SHORT), range(20)))
        gaps = sorted(server.times)
        assert gaps[-1] - gaps[0] >= 17 * 60 / 1200


def test_after_a_429_everybody_pauses():
    first = ["429 with seconds", *[""] * 7, *["429 with seconds"] * 8]
    with FaultServer(faults_first=first) as server, opened(server, concurrency=8) as engine:
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda i: engine.complete(samples(f"q{i}"), SHORT), range(64)))
        assert engine.errors == {"HTTP 429": 9}


def test_one_prompt_that_is_too_long_fails_alone():
    long = Request("word " * 50, seed=1)
    with FaultServer(longest=20) as server, opened(server) as engine:
        (refused,) = engine.complete([long], SHORT)
        assert refused.finish_reason == "error"
        assert "maximum context length is 20" in refused.error
        assert refused.prompt_tokens == 1  # the short prompt that told what is at fault
        (fine,) = engine.complete([Request("fine", seed=1)], SHORT)
        (again,) = engine.complete([long], SHORT)
        assert fine.error is None
        assert again.prompt_tokens == 0
        assert len(server.bodies) == 4


def test_a_prompt_that_cannot_be_sent_fails_alone():
    with FaultServer() as server, opened(server) as engine:
        (refused,) = engine.complete([Request("half a pair \ud800", seed=1)], SHORT)
        assert "Unicode" in refused.error
        (fine,) = engine.complete([Request("whole", seed=1)], SHORT)
        assert fine.error is None


def test_settings_that_no_prompt_can_meet_end_the_run_with_the_servers_words():
    with FaultServer(refuses="top_p") as server, opened(server) as engine:
        with pytest.raises(SettingError, match="Unrecognized request argument: top_p") as error:
            engine.complete(samples(), SHORT)
        assert "\n" not in str(error.value)
        assert len(server.bodies) == 2


def test_a_wrong_key_ends_the_run_at_once_with_one_line(monkeypatch):
    monkeypatch.setenv("TOY_KEY", "sk-toy-wrong-key")
    with FaultServer(key="sk-toy-right-key") as server:
        with opened(server) as engine, pytest.raises(SettingError, match="asks for a key"):
            engine.complete(samples(), SHORT)
        refused = pytest.raises(SettingError, match=r"refuses the key .* TOY_KEY")
        with opened(server, key_variable="TOY_KEY") as engine, refused as error:
            engine.complete(samples(), SHORT)
        assert len(server.bodies) == 2
        assert "wrong-key" not in str(error.value)
        assert "\n" not in str(error.value)
        monkeypatch.setenv("TOY_KEY", "sk-toy-right-key")
        with opened(server, key_variable="TOY_KEY") as engine:
            assert len(engine.complete(samples(), SHORT)) == 4


def test_an_unknown_model_ends_the_run_at_once_and_names_those_there_are():
    with FaultServer() as server, opened(server, model="toi") as engine:
        with pytest.raises(SettingError, match=r"no such model .* one of: toy"):
            engine.complete(samples(), SHORT)
        assert len(server.bodies) == 1


def test_an_address_without_v1_is_pointed_out():
    with FaultServer() as server:
        engine = opened(server, base_url=server.url.removesuffix("/v1"))
        with engine, pytest.raises(SettingError, match="ends in /v1"):
            engine.complete(samples(), SHORT)


def test_the_hosted_api_needs_a_key_before_anything_is_sent():
    with pytest.raises(SettingError, match="OPENAI_API_KEY"):
        OpenAITeacher(model="gpt").open()


def test_the_address_can_come_from_the_environment(monkeypatch):
    with FaultServer() as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        with OpenAITeacher(model="toy").open() as engine:
            assert len(engine.complete(samples(), SHORT)) == 4
            assert server.url in engine.identity


def test_identity_is_model_address_api_and_options_but_not_how_fast_it_is_asked():
    with FaultServer() as server:

        def identity(**settings):
            with opened(server, **settings) as engine:
                return engine.identity

        assert identity() == identity(concurrency=3, retries=1, timeout=5, logprobs=True)
        others = [{"api": "chat"}, {"options": {"x": 1}}, {"base_url": "http://other/v1"}]
        assert len({identity(), *(identity(**other) for other in others)}) == 4
        assert identity(served_as="a") == identity(served_as="a", base_url="http://other/v1")


def test_giving_up_says_how_often_what_happened():
    faults = ["500", "500", "truncated JSON", "502", "500"]
    with FaultServer(faults_first=faults) as server, opened(server, retries=3) as engine:
        with pytest.raises(EngineError) as error:
            engine.complete(samples(), SHORT)
        said = str(error.value)
        assert "after 4 attempts (2 x HTTP 500, 1 x HTTP 502, 1 x broken JSON)" in said
        assert "run the same command again" in said
        assert len(engine.complete(samples(), SHORT)) == 4  # the server is well again


def test_a_server_that_was_down_for_the_last_request_of_a_run_has_answered_it_when_it_is_up_again():
    faults = ["500", "500", "502"]
    with FaultServer(faults_first=faults) as server, opened(server, retries=2) as engine:
        assert [one.error for one in engine.complete(samples(), SHORT)] == [None] * 4


def test_a_server_that_is_not_there_ends_the_run_with_one_line():
    with FaultServer() as server:
        server.stop()
        with opened(server, patience=0.3) as engine, ThreadPoolExecutor(16) as pool:
            begun = time.monotonic()
            asked = [pool.submit(engine.complete, samples(f"q{i}"), SHORT) for i in range(16)]
            errors = [one.exception() for one in asked]
            assert time.monotonic() - begun < 5
            assert len({str(error) for error in errors}) == 1
            assert "no server answers" in str(errors[0])


def test_a_server_that_comes_back_in_time_is_waited_for():
    with FaultServer() as server, opened(server, patience=30, retries=0) as engine:
        engine.complete(samples(), SHORT)
        server.stop()
        threading.Timer(0.5, server.come_back).start()
        assert len(engine.complete(samples("again"), SHORT)) == 4
        assert engine.errors["connection refused"] >= 1


def test_a_server_that_goes_for_good_is_gone_after_the_patience_and_not_after_all_retries():
    with FaultServer() as server, opened(server, patience=0.5, retries=10**6) as engine:
        engine.complete(samples(), SHORT)
        server.stop()
        with pytest.raises(EngineError, match="the server is gone, no connection for"):
            engine.complete(samples(), SHORT)
        assert sum(engine.errors.values()) < 50


@pytest.mark.parametrize("fault", ["stall", "one byte at a time"])
def test_an_answer_that_does_not_end_in_time_is_asked_for_again(fault):
    server = FaultServer(faults_first=[fault], slow=5.0)
    with server, opened(server, timeout=0.6) as engine:
        begun = time.monotonic()
        assert len(engine.complete(samples(), SHORT)) == 4
        assert time.monotonic() - begun < 3
        assert engine.errors == {"time-out": 1}


@pytest.mark.parametrize("fault", ["huge", "huge without length"])
def test_a_huge_answer_is_not_read_to_its_end(fault):
    with FaultServer(faults_first=[fault]) as server, opened(server) as engine:
        assert len(engine.complete(samples(), SHORT)) == 4
        assert engine.errors == {"answer too large": 1}


def test_closing_ends_what_is_under_way():
    with FaultServer(latency=20) as server:
        engine = opened(server, timeout=60)
        with ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(engine.complete, samples(f"q{i}"), SHORT) for i in range(4)]
            while len(server.bodies) < 4:
                time.sleep(0.01)
            engine.close()
            assert all("closed" in str(one.exception()) for one in asked)
        engine.close()
        with pytest.raises(EngineError, match="closed"):
            engine.complete(samples(), SHORT)


def test_no_thread_outlives_the_engine():
    with FaultServer() as server:
        with opened(server) as engine:
            engine.complete(samples(), SHORT)
            assert "cotkd-openai" in {thread.name for thread in threading.enumerate()}
        assert "cotkd-openai" not in {thread.name for thread in threading.enumerate()}
