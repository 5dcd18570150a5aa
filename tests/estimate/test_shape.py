"""Weights are counted as transformers counts them, and as the makers of real models state them."""

from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import (
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    LlamaConfig,
    MistralConfig,
    Qwen2Config,
    Qwen3Config,
    T5Config,
)

from cotkd.estimate.known import known_config
from cotkd.estimate.shape import Shape, shape_of, shape_of_config
from cotkd.students.lora import Lora, add_lora
from tests.tiny import build_tokenizer, save, tiny_gpt2, tiny_llama, tiny_qwen3, tiny_t5

ROTARY: dict[str, Any] = {
    "vocab_size": 96,
    "hidden_size": 32,
    "intermediate_size": 80,
    "num_hidden_layers": 3,
    "num_attention_heads": 4,
    "num_key_value_heads": 2,
}
T5: dict[str, Any] = {
    "vocab_size": 96,
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 80,
    "num_layers": 2,
    "num_decoder_layers": 3,
    "num_heads": 3,
}
CONFIGS = [
    LlamaConfig(**ROTARY, tie_word_embeddings=False),
    LlamaConfig(**ROTARY, tie_word_embeddings=True, head_dim=12),
    MistralConfig(**ROTARY, tie_word_embeddings=False),
    Qwen2Config(**ROTARY, tie_word_embeddings=True),
    Qwen2Config(**ROTARY, tie_word_embeddings=False),
    Qwen3Config(**ROTARY, tie_word_embeddings=True, head_dim=16),
    Qwen3Config(**ROTARY, tie_word_embeddings=False, head_dim=8),
    T5Config(**T5, feed_forward_proj="relu", tie_word_embeddings=True),
    T5Config(**T5, feed_forward_proj="gated-gelu", tie_word_embeddings=False),
]


def on_meta(config: Any) -> Any:
    family = AutoModelForSeq2SeqLM if config.is_encoder_decoder else AutoModelForCausalLM
    with torch.device("meta"):
        return family.from_config(config)


def shape(config: Any) -> Shape:
    found = shape_of_config(config.to_dict())
    assert found is not None
    return found


@pytest.mark.parametrize("config", CONFIGS, ids=lambda c: f"{c.model_type}-{c.tie_word_embeddings}")
def test_parameters_are_those_of_the_model(config: Any) -> None:
    assert shape(config).parameters == on_meta(config).num_parameters()


@pytest.mark.parametrize("config", CONFIGS[:7], ids=lambda c: c.model_type)
def test_the_cache_of_a_token_is_what_the_model_keeps(config: Any) -> None:
    family = AutoModelForCausalLM.from_config(config)
    kept = family(torch.tensor([[1, 2, 3]]), use_cache=True).past_key_values
    numbers = sum(layer.keys.numel() + layer.values.numel() for layer in kept.layers)
    assert shape(config).cached == numbers / 3


@pytest.mark.parametrize("model", [tiny_llama, tiny_qwen3, tiny_t5], ids=lambda f: f.__name__)
def test_adapters_of_rank_r_have_r_times_the_ends_of_the_layers(model: Any) -> None:
    plain = model()
    adapted = add_lora(plain, Lora(rank=3))
    trained = sum(w.numel() for w in adapted.parameters() if w.requires_grad)
    assert trained == shape(plain.config).adapters(3)


@pytest.mark.parametrize(
    ("name", "stated"),
    [
        ("Qwen/Qwen2.5-0.5B", 494_032_768),
        ("Qwen/Qwen2.5-1.5B-Instruct", 1_543_714_304),
        ("Qwen/Qwen2.5-7B-Instruct", 7_615_616_512),
        ("Qwen/Qwen2.5-14B-Instruct", 14_770_033_664),
        ("Qwen/Qwen3-0.6B-Base", 596_049_920),
        ("Qwen/Qwen3-1.7B-Base", 1_720_574_976),
        ("Qwen/Qwen3-8B", 8_190_735_360),
        ("google/flan-t5-small", 76_961_152),
        ("google/flan-t5-base", 247_577_856),
        ("google/flan-t5-large", 783_150_080),
        ("google/flan-t5-xl", 2_849_757_184),
        ("meta-llama/Llama-3.2-1B", 1_235_814_400),
        ("meta-llama/Llama-3.1-8B-Instruct", 8_030_261_248),
    ],
)
def test_known_models_have_the_stated_number_of_weights(name: str, stated: int) -> None:
    found = shape_of(name)
    assert found is not None
    assert found.exact
    assert found.parameters == stated


def test_a_folder_is_read(tmp_path: Path) -> None:
    model = tiny_qwen3()
    found = shape_of(str(save(tmp_path / "model", model, build_tokenizer())))
    assert found == shape_of_config(model.config.to_dict())
    teacher = shape_of("microgsm-teacher")
    assert teacher is not None
    assert 2e6 < teacher.parameters < 3e6


def test_other_models_are_guessed_from_their_name_or_not_known(tmp_path: Path) -> None:
    guessed = shape_of("someone/novel-13b-chat")
    assert guessed is not None
    assert not guessed.exact
    assert guessed.parameters == 13_000_000_000
    # 12 layers width² weights lie in the layers of such a decoder
    assert 12 * guessed.layers * guessed.width**2 == pytest.approx(13e9, rel=0.1)
    assert shape_of("gpt-4o-mini") is None
    assert known_config("Qwen/Qwen3-30B-A3B") is None
    assert shape_of(str(save(tmp_path / "gpt2", tiny_gpt2(), build_tokenizer()))) is None
