"""The vLLM engine for real, on the CPU: one engine serves all tests of this module.

Its model is the embedded teacher with a chat template of our own.
"""

from __future__ import annotations

import json
import random
import shutil
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.decoding.chat_template import Chat, Message
from cotkd.decoding.checkpoints import locate_model
from cotkd.decoding.sampling import Sampling, sample_seed
from cotkd.decoding.scoring import score_tokens
from cotkd.errors import EngineError, SettingError
from cotkd.questions.load import load_questions
from cotkd.teachers.base import Contrast, Request
from cotkd.teachers.sample import sample
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.teachers.vllm import VllmTeacher
from cotkd.teachers.vllm_loop import Refusal

pytestmark = [pytest.mark.vllm, pytest.mark.usefixtures("vllm")]

TEMPLATE = (
    "{% for message in messages %}Q: {{ message['content'] }}\nA:{% endfor %}"
    "{% if enable_thinking %}<think>{% endif %}"
)
OPTIONS = {"enforce_eager": True}
SAMPLING = Sampling(max_tokens=40)
GREEDY = Sampling(temperature=0, max_tokens=40)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("model") / "teacher"
    shutil.copytree(locate_model("microgsm-teacher"), folder)
    (folder / "chat_template.jinja").write_text(TEMPLATE)
    return folder


@pytest.fixture(scope="module")
def engine(vllm, folder):
    with VllmTeacher(model=str(folder), max_model_len=512, options=OPTIONS).open() as engine:
        yield engine


@pytest.fixture(scope="module")
def reference(folder):
    """The same model in the engine of kind `transformers`."""
    with TransformersTeacher(model=str(folder)).open() as engine:
        yield engine


@pytest.fixture(scope="module")
def requests():
    """512 seeded prompts of unequal length: enough for vLLM to split one where it may."""
    questions = load_questions("microgsm:test")
    made = []
    for number in range(512):
        question = questions[number // 2]
        prompt = f"Q: {question.text}\nA:"
        if number % 3 == 0:
            prompt = f"Q: {questions[number].text}\nA: 12\n" * (number % 4) + prompt
        made.append(Request(prompt, seed=sample_seed(0, question.id, number % 2)))
    return made


@pytest.fixture(scope="module")
def generations(engine, requests):
    return engine.complete(requests, SAMPLING)


def texts(generations):
    return [one.text for one in generations]


def share_equal(first, second):
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first)


def test_512_seeded_prompts_of_unequal_length_run(requests, generations):
    assert len({len(request.prompt) for request in requests}) > 50
    assert all(one.error is None for one in generations)
    assert {one.finish_reason for one in generations} == {"stop", "length"}
    assert all(1 <= one.tokens <= 40 for one in generations)
    assert all((one.tokens == 40) or one.finish_reason == "stop" for one in generations)


def test_the_same_requests_again_are_the_same_texts(engine, requests, generations):
    assert texts(engine.complete(requests, SAMPLING)) == texts(generations)


def test_other_batches_change_next_to_no_text(engine, requests, generations):
    order = list(range(0, len(requests), 2))
    random.Random(0).shuffle(order)
    found = {}
    for part in (order[:7], order[7:80], order[80:]):
        made = engine.complete([requests[row] for row in part], SAMPLING)
        found |= dict(zip(part, texts(made), strict=True))
    first = [generations[row].text for row in found]
    share = share_equal(list(found.values()), first)
    print(f"{share:.2%} of {len(first)} texts are equal in other batches")
    assert share >= 0.99


def test_another_seed_is_another_text(engine, requests, generations):
    others = [request._replace(seed=request.seed + 1) for request in requests[:64]]
    assert share_equal(texts(engine.complete(others, SAMPLING)), texts(generations[:64])) < 0.5


@pytest.mark.parametrize(
    "drawing", [{}, {"temperature": 0.7, "top_p": 0.8, "top_k": 5, "repetition_penalty": 1.3}]
)
def test_logprobs_are_those_of_the_unmodified_model(engine, reference, requests, drawing):
    asked = requests[:32]
    made = engine.complete(asked, Sampling(max_tokens=32, **drawing))
    decoder = reference._decoder
    rows = score_tokens(
        decoder.model,
        decoder.tokenizer,
        decoder.encode([request.prompt for request in asked]),
        [one.token_ids for one in made],
        batch_tokens=4096,
    )
    assert [one.logprob for one in made] == pytest.approx([sum(row) for row in rows], abs=1e-3)


def test_greedy_texts_tokens_and_reasons_are_those_of_kind_transformers(
    engine, reference, requests
):
    for sampling in (GREEDY, GREEDY.model_copy(update={"stop": ("####", "eggs")})):
        made = engine.complete(requests[:64], sampling)
        expected = reference.complete(requests[:64], sampling)
        assert share_equal(texts(made), texts(expected)) >= 0.98
        same = [pair for pair in zip(made, expected, strict=True) if pair[0].text == pair[1].text]
        for one, other in same:
            assert one.token_ids == other.token_ids
            assert one.finish_reason == other.finish_reason
            assert one.prompt_tokens == other.prompt_tokens
            assert one.logprob == pytest.approx(other.logprob, abs=1e-3)


