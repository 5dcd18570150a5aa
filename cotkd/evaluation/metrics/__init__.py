"""Metrics as `evaluate.Metric` classes; they load offline, by import.

    from cotkd.evaluation.metrics import Accuracy
    Accuracy().compute(predictions=["3*4 = 12. #### 12"], references=["12"])
    {'accuracy': 1.0, 'ci95': (0.2065…, 1.0), 'n': 1, 'correct': 1, 'wrong': 0, 'unparsed': 0}

Further ones subclass `AnswerMetric`, whose `rows` say whether gold answers are needed.
"""

from cotkd.evaluation.metrics.accuracy import Accuracy
from cotkd.evaluation.metrics.accuracy_by import AccuracyBy
from cotkd.evaluation.metrics.latency import Latency
from cotkd.evaluation.metrics.maj_at_k import MajAtK
from cotkd.evaluation.metrics.pass_at_k import PassAtK
from cotkd.evaluation.metrics.tokens_per_answer import TokensPerAnswer
from cotkd.evaluation.metrics.truncated_rate import TruncatedRate
from cotkd.evaluation.metrics.unparsed_rate import UnparsedRate
from cotkd.evaluation.metrics.vote_calibration import VoteCalibration

__all__ = [
    "Accuracy",
    "AccuracyBy",
    "Latency",
    "MajAtK",
    "PassAtK",
    "TokensPerAnswer",
    "TruncatedRate",
    "UnparsedRate",
    "VoteCalibration",
]
