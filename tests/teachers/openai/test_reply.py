"""What comes back, in all the forms that servers give it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.teachers.openai.reply import apportion, generations, read_reply
from cotkd.teachers.openai.trouble import Trouble

JSON = {"content-type": "application/json"}


def read(choices, n=1, *, usage=None, headers=JSON, **more):
    values = {"choices": choices, **more}
    if usage is not None:
        values["usage"] = dict(zip(("prompt_tokens", "completion_tokens"), usage, strict=True))
    data = json.dumps(values).encode()
    return read_reply(data, headers, n=n, prompt_characters=40)


def made(choices, n=1, *, stop=(), opened=False, **more):
    reply = read(choices, n, **more)
    return generations(reply, stop=stop, opened=opened, seeds=[None] * len(reply.choices))


def text(words, **more):
    return {"text": words, "finish_reason": "stop", **more}


def message(content, **more):
    return {"message": {"content": content, **more}, "finish_reason": "stop"}


def test_choices_come_in_the_order_of_their_index():
    got = made([text("b", index=1), text("a", index=0)], 2)
    assert [one.text for one in got] == ["a", "b"]


def test_the_prompt_is_counted_once_and_every_answer_token_once():
    got = made([text("one two"), text("three")], 2, usage=(9, 12))
    assert [one.prompt_tokens for one in got] == [9, 0]
    assert sum(one.tokens for one in got) == 12


def test_listed_tokens_are_the_count_of_each_choice():
    listed = [text("a long text of one token", token_ids=[1]), text("b", token_ids=[1, 2, 3])]
    got = made(listed, 2, usage=(9, 4))
    assert [one.tokens for one in got] == [1, 3]
    assert got[1].token_ids == (1, 2, 3)


def test_without_usage_tokens_are_estimated_so_that_budgets_still_hold():
    (got,) = made([text("x" * 40)])
    assert (got.prompt_tokens, got.tokens) == (10, 10)


@given(st.integers(0, 10_000), st.lists(st.integers(0, 500), min_size=1, max_size=9))
def test_parts_add_up_to_the_whole_exactly(total, weights):
    parts = apportion(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 for part in parts)
    whole = sum(weights)
    if whole:
        assert all(abs(p - total * w / whole) < 1 for p, w in zip(parts, weights, strict=True))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("stop", "stop"),
        ("length", "length"),
        (None, "stop"),
        ("eos", "stop"),
        ("LENGTH", "length"),
        ("end_turn", "stop"),
        ("model_context_window_exceeded", "length"),
        ("tool_calls", "length"),
        ("new", "length"),
    ],
)
def test_finish_reasons(said, meant):
    assert made([{"text": "a", "finish_reason": said}])[0].finish_reason == meant


def test_a_withheld_answer_is_a_failed_sample_that_was_paid_for():
    (got,) = made([{"text": "", "finish_reason": "content_filter"}], usage=(9, 3))
    assert got.error is not None
    assert (got.prompt_tokens, got.tokens) == (9, 3)


def test_a_sample_that_the_server_aborted_is_missing():
    got = made([text("a"), {"text": "half", "finish_reason": "abort"}], 2)
    assert [one.text for one in got] == ["a"]


@pytest.mark.parametrize("reason", ["network_error", "abort", "timeout"])
def test_a_reply_that_broke_off_is_asked_for_again_and_says_why(reason):
    with pytest.raises(Trouble) as trouble:
        read([{**message("half"), "finish_reason": reason, "error": {"message": "gone"}}])
    assert str(trouble.value) == f"broken off: {reason}: gone"


def test_a_refusal_is_no_answer():
    (got,) = made([message(None, refusal="I cannot help with 5 eggs.")], usage=(9, 3))
    assert (got.text, got.tokens) == ("", 3)
    assert got.error == "the server withheld the answer (refusal)"


def test_a_trace_that_never_closes_leaves_no_answer_however_it_ended():
    for reason in ("stop", "length"):
        (got,) = made([{**message("<think>so 48. But wait"), "finish_reason": reason}])
        assert (got.text, got.reasoning, got.finish_reason) == ("", "so 48. But wait", reason)


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_a_trace_comes_in_its_own_field_or_in_the_text(field):
    (apart,) = made([message("12", **{field: "3*4"})])
    (within,) = made([message("<think>3*4</think>12")])
    assert (apart.reasoning, apart.text) == (within.reasoning, within.text) == ("3*4", "12")


def test_a_text_cut_off_within_an_opened_trace_is_all_trace():
    cut = {"message": {"content": "3*4 is"}, "finish_reason": "length"}
    (got,) = made([cut], opened=True)
    assert (got.reasoning, got.text, got.finish_reason) == ("3*4 is", "", "length")
    (whole,) = made([message("12")], opened=True)
    assert (whole.reasoning, whole.text) == (None, "12")


def test_contents_may_be_missing_or_in_parts():
    assert made([message(None)])[0].text == ""
    parts = [{"type": "text", "text": "1"}, {"type": "text", "text": "2"}]
    assert made([message(parts)])[0].text == "12"


def test_texts_are_cut_before_the_first_stop_string_that_a_server_left_in():
    assert made([text("a\n\nQ: b END")], stop=("END", "\n\nQ:"))[0].text == "a"


def test_log_probabilities_of_either_api_are_summed():
    listed = {"tokens": ["a", "b"], "token_logprobs": [-1.0, -0.5]}
    assert made([text("ab", logprobs=listed)])[0].logprob == -1.5
    chat = {"content": [{"token": "a", "logprob": -1.0}, {"token": "b", "logprob": -2.0}]}
    assert made([{**message("ab"), "logprobs": chat}])[0].logprob == -3.0
    assert made([text("ab")])[0].logprob is None


def test_more_choices_than_asked_for_are_left_out():
    assert len(made([text("a"), text("b")], 1)) == 1


@pytest.mark.parametrize(
    ("data", "headers", "kind"),
    [
        (b'{"choices": [{"te', JSON, "broken JSON"),
        (b"[]", JSON, "broken JSON"),
        (b"", JSON, "broken JSON"),
        (b"<html>", {"content-type": "text/html"}, "wrong content type"),
        (b"<html>", {}, "wrong content type"),
        (b"{}", JSON, "no choices"),
        (b'{"choices": null}', JSON, "no choices"),
        (b'{"choices": [1, {}, {"text": 3}]}', JSON, "no choices"),
        (b'{"error": {"message": "overloaded"}}', JSON, "error in an answer"),
    ],
)
def test_what_is_no_answer_is_told_apart(data, headers, kind):
    with pytest.raises(Trouble) as trouble:
        read_reply(data, headers, n=1, prompt_characters=1)
    assert trouble.value.kind == kind


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "choices",
                        "text",
                        "message",
                        "content",
                        "usage",
                        "logprobs",
                        "error",
                        "prompt_tokens",
                        "completion_tokens",
                        "finish_reason",
                        "index",
                        "token_logprobs",
                        "token_ids",
                    ]
                ),
                inner,
                max_size=4,
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_whatsoever_does_more_than_make_trouble(values):
    data = json.dumps({"choices": [values], "usage": values}).encode()
    for body in (json.dumps(values).encode(), data):
        try:
            reply = read_reply(body, JSON, n=2, prompt_characters=1)
        except Trouble:
            continue
        assert all(isinstance(one.text, str) for one in reply.choices)
