"""What servers call that which the OpenAI API has no word for.

DIALECTS["vllm"].drawing(Sampling(top_k=20))    {"top_k": 20, "repetition_penalty": 1.0, "min_p": 0}

The fields are always sent, at their neutral value too: vLLM and SGLang else take the model's
`generation_config.json`, and llama.cpp its own `top_k` 40 and `min_p` 0.05, and the samples would
not be drawn as the settings say.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NamedTuple

from cotkd.decoding.sampling import Sampling

DialectName = Literal["openai", "vllm", "sglang", "llama.cpp", "ollama"]


class Dialect(NamedTuple):
    """The words of one server software."""

    top_k: str | None = None
    no_top_k: int = -1
    """Value that switches `top_k` off."""
    repetition_penalty: str | None = None
    neutral: Mapping[str, Any] = {}
    """Fields that switch the server's other ways of drawing off."""
    template: bool = False
    """Takes `chat_template_kwargs`."""
    token_ids: bool = False
    """Returns token ids, hence exact counts for each of several samples."""
    seed_bits: int = 63
    seeds_count_up: bool = False
    """Sample i of a request is drawn from its seed + i, as if it had been asked for alone."""

    def drawing(self, sampling: Sampling) -> dict[str, Any]:
        """Return the fields for how tokens are drawn."""
        fields = dict(self.neutral)
        if self.top_k is not None:
            fields[self.top_k] = sampling.top_k or self.no_top_k
        if self.repetition_penalty is not None:
            fields[self.repetition_penalty] = sampling.repetition_penalty
        return fields


_SGLANG = Dialect(
    top_k="top_k",
    repetition_penalty="repetition_penalty",
    neutral={"min_p": 0.0},
    template=True,
)
DIALECTS: dict[DialectName, Dialect] = {
    "openai": Dialect(),
    "vllm": _SGLANG._replace(token_ids=True, seeds_count_up=True),
    "sglang": _SGLANG,
    "llama.cpp": _SGLANG._replace(no_top_k=0, repetition_penalty="repeat_penalty", seed_bits=31),
    "ollama": Dialect(seed_bits=31),
}
