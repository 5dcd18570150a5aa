"""Properties of `generate` on tiny random models of five families."""

from __future__ import annotations

from collections import Counter
from functools import cache

import numpy as np
import pytest
import torch
from scipy.stats import chisquare

from cotkd.decoding import Generation, generate, score, session
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from tests.tiny import (
    CORPUS,
    EOS,
    build_tokenizer,
    tiny_bart,
    tiny_gpt2,
    tiny_llama,
    tiny_qwen3,
    tiny_t5,
)

DECODERS = {"llama": tiny_llama, "qwen3": tiny_qwen3, "gpt2": tiny_gpt2}
FAMILIES = DECODERS | {"t5": tiny_t5, "bart": tiny_bart}
TOKENIZER = build_tokenizer()
PROMPTS = [CORPUS[0][:n] for n in (20, 33, 50, 50, 89, 10)] + [CORPUS[1][:30]]
GREEDY = Sampling(temperature=0.0, max_tokens=24)
DRAWN = Sampling(max_tokens=24)


@cache
def model_of(family, seed=2):
    return FAMILIES[family](seed=seed)


def reference(model, prompt, **settings):
    """Greedy continuation of one prompt by the library's own `generate`, tokens alone."""
    ids = torch.tensor([TOKENIZER(prompt)["input_ids"]])
    output = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, **settings)
    new = output[0, 1:] if model.config.is_encoder_decoder else output[0, ids.shape[1] :]
    return tuple(new.tolist())


