"""Contrastive decoding equals its definition, and is plain decoding where nothing is contrasted."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from cotkd.decoding.contrast import Contrasts, contrasted, strength_of
from cotkd.decoding.loop import Decoder
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.uniform import seed_array, uniforms
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

FAMILIES = {
    "llama": tiny_llama,
    "qwen3": tiny_qwen3,
    "gpt2": tiny_gpt2,
    "t5": tiny_t5,
    "bart": tiny_bart,
}
THREE = ["llama", "t5", "bart"]
TOKENIZER = build_tokenizer()
PROMPTS = [CORPUS[0][:n] + " The answer is 29." for n in (33, 20, 20, 50)]
OTHERS = [
    prompt.replace("29", wrong)
    for prompt, wrong in zip(PROMPTS, ["7", "31", "2", "129"], strict=True)
]
GREEDY = Sampling(temperature=0.0, max_tokens=10)
DRAWN = Sampling(temperature=0.8, max_tokens=10)
HALF = 0.5


@cache
def decoder_of(family):
    return Decoder(FAMILIES[family](seed=2), TOKENIZER)


def run(family, sampling, others=OTHERS, *, strength=HALF, plausibility=0.0, rows=None):
    decoder = decoder_of(family)
    rows = list(range(len(PROMPTS))) if rows is None else rows
    contrasts = None
    if others is not None:
        encoded = decoder.encode([others[row] for row in rows])
        contrasts = Contrasts(encoded, strength, plausibility)
    prompts = decoder.encode([PROMPTS[row] for row in rows])
    return decoder(prompts, sampling=sampling, seeds=rows, contrasts=contrasts)


def tokens(generations):
    return [generation.token_ids for generation in generations]


def next_log_probabilities(model, prompt, new):
    """Of every token after `prompt` and `new`, by reading all of it once more."""
    ids = torch.tensor([TOKENIZER(prompt)["input_ids"]])
    with torch.inference_mode():
        if model.config.is_encoder_decoder:
            before = torch.tensor([[model.config.decoder_start_token_id, *new]])
            logits = model(input_ids=ids, decoder_input_ids=before).logits
        else:
            logits = model(torch.cat([ids, torch.tensor([new], dtype=torch.long)], dim=1)).logits
    return logits[0, -1].double().log_softmax(-1).numpy()


def slow_reference(family, row, score, *, temperature=0.0, steps=10):
    """The definition, token by token, each context read anew; None where a choice is a near-tie."""
    model = decoder_of(family).model
    new: list[int] = []
    for step in range(steps):
        plus = next_log_probabilities(model, PROMPTS[row], new)
        minus = next_log_probabilities(model, OTHERS[row], new)
        values = score(plus, minus)
        if temperature:
            odds = np.exp((values - values.max()) / temperature)
            cumulative = odds.cumsum() / odds.sum()
            uniform = uniforms(seed_array([row]), step)[0]
            if np.abs(cumulative - uniform).min() < 1e-5:
                return None
            new.append(int(np.searchsorted(cumulative, uniform, side="right")))
        else:
            second, first = np.sort(values)[-2:]
            if first - second < 1e-4:
                return None
            new.append(int(values.argmax()))
        if new[-1] == EOS:
            break
    return tuple(new)


def paper(strength, plausibility=0.0):
    def score(plus, minus):
        growth = plus - minus
        allowed = plus >= plus.max() + np.log(plausibility) if plausibility else plus > -np.inf
        return np.where(allowed, plus + strength * growth, -np.inf)

    return score


def agree(found, expected):
    pairs = [(one, other) for one, other in zip(found, expected, strict=True) if other is not None]
    assert len(pairs) >= len(PROMPTS) - 1
    assert [one for one, _ in pairs] == [other for _, other in pairs]


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("temperature", "strength", "plausibility"), [(0.0, 3.0, 0.0), (0.8, 1.0, 0.1)]
)
def test_it_equals_reading_both_contexts_anew_at_every_step(
    family, temperature, strength, plausibility
):
    sampling = Sampling(temperature=temperature, max_tokens=10)
    found = run(family, sampling, strength=strength, plausibility=plausibility)
    score = paper(strength, plausibility)
    agree(
        tokens(found),
        [slow_reference(family, row, score, temperature=temperature) for row in range(4)],
    )
    assert tokens(found) != tokens(run(family, sampling, None))


@pytest.mark.parametrize("family", THREE)
@pytest.mark.parametrize("sampling", [GREEDY, DRAWN])
def test_strength_zero_is_the_prompt_alone(family, sampling):
    assert run(family, sampling, strength=0.0) == run(family, sampling, None)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize(
    ("strength", "sampling"),
    [
        (0.5, GREEDY),
        (40.0, DRAWN),
        (5.0, DRAWN.model_copy(update={"repetition_penalty": 1.5, "top_p": 0.9})),
    ],
)
def test_equal_contexts_change_nothing_whatever_the_strength(family, strength, sampling):
    plain = run(family, sampling, None)
    assert tokens(run(family, sampling, PROMPTS, strength=strength)) == tokens(plain)
    mixed = [PROMPTS[0], *OTHERS[1:]]
    assert run(family, sampling, mixed, strength=strength)[0].token_ids == plain[0].token_ids


@pytest.mark.parametrize("family", THREE[:2])
def test_both_parametrisations_pick_the_same_tokens(family):
    weight = 0.75
    assert strength_of(weight) == 3
    code = [slow_reference(family, row, lambda p, m: p - weight * m) for row in range(4)]
    agree(tokens(run(family, GREEDY, strength=strength_of(weight))), code)


LOGITS = arrays(np.float64, (2, 7), elements=st.floats(-20, 20))
SHIFT = st.floats(-10, 10)


@given(LOGITS, LOGITS, st.floats(0, 5), st.sampled_from([0.0, 0.1]), SHIFT, SHIFT)
def test_a_constant_added_to_either_context_changes_no_probability(
    plus, minus, strength, plausibility, shift, other_shift
):
    def chances(one, other):
        one, other = torch.from_numpy(one), torch.from_numpy(other)
        settings = {"strength": strength, "plausibility": plausibility}
        return contrasted(one, one, other, **settings).softmax(-1)

    least = plus.max(-1, keepdims=True) + np.log(plausibility or 1)
    assume(not plausibility or not np.isclose(plus, least, atol=1e-9).any())
    shifted = chances(plus + shift, minus + other_shift)
    torch.testing.assert_close(shifted, chances(plus, minus), atol=1e-9, rtol=1e-6)


@pytest.mark.parametrize("family", THREE)
def test_a_constant_added_to_the_logits_of_a_model_changes_no_token(family):
    decoder = decoder_of(family)
    plain = {name: tokens(run(family, s)) for name, s in (("greedy", GREEDY), ("drawn", DRAWN))}

    def lift(module, arguments, output):
        output.logits[1::2] += 7.25

    hook = decoder.model.register_forward_hook(lift)
    try:
        shifted = {
            name: tokens(run(family, s)) for name, s in (("greedy", GREEDY), ("drawn", DRAWN))
        }
    finally:
        hook.remove()
    assert shifted == plain


@pytest.mark.parametrize("family", THREE)
@pytest.mark.parametrize("sampling", [GREEDY, DRAWN])
def test_a_row_does_not_depend_on_its_batch(family, sampling):
    together = run(family, sampling)
    alone = [run(family, sampling, rows=[row])[0] for row in range(4)]
    backwards = run(family, sampling, rows=[3, 2, 1, 0])[::-1]
    for other in (alone, backwards):
        assert tokens(other) == tokens(together)


@pytest.mark.parametrize("family", THREE[:2])
def test_logprob_is_that_of_the_unmodified_model_given_the_right_answer(family):
    for row, generation in enumerate(run(family, DRAWN, strength=2.0)):
        total, new = 0.0, []
        for token in generation.token_ids:
            log_probabilities = next_log_probabilities(decoder_of(family).model, PROMPTS[row], new)
            total += log_probabilities[token]
            new.append(token)
        assert generation.logprob == pytest.approx(total, abs=1e-3)


def test_a_plausibility_of_one_leaves_the_most_probable_token_alone():
    found = run("llama", DRAWN, strength=5.0, plausibility=1.0)
    assert tokens(found) == tokens(run("llama", GREEDY, None))
    assert tokens(run("llama", DRAWN, strength=0.0, plausibility=1.0)) == tokens(found)


def test_the_repetition_penalty_lowers_the_first_term_alone():
    """With a penalty so great that nothing is said twice, growth still decides what is said."""
    sampling = GREEDY.model_copy(update={"repetition_penalty": 1e9})
    for strength in (0.5, 2.0):
        found = run("llama", sampling, strength=strength)
        for generation in found:
            assert len(set(generation.token_ids)) == generation.tokens
    assert tokens(found) != tokens(run("llama", sampling, None))


def test_a_token_impossible_in_both_contexts_is_never_chosen():
    logits = torch.tensor([[0.0, -torch.inf, 1.0, 0.5]])
    other = torch.tensor([[0.0, -torch.inf, 1.0, -torch.inf]])
    scores = contrasted(logits, logits, other, strength=0.5)
    assert not scores.isnan().any()
    assert scores[0, 1] == -torch.inf
    assert int(scores.argmax()) == 3


def test_prompts_of_both_contexts_are_encoded_once_and_each_token_is_read_once():
    shapes = []
    decoder = decoder_of("llama")
    hook = decoder.model.register_forward_pre_hook(
        lambda module, arguments, inputs: shapes.append(tuple(inputs["input_ids"].shape)),
        with_kwargs=True,
    )
    try:
        found = run("llama", DRAWN, rows=[0, 0, 0, 2])
    finally:
        hook.remove()
    lengths = [generation.tokens for generation in found]
    assert shapes[0][0] == 4
    for step, shape in enumerate(shapes[1:], 1):
        assert shape == (2 * sum(length > step for length in lengths), 1)


def test_a_prompt_that_fits_in_one_context_only_is_a_failed_row():
    decoder = Decoder(tiny_gpt2(n_positions=40), TOKENIZER)
    prompts = decoder.encode(["Q: a", "Q: b"])
    others = decoder.encode(["Q: c", CORPUS[0] * 2])
    found = decoder(prompts, sampling=GREEDY, contrasts=Contrasts(others, HALF))
    assert found[0].error is None
    assert "context of 40" in str(found[1].error)


@pytest.mark.parametrize("weight", [-0.1, 1.0, float("nan")])
def test_a_weight_that_is_no_strength_is_refused(weight):
    with pytest.raises(SettingError, match="less than 1"):
        strength_of(weight)
