"""The output layer apart from its model: together they say what the model says."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn import functional
from transformers import LlamaForCausalLM

from cotkd.training.forward import plain, trained_logits
from cotkd.training.output_layer import OutputLayer
from tests import tiny
from tests.training.output_layers import MODELS, adapted, of_family, one_pass, untied

names = pytest.mark.parametrize("name", MODELS)


@names
@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("checkpointing", [True, False])
def test_states_and_logits_make_what_the_model_makes(
    name: str, training: bool, checkpointing: bool
) -> None:
    model = MODELS[name]().double().train(training)
    if checkpointing:
        model.gradient_checkpointing_enable()
    layer = OutputLayer.of(model)
    assert layer is not None
    one = one_pass(model)
    expected = trained_logits(model, one.inputs, one.places)
    states = layer.states(model, one.inputs, one.places)
    torch.testing.assert_close(layer.logits(states), expected, rtol=0, atol=1e-12)
    assert layer.vocabulary == expected.shape[1]
    assert states.shape == (10, 32)
    assert states.requires_grad


@pytest.mark.parametrize(
    ("name", "trained"),
    [("tied", 1), ("frozen", 0), ("with_bias", 2), ("adapted", 2), ("saved_whole", 1)],
)
def test_parameters_are_those_that_are_trained(name: str, trained: int) -> None:
    model = MODELS[name]()
    layer = OutputLayer.of(model)
    assert layer is not None
    assert len(layer.parameters) == trained
    if name == "tied":
        assert layer.parameters[0] is model.get_input_embeddings().weight
    for weight in model.parameters():
        weight.requires_grad_(False)
    assert layer.parameters == ()


def test_factors_that_multiply_are_told_from_those_that_divide() -> None:
    class Multiplies(LlamaForCausalLM):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            output = super().forward(*args, **kwargs)
            output.logits = output.logits * self.config.logits_scaling
            return output

    model = of_family(Multiplies, tiny.LlamaConfig, logits_scaling=4.0)()
    layer = OutputLayer.of(model)
    assert layer is not None
    assert layer.after.factor == 4
    unused = OutputLayer.of(of_family(LlamaForCausalLM, tiny.LlamaConfig, logits_scaling=4.0)())
    assert unused is not None
    assert unused.after.factor == 1


def test_a_bias_that_changes_later_is_the_one_that_is_added() -> None:
    model = tiny.tiny_bart()
    layer = OutputLayer.of(model)
    assert layer is not None
    model.final_logits_bias = torch.ones_like(model.final_logits_bias)
    one = one_pass(model)
    states = layer.states(model, one.inputs, one.places)
    expected = trained_logits(model, one.inputs, one.places)
    torch.testing.assert_close(layer.logits(states), expected)


class Noisy(LlamaForCausalLM):
    def change(self, logits: torch.Tensor) -> torch.Tensor:
        return logits + torch.randn_like(logits)

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        output = super().forward(*args, **kwargs)
        output.logits = self.change(output.logits)
        return output


class NoisyInTraining(Noisy):
    def change(self, logits: torch.Tensor) -> torch.Tensor:
        return super().change(logits) if self.training else logits


class Cut(Noisy):
    def change(self, logits: torch.Tensor) -> torch.Tensor:
        return logits[..., :100]


class Twice(Noisy):
    """Computes its layer twice, of which the second is the result."""

    def change(self, logits: torch.Tensor) -> torch.Tensor:
        return self.lm_head(torch.ones(1, 5, 32))


class Around(LlamaForCausalLM):
    """Never calls its layer."""

    def forward(self, *args: Any, **kwargs: Any) -> Any:
        output = super().forward(*args, **kwargs, output_hidden_states=True)
        output.logits = functional.linear(output.hidden_states[-1], self.lm_head.weight)
        return output

    def get_output_embeddings(self) -> Any:
        return nn.Linear(32, self.config.vocab_size)


class Without(LlamaForCausalLM):
    def get_output_embeddings(self) -> Any:
        return None


@pytest.mark.parametrize("model", [Noisy, NoisyInTraining, Cut, Twice, Around, Without])
def test_a_model_that_does_something_else_has_none(model: type) -> None:
    made = of_family(model, tiny.LlamaConfig)()
    modes = [module.training for module in made.modules()]
    assert OutputLayer.of(made) is None
    assert [module.training for module in made.modules()] == modes
    assert not made.lm_head._forward_pre_hooks


def test_a_model_that_cannot_read_a_few_tokens_has_none() -> None:
    class Fails(LlamaForCausalLM):
        def forward(self, *args: Any, **kwargs: Any) -> Any:
            raise ValueError("needs pictures")

    assert OutputLayer.of(of_family(Fails, tiny.LlamaConfig)()) is None


def test_a_model_of_nan_has_none() -> None:
    model = untied()
    with torch.no_grad():
        model.lm_head.weight.fill_(float("nan"))
    assert OutputLayer.of(model) is None


@pytest.mark.parametrize("build", [tiny.tiny_gpt2, tiny.tiny_t5, adapted])
def test_finding_out_leaves_the_model_and_chance_as_they_were(build: Any) -> None:
    model = build()
    model.train()
    first = next(module for module in model.modules() if isinstance(module, nn.Embedding))
    first.eval()
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    assert OutputLayer.of(model) is not None
    assert torch.equal(torch.rand(3), expected)
    assert model.training
    assert not first.training
    assert all(weight.grad is None for weight in model.parameters())


def test_dropout_does_not_hide_the_layer() -> None:
    dropout = {"resid_pdrop": 0.5, "embd_pdrop": 0.5, "attn_pdrop": 0.5}
    assert OutputLayer.of(tiny.tiny_gpt2(**dropout)) is not None
    assert OutputLayer.of(adapted(lora_dropout=0.5)) is not None


@names
def test_the_layer_itself_computes_one_token(name: str) -> None:
    model = MODELS[name]()
    layer = OutputLayer.of(model)
    assert layer is not None
    handed: list[int] = []
    watch = layer.module.register_forward_hook(lambda _, given, __: handed.append(given[0].shape))
    one = one_pass(model)
    layer.states(model, one.inputs, one.places)
    watch.remove()
    assert handed == [(1, 1, 32)]


def fail(*_: Any) -> None:
    raise RuntimeError("in the middle")


@pytest.mark.parametrize("place", [0, 10**6])
def test_an_exception_leaves_the_layer_as_it_was(place: int) -> None:
    model = untied()
    layer = OutputLayer.of(model)
    assert layer is not None
    one = one_pass(model)
    before = model(**one.inputs).logits
    watch = model.lm_head.register_forward_hook(fail)
    with pytest.raises((RuntimeError, IndexError)):
        layer.states(model, one.inputs, torch.tensor([place]))
    watch.remove()
    assert not model.lm_head._forward_pre_hooks
    assert torch.equal(model(**one.inputs).logits, before)


def test_wrappers_are_looked_through() -> None:
    class Wrapped(nn.Module):
        def __init__(self, module: Any) -> None:
            super().__init__()
            self.module = module

        def forward(self, **inputs: Any) -> Any:
            return self.module(**inputs)

    model = Wrapped(adapted())
    layer = OutputLayer.of(model)
    assert layer is not None
    assert layer.module is plain(model).lm_head
    one = one_pass(plain(model))
    states = layer.states(model, one.inputs, one.places)
    expected = trained_logits(model, one.inputs, one.places)
    torch.testing.assert_close(layer.logits(states), expected)


def test_states_under_autocast_are_those_of_the_forward_pass() -> None:
    model = untied()
    layer = OutputLayer.of(model)
    assert layer is not None
    one = one_pass(model)
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = layer.states(model, one.inputs, one.places)
        logits = layer.logits(states)
        expected = trained_logits(model, one.inputs, one.places)
    assert logits.dtype == expected.dtype == torch.bfloat16
    assert torch.equal(logits, expected)
