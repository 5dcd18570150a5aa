"""Configurations of the models that recipes name, so that a dry run needs no network.

known_config("Qwen/Qwen3-8B")["num_hidden_layers"]       # 36

Base, Instruct and Math models of one size have one shape. Only what the size follows from is here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping
from functools import partial
from typing import Any

_NAMES = (
    "hidden_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "intermediate_size",
    "vocab_size",
)
_QWEN2: Mapping[str, tuple[int, ...]] = {
    "0.5": (896, 24, 14, 2, 4864, 151936),
    "1.5": (1536, 28, 12, 2, 8960, 151936),
    "3": (2048, 36, 16, 2, 11008, 151936),
    "7": (3584, 28, 28, 4, 18944, 152064),
    "14": (5120, 48, 40, 8, 13824, 152064),
    "32": (5120, 64, 40, 8, 27648, 152064),
    "72": (8192, 80, 64, 8, 29568, 152064),
}
_QWEN3: Mapping[str, tuple[int, ...]] = {
    "0.6": (1024, 28, 16, 8, 3072, 151936),
    "1.7": (2048, 28, 16, 8, 6144, 151936),
    "4": (2560, 36, 32, 8, 9728, 151936),
    "8": (4096, 36, 32, 8, 12288, 151936),
    "14": (5120, 40, 40, 8, 17408, 151936),
    "32": (5120, 64, 64, 8, 25600, 151936),
}
_LLAMA3: Mapping[str, tuple[int, ...]] = {
    "1": (2048, 16, 32, 8, 8192, 128256),
    "3": (3072, 28, 24, 8, 8192, 128256),
    "8": (4096, 32, 32, 8, 14336, 128256),
    "70": (8192, 80, 64, 8, 28672, 128256),
}
_T5: Mapping[str, tuple[int, ...]] = {
    # width, layers of each stack, heads, feed-forward
    "small": (512, 8, 6, 1024),
    "base": (768, 12, 12, 2048),
    "large": (1024, 24, 16, 2816),
    "xl": (2048, 24, 32, 5120),
    "xxl": (4096, 24, 64, 10240),
}


def known_config(model: str) -> dict[str, Any] | None:
    """Return what is known of a model's `config.json` by its name, None for other models."""
    name = model.rpartition("/")[2].lower()
    for pattern, make in _FAMILIES:
        found = re.match(pattern, name)
        if found and (config := make(found[1])):
            return config
    return None


def _llama_like(
    family: str, shapes: Mapping[str, tuple[int, ...]], tied: Container[str], size: str, **more: int
) -> dict[str, Any] | None:
    if size not in shapes:
        return None
    sizes = dict(zip(_NAMES, shapes[size], strict=True))
    return {"model_type": family, **sizes, "tie_word_embeddings": size in tied, **more}


def _t5(size: str) -> dict[str, Any] | None:
    if size not in _T5:
        return None
    width, layers, heads, inner = _T5[size]
    return {
        "model_type": "t5",
        "is_encoder_decoder": True,
        "d_model": width,
        "d_kv": 64,
        "d_ff": inner,
        "num_layers": layers,
        "num_decoder_layers": layers,
        "num_heads": heads,
        "vocab_size": 32128,
        "feed_forward_proj": "gated-gelu",
        "tie_word_embeddings": False,
    }


_FAMILIES: tuple[tuple[str, Callable[[str], dict[str, Any] | None]], ...] = (
    (
        r"qwen2\.5(?:-math|-coder)?-(\d+(?:\.\d+)?)b(?![\w.])",
        partial(_llama_like, "qwen2", _QWEN2, ("0.5", "1.5", "3")),
    ),
    (
        r"qwen3-(\d+(?:\.\d+)?)b(?![\w.]|-a\d)",
        partial(_llama_like, "qwen3", _QWEN3, ("0.6", "1.7", "4"), head_dim=128),
    ),
    (
        r"(?:meta-)?llama-3(?:\.[123])?-(\d+)b(?![\w.])",
        partial(_llama_like, "llama", _LLAMA3, ("1", "3")),
    ),
    (r"(?:flan-t5|t5-v1_1)-(\w+)$", _t5),
)
