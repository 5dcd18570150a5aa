"""`results.json`: everything a run found out, as typed frozen records.

The pipeline fills a `Results`, the report and `cotkd compare` read it. A small one:

    {"schema": 1, "recipe": "fine_tune_cot", "method": "fine_tune_cot", "seed": 0,
     "data": {"questions": 400, "sampled": 1600, "correct": 1210, "wrong": 370, "unparsed": 20,
              "kept": 1100, "dropped": {"answer is wrong": 370, ...}},
     "scores": {"student": {"microgsm": {"n": 500, "correct": 260, "unparsed": 3,
                "accuracy": 0.52, "ci95": [0.4762, 0.5635], "metrics": {}}}, ...},
     "comparisons": [{"a": "student", "b": "baseline", "suite": "microgsm", "difference": 0.34,
                      "ci95": [0.296, 0.384], "p_value": 1e-30, "test": "mcnemar_exact"}], ...}

A run over several seeds has one such file per `seed-N/` and one at the top, in which `seeds` lists
the seeds, counts are sums over seeds, and `accuracy`, `difference` and their intervals are means
over seeds (see `cotkd.evaluation.pool`). Rates are fractions of one, never percentages.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, NamedTuple, Self

from pydantic import ConfigDict, Field, ValidationError

from cotkd.config import describe
from cotkd.errors import DataError
from cotkd.store.rows import read_json
from cotkd.types import Row

SCHEMA = 1


class Interval(NamedTuple):
    """A 95 % confidence interval."""

    low: float
    high: float


class Proportion(Row):
    """A share of n questions with its 95 % interval.

    Wilson's; of clusters of questions a bootstrap; over seeds Student's t.
    """

    n: int = Field(ge=1)
    correct: int = Field(ge=0)
    accuracy: float
    ci95: Interval
    seeds: tuple[float, ...] | None = None
    """The accuracy of each seed, in the order of `Results.seeds`; None where there is one seed."""


class Estimate(Row):
    """A figure of n rows with its 95 % interval; both are None where it is not defined."""

    value: float | None = None
    ci95: Interval | None = None
    n: int = Field(ge=0)


class CalibrationBin(Row):
    """The questions whose winning answer had about the same share of the votes."""

    share: float
    """Mean share of the votes."""
    accuracy: float
    n: int = Field(ge=1)


class Calibration(Row):
    """Whether a majority of 80 % of the votes is right 80 % of the time."""

    ece: float
    """Mean distance of share and accuracy over the bins, weighted by their questions."""
    bins: tuple[CalibrationBin, ...]


class SampledAnswers(Row):
    """What several sampled answers per question are worth."""

    k: int = Field(ge=1)
    """Answers per question."""
    temperature: float
    majority: Proportion
    """maj@k; of tied answers the one given first wins."""
    weighted: Proportion | None = None
    """maj@k with votes weighted by the answers' mean probability per token."""
    pass_at: dict[str, float]
    """Unbiased pass@k by k."""
    ties: int = Field(0, ge=0)
    calibration: Calibration | None = None
    """None where no answer could be read."""


class Latency(Row):
    """Seconds per answer, asked one at a time on the machine of the run."""

    median: float
    p95: float
    mean: float
    n: int = Field(ge=1)


class SuiteScore(Proportion):
    """How one model did on one suite; `unparsed` answers are not correct, and counted apart."""

    unparsed: int = Field(0, ge=0)
    truncated: int | None = None
    """Answers that were cut off at the most tokens; None where that was not recorded."""
    metrics: dict[str, float] = Field(default_factory=dict)
    """Further figures by name, e.g. `tokens_per_answer`."""
    by: dict[str, dict[str, Proportion]] = Field(default_factory=dict)
    """Accuracy of parts of the suite: by `steps`, `operation`, `perturbation`, then by value."""
    sampled: SampledAnswers | None = None
    faithfulness: dict[str, Estimate] = Field(default_factory=dict)
    """By measure, see `cotkd.evaluation.interventions`; empty unless it was asked for."""
    latency: Latency | None = None


class Vote(Row):
    """What the sampled answers of a question are worth together."""

    k: int = Field(ge=1)
    """Samples per question (the most any question has)."""
    majority: Proportion
    """The answer given most often; of tied answers, the one given first."""
    any_of_k: Proportion
    """At least one sample is correct."""
    ties: int = Field(0, ge=0)
    """Questions whose majority was decided by the tie rule."""


class DataCounts(Row):
    """The funnel from questions to training rationales."""

    questions: int = Field(0, ge=0)
    sampled: int = Field(0, ge=0)
    correct: int = Field(0, ge=0)
    wrong: int = Field(0, ge=0)
    unparsed: int = Field(0, ge=0)
    kept: int = Field(0, ge=0)
    dropped: dict[str, int] = Field(default_factory=dict)
    """Rationales dropped, by reason."""
    vote: Vote | None = None


class ModelRecord(Row):
    """A model by name and size; `members` where several answer together."""

    name: str
    parameters: int | None = None
    members: dict[str, ModelRecord] = Field(default_factory=dict)


