"""All settings of a run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field

from cotkd.config import Config
from cotkd.decoding.sampling import Sampling
from cotkd.measuring.settings import EvaluationConfig
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.base import Method
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.questions.load import QuestionsConfig
from cotkd.students.settings import StudentConfig
from cotkd.teachers.adaptive import Adaptive
from cotkd.teachers.base import Teacher
from cotkd.teachers.budget import Budget
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.training.settings import Training
from cotkd.verify import Verifier


class RunConfig(Config):
    """All settings of a run; a recipe is a YAML file of them."""

    recipe: str = ""
    """Name of the recipe that these settings came from."""
    method: Method = FineTuneCot()
    """Which paper's method, with its own settings."""
    baseline: Method | None = AnswerOnly()
    """Trained from the same base on the same number of processed tokens, on the kept rationales
    that its own filters let through too; null for none."""
    questions: QuestionsConfig = QuestionsConfig(name="microgsm:train")
    """Training questions."""
    teacher: Teacher = TransformersTeacher(model="microgsm-teacher")
    """The model that is asked for rationales."""
    sampling: Sampling = Sampling()
    """How the teacher is sampled."""
    samples: int = Field(4, ge=1)
    """Rationales sampled per question."""
    adaptive: Adaptive | None = None
    """Ask a question no more once it has enough right rationales; null asks all `samples`."""
    budget: Budget = Budget()
    """When sampling stops early; a larger budget goes on. It may change between two starts."""
    cache: bool = True
    """Take over samples that other runs on this machine have made with the same settings."""
    wrong: Path | None = None
    """A run directory whose wrong answers `contrastive` with `against: sample` contrasts with."""
    verifier: Verifier | None = None
    """What decides right or wrong; null takes the one that the question set asks for."""
    student: StudentConfig = StudentConfig()
    """The model that is trained."""
    training: Training = Training()
    """How students are trained; the same for every arm."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """What is measured."""
    seed: int = Field(0, ge=0)
    """Seed of sampling and of training."""


def lasting(config: Config) -> dict[str, Any]:
    """Return the settings that must stay the same when a run is continued."""
    return {k: v for k, v in config.dump().items() if k not in ("budget", "cache")}
