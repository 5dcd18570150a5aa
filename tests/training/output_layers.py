"""Tiny models that differ in their output layer, and one pass for each of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import torch
from peft import LoraConfig, get_peft_model
from transformers import (
    CohereConfig,
    CohereForCausalLM,
    Gemma2Config,
    Gemma2ForCausalLM,
    GraniteConfig,
    GraniteForCausalLM,
)

from cotkd.objectives import CrossEntropy
from cotkd.training.tiles import Reading
from tests import tiny


def cross_entropy(labels: torch.Tensor) -> Reading:
    """Return what computes the loss of each label, a tile at a time."""
    objective = CrossEntropy()
    return Reading(objective.values, {"labels": labels}, objective.gradient)


def untied(**settings: Any) -> Any:
    return tiny.tiny_llama(**{"initializer_range": 0.1} | settings)


def frozen(**settings: Any) -> Any:
    model = untied(**settings)
    model.lm_head.requires_grad_(False)
    return model


def with_lora(model: Any, **settings: Any) -> Any:
    """Return `model` with adapters that change its output."""
    config = LoraConfig(r=2, init_lora_weights=False, **settings)
    with torch.random.fork_rng():
        torch.manual_seed(2)
        return get_peft_model(model, config).eval()


def adapted(*, lora_dropout: float = 0.0, **settings: Any) -> Any:
    targets = ["q_proj", "lm_head"]
    return with_lora(untied(**settings), target_modules=targets, lora_dropout=lora_dropout)


def saved_whole(**settings: Any) -> Any:
    return with_lora(untied(**settings), target_modules=["q_proj"], modules_to_save=["lm_head"])


def biased(**settings: Any) -> Any:
    model = tiny.tiny_bart(**{"init_std": 0.1} | settings)
    model.final_logits_bias = torch.linspace(-1, 1, model.config.vocab_size).unsqueeze(0)
    return model


def with_bias(**settings: Any) -> Any:
    """Return a model whose layer has a bias of its own."""
    model = untied(**settings)
    with torch.random.fork_rng():
        torch.manual_seed(3)
        model.lm_head = torch.nn.Linear(32, model.config.vocab_size)
    return model


class Bounded(torch.nn.Linear):
    """A layer that needs its result again to be differentiated."""

    def forward(self, states: torch.Tensor) -> torch.Tensor:
        return torch.tanh(super().forward(states))


def bounded(**settings: Any) -> Any:
    model = untied(**settings)
    layer = Bounded(32, model.config.vocab_size, bias=False)
    layer.weight = model.lm_head.weight
    model.lm_head = layer
    return model


def two_adapters(**settings: Any) -> Any:
    """Return a model with two adapters, both trained, of which the first is computed with."""
    model = adapted(**settings)
    model.add_adapter("other", model.peft_config["default"])
    for name, weight in model.named_parameters():
        weight.requires_grad_("lora_" in name)
    return model


def of_family(model: Any, config: Any, **given: Any) -> Callable[..., Any]:
    def build(**settings: Any) -> Any:
        shape = tiny._ROTARY | {"initializer_range": 0.1} | given | settings
        return tiny._build(model, config(**shape), seed=0)

    return build


MODELS: dict[str, Callable[..., Any]] = {
    "tied": lambda **settings: untied(tie_word_embeddings=True, **settings),
    "untied": untied,
    "t5": tiny.tiny_t5,
    "bart": biased,
    "adapted": adapted,
    "saved_whole": saved_whole,
    "frozen": frozen,
    "with_bias": with_bias,
    "bounded": bounded,
    "two_adapters": two_adapters,
    "gemma2": of_family(Gemma2ForCausalLM, Gemma2Config, final_logit_softcapping=0.5, head_dim=8),
    "granite": of_family(GraniteForCausalLM, GraniteConfig, logits_scaling=3.0),
    "cohere": of_family(CohereForCausalLM, CohereConfig, logit_scale=0.25),
}


class Pass(NamedTuple):
    """What a model reads, and which places are trained on what."""

    inputs: dict[str, torch.Tensor]
    places: torch.Tensor
    labels: torch.Tensor
    weights: torch.Tensor


def one_pass(model: Any, count: int = 10, seed: int = 0) -> Pass:
    """Return a pass with `count` trained tokens."""
    draw = torch.Generator().manual_seed(seed)
    vocabulary = model.config.vocab_size

    def ids(*shape: int) -> torch.Tensor:
        return torch.randint(2, vocabulary, shape, generator=draw)

    inputs = {"input_ids": ids(3, 7), "attention_mask": torch.ones(3, 7, dtype=torch.int64)}
    inputs["attention_mask"][1, 4:] = 0
    if model.config.is_encoder_decoder:
        inputs["decoder_input_ids"] = ids(3, 7)
    places = torch.randperm(21, generator=draw)[:count].sort().values
    weights = torch.rand(count, generator=draw) / 7
    return Pass(inputs, places, ids(count), weights)
