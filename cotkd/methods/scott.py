r"""SCOTT: a student that also learns that another rationale leads to another answer.

Peifeng Wang, Zhengyang Wang, Zheng Li, Yifan Gao, Bing Yin, Xiang Ren. "SCOTT: Self-Consistent
Chain-of-Thought Distillation". ACL 2023, arXiv:2305.01879.

    L = (1 - α) CE(r, a | [factual] q) + α CE(a' | [counterfactual] q, r')

r is the teacher's rationale for the gold answer a, r' its rationale for a wrong answer a'; both are
decoded contrastively. Of the second stream only the answer and the end are trained: r' is read.
A decoder reads the prefix before the question; an encoder–decoder writes it as well, and at test
time is made to begin with `[factual]`.

Differs from the paper: as many counterfactual as factual rationales of a question are trained on,
and both are checked to arrive at their answers (`counterfactual_pair`); the answer's tokens are
found by their place in the text, not by counting; `prefix: false` trains *and evaluates* without
prefixes (the original's ablation evaluates with them); an output without "So the answer is" is
wrong in the original, here its last number is read; the checkpoint is chosen on a development
split. The paper has no arithmetic: a' is another number of the same kind here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import ClassVar, Literal

from pydantic import Field

from cotkd.asking import Prompting, Reply
from cotkd.filters.base import Filter
from cotkd.filters.counterfactual_pair import CounterfactualPair
from cotkd.formats.marked import Marked, TargetTemplate
from cotkd.methods.base import Asking, Method
from cotkd.methods.two_heads import trained
from cotkd.questions.wrong import wrong_answer
from cotkd.rationales.by_question import by_question, counterfactuals
from cotkd.teachers.elicitation import Contrastive, Elicitation
from cotkd.types import Architecture, Example, Question, Rationale


class Scott(Method):
    """Factual and counterfactual rationales; the counterfactual ones train the answer alone."""

    paper: ClassVar[str] = "Wang et al. 2023, arXiv:2305.01879"

    kind: Literal["scott"] = "scott"
    elicitation: Elicitation = Contrastive()
    """How the teacher is asked for rationales of the gold answer."""
    counterfactual: Elicitation = Contrastive()
    """How it is asked for those of a wrong one: a way of asking that states an answer."""
    against: Literal["choice", "number", "other"] = "other"
    """The wrong answer: another option, another number, or whichever the question has."""
    factual_filters: tuple[Filter, ...] = ()
    """Applied to the rationales of gold answers alone."""
    counterfactual_filters: tuple[Filter, ...] = ()
    """Applied to those of wrong answers alone; `correct` would drop them all."""
    filters: tuple[Filter, ...] = (CounterfactualPair(),)
    """Applied to both together, after their own."""
    alpha: float = Field(0.5, ge=0, le=1)
    """Weight of the counterfactual loss; the factual one has the rest."""
    prefix: bool = True
    """Whether prefixes tell the streams apart; false trains and evaluates without them."""
    factual_prefix: str = "[factual]"
    """Stands before the question, and opens what an encoder–decoder writes."""
    counterfactual_prefix: str = "[counterfactual]"
    """The same in the counterfactual stream."""
    template: TargetTemplate = "{rationale} So the answer is {answer}"
    """What the student writes."""
    seed: int = 0
    """Draws the wrong answer of each question."""

    @property
    def streams(self) -> tuple[Asking, ...]:
        """The factual stream and the counterfactual one, which is told a wrong answer."""
        return (
            Asking("factual", self.elicitation, self.factual_filters),
            Asking(
                "counterfactual",
                self.counterfactual,
                self.counterfactual_filters,
                told=self.wrong_answer,
            ),
        )

    @property
    def heads(self) -> dict[str, Prompting]:
        """The one head: the student is always asked for the factual answer."""
        return {"answer": Reply(self._format("factual"))}

    def wrong_answer(self, question: Question) -> str:
        """Return the answer that the counterfactual stream argues for."""
        return wrong_answer(question, self.against, seed=self.seed)

    def examples(
        self,
        questions: Mapping[str, Question],
        rationales: Sequence[Rationale],
        *,
        architecture: Architecture,
    ) -> list[Example]:
        """Return one example per rationale, of the gold answer and of a wrong one in turn."""
        wrong = counterfactuals(questions, rationales)
        return trained(
            example
            for question, right in by_question(questions, rationales)
            for pair in zip_longest(right, wrong.get(question.id, ()))
            for example in self._pair(question, pair, architecture)
        )

    def _pair(
        self,
        question: Question,
        pair: tuple[Rationale | None, Rationale | None],
        architecture: Architecture,
    ) -> list[Example]:
        factual, counterfactual = self._format("factual"), self._format("counterfactual")
        right, wrong = pair
        found = []
        if right is not None and factual.rejects(right) is None:
            found.append(factual.example(question, right, architecture, weight=1 - self.alpha))
        if wrong is not None and counterfactual.rejects(wrong) is None:
            told = question.model_copy(update={"answer": wrong.condition})
            found.append(counterfactual.example(told, wrong, architecture, weight=self.alpha))
        return found

    def _format(self, stream: Literal["factual", "counterfactual"]) -> Marked:
        names = {"factual": self.factual_prefix, "counterfactual": self.counterfactual_prefix}
        name = names[stream] if self.prefix else ""
        return Marked(
            prefix=f"{name} " if name else "",
            opening=name,
            template=self.template,
            trained="all" if stream == "factual" else "answer",
            task=stream,
        )
