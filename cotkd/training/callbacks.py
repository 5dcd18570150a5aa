"""When the loss is recorded, the student scored and a checkpoint written; and the progress bar."""

from __future__ import annotations

import math
import sys
from typing import Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from cotkd.errors import EngineError
from cotkd.training.settings import Training

_RECORDS = 50
"""Loss records of a training whose settings name no interval."""


class Rhythm(TrainerCallback):
    """Decides after each step what is due; the last step is always recorded and scored."""

    def __init__(self, settings: Training, steps: int, *, scored: bool, saved: bool) -> None:
        self._log = settings.log_every or max(1, steps // _RECORDS)
        self._score = (settings.eval_every or steps) if scored else 0
        self._save = (settings.save_every or 0) if saved else 0
        self._steps = steps

    def on_step_end(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        **kwargs: Any,
    ) -> TrainerControl:
        """Set what the trainer does after this step."""
        step, last = state.global_step, state.global_step == self._steps
        control.should_log = last or step % self._log == 0
        control.should_evaluate = self._score > 0 and (last or step % self._score == 0)
        control.should_save = self._save > 0 and not last and step % self._save == 0
        return control

    def on_log(
        self,
        args: TrainingArguments,
        state: TrainerState,
        control: TrainerControl,
        logs: dict[str, float] | None = None,
        **kwargs: Any,
    ) -> None:
        """Stop at a loss that is no number, before it is saved as a student."""
        loss = (logs or {}).get("loss", 0.0)
        if not math.isfinite(loss):
            raise EngineError(
                f"training diverged: the loss is {loss} at step {state.global_step}; "
                "lower learning_rate, or raise warmup"
            )


class Bar(TrainerCallback):
    """Steps done, loss and time left, on a terminal only."""

    def __init__(self, title: str, steps: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

        columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        console = Console(stderr=True)
        self._progress = Progress(*columns, console=console, disable=not sys.stderr.isatty())
        self._title = title
        self._task = self._progress.add_task(title, total=steps)

    def on_train_begin(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:
        """Show the bar."""
        self._progress.start()
        self._progress.update(self._task, completed=state.global_step)

    def on_step_end(self, args: Any, state: TrainerState, control: Any, **kwargs: Any) -> None:
        """Move the bar."""
        self._progress.advance(self._task)

    def on_log(
        self, args: Any, state: Any, control: Any, logs: dict[str, float] | None = None, **kw: Any
    ) -> None:
        """Show the newest loss."""
        if logs and "loss" in logs:
            self._progress.update(self._task, description=f"{self._title}, loss {logs['loss']:.3f}")

    def close(self) -> None:
        """Leave the terminal as it was."""
        self._progress.stop()
