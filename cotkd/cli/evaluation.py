"""`cotkd evaluate`: who asks the questions."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cotkd.cli.settings import EvaluateSettings, trained_student
from cotkd.decoding.checkpoints import locate_model
from cotkd.errors import SettingError
from cotkd.evaluation.lm_eval import task_name
from cotkd.evaluation.results import SuiteScore
from cotkd.measuring.harness import FOLDER, measure_by_harness
from cotkd.measuring.probes import Prober
from cotkd.measuring.scores import measure_heads
from cotkd.measuring.suites import Suite
from cotkd.store.run import RunDirectory

if TYPE_CHECKING:
    from cotkd.students.student import Student


def measured(
    student: Student,
    config: EvaluateSettings,
    suites: Mapping[str, Suite],
    directory: RunDirectory,
) -> dict[str, dict[str, SuiteScore]]:
    """Return the scores of a student by head and suite; the harness asks its main head only.

    Raises:
        SettingError: The harness is to measure what it cannot.
    """
    if config.engine == "cotkd":
        return measure_heads(
            student,
            config.method,
            suites,
            config.max_tokens,
            out=directory.evaluation,
            probe=Prober(config, seed=config.seed),
        )
    if config.any:
        raise SettingError(
            "lm-eval gives greedy answers alone: leave out --samples, --latency and "
            "--faithfulness, or evaluate with --engine cotkd"
        )
    scores = measure_by_harness(
        student, config.method, suites, config.max_tokens, out=directory.path
    )
    print(f"lm-eval's tasks and results  {directory.path / FOLDER}")
    print(f"the same by its own command  {_command(config, list(scores), directory)}")
    return {"student": scores}


def _command(config: EvaluateSettings, suites: Sequence[str], directory: RunDirectory) -> str:
    tasks = ",".join(map(task_name, suites))
    model = locate_model(trained_student(config.student.model))
    student = ["--model", "hf", "--model_args", f"pretrained={model}"]
    folder = ["--include_path", str(directory.path / FOLDER)]
    return shlex.join(["lm_eval", *student, *folder, "--tasks", tasks])
