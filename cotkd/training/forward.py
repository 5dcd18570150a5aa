"""The forward pass of training: logits of the trained tokens, and of no others.

A model's output layer is as wide as its vocabulary, and of a prompt or of padding nothing is
trained. So the layer is handed only the states that predict a trained token:

    logits = trained_logits(model, inputs, places)         # [trained tokens, vocabulary]

It also says whether a model keeps examples apart that share a row.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor


def trained_logits(model: Any, inputs: dict[str, Any], places: Tensor) -> Tensor:
    """Return [len(places), vocabulary]: the output at `places` of the flattened [rows x width].

    Args:
        model: Any causal or encoder-decoder model, wrapped for several processes or not.
        inputs: What its `forward` takes.
        places: Positions of the decoder's flattened rows.
    """
    chosen = False

    def choose(_: Any, given: tuple[Tensor, ...]) -> tuple[Tensor, ...]:
        nonlocal chosen
        states, *rest = given
        if states.ndim != 3:
            return given
        chosen = True
        return (states.flatten(0, 1)[places].unsqueeze(0), *rest)

    output = plain(model).get_output_embeddings()
    hook = None if output is None else output.register_forward_pre_hook(choose)
    try:
        logits = model(**inputs, use_cache=False).logits
    finally:
        if hook is not None:
            hook.remove()
    return logits[0] if chosen else logits.flatten(0, 1)[places]


def can_pack(model: Any) -> bool:
    """Say whether two examples in one row, positions starting again, are blind to each other.

    It is found out by trying: attention follows positions in most families, but states that run
    along a row, or attention kernels without masks, do not.
    """
    if model.config.is_encoder_decoder:
        return False
    device = next(model.parameters()).device
    vocabulary = model.get_input_embeddings().weight.shape[0]
    first, second = ([(7 * i + shift) % vocabulary for i in range(1, 6)] for shift in (3, 11))
    training = model.training
    model.eval()
    try:
        with torch.no_grad():
            apart = [_logits(model, ids, None, device) for ids in (first, second)]
            positions = [*range(len(first)), *range(len(second))]
            together = _logits(model, first + second, positions, device)
    except (TypeError, ValueError, RuntimeError):
        return False
    finally:
        model.train(training)
    expected = torch.cat(apart)
    within = 1e-3 * expected.abs().max().item()  # a model of NaN has none to compare with
    return math.isfinite(within) and torch.allclose(together, expected, rtol=0, atol=within)


def _logits(model: Any, ids: list[int], positions: list[int] | None, device: Any) -> Tensor:
    inputs = {"input_ids": torch.tensor([ids], device=device)}
    if positions is not None:
        inputs["position_ids"] = torch.tensor([positions], device=device)
    return model(**inputs, use_cache=False).logits[0].float()


def plain(model: Any) -> Any:
    """Return the `transformers` model inside wrappers for processes and adapters."""
    model = getattr(model, "module", model)
    return model.get_base_model() if hasattr(model, "get_base_model") else model
