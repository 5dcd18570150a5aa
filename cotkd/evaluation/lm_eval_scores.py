"""The two figures that lm-evaluation-harness reports of GSM8K, computed from answers as it does.

parity(questions)["strict_match"](predictions)     0.412
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cotkd.evaluation.run import Metric
from cotkd.types import Prediction, Question
from cotkd.verify.lm_eval import RULES, LmEval

SETS = ("gsm8k", "gsm8k-socratic")
"""Sets that the harness has a task of, with these rules."""


def parity(questions: Sequence[Question]) -> Mapping[str, Metric]:
    """Return `strict_match` and `flexible_extract`: the share of answers that it calls right."""
    golds = {question.id: question for question in questions}

    def share(rule: LmEval, rows: Sequence[Prediction]) -> float:
        right = (rule.verify_question(row.text, golds[row.question_id]) for row in rows)
        return sum(verdict.status == "correct" for verdict in right) / len(rows)

    def metric(rule: LmEval) -> Metric:
        return lambda rows: share(rule, rows)

    return {rule.replace("-", "_"): metric(LmEval(rule=rule)) for rule in RULES}
