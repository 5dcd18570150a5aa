"""The size of a model from its configuration: weights, cache, adapters; nothing is downloaded.

    shape_of("Qwen/Qwen2.5-7B-Instruct").parameters    # 7615616512, from a table
    shape_of("runs/first/rounds/000/student")          # from the folder's config.json

Families whose layers are known are counted matrix by matrix. Of others the name is asked (`-7B`),
and the shape is that of a usual decoder of so many weights: N = 12 L h² with h = 128 L.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from cotkd.decoding.checkpoints import EMBEDDED, locate_model
from cotkd.errors import DataError
from cotkd.estimate.known import known_config
from cotkd.store.rows import read_json

Matrix = tuple[int, int]
"""Inputs and outputs of a linear layer."""


class Shape(NamedTuple):
    """What a model's size follows from."""

    decoder: int
    """Weights that each token of a decoder meets, the output layer with them."""
    encoder: int = 0
    """Weights that each token of the prompt meets in an encoder; 0 for decoders."""
    looked_up: int = 0
    """Weights of an input table that is no output layer as well: they cost no arithmetic."""
    layers: int = 0
    """Of the decoder."""
    width: int = 0
    """Of the states."""
    cached: int = 0
    """Numbers that the decoder's cache holds for a token, over all layers."""
    vocabulary: int = 0
    linear: int = 0
    """Inputs and outputs of all linear layers of the decoder, but for the output layer."""
    linear_encoder: int = 0
    """Those of the encoder."""
    exact: bool = True
    """Counted from a configuration, not guessed from a name."""

    @property
    def parameters(self) -> int:
        """Number of weights, tied ones counted once."""
        return self.decoder + self.encoder + self.looked_up

    def adapters(self, rank: int) -> int:
        """Return the weights of low-rank adapters of all linear layers."""
        return rank * (self.linear + self.linear_encoder)

    def of_a_token(self, decoder: int, encoder: int, target: float) -> float:
        """Return what a token meets on average, of the decoder's and the encoder's share.

        A decoder's tokens all meet the decoder; of an encoder–decoder those of the prompt meet the
        encoder, and those of the target, a share of `target`, the decoder.
        """
        return encoder * (1 - target) + decoder * target if self.encoder else float(decoder)


def shape_of(model: str) -> Shape | None:
    """Return the shape of a model by embedded name, folder or hub name; None if it is unknown."""
    if model in EMBEDDED or Path(model).is_dir():
        config = read_json(Path(locate_model(model)) / "config.json")
        if not isinstance(config, dict):
            raise DataError(f"{model}: its config.json holds no object")
        return shape_of_config(config)
    config = known_config(model) or _cached_config(model)
    return _guessed(model) if config is None else shape_of_config(config)


def _cached_config(model: str) -> dict[str, Any] | None:
    """Return the configuration of a hub model that was downloaded before."""
    from huggingface_hub import try_to_load_from_cache
    from huggingface_hub.errors import HFValidationError

    try:
        found = try_to_load_from_cache(model, "config.json")
    except HFValidationError:
        return None
    config = read_json(found) if isinstance(found, str) else None
    return config if isinstance(config, dict) else None


def shape_of_config(config: Mapping[str, Any]) -> Shape | None:
    """Return the shape of a `config.json`; None for families that are not counted here."""
    family = config.get("model_type")
    if family in ("llama", "mistral", "qwen2", "qwen3"):
        return _decoder(config, str(family))
    if family in ("t5", "mt5"):
        return _t5(config)
    return None


def _decoder(config: Mapping[str, Any], family: str) -> Shape:
    """Count a decoder of the Llama family: gated feed-forward, grouped keys and values."""
    width, heads = config["hidden_size"], config["num_attention_heads"]
    groups = config.get("num_key_value_heads") or heads
    head = config.get("head_dim") or width // heads
    layers, vocabulary = config["num_hidden_layers"], config["vocab_size"]
    queries, keys, inner = heads * head, groups * head, config["intermediate_size"]
    matrices = [(width, queries), (width, keys), (width, keys), (queries, width)]
    matrices += [(width, inner), (width, inner), (inner, width)]
    vectors = 2 * width  # two norms
    if family == "qwen2" or config.get("attention_bias"):
        vectors += queries + 2 * keys
    if family == "qwen3":
        vectors += 2 * head  # norms of queries and keys
    table = vocabulary * width
    tied = bool(config.get("tie_word_embeddings"))
    return Shape(
        decoder=layers * (_weights(matrices) + vectors) + width + table,
        looked_up=0 if tied else table,
        layers=layers,
        width=width,
        cached=2 * keys * layers,
        vocabulary=vocabulary,
        linear=layers * _ends(matrices),
    )


def _t5(config: Mapping[str, Any]) -> Shape:
    """Count a T5: the decoder's layers attend twice, and the first of each stack places tokens."""
    width, inner = config["d_model"], config["d_ff"]
    heads = config["num_heads"] * config["d_kv"]
    gated = "gated" in str(config.get("feed_forward_proj", "relu"))
    attention = [(width, heads)] * 3 + [(heads, width)]
    forward = [(width, inner)] * (2 if gated else 1) + [(inner, width)]
    places = config.get("relative_attention_num_buckets", 32) * config["num_heads"]
    below, above = config["num_layers"], config.get("num_decoder_layers") or config["num_layers"]
    table = config["vocab_size"] * width
    tied = bool(config.get("tie_word_embeddings", True))
    encoder = below * (_weights(attention + forward) + 2 * width) + width + places
    decoder = above * (_weights(attention * 2 + forward) + 3 * width) + width + places
    return Shape(
        decoder=decoder + table,
        encoder=encoder,
        looked_up=0 if tied else table,
        layers=above,
        width=width,
        cached=2 * heads * above,
        vocabulary=config["vocab_size"],
        linear=above * _ends(attention * 2 + forward),
        linear_encoder=below * _ends(attention + forward),
    )


def _weights(matrices: list[Matrix]) -> int:
    return sum(inputs * outputs for inputs, outputs in matrices)


def _ends(matrices: list[Matrix]) -> int:
    return sum(inputs + outputs for inputs, outputs in matrices)


_SIZE = re.compile(r"(?<![\d.])(\d+(?:\.\d+)?)\s*([bm])(?![a-z0-9])", re.IGNORECASE)


def _guessed(model: str) -> Shape | None:
    """Return a usual decoder of the size that a name states."""
    found = _SIZE.search(model.rpartition("/")[2])
    if found is None:
        return None
    parameters = round(float(found[1]) * (1e9 if found[2].lower() == "b" else 1e6))
    layers = max(1, round((parameters / (12 * 128**2)) ** (1 / 3)))
    width = 128 * layers
    return Shape(
        decoder=parameters,
        layers=layers,
        width=width,
        cached=2 * width * layers,
        vocabulary=128_000,
        linear=layers * 18 * width,
        exact=False,
    )
