"""Suites by name: their questions, their verifier, and what of them was trained on.

name, suite = load_suite("microgsm[:200]")
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cotkd.errors import DataError, SettingError
from cotkd.evaluation.leak import find_leaks, lines, trained_texts
from cotkd.evaluation.results import Leak
from cotkd.questions.groups import expand
from cotkd.questions.load import QuestionsConfig, load_questions, locate, suite_of
from cotkd.types import Question
from cotkd.verify import Verifier, verifier_of


class Suite(NamedTuple):
    """An evaluation suite: its questions and the verifier that its answers ask for."""

    questions: list[Question]
    verifier: Verifier


def verifier_for(questions: QuestionsConfig) -> Verifier:
    """Return the verifier that a question set asks for; numeric for a file."""
    source = locate(questions).source
    return verifier_of("numeric" if source is None else source.verifier)


def load_suite(spec: str) -> tuple[str, Suite]:
    """Return name and content of the suite `NAME`, `NAME:SPLIT` or either with `[:N]`.

    A name without a split means the test split, never the split that is trained on.
    """
    name, config = suite_of(spec)
    try:
        questions = load_questions(config)
    except DataError as error:
        raise DataError(f"suite {spec}: {error.without_flags}") from None
    return name, Suite(questions, verifier_for(config))


def load_suites(specs: Sequence[str]) -> dict[str, Suite]:
    """Return suites by name; a name of `questions.groups` stands for all suites of the group.

    Raises:
        SettingError: a suite is named twice, with different questions: scores go by its name.
    """
    suites: dict[str, Suite] = {}
    named: dict[str, str] = {}
    for spec in expand(specs):
        name, suite = load_suite(spec)
        if suites.setdefault(name, suite).questions != suite.questions:
            raise SettingError(
                f"suites {named[name]!r} and {spec!r} are different questions of one suite, "
                f"{name}: name one of them"
            )
        named.setdefault(name, spec)
    return suites


def leaks_of(
    suites: Mapping[str, Suite], trained: Sequence[Path], *, student: str = "the student"
) -> tuple[dict[str, Leak] | None, list[str]]:
    """Return what of the suites stands in training files, and the lines to say about it.

    Args:
        suites: What is about to be asked.
        trained: JSON-lines files of what was trained on; none where that is not known.
        student: What messages call it.
    """
    if not trained:
        return None, [
            f"leak check: {student} does not say what it was trained on, and suites may be among "
            "that: `cotkd evaluate --trained-on` takes a file of its training examples"
        ]
    questions = {name: suite.questions for name, suite in suites.items()}
    leaks = find_leaks(trained_texts(trained), questions)
    return leaks, list(lines(leaks))
