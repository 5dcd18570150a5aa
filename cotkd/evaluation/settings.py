"""What is measured beside greedy accuracy, where it is asked for: it costs further answers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import Field, field_validator

from cotkd.config import Config


class Faithfulness(Config):
    """Whether answers follow from the reasoning before them; for students that explain."""

    suites: tuple[str, ...] = ()
    """On which suites; none: on the first one."""
    questions: int = Field(100, ge=1)
    """Questions of each suite, from its first."""
    perturbed: float = Field(0.5, ge=0, le=1)
    """Share of a rationale's tokens that is replaced by random ones."""
    taught: str | None = None
    """Questions, trained on by no student, whose answers the simulator of LAS learns from; null
    takes the development questions of a run. Without any, LAS is left out."""
    simulator: str | None = None
    """Model that the simulator is trained from; null takes the base of a run's student."""
    simulator_tokens: int = Field(200_000, ge=0)
    """Tokens that the simulator is trained on; 0 leaves LAS out."""
    seed: int = Field(0, ge=0)
    """Of perturbed rationales and of the simulator."""


class Probes(Config):
    """What is measured beside greedy accuracy."""

    samples: int = Field(0, ge=0)
    """Answers drawn per question, for maj@k, pass@k and the calibration of votes; 0 for none."""
    temperature: float = Field(0.7, gt=0, allow_inf_nan=False)
    """Temperature of these answers."""
    latency: int = Field(0, ge=0)
    """Questions of the first suite that are asked one at a time and timed; 0 for none."""
    faithfulness: Faithfulness | None = None
    """Whether answers follow from their reasoning; `true` takes the default settings."""

    @field_validator("faithfulness", mode="before")
    @classmethod
    def _switch(cls, value: Any) -> Any:
        """Read `true` as the default settings and `false` as none, as a bare flag gives them."""
        word = str(value).lower()
        if word in ("true", "false"):
            return {} if word == "true" else None
        if isinstance(value, Mapping) and value.get("kind") == "true":  # the flag, then one inside
            return {name: each for name, each in value.items() if name != "kind"}
        return value

    @property
    def any(self) -> bool:
        """Whether anything is asked for."""
        return bool(self.samples or self.latency or self.faithfulness)
