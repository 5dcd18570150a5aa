r"""How tokens are drawn, and the seed of every single sample.

Sampling(temperature=0.7, max_tokens=128, stop=("\n\nQ:",))
sample_seed(0, "microgsm-train-00007", 2)      # the same number on every machine
"""

from __future__ import annotations

import hashlib

from pydantic import Field

from cotkd.config import Config


class Sampling(Config):
    """Decoding settings; the defaults draw from the model's own distribution.

    Order of the steps: repetition penalty, temperature, top-k, top-p.
    """

    temperature: float = Field(1.0, ge=0, allow_inf_nan=False)
    """Divides the logits; 0 takes the most probable token."""
    top_p: float = Field(1.0, gt=0, le=1)
    """Smallest set of tokens that holds this much probability; 1 is off."""
    top_k: int = Field(0, ge=0)
    """Number of most probable tokens to draw from; 0 is off."""
    max_tokens: int = Field(512, ge=1)
    """Tokens generated at most for one sample."""
    stop: tuple[str, ...] = ()
    """Texts that end a sample; they are not part of its text."""
    repetition_penalty: float = Field(1.0, gt=0, allow_inf_nan=False)
    """Makes tokens that have occurred less probable; 1 is off."""


def sample_seed(run_seed: int, question_id: str, sample_index: int) -> int:
    """Return the seed of one sample: 53 bits, so that every JSON reader keeps it exactly."""
    name = f"{run_seed}\x1f{question_id}\x1f{sample_index}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=8).digest(), "big") >> 11
