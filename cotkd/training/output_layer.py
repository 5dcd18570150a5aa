"""A model's output layer apart from the model: its input at some places, and logits of that input.

Logits are as wide as the vocabulary, states as the model. Whoever computes a loss from states can
take the layer a few tokens at a time (`training/tiles.py`):

    layer = OutputLayer.of(model)                      # None: take `trained_logits` instead
    states = layer.states(model, inputs, places)       # [trained tokens, width]
    logits = layer.logits(states)                      # [trained tokens, vocabulary]

A state is what the layer itself is handed, so that what a family does before it (T5 scales) is in
the states. What a family does to the result (Gemma caps it, Granite divides it, BART adds a bias)
is found out by trying: of all that the model's settings mention, what agrees with the model.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from cotkd.training.forward import plain

FACTORS: dict[str, Callable[[float], tuple[float, ...]]] = {
    "logits_scaling": lambda scale: (1 / scale, scale),  # Granite divides, HyperCLOVA multiplies
    "logit_scale": lambda scale: (scale,),
    "lm_head_multiplier": lambda scale: (scale,),
    "output_multiplier": lambda scale: (scale,),
}
"""Settings of models that name a factor of the logits."""
CAPS = ("final_logit_softcapping", "logits_soft_cap")
"""Settings of models that name a bound, which logits approach as a tanh."""
WITHIN = 1e-3
"""How far logits may lie apart, measured by the largest."""


@dataclass(frozen=True)
class After:
    """What a model does with the result of its output layer: cap(factor * result) + bias."""

    factor: float
    cap: float | None
    biased: Any
    """The model whose `final_logits_bias` is added, or None."""

    def __call__(self, logits: Tensor) -> Tensor:
        """Return the model's logits."""
        if self.factor != 1:
            logits = logits * self.factor
        if self.cap is not None:
            logits = torch.tanh(logits / self.cap) * self.cap
        return logits if self.biased is None else logits + self.biased.final_logits_bias[0]


@dataclass(frozen=True)
class OutputLayer:
    """The output layer of a model, and what the model does with its result."""

    module: Any
    after: After
    vocabulary: int
    """Number of logits of a token."""

    @classmethod
    def of(cls, model: Any) -> OutputLayer | None:
        """Return the output layer of `model`; None where the model's logits are not made of it.

        The model computes a few tokens as it is and through its output layer, with dropout and all
        that belongs to training, since that is what is told apart from the layer.

        Args:
            model: Any causal or encoder-decoder model, with adapters or not, wrapped for several
                processes or not.
        """
        inner = plain(model)
        module = inner.get_output_embeddings()
        if module is None:
            return None
        inputs = _few_tokens(inner)
        count = inputs.get("decoder_input_ids", inputs["input_ids"]).numel()
        try:
            with _repeatable(inner, module) as again, torch.no_grad():
                again()
                expected = inner(**inputs, use_cache=False).logits[0].float()
                again()
                states = _states(inner, module, inputs, torch.arange(count, device=expected.device))
                result = None if states is None else module(states)
        except (AttributeError, LookupError, RuntimeError, TypeError, ValueError):
            return None
        if result is None or result.shape != expected.shape:
            return None
        return _closest(inner, module, result, expected)

    def states(self, model: Any, inputs: dict[str, Any], places: Tensor) -> Tensor:
        """Return [len(places), width]: what the layer is handed at `places` of the flattened rows.

        The layer itself computes one token, so that whoever follows the model's output to find the
        weights in use finds all of them.

        Args:
            model: The model of this layer, or its wrapper for several processes.
            inputs: What its `forward` takes.
            places: Positions of the decoder's flattened rows.
        """
        states = _states(model, self.module, inputs, places)
        assert states is not None, "the model computes its output layer once"
        return states

    def logits(self, states: Tensor) -> Tensor:
        """Return [n, vocabulary], as the model makes them of [n, width] states."""
        return self.after(self.module(states))

    @property
    def parameters(self) -> tuple[nn.Parameter, ...]:
        """Weights of the layer that are trained now: tied ones and adapters among them."""
        return tuple(weight for weight in self.module.parameters() if weight.requires_grad)


def _states(model: Any, module: Any, inputs: dict[str, Any], places: Tensor) -> Tensor | None:
    """Return the input of `module` at `places`, None unless it is handed [rows, width, d] once."""
    taken: list[Tensor | None] = []

    def take(_: Any, given: tuple[Any, ...]) -> tuple[Any, ...]:
        if len(given) != 1 or given[0].ndim != 3:
            taken.append(None)
            return given
        taken.append(given[0].flatten(0, 1)[places])
        return (given[0][:1, :1],)

    hook = module.register_forward_pre_hook(take)
    try:
        model(**inputs, use_cache=False)
    finally:
        hook.remove()
    return taken[0] if len(taken) == 1 else None


def _few_tokens(model: Any) -> dict[str, Tensor]:
    weight = model.get_input_embeddings().weight
    ids = [[(7 * i + 3) % weight.shape[0] for i in range(1, 6)]]
    names = ["input_ids", "decoder_input_ids"] if model.config.is_encoder_decoder else ["input_ids"]
    device = next(model.parameters()).device
    return {name: torch.tensor(ids, device=device) for name in names}


@contextmanager
def _repeatable(model: Any, module: Any) -> Iterator[Callable[[], Any]]:
    """Put `model` in training; what is yielded, called before each pass, makes their dropout one.

    The layer alone is not in training: what it drops depends on how many tokens it is handed.
    """
    modes = {each: each.training for each in model.modules()}
    device = next(model.parameters()).device
    with torch.random.fork_rng(devices=[device] if device.type == "cuda" else []):
        try:
            model.train()
            module.eval()
            yield lambda: torch.manual_seed(0)
        finally:
            for each, training in modes.items():
                each.training = training


def _closest(model: Any, module: Any, result: Tensor, expected: Tensor) -> OutputLayer | None:
    """Return the layer with what makes its `result` the `expected` logits, None if nothing does."""
    settings = model.config.get_text_config(decoder=True)
    said: dict[str, Any] = {name: getattr(settings, name, None) for name in (*FACTORS, *CAPS)}
    factors = [f for name, made in FACTORS.items() if said[name] for f in made(float(said[name]))]
    caps = [float(said[name]) for name in CAPS if said[name]]
    biased = [model] if getattr(model, "final_logits_bias", None) is not None else []
    ways = [
        After(*way) for way in itertools.product([*factors, 1.0], [*caps, None], [*biased, None])
    ]
    apart = [(way(result).float() - expected).abs().max().item() for way in ways]
    apart = [math.inf if math.isnan(each) else each for each in apart]
    best = min(range(len(ways)), key=apart.__getitem__)
    if apart[best] <= WITHIN * expected.abs().max().item():  # never, where the model makes NaN
        return OutputLayer(module, ways[best], vocabulary=expected.shape[-1])
    return None
