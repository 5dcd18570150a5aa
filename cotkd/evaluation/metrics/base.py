"""What the metrics share: they compare texts with gold answers through `cotkd.verify`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

import datasets
import evaluate

from cotkd.errors import DataError
from cotkd.evaluation.results import Proportion
from cotkd.types import Verdict
from cotkd.verify import verify

CITATION = """\
@article{cobbe2021gsm8k,
  title={Training Verifiers to Solve Math Word Problems},
  author={Cobbe, Karl and Kosaraju, Vineet and Bavarian, Mohammad and others},
  journal={arXiv preprint arXiv:2110.14168},
  year={2021}
}"""

_TEXT = datasets.Value("string")
ANSWERS = datasets.Features({"predictions": _TEXT, "references": _TEXT})
"""A text and a gold answer for each question."""
SAMPLES = datasets.Features({"predictions": datasets.List(_TEXT), "references": _TEXT})
"""Several texts and a gold answer for each question."""


class AnswerMetric(evaluate.Metric):
    """An `evaluate.Metric` of texts that end in an answer, or of figures recorded with them.

    It is made without network or hub; its rows are kept in memory, so that it writes no cache file.
    """

    says: ClassVar[str]
    """What it is."""
    inputs: ClassVar[str]
    """What it takes and returns, with an example."""
    rows: ClassVar[datasets.Features]
    """Without `references`, it is one of recorded figures."""
    cites: ClassVar[str] = CITATION

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"keep_in_memory": True, **kwargs})

    def _info(self) -> evaluate.MetricInfo:
        return evaluate.MetricInfo(
            description=self.says,
            citation=self.cites,
            inputs_description=self.inputs,
            features=self.rows,
        )

    def compute(
        self,
        *,
        predictions: Sequence[Any] | None = None,
        references: Sequence[str] | None = None,
        **kwargs: Any,
    ) -> dict[str, Any] | None:
        """Return the figures of what is given here, or was added with `add` and `add_batch`.

        Raises:
            DataError: there is nothing to measure, or gold answers were given where none belong.
        """
        if references is not None and "references" not in self.rows:
            raise DataError(f"{type(self).__name__} compares with no gold answers: leave them out")
        if predictions is not None and not len(predictions):
            raise DataError(f"{type(self).__name__} of no predictions is not defined")
        given = {"predictions": predictions, "references": references}
        result: dict[str, Any] | None = super().compute(**given, **kwargs)
        return result


def shown(share: Proportion, *, name: str, counted: str) -> dict[str, Any]:
    """Return a share with its interval, n and how many were counted."""
    return {
        name: share.accuracy,
        "ci95": tuple(share.ci95),
        "n": share.n,
        counted: share.correct,
    }


def verdicts(
    predictions: Sequence[str], references: Sequence[str], *, verifier: str
) -> list[Verdict]:
    """Return the verdict on each text."""
    pairs = zip(predictions, references, strict=True)
    return [verify(text, gold, verifier) for text, gold in pairs]
