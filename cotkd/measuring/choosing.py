"""Which checkpoint of a training is kept: the one right most often on development questions."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from cotkd.asking.prompting import Prompting
from cotkd.measuring.scores import measure_head
from cotkd.measuring.settings import EvaluationConfig
from cotkd.measuring.suites import load_suite
from cotkd.methods.base import Method
from cotkd.types import Question, Rationale
from cotkd.verify import Verifier

if TYPE_CHECKING:
    from cotkd.students.student import Student

LOOKED_AT = 100
"""Rationales whose targets tell whether a head names answers."""


def dev_score(
    method: Method,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    evaluation: EvaluationConfig,
) -> Callable[[Student], float] | None:
    """Return what scores a checkpoint; None where a run has no development questions.

    The score is the mean accuracy of all heads that have a say: that of the main head alone would
    be drawn by lot where it has nothing to learn. No say has a head that is told something gold,
    nor one beside the main one that is not trained to name the answer: it names one early in a
    training or never, and is right by chance.
    """
    if evaluation.dev is None:
        return None
    dev = load_suite(evaluation.dev, evaluation)[1]
    main, *others = (each for each in method.heads.values() if not each.oracle)
    heads = [main, *(each for each in others if names_answers(each, questions, kept, dev.verifier))]

    def score(candidate: Student) -> float:
        found = (
            measure_head(candidate, each, {"dev": dev}, evaluation.max_tokens) for each in heads
        )
        scores = [suites["dev"].accuracy for suites in found if suites]
        return sum(scores) / len(scores)

    return score


def names_answers(
    prompting: Prompting,
    questions: Mapping[str, Question],
    kept: Sequence[Rationale],
    verifier: Verifier,
) -> bool:
    """Return whether an answer can be read from most of what a head is trained to write.

    From a rationale alone a number can be read, its last one, but no label.
    """
    format = prompting.format
    if not prompting.explains:
        return True
    written = (row for row in kept if format.rejects(row) is None and row.question_id in questions)
    found = [
        verifier.verify_question(prompting.answer_part(format.target(asked, row)), asked)
        for row in itertools.islice(written, LOOKED_AT)
        for asked in [questions[row.question_id]]
    ]
    return sum(verdict.status != "unparsed" for verdict in found) * 2 >= len(found)
