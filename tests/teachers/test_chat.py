"""Conversations go through the model's own template, and thinking comes back apart."""

from __future__ import annotations

import pytest

from cotkd.decoding.chat_template import Chat, ChatTemplate, Message
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.rationales.trace import opens_trace
from cotkd.teachers.base import Request, load_teacher
from cotkd.teachers.elicitation.chat import ChatCot
from cotkd.types import Question
from tests.teachers.chat_models import TEMPLATES, chat_model, chat_tokenizer
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5

QUESTION = Question(id="q", text="2+3 {eggs}?", answer="5")
GREEDY = Sampling(temperature=0.0, max_tokens=20)
TRACE = ["<think>", "y", "e", "s", "</think>"]
ANSWER = ["#", "7"]


def ask(folder, asking, sampling=GREEDY):
    with load_teacher(folder) as engine:
        for ability in asking.needs:
            engine.refuse(ability)
        (made,) = engine.complete([asking.request(QUESTION, seed=1)], sampling)
    return made


@pytest.mark.parametrize(
    ("style", "thinking", "prompt"),
    [
        ("qwen2", None, "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"),
        ("qwen2", False, "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"),
        ("qwen3", True, "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"),
        (
            "qwen3",
            False,
            "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n\n</think>\n\n",
        ),
        ("reasoner", True, "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n<think>\n"),
        ("llama", None, "<s><|start|>user<|end|>\nhi<|eot_id|><|start|>assistant<|end|>\n"),
    ],
)
def test_a_conversation_is_rendered_by_the_template(style, thinking, prompt):
    render = ChatTemplate("m", chat_tokenizer(style))
    assert render(Chat((Message("user", "hi"),), thinking)) == prompt
    assert opens_trace(prompt) == (style == "reasoner")


@pytest.mark.parametrize(
    ("style", "thinking", "why"),
    [("qwen2", True, "knows no thinking"), ("reasoner", False, "always opens a trace")],
)
def test_thinking_that_a_template_cannot_switch_is_refused(style, thinking, why):
    render = ChatTemplate("m", chat_tokenizer(style))
    with pytest.raises(SettingError, match=f"'m': thinking {str(thinking).lower()} .*{why}"):
        render(Chat((Message("user", "hi"),), thinking))


def test_roles_that_a_template_refuses_are_named():
    render = ChatTemplate("m", chat_tokenizer("llama"))
    with pytest.raises(SettingError, match=r"conversation of system, user .*not supported"):
        render(Chat((Message("system", "be brief"), Message("user", "hi"))))


@pytest.mark.parametrize("style", TEMPLATES)
@pytest.mark.parametrize("special_marks", [False, True])
def test_a_thinking_trace_comes_back_apart_from_the_answer(tmp_path, style, special_marks):
    opened = style == "reasoner"
    reply = [*(TRACE[1:] if opened else TRACE), *ANSWER]
    folder = chat_model(tmp_path, style, reply=reply, special_marks=special_marks)
    made = ask(folder, ChatCot())
    assert (made.reasoning, made.text, made.finish_reason) == ("yes", "#7", "stop")
    assert made.tokens == len(reply) + 1


@pytest.mark.parametrize("style", TEMPLATES)
def test_a_trace_that_uses_up_all_tokens_is_no_answer(tmp_path, style):
    reply = TRACE[1:] if style == "reasoner" else TRACE
    folder = chat_model(tmp_path, style, reply=[*reply, *ANSWER])
    made = ask(folder, ChatCot(), Sampling(temperature=0.0, max_tokens=len(reply) - 2))
    assert (made.text, made.finish_reason) == ("", "length")
    assert made.reasoning == "ye"


def test_thinking_can_be_switched_off(tmp_path):
    folder = chat_model(tmp_path, "qwen3", reply=ANSWER)
    made = ask(folder, ChatCot(thinking=False))
    assert (made.reasoning, made.text) == (None, "#7")


def test_a_template_writes_the_only_start_token(tmp_path):
    folder = chat_model(tmp_path, "llama", reply=ANSWER)
    tokenizer = chat_tokenizer("llama")
    assert tokenizer("x")["input_ids"][0] == tokenizer.bos_token_id
    request = ChatCot().request(QUESTION, seed=0)
    prompt = ChatTemplate("m", tokenizer)(request.chat)
    ids = tokenizer(prompt, add_special_tokens=False)["input_ids"]
    assert ids.count(tokenizer.bos_token_id) == 1
    with load_teacher(folder) as engine:
        (made,) = engine.complete([request], GREEDY)
        assert made.prompt_tokens == len(ids)


def test_requests_of_one_conversation_are_planned_by_their_length(tmp_path):
    folder = chat_model(tmp_path, "qwen2", reply=ANSWER)
    asking = ChatCot(system="Be brief.")
    questions = [Question(id=str(n), text="why? " * n, answer="1") for n in (9, 1, 9, 1)]
    requests = [asking.request(one, seed=0) for one in questions]
    with load_teacher(folder, batch_tokens=400) as engine:
        plan = engine.batches(requests, Sampling(max_tokens=20))
        assert plan[0] == [1, 3]
        assert sorted(row for rows in plan for row in rows) == [0, 1, 2, 3]


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_a_model_without_a_template_is_no_chat_model(tmp_path, build):
    folder = save(tmp_path, build(), build_tokenizer())
    with load_teacher(folder) as engine, pytest.raises(SettingError, match="no chat template"):
        engine.refuse("chat")


def test_the_request_holds_the_conversation():
    request = ChatCot(system="Be brief.", template="Solve: {question}", thinking=True).request(
        QUESTION, seed=3, sample_index=2
    )
    messages = (Message("system", "Be brief."), Message("user", "Solve: 2+3 {eggs}?"))
    assert request == Request("", 3, QUESTION, 2, chat=Chat(messages, True))
    assert [m.role for m in ChatCot().request(QUESTION, seed=0).chat.messages] == ["user"]


def test_a_trace_cannot_be_the_rationale_where_thinking_is_off():
    with pytest.raises(SettingError, match="rationale trace"):
        ChatCot.parse({"thinking": False, "rationale": "trace"})
