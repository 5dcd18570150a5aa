"""Settings of the commands that run one stage alone."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator

from cotkd.config import Config
from cotkd.decoding.sampling import Sampling
from cotkd.evaluation.settings import Probes
from cotkd.filters.base import Filter
from cotkd.filters.correct import Correct
from cotkd.measuring.settings import EvaluationConfig, SuiteSettings
from cotkd.methods.base import Method
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.questions.load import QuestionsConfig
from cotkd.students.index import INDEX
from cotkd.students.settings import StudentConfig
from cotkd.teachers.adaptive import Adaptive
from cotkd.teachers.base import Teacher
from cotkd.teachers.budget import Budget
from cotkd.teachers.elicitation import Elicitation, Plain
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.training.settings import Training
from cotkd.verify import Verifier


class SampleSettings(Config):
    """`cotkd sample`: ask a teacher for rationales."""

    questions: QuestionsConfig = QuestionsConfig()
    """What is asked."""
    teacher: Teacher = TransformersTeacher()
    """Who is asked; `--teacher.engine` chooses the engine."""
    elicitation: Elicitation = Plain()
    """How it is asked."""
    sampling: Sampling = Sampling()
    """How it is sampled."""
    samples: int = Field(4, ge=1)
    """Samples per question; `--n` for short."""
    adaptive: Adaptive | None = None
    """Ask a question no more once it has enough right rationales; null asks all `samples`."""
    verifier: Verifier | None = None
    """What tells right answers, where that decides what is asked; null takes the question set's."""
    wrong: Path | None = None
    """A run directory whose wrong answers `contrastive` with `against: sample` contrasts with."""
    budget: Budget = Budget()
    """When to stop early; a larger budget goes on. It may change between two starts."""
    cache: bool = True
    """Take over samples that other runs on this machine have made with the same settings."""
    seed: int = Field(0, ge=0)
    """Seed of the samples."""


class FilterSettings(Config):
    """`cotkd filter`: parse, verify and filter completions."""

    questions: QuestionsConfig = QuestionsConfig()
    """The questions that were asked."""
    verifier: Verifier | None = None
    """What decides right or wrong; null takes the one that the question set asks for."""
    rationale: Literal["answer", "trace"] = "answer"
    """What becomes the rationale: the reasoning of the answer text, or the thinking trace."""
    scorer: Teacher | None = None
    """The model that filters such as `contrastive` weigh rationales with; null for none."""
    filters: tuple[Filter, ...] = (Correct(),)
    """Filters in order, e.g. `correct,steps_valid,distinct,per_question`."""

    @field_validator("scorer", mode="before")
    @classmethod
    def _local(cls, value: Any) -> Any:
        """Take a scorer of no kind for a local model."""
        if isinstance(value, dict) and "kind" not in value:
            return {"kind": "transformers", **value}
        return value


class TrainSettings(Config):
    """`cotkd train`: train a student on kept rationales."""

    method: Method = FineTuneCot()
    """Which paper's method."""
    student: StudentConfig = StudentConfig()
    """The model that is trained."""
    training: Training = Training()
    """How it is trained."""
    evaluation: EvaluationConfig = EvaluationConfig()
    """The development questions on which the checkpoint is chosen."""
    seed: int = Field(0, ge=0)
    """Seed of training."""


class EvaluateSettings(Probes, SuiteSettings):
    """`cotkd evaluate`: measure a student on suites."""

    student: StudentConfig = StudentConfig()
    """The trained student."""
    method: Method = FineTuneCot()
    """The method that it was trained with: decides how it is asked and read."""
    suites: tuple[str, ...] = ("microgsm",)
    """Suites or groups of them (`cotkd suites` lists both), in distribution first, as the report
    takes it; `NAME:SPLIT[:N]` takes the first N questions of a split. Files of questions are suites
    too."""
    max_tokens: int = Field(256, ge=1)
    """Most tokens per answer."""
    engine: Literal["cotkd", "lm-eval"] = "cotkd"
    """Who asks the questions: this package, or lm-evaluation-harness on tasks made from the suites
    (`pip install cotkd[lm-eval]`)."""
    trained_on: tuple[Path, ...] = ()
    """Files of what the student was trained on, in any format that questions are read in, for the
    leak check; empty takes those that its folder names."""
    seed: int = Field(0, ge=0)
    """Seed of sampled answers."""


def trained_student(model: str) -> str:
    """Return `model`, or the student of the last round where that is a run directory."""
    found = Path(model).glob("rounds/*/student/*.json")
    rounds = sorted(file for file in found if file.name in ("config.json", INDEX))
    return str(rounds[-1].parent) if rounds else model


def weights_of(model: str) -> str:
    """Return a digest of the weights in a folder; of the name alone where that is no folder."""
    digest = hashlib.sha256()
    files = sorted(Path(model).glob("*.safetensors"))
    files = files or sorted(Path(model).glob("*/*.safetensors"))
    for path in files:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()[:16] if files else model


class VerifySettings(Config):
    """`cotkd verify`: check the answers in files."""

    text_field: str
    """Field of the text to check; a dotted path reaches into objects and lists."""
    gold_field: str
    """Field of the gold answer."""
    choices_field: str | None = None
    """Field of the options of a multiple-choice question, in order; null for none."""
    id_field: str | None = None
    """Field of the id; null takes `id` where a row has one, else the number of the row from 1."""
    out: Path
    """File of verdicts, one per row, in order."""
    verifier: Verifier | None = None
    """What decides right or wrong; null is numeric."""