def test_a_stop_string_ends_a_text_and_is_no_part_of_it(engine, requests):
    made = engine.complete(requests[:64], Sampling(max_tokens=40, stop=("####", "")))
    assert all("####" not in one.text for one in made)
    unstopped = engine.complete(requests[:64], SAMPLING)
    shortened = [
        one.text == other.text.partition("####")[0] and one.tokens <= other.tokens
        for one, other in zip(made, unstopped, strict=True)
        if "####" in other.text and one.finish_reason == "stop"
    ]
    assert len(shortened) > 5
    print(f"{sum(shortened)} of {len(shortened)} texts are cut where the stop string begins")
    assert sum(shortened) >= 0.9 * len(shortened)


@pytest.mark.parametrize("drawing", [{"top_k": 1}, {"top_p": 1e-6}])
def test_the_narrowest_draw_is_greedy(engine, requests, drawing):
    narrow = engine.complete(requests[:32], Sampling(max_tokens=40, **drawing))
    assert share_equal(texts(narrow), texts(engine.complete(requests[:32], GREEDY))) >= 0.96


def test_prompts_that_do_not_fit_are_failed_rows_among_the_others(engine, requests):
    long = Request("eggs " * 600, seed=1)
    empty = Request("", seed=2)
    first, second, third, last = engine.complete([requests[0], long, empty, requests[1]], SAMPLING)
    assert "fills the context of 512" in second.error
    assert second.finish_reason == "error"
    assert first.error is third.error is last.error is None


def test_what_vllm_refuses_leaves_the_others_alone(engine):
    beyond_the_vocabulary = [10**6]
    parameters = engine._parameters(SAMPLING, [1, 2])
    refused, made = engine._loop.run_batch([beyond_the_vocabulary, [5, 6]], parameters)
    assert isinstance(refused, Refusal)
    assert made.outputs[0].finish_reason in ("stop", "length")


def test_scores_and_pieces_are_those_of_kind_transformers(engine, reference, requests):
    prompts = [request.prompt for request in requests[:40]] + ["Q:", ""]
    given = [f" {n}*4=<<{n}*4={4 * n}>>{4 * n} eggs.\n#### {4 * n}" for n in range(40)] + ["", "7"]
    found, expected = engine.score(prompts, given), reference.score(prompts, given)
    assert [len(row) for row in found] == [len(row) for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert row == pytest.approx(other, abs=1e-3)
    assert engine.pieces(given) == reference.pieces(given)


def test_a_text_too_long_to_score_is_refused(engine):
    with pytest.raises(SettingError, match="exceeds the model's context of 512"):
        engine.score(["eggs " * 300], ["eggs " * 300])


def test_conversations_go_through_the_models_template(engine, reference, requests):
    questions = load_questions("microgsm:test")[:4]
    for thinking in (None, True):
        chats = [
            Request("", seed=1, chat=Chat((Message("user", question.text),), thinking))
            for question in questions
        ]
        made, expected = (one.complete(chats, GREEDY) for one in (engine, reference))
        assert texts(made) == texts(expected)
        assert [one.reasoning for one in made] == [one.reasoning for one in expected]
    unset = [one._replace(chat=one.chat._replace(thinking=None)) for one in chats]
    plain = [Request(f"Q: {question.text}\nA:", seed=1) for question in questions]
    assert texts(engine.complete(unset, GREEDY)) == texts(engine.complete(plain, GREEDY))


def test_contrastive_requests_are_sent_elsewhere(engine):
    with pytest.raises(SettingError, match="use kind transformers, or the contrastive filter"):
        engine.complete([Request("Q:", 1, contrast=Contrast("Q: no", 0.5))], SAMPLING)


def test_the_identity_tells_weights_precision_and_engine(engine, reference):
    assert engine.identity.endswith("in float32 through vllm")
    assert engine.identity != reference.identity
    assert engine.parameters == reference.parameters


def test_sampling_is_complete_and_repeats_from_its_rows(engine, tmp_path):
    questions = load_questions("microgsm:test")[:50]
    how = {"n": 4, "sampling": SAMPLING, "elicitation": "zero_shot_cot", "out": tmp_path}
    rows = sample(questions, engine, **how)
    assert len({row.key for row in rows}) == 200
    assert all(row.error is None and row.logprob is not None for row in rows)
    assert len({row.text for row in rows if row.question_id == questions[0].id}) > 1
    assert sample(questions, engine, **how) == rows


def test_an_unknown_option_is_named():
    with pytest.raises(SettingError, match=r"teacher\.options: .*max_num_seq'"):
        VllmTeacher(options={"max_num_seq": 7}).open()


def test_closed_it_answers_no_more_and_the_command_line_opens_the_next(engine, tmp_path, capsys):
    """Closes the module's engine: tests after it open their own."""
    engine.close()
    engine.close()
    with pytest.raises(EngineError, match="closed"):
        engine.complete([Request("Q:", 1)], SAMPLING)
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question": "Ann has 3 eggs.", "answer": "3"}) + "\n")
    arguments = f"sample --questions {questions} --teacher.engine vllm --n 2 --max-tokens 8"
    arguments += f" --teacher.max-model-len 64 --out {tmp_path / 'run'}"
    assert main([*arguments.split(), "--teacher.options", '{"enforce_eager": true}']) in (0, None)
    (shard,) = (tmp_path / "run" / "samples").glob("*.jsonl")
    assert len(Path(shard).read_text().splitlines()) == 2


def test_more_memory_than_there_is_ends_in_one_line(vllm, monkeypatch):
    monkeypatch.setenv("VLLM_CPU_KVCACHE_SPACE", "100000")
    with pytest.raises(EngineError, match=r"emory.*VLLM_CPU_KVCACHE_SPACE in GiB") as raised:
        VllmTeacher(options=OPTIONS).open()
    assert "\n" not in str(raised.value)
