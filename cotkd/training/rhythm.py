"""When the loss is recorded, the student scored and a checkpoint written."""

from __future__ import annotations

from typing import NamedTuple

from cotkd.training.settings import Training

_RECORDS = 50
"""Loss records of a training whose settings name no interval."""


class Due(NamedTuple):
    """What is to be done after a step."""

    record: bool
    score: bool
    save: bool


class Rhythm:
    """Says after each step what is due; the last step is always recorded and scored."""

    def __init__(self, settings: Training, steps: int, *, scored: bool, saved: bool) -> None:
        self._record = settings.log_every or max(1, steps // _RECORDS)
        self._score = (settings.eval_every or steps) if scored else 0
        self._save = (settings.save_every or 0) if saved else 0
        self._steps = steps

    def after(self, step: int) -> Due:
        """Return what is due after `step` steps are done."""
        last = step == self._steps
        return Due(
            record=last or step % self._record == 0,
            score=self._score > 0 and (last or step % self._score == 0),
            save=self._save > 0 and not last and step % self._save == 0,
        )