class TrainingRecord(Row):
    """What one arm was trained on; processed tokens are prompt + target without padding."""

    processed_tokens: int = Field(ge=0)
    supervised_tokens: int = Field(ge=0)
    epochs: float = Field(ge=0)
    steps: int = Field(ge=0)
    truncated: int | None = None
    """Examples that were cut to the maximal length."""
    best_step: int | None = None
    best_score: float | None = None
    """Score on the dev split of the checkpoint that was chosen."""


Test = Literal["mcnemar_exact", "sign_flip_exact", "questions_and_seeds", "t_over_seeds"]
"""What a p-value comes from: McNemar's test of single questions, the same of whole clusters
(`statistics.sign_flip_exact`), draws of questions and seeds (`seeds`), or a t-test over seeds."""


class Comparison(Row):
    """Accuracy of `a` minus accuracy of `b` on the same questions."""

    a: str
    b: str
    suite: str
    difference: float
    ci95: Interval
    """Paired bootstrap over questions, or over their clusters, a score interval where these hardly
    differ (`cotkd.evaluation.paired`); over seeds, see `test`."""
    p_value: float = Field(ge=0, le=1)
    """Two-sided, of the null hypothesis that a and b are equally often right."""
    test: Test = "mcnemar_exact"
    p_holm: float | None = None
    """`p_value` corrected for the number of suites on which a and b are compared (Holm)."""
    detectable: float | None = None
    """Smallest true difference that such a comparison finds four times in five; None: none is."""
    n: int | None = None
    """Questions that both answered, once for each seed where `seeds` lists some."""
    clusters: int | None = None
    """Templates or seed questions that these were made of; None: each stands for itself."""
    only_a: int | None = None
    """Questions that a got right and b did not."""
    only_b: int | None = None
    seeds: tuple[float, ...] | None = None
    """The difference of each seed; None where there is one seed."""


class Tokens(Row):
    """Tokens that the teacher read and wrote."""

    prompt: int = Field(0, ge=0)
    completion: int = Field(0, ge=0)


class SamplingRecord(Row):
    """How the teacher's samples came about, over all starts of a run."""

    made: int = Field(0, ge=0)
    """Samples that the teacher was asked for."""
    reused: int = Field(0, ge=0)
    """Samples taken over from other runs."""
    spared: int = Field(0, ge=0)
    """Samples not asked for, because their questions had enough right ones."""
    failed: int = Field(0, ge=0)
    """Samples that could not be made."""
    cost: float | None = None
    """By the budget's prices, in their currency; None where the teacher has no price."""
    errors: dict[str, int] = Field(default_factory=dict)
    """Attempts that failed and were made again, by kind."""


class Leak(Row):
    """Questions of a suite that stand in training examples (`cotkd.evaluation.leak`)."""

    n: int = Field(ge=0)
    """Questions of the suite."""
    words: int = Field(ge=1)
    """Words in a row that make an overlap."""
    exact: int = Field(ge=0)
    """Questions that stand there as a whole."""
    overlap: int = Field(ge=0)
    """Questions that stand there in part or as a whole."""
    share: float
    """Of the questions, those that overlap."""
    questions: tuple[str, ...] = ()
    """The first of them, by id."""


class Results(Row):
    """Everything a run found out; every part may be empty (without students, no scores)."""

    model_config = ConfigDict(validate_by_name=True, serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    recipe: str = ""
    method: str = ""
    seed: int = 0
    seeds: tuple[int, ...] | None = None
    """All seeds of a pooled result; None for a single run."""
    data: DataCounts = Field(default_factory=DataCounts)
    models: dict[str, ModelRecord] = Field(default_factory=dict)
    """By role: teacher, student."""
    scores: dict[str, dict[str, SuiteScore]] = Field(default_factory=dict)
    """By arm (student, teacher, baseline), then by suite."""
    oracles: tuple[str, ...] = ()
    """Arms that were told something gold beside the question: upper bounds."""
    training: dict[str, TrainingRecord] = Field(default_factory=dict)
    """By arm."""
    comparisons: tuple[Comparison, ...] = ()
    seconds: dict[str, float] = Field(default_factory=dict)
    """Wall-clock time by stage."""
    tokens: Tokens = Field(default_factory=Tokens)
    sampling: SamplingRecord | None = None
    leaks: dict[str, Leak] | None = None
    """By suite: what of it stands in training examples; None where these are not known."""

    def dump(self) -> dict[str, Any]:
        """Return plain JSON-able values, named as on disk; what is None is left out."""
        return self.model_dump(mode="json", exclude_none=True)

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read `results.json`, or that of the run directory `path`.

        Raises:
            DataError: the file is missing, broken, or of another schema version.
        """
        if path.is_dir() or path.suffix != ".json":
            path = path / "results.json"
        if not path.exists():
            raise DataError(f"{path} is missing: is {path.parent} a finished run?")
        values = read_json(path)
        if not isinstance(values, dict) or values.get("schema") != SCHEMA:
            seen = values.get("schema") if isinstance(values, dict) else type(values).__name__
            raise DataError(
                f"{path}: schema {seen!r}, this version reads {SCHEMA}: "
                "read it with the cotkd version in its manifest.json, or run it again"
            )
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise DataError(f"{path}: {describe(error, cls)}") from None
