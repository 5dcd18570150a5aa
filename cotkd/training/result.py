"""What a training was: budget used, losses, the checkpoint chosen.

One `training.json`:

    {"processed_tokens": 599984, "supervised_tokens": 431201, "epochs": 5.1, "steps": 301,
     "examples": 1100, "truncated": 0, "best_step": 301, "best_score": 0.41,
     "losses": [[6, 3.91], [12, 2.75], ...], "scores": [[301, 0.41]], "seconds": 42.7, ...}
"""

from __future__ import annotations

from cotkd.types import Row


class TrainingResult(Row):
    """Counts, losses and scores of one finished training."""

    processed_tokens: int
    """Prompt and target tokens, padding excluded, counted once per pass."""
    supervised_tokens: int
    """Tokens that the loss was taken on."""
    epochs: float
    """Examples trained on, over examples given."""
    steps: int
    """Optimizer steps."""
    examples: int
    """Examples given; turns of a dialogue that share a row count once."""
    truncated: int
    """Examples whose rationale was cut to `max_length`."""
    padding: float
    """Share of padding in what was computed."""
    best_step: int
    """Step whose weights the student has now: the best by `dev`, else the last."""
    best_score: float | None = None
    """Score of those weights on the development questions."""
    losses: tuple[tuple[int, float], ...] = ()
    """(step, mean loss since the record before)."""
    scores: tuple[tuple[int, float], ...] = ()
    """(step, score on the development questions)."""
    precision: str
    """Of the arithmetic: float32 or bfloat16."""
    seconds: float
    """Wall time of training, scoring included, interrupted attempts excluded."""