def run(family, prompts, sampling=DRAWN, *, seeds=None, batch_tokens=4096) -> list[Generation]:
    seeds = range(len(prompts)) if seeds is None else seeds
    return generate(
        model_of(family),
        TOKENIZER,
        prompts,
        sampling=sampling,
        seeds=seeds,
        batch_tokens=batch_tokens,
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_equals_the_library_prompt_by_prompt(family):
    found = [generation.token_ids for generation in run(family, PROMPTS, GREEDY)]
    assert found == [reference(model_of(family), prompt, max_new_tokens=24) for prompt in PROMPTS]


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_repetition_penalty_equals_the_library(family):
    sampling = Sampling(temperature=0.0, max_tokens=24, repetition_penalty=1.4)
    found = [generation.token_ids for generation in run(family, PROMPTS, sampling)]
    assert found == [
        reference(model_of(family), prompt, max_new_tokens=24, repetition_penalty=1.4)
        for prompt in PROMPTS
    ]
    assert found != [generation.token_ids for generation in run(family, PROMPTS, GREEDY)]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_row_does_not_depend_on_its_batch(family):
    prompts = [prompt for prompt in PROMPTS for _ in range(3)]
    together = run(family, prompts)
    alone = [run(family, [prompt], seeds=[row])[0] for row, prompt in enumerate(prompts)]
    small = run(family, prompts, batch_tokens=256)
    backwards = run(family, prompts[::-1], seeds=range(len(prompts) - 1, -1, -1))[::-1]
    for other in (alone, small, backwards):
        assert [g.token_ids for g in other] == [g.token_ids for g in together]
        assert [g.logprob for g in other] == pytest.approx([g.logprob for g in together], abs=1e-3)


def test_samples_of_one_prompt_differ_and_repeat_by_seed():
    texts = [g.text for g in run("llama", [PROMPTS[0]] * 8, seeds=[0, 1, 2, 3, 0, 1, 2, 3])]
    assert texts[:4] == texts[4:]
    assert len(set(texts)) == 4


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_first_tokens_follow_the_softmax(family):
    count = 4000
    found = run(family, [PROMPTS[0]] * count, Sampling(max_tokens=1), batch_tokens=10**6)
    seen = Counter(g.token_ids[0] for g in found)
    ids = torch.tensor([TOKENIZER(PROMPTS[0])["input_ids"]])
    model = model_of(family)
    start = {"decoder_input_ids": torch.tensor([[0]])} if family == "t5" else {}
    with torch.inference_mode():
        logits = model(ids, **start).logits
    expected = logits[0, -1].double().softmax(-1).numpy() * count
    common = np.flatnonzero(expected >= 8)
    observed = [seen[int(token)] for token in common]
    rest = count - expected[common].sum()
    result = chisquare([*observed, count - sum(observed)], [*expected[common], rest])
    assert len(common) > 5
    assert result.pvalue > 1e-3


def test_temperature_near_zero_is_greedy():
    cold = run("llama", PROMPTS, Sampling(temperature=1e-4, max_tokens=24))
    assert [g.token_ids for g in cold] == [g.token_ids for g in run("llama", PROMPTS, GREEDY)]


@pytest.mark.parametrize(
    "sampling", [Sampling(top_k=1, max_tokens=24), Sampling(top_p=1e-9, max_tokens=24)]
)
def test_a_support_of_one_token_is_greedy(sampling):
    drawn = [g.token_ids for g in run("llama", PROMPTS, sampling)]
    assert drawn == [g.token_ids for g in run("llama", PROMPTS, GREEDY)]


@pytest.mark.parametrize("family", FAMILIES)
def test_logprob_is_that_of_a_teacher_forced_pass(family):
    model = model_of(family)
    for prompt, generation in zip(PROMPTS, run(family, PROMPTS), strict=True):
        ids = torch.tensor([TOKENIZER(prompt)["input_ids"]])
        new = torch.tensor([generation.token_ids])
        with torch.inference_mode():
            if model.config.is_encoder_decoder:
                start = torch.tensor([[model.config.decoder_start_token_id]])
                before = torch.cat([start, new[:, :-1]], dim=1)
                logits = model(input_ids=ids, decoder_input_ids=before).logits
            else:
                logits = model(torch.cat([ids, new], dim=1)).logits[:, ids.shape[1] - 1 : -1]
        logprobs = logits.log_softmax(-1).gather(-1, new.unsqueeze(-1))
        assert generation.logprob == pytest.approx(float(logprobs.sum()), abs=1e-3)


def test_logprob_is_of_the_unmodified_model():
    cold = Sampling(temperature=0.5, top_k=5, repetition_penalty=1.2, max_tokens=12)
    for prompt, generation in zip(PROMPTS, run("llama", PROMPTS, cold), strict=True):
        ids = torch.tensor([[*TOKENIZER(prompt)["input_ids"], *generation.token_ids]])
        with torch.inference_mode():
            logprobs = model_of("llama")(ids).logits[0, :-1].log_softmax(-1)
        new = len(generation.token_ids)
        chosen = logprobs[-new:].gather(-1, ids[0, -new:].unsqueeze(-1))
        assert generation.logprob == pytest.approx(float(chosen.sum()), abs=1e-3)


def test_max_tokens_ends_a_row_with_reason_length():
    for generation in run("llama", PROMPTS, Sampling(temperature=0, max_tokens=5)):
        assert generation.finish_reason == "length"
        assert generation.tokens == 5


@pytest.mark.parametrize("family", FAMILIES)
def test_the_end_token_ends_a_row_and_is_no_text(family):
    found = run(family, PROMPTS * 12, Sampling(temperature=1.5, max_tokens=80), batch_tokens=10**5)
    stopped = [generation for generation in found if generation.finish_reason == "stop"]
    assert stopped
    for generation in found:
        ended = generation.token_ids[-1] == EOS
        assert ended == (generation.finish_reason == "stop")
        assert EOS not in generation.token_ids[:-1]
        assert "</s>" not in generation.text


def test_tokens_decode_to_the_text():
    for generation in run("llama", PROMPTS):
        kept = [token for token in generation.token_ids if token > 2]
        assert generation.text == TOKENIZER.decode(kept)


def readable(text, length):
    """Some text of `length` characters, from the fifth on, without bytes that are no character."""
    pieces = [text[start : start + length] for start in range(4, len(text) - length)]
    return next((piece for piece in pieces if "\ufffd" not in piece), "")


@pytest.mark.parametrize("family", ["llama", "t5"])
@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_row_is_cut_before_its_first_stop_string(family, length):
    whole = run(family, PROMPTS)
    stop = tuple(filter(None, (readable(generation.text, length) for generation in whole)))
    found = run(family, PROMPTS, DRAWN.model_copy(update={"stop": stop}))
    for before, after in zip(whole, found, strict=True):
        places = [before.text.find(text) for text in stop if text in before.text]
        assert after.text == (before.text[: min(places)] if places else before.text)
        assert after.token_ids == before.token_ids[: len(after.token_ids)]
        if places:
            assert after.finish_reason == "stop"
    assert any(g.tokens < w.tokens for g, w in zip(found, whole, strict=True))


def test_a_stop_string_may_span_tokens_and_end_inside_one():
    text = run("llama", PROMPTS[:1], GREEDY)[0].text
    for start in range(len(text) - 3):
        stop = text[start : start + 3]
        sampling = GREEDY.model_copy(update={"stop": (stop,)})
        found = run("llama", PROMPTS[:1], sampling)[0]
        if "\ufffd" not in stop:
            assert found.text == text[: text.find(stop)]


class CountingForward:
    """Stands in front of a model and notes the shape of every input."""

    def __init__(self, model):
        self.shapes = []
        hook = model.register_forward_pre_hook(self._note, with_kwargs=True)
        self.close = hook.remove

    def _note(self, module, arguments, inputs):
        self.shapes.append(tuple(inputs["input_ids"].shape))


def test_equal_prompts_are_encoded_once():
    counting = CountingForward(model_of("llama"))
    try:
        run("llama", [PROMPTS[0]] * 6 + [PROMPTS[4]] * 3, DRAWN)
    finally:
        counting.close()
    assert counting.shapes[0][0] == 2
    assert counting.shapes[1] == (9, 1)


@pytest.mark.parametrize("family", FAMILIES)
def test_encoding_prompts_in_parts_changes_no_row(family, monkeypatch):
    whole = run(family, PROMPTS)
    monkeypatch.setattr(session, "PREFILL_TOKENS", 100)
    assert [g.token_ids for g in run(family, PROMPTS)] == [g.token_ids for g in whole]


def test_encoding_prompts_in_parts_keeps_a_sliding_window(monkeypatch):
    model = tiny_qwen3(seed=2, use_sliding_window=True, sliding_window=8, max_window_layers=1)
    whole = [g.token_ids for g in generate(model, TOKENIZER, PROMPTS, sampling=GREEDY)]
    monkeypatch.setattr(session, "PREFILL_TOKENS", 100)
    assert [g.token_ids for g in generate(model, TOKENIZER, PROMPTS, sampling=GREEDY)] == whole


def test_finished_rows_leave_the_batch():
    counting = CountingForward(model_of("llama"))
    try:
        found = run(
            "llama", PROMPTS * 6, Sampling(temperature=1.5, max_tokens=60), batch_tokens=10**5
        )
    finally:
        counting.close()
    lengths = [generation.tokens for generation in found]
    assert min(lengths) < max(lengths)
    for step, shape in enumerate(counting.shapes[1:], 1):
        assert shape == (sum(length > step for length in lengths), 1)


def test_a_prompt_that_fills_the_context_is_a_failed_row():
    model = tiny_gpt2(n_positions=40)
    prompts = [CORPUS[0][:10], CORPUS[0] * 2, CORPUS[0][:80]]
    found = generate(model, TOKENIZER, prompts, sampling=GREEDY)
    room = 40 - len(TOKENIZER(prompts[2])["input_ids"])
    assert 0 < room < GREEDY.max_tokens
    assert found[0].tokens == 24
    assert found[1].finish_reason == "error"
    assert "context of 40" in str(found[1].error)
    assert found[2].tokens == room
    assert found[2].finish_reason == "length"


def test_dropout_is_off_while_decoding_and_back_on_afterwards():
    model = tiny_llama(seed=2, attention_dropout=0.9).train()
    found = generate(model, TOKENIZER, PROMPTS, sampling=GREEDY)
    assert [g.token_ids for g in found] == [g.token_ids for g in run("llama", PROMPTS, GREEDY)]
    assert model.training


def test_eager_and_fused_attention_agree():
    model = tiny_llama(seed=2, attn_implementation="eager")
    found = generate(model, TOKENIZER, PROMPTS, sampling=DRAWN, seeds=range(len(PROMPTS)))
    assert [g.token_ids for g in found] == [g.token_ids for g in run("llama", PROMPTS)]


def test_a_sliding_window_is_kept():
    settings = {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 0}
    model = tiny_qwen3(seed=2, **settings)
    found = [g.token_ids for g in generate(model, TOKENIZER, PROMPTS, sampling=GREEDY)]
    assert found == [reference(model, prompt, max_new_tokens=24) for prompt in PROMPTS]
    assert found != [g.token_ids for g in run("qwen3", PROMPTS, GREEDY)]


def test_adapters_keep_positions_under_padding():
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(task_type="CAUSAL_LM", target_modules=["c_attn"], fan_in_fan_out=True)
    adapted = get_peft_model(tiny_gpt2(seed=2), config)
    found = generate(adapted, TOKENIZER, PROMPTS, sampling=GREEDY)
    assert [g.token_ids for g in found] == [g.token_ids for g in run("gpt2", PROMPTS, GREEDY)]


def test_no_prompts_give_no_generations():
    assert run("llama", []) == []


def test_sampling_without_a_seed_for_each_prompt_is_refused():
    with pytest.raises(SettingError, match=r"one seed for each prompt \(7\): got 2"):
        run("llama", PROMPTS, seeds=[1, 2])
    with pytest.raises(SettingError, match="got none"):
        generate(model_of("llama"), TOKENIZER, PROMPTS, sampling=DRAWN)


@pytest.mark.parametrize("family", FAMILIES)
def test_scores_are_log_probabilities_of_the_continuation(family):
    """`score` of a text made of whole tokens equals the log-probability noted while sampling."""
    model = model_of(family)
    texts = [" 3*4=12", "", " eggs\n#### 29", " 7"] + [" She sells 7 eggs."] * 3
    scored = score(model, TOKENIZER, PROMPTS, texts, batch_tokens=300)
    for prompt, text, values in zip(PROMPTS, texts, scored, strict=True):
        new = torch.tensor([TOKENIZER(text)["input_ids"]], dtype=torch.long)
        assert len(values) == new.shape[1]
        if not values:
            continue
        ids = torch.tensor([TOKENIZER(prompt)["input_ids"]])
        with torch.inference_mode():
            if model.config.is_encoder_decoder:
                logits = model(input_ids=ids, labels=new).logits
            else:
                logits = model(torch.cat([ids, new], dim=1)).logits[:, ids.shape[1] - 1 : -1]
        expected = logits.log_softmax(-1).gather(-1, new.unsqueeze(-1)).squeeze(-1)[0]
        assert values == pytest.approx(expected.tolist(), abs=1e-3)


def test_a_text_beyond_the_context_is_not_scored():
    with pytest.raises(SettingError, match="exceeds the model's context of 40"):
        score(tiny_gpt2(n_positions=40), TOKENIZER, [CORPUS[0]], [CORPUS[1]])
