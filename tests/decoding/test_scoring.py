"""Scores do not depend on whether, and with whom, a prompt is shared."""

from __future__ import annotations

import random

import pytest
import torch

from cotkd.decoding import scoring
from cotkd.decoding.scoring import score_tokens
from cotkd.decoding.text import encode_continuations, encode_prompts
from cotkd.errors import SettingError
from tests.tiny import (
    CORPUS,
    build_tokenizer,
    tiny_bart,
    tiny_gpt2,
    tiny_llama,
    tiny_qwen3,
    tiny_t5,
)

TOKENIZER = build_tokenizer()
WINDOW = {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1}
FAMILIES = {
    "llama": lambda: tiny_llama(seed=2),
    "sliding": lambda: tiny_qwen3(seed=2, **WINDOW),
    "gpt2": lambda: tiny_gpt2(seed=2),
    "t5": lambda: tiny_t5(seed=2),
    "bart": lambda: tiny_bart(seed=2),
}
PROMPTS = [CORPUS[0][:n] for n in (20, 90, 33)]
TEXTS = [" 7", " Then she has 36-7=29 eggs.", "", " 3*4=12 and 36", " eggs\n#### 29"]


def rows_of(model, *, shuffled=0):
    """Every prompt with every text, as tokens; some rows come twice."""
    kind = "encoder-decoder" if model.config.is_encoder_decoder else "decoder"
    pairs = [(prompt, text) for prompt in PROMPTS for text in (*TEXTS, TEXTS[1])]
    random.Random(shuffled).shuffle(pairs)
    prompts = encode_prompts(TOKENIZER, [prompt for prompt, _ in pairs], architecture=kind)
    return prompts, encode_continuations(TOKENIZER, [text for _, text in pairs])


def scored(model, prompts, targets, batch_tokens=4096):
    return score_tokens(model, TOKENIZER, prompts, targets, batch_tokens=batch_tokens)


def alone(model, prompts, targets):
    return [scored(model, [p], [t])[0] for p, t in zip(prompts, targets, strict=True)]


def close(found, expected, tolerance=1e-5):
    assert [len(row) for row in found] == [len(row) for row in expected]
    for row, other in zip(found, expected, strict=True):
        assert row == pytest.approx(other, rel=tolerance, abs=tolerance)


@pytest.mark.parametrize("family", FAMILIES)
def test_shared_prompts_score_as_each_row_alone(family):
    model = FAMILIES[family]()
    prompts, targets = rows_of(model)
    expected = alone(model, prompts, targets)
    for batch_tokens in (4096, 150, 1):
        close(scored(model, prompts, targets, batch_tokens), expected)


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_the_order_of_rows_changes_no_score(family):
    model = FAMILIES[family]()
    by_row = []
    for shuffled in (0, 1):
        prompts, targets = rows_of(model, shuffled=shuffled)
        values = scored(model, prompts, targets)
        by_row.append(
            {(tuple(p), tuple(t)): v for p, t, v in zip(prompts, targets, values, strict=True)}
        )
    assert by_row[0].keys() == by_row[1].keys()
    close(list(by_row[0].values()), [by_row[1][key] for key in by_row[0]])


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_a_small_budget_for_logits_changes_no_score(family, monkeypatch):
    model = FAMILIES[family]()
    prompts, targets = rows_of(model)
    expected = scored(model, prompts, targets)
    monkeypatch.setattr(scoring, "LOGITS", 320 * 12)
    close(scored(model, prompts, targets), expected)


def read_tokens(model, prompts, targets):
    """Token positions that go through the model, padding included."""
    read = []
    hook = model.register_forward_pre_hook(
        lambda module, arguments, inputs: read.append(inputs["input_ids"].numel()),
        with_kwargs=True,
    )
    try:
        scored(model, prompts, targets)
    finally:
        hook.remove()
    return sum(read)


def test_a_prompt_of_several_rows_is_read_once():
    model = FAMILIES["llama"]()
    prompt = TOKENIZER(PROMPTS[1])["input_ids"]
    targets = [TOKENIZER(TEXTS[1])["input_ids"]] * 8
    assert read_tokens(model, [prompt] * 8, targets) == len(prompt) + 8 * (len(targets[0]) - 1)


def test_the_encoder_reads_a_prompt_once():
    model = FAMILIES["t5"]()
    prompts, targets = rows_of(model)
    read = []
    hook = model.get_encoder().register_forward_pre_hook(
        lambda module, arguments, inputs: read.append(tuple(inputs["input_ids"].shape)),
        with_kwargs=True,
    )
    try:
        scored(model, prompts, targets)
    finally:
        hook.remove()
    assert read == [(len(PROMPTS), max(map(len, prompts)))]


def test_low_precision_is_summed_in_float32():
    model = tiny_llama(seed=2).to(torch.bfloat16)
    prompts, targets = rows_of(model)
    found = scored(model, prompts, targets)
    close(found, alone(model, prompts, targets), tolerance=0.5)
    values = torch.tensor([value for row in found for value in row])
    assert (values != values.bfloat16().float()).any(), "as coarse as bfloat16"


def test_a_text_beyond_the_context_is_refused_where_prompts_are_shared():
    model = tiny_gpt2(n_positions=40)
    ids = TOKENIZER(PROMPTS[0])["input_ids"]
    with pytest.raises(SettingError, match="context of 40"):
        scored(model, [ids, ids], [ids, ids * 5])
