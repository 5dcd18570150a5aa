r"""Distilling step-by-step: one task predicts the label, another one explains.

Cheng-Yu Hsieh, Chun-Liang Li, Chih-Kuan Yeh, Hootan Nakhost, Yasuhisa Fujii, Alexander Ratner,
Ranjay Krishna, Chen-Yu Lee, Tomas Pfister. "Distilling Step-by-Step! Outperforming Larger Language
Models with Less Training Data and Smaller Model Sizes". Findings of ACL 2023, arXiv:2305.02301.

    L = CE(a | "predict: " q) + λ CE(r | "explain: " q)                 the paper, λ = 1
    L = α CE(a | "predict: " q) + (1 - α) CE(r | "explain: " q)         its code, α = 0.5

The second is the first divided by 1 + λ, with α = 1 / (1 + λ): the same direction of every step.
With M teachers (TinyLLM, Tian et al. 2024, arXiv:2402.04616) each teacher's rationales can be a
task of their own (`rationale_tasks: teacher`): L = CE(a) + λ Σ_m CE(r_m | "explain: " q).

As in the paper no rationale is dropped for its answer; `--method.filters correct` does that.
`labels: teacher` trains on the teacher's answers, which needs no gold ones.

Differs from the paper: the checkpoint is chosen on a development split (the code evaluates on the
test set every 250 steps); a rationale that cannot be read is left out instead of trained on as a
blank; both heads are reported; several rationales per question are possible.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Literal, Self

from pydantic import Field, model_validator

from cotkd.asking import Prompting, Reply
from cotkd.filters.base import Filter
from cotkd.formats.marked import Marked
from cotkd.methods.base import Method
from cotkd.methods.two_heads import trained
from cotkd.rationales.by_question import by_question
from cotkd.teachers.elicitation import Elicitation, FewShotCot
from cotkd.types import Architecture, Example, Question, Rationale


class StepByStep(Method):
    """Two tasks told apart by a prefix: the label, and the rationale."""

    paper: ClassVar[str] = "Hsieh et al. 2023, arXiv:2305.02301"

    kind: Literal["step_by_step"] = "step_by_step"
    elicitation: Elicitation = FewShotCot()
    """How the teacher is asked; the paper's is few-shot chain-of-thought."""
    filters: tuple[Filter, ...] = ()
    """The paper keeps every rationale, also those to a wrong answer."""
    predict: Marked = Marked(prefix="predict: ", template="{answer}", task="predict")
    """How the student is asked for the label."""
    explain: Marked = Marked(prefix="explain: ", template="{rationale}", task="explain")
    """How it is asked for the rationale; its answer is the last number of that."""
    rationale_weight: float | None = Field(None, ge=0, allow_inf_nan=False)
    """λ: weight of the rationale task beside a label task of weight 1; 1 if α is not given."""
    alpha: float | None = Field(None, ge=0, le=1)
    """α: weight of the label task, the rationale task has the rest; instead of λ."""
    labels: Literal["gold", "teacher"] = "gold"
    """Whose answers the label task is trained on; of teachers with a task each, `gold` alone."""
    rationale_tasks: Literal["one", "teacher"] = "one"
    """Rationales of several teachers as one task, or as one task for each teacher (TinyLLM)."""
    main: Literal["predict", "explain"] = "predict"
    """Which head is reported as the student; the other one is reported beside it."""

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.alpha is not None and self.rationale_weight is not None:
            raise ValueError(
                f"alpha {self.alpha} and rationale_weight {self.rationale_weight} are two "
                "spellings of one setting: give one of them"
            )
        return self

    @model_validator(mode="after")
    def _one_label(self) -> Self:
        if self.labels == "teacher" and self.rationale_tasks == "teacher":
            raise ValueError(
                "labels teacher and rationale_tasks teacher: the teachers of a question share one "
                "label, and their answers may differ: give labels gold or rationale_tasks one"
            )
        return self

    @property
    def weights(self) -> tuple[float, float]:
        """Weights of the label task and of each rationale task."""
        if self.alpha is not None:
            return self.alpha, 1 - self.alpha
        return 1.0, 1.0 if self.rationale_weight is None else self.rationale_weight

    @property
    def heads(self) -> dict[str, Prompting]:
        """Both heads, the main one first."""
        names = ("predict", "explain") if self.main == "predict" else ("explain", "predict")
        return {name: Reply(getattr(self, name)) for name in names}

    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return a label example for each set of rationales, and an example for each of these."""
        return trained(
            example
            for question, own in by_question(questions, rationales)
            for rows in self._sets(own)
            for example in self._of_set(question, rows, architecture)
        )

    def _sets(self, own: Sequence[Rationale]) -> list[list[Rationale]]:
        """Return the rationales trained on beside one label: one, or one of each teacher."""
        usable = [row for row in own if self.explain.rejects(row) is None]
        if self.rationale_tasks == "one":
            return [[row] for row in usable]
        by_teacher: dict[str, list[Rationale]] = {}
        for row in usable:
            by_teacher.setdefault(row.teacher, []).append(row)
        most = max(map(len, by_teacher.values()), default=0)
        return [[rows[i] for rows in by_teacher.values() if i < len(rows)] for i in range(most)]

    def _of_set(
        self, question: Question, rows: Sequence[Rationale], architecture: Architecture
    ) -> Iterator[Example]:
        label_weight, rationale_weight = self.weights
        answer = question.answer if self.labels == "gold" else rows[0].answer
        if answer is not None:
            told = question.model_copy(update={"answer": answer})
            yield self.predict.example(told, rows[0], architecture, weight=label_weight)
        for row in rows:
            head = self.explain
            if self.rationale_tasks == "teacher":
                head = head.model_copy(update={"task": f"{head.task}:{row.teacher}"})
            yield head.example(question, row, architecture, weight=rationale_weight)
