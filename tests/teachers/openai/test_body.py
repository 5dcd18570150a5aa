"""What is sent: the fields of a request, and what no dialect has a word for."""

from __future__ import annotations

import pytest

from cotkd.decoding.chat_template import Chat, Message
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.teachers.base import Request
from cotkd.teachers.openai import OpenAITeacher
from cotkd.teachers.openai.body import body_of
from cotkd.teachers.openai.dialects import DIALECTS

ASKED = Request("Q: 2+3?", seed=2**53 - 1)
TALK = Request("", seed=7, chat=Chat((Message("system", "Be brief."), Message("user", "2+3?"))))


def body(request=ASKED, sampling=None, *, n=1, hosted=False, **settings):
    teacher = OpenAITeacher(model="toy", **settings)
    return body_of(teacher, request, sampling or Sampling(), n=n, hosted=hosted)


def test_a_prompt_is_continued_and_a_conversation_answered():
    assert body().path == "/completions"
    assert body().fields["prompt"] == "Q: 2+3?"
    assert body(TALK).path == "/chat/completions"
    assert body(TALK).fields["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "2+3?"},
    ]


def test_with_api_chat_a_prompt_is_one_message_of_the_user():
    assert body(api="chat").fields["messages"] == [{"role": "user", "content": "Q: 2+3?"}]


def test_temperature_and_top_p_are_always_said_so_that_no_default_of_a_server_applies():
    fields = body().fields
    assert (fields["temperature"], fields["top_p"], fields["max_tokens"]) == (1.0, 1.0, 512)


@pytest.mark.parametrize("dialect", ["vllm", "sglang", "llama.cpp"])
def test_a_dialect_switches_off_what_the_server_would_do_on_its_own(dialect):
    fields = body(dialect=dialect).fields
    words = DIALECTS[dialect]
    assert fields[words.top_k] == words.no_top_k
    assert fields[words.repetition_penalty] == 1.0
    assert fields["min_p"] == 0.0
    assert body(sampling=Sampling(top_k=20), dialect=dialect).fields[words.top_k] == 20


def test_plain_openai_fields_only_without_a_dialect():
    known = {"model", "prompt", "temperature", "top_p", "max_tokens", "n", "seed", "stop"}
    assert body(sampling=Sampling(stop=("x",)), n=4).fields.keys() == known


def test_the_hosted_api_is_sent_its_own_word_for_the_token_limit():
    fields = body(TALK, hosted=True).fields
    assert fields["max_completion_tokens"] == 512
    assert "max_tokens" not in fields


def test_no_more_stop_strings_are_sent_than_the_api_takes():
    stop = ("a", "b", "c", "d", "e")
    assert body(sampling=Sampling(stop=stop)).fields["stop"] == list(stop[:4])
    assert body(sampling=Sampling(stop=stop), dialect="vllm").fields["stop"] == list(stop)


def test_seeds_fit_the_server_and_can_be_left_out():
    assert body().fields["seed"] == 2**53 - 1
    assert 0 <= body(dialect="llama.cpp").fields["seed"] < 2**31
    assert "seed" not in body(seeds=False).fields


def test_options_go_before_the_rest_and_null_leaves_a_field_out():
    fields = body(options={"top_p": None, "temperature": 0.5, "service_tier": "flex"}).fields
    assert "top_p" not in fields
    assert (fields["temperature"], fields["service_tier"]) == (0.5, "flex")


def test_thinking_is_switched_where_the_server_can_and_refused_where_it_cannot():
    talk = TALK._replace(chat=TALK.chat._replace(thinking=False))
    given = {"chat_template_kwargs": {"tools": "none"}}
    switched = body(talk, dialect="vllm", options=given).fields["chat_template_kwargs"]
    assert switched["enable_thinking"] is False
    assert switched["tools"] == "none"
    with pytest.raises(SettingError, match="cannot switch thinking off"):
        body(talk)


def test_requests_that_differ_in_prompt_and_seed_only_have_one_key():
    assert body().key == body(Request("other", seed=3)).key == body().probe().key
    assert body().key != body(sampling=Sampling(max_tokens=5)).key
    assert body().key != body(n=2).key
    assert body().key != body(TALK).key


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"key_variable": "sk-SECRET"}, "NAME of an environment variable"),
        ({"key_variable": "gsk_SECRETlower"}, "NAME of an environment variable"),
        ({"base_url": "https://me:SECRET@host/v1"}, "without user, password"),
        ({"base_url": "https://host/v1?key=SECRET"}, "without user, password"),
        ({"base_url": "SECRET:8000"}, "http"),
        ({"options": {"api_key": "SECRET"}}, "environment"),
        ({"options": {"api-key": "SECRET"}}, "environment"),
        ({"options": {"x-api-key": "SECRET"}}, "environment"),
        ({"options": {"access_token": "SECRET"}}, "environment"),
        ({"options": {"token": "SECRET"}}, "environment"),
        ({"options": {"extra_headers": {"Authorization": "Bearer sk-SECRET"}}}, "environment"),
        ({"options": {"tools": [{"server": {"Credentials": "SECRET"}}]}}, "environment"),
        ({"options": {"user": "sk-SECRET"}}, "environment"),
        ({"options": {"headers": ["Bearer SECRET"]}}, "environment"),
        ({"options": {"n": 4}}, "n is set by cotkd itself"),
    ],
)
def test_settings_that_would_hold_a_key_are_refused_without_showing_it(settings, said):
    with pytest.raises(SettingError, match=said) as refused:
        OpenAITeacher.parse({"model": "toy", **settings})
    assert "SECRET" not in str(refused.value)


def test_options_that_are_no_keys_are_taken():
    options = {
        "max_completion_tokens": 64,
        "min_tokens": 1,
        "stop_token_ids": [2],
        "add_special_tokens": False,
        "bad_words": ["sky", "skip-bo"],
        "metadata": {"tokenizer": "slow"},
    }
    assert OpenAITeacher(model="toy", options=options).options == options
