"""Suites by name: their questions, their verifier, and what of them was trained on.

name, suite = load_suite("microgsm[:200]")
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.evaluation.leak import find_leaks, lines, trained_texts
from cotkd.evaluation.results import Leak
from cotkd.measuring.settings import SuiteSettings
from cotkd.questions.groups import expand
from cotkd.questions.load import (
    QuestionsConfig,
    is_file,
    load_questions,
    locate,
    suite_of,
)
from cotkd.types import Question
from cotkd.verify import Verifier, verifier_of


class Suite(NamedTuple):
    """An evaluation suite: its questions and the verifier that its answers ask for."""

    questions: list[Question]
    verifier: Verifier


def verifier_for(questions: QuestionsConfig) -> Verifier:
    """Return the verifier that a question set asks for; numeric for a file.

    Raises:
        SettingError: Several sets are named, and ask for different ones.
    """
    named = {
        one.name: "numeric" if one.source is None else one.source.verifier
        for one in locate(questions)
    }
    first, *others = named.values()
    if any(other != first for other in others):
        asked = ", ".join(f"{name}: {verifier}" for name, verifier in named.items())
        raise SettingError(
            f"the questions ask for different verifiers ({asked}): choose one, --verifier.kind NAME"
        )
    return verifier_of(first)


def load_suite(spec: str, settings: Config | None = None) -> tuple[str, Suite]:
    """Return name and content of the suite `NAME`, `NAME:SPLIT` or either with `[:N]`.

    A name without a split means the test split, never the split that is trained on.

    Args:
        spec: The suite.
        settings: `SuiteSettings` say how it is read and judged where it is a file.
    """
    files = settings if isinstance(settings, SuiteSettings) else SuiteSettings()
    name, config = suite_of(spec, files)
    try:
        questions = load_questions(config)
    except DataError as error:
        raise DataError(f"suite {spec}: {error.without_flags}") from None
    given = files.verifier if is_file(config) else None
    return name, Suite(questions, given or verifier_for(config))


def load_suites(specs: Sequence[str], settings: Config | None = None) -> dict[str, Suite]:
    """Return suites by name; a name of `questions.groups` stands for all suites of the group.

    Args:
        specs: The suites.
        settings: `SuiteSettings` say how files among them are read and judged.

    Raises:
        SettingError: a suite is named twice, with different questions: scores go by its name.
    """
    suites: dict[str, Suite] = {}
    named: dict[str, str] = {}
    for spec in expand(specs):
        name, suite = load_suite(spec, settings)
        if suites.setdefault(name, suite).questions != suite.questions:
            raise SettingError(
                f"suites {named[name]!r} and {spec!r} are different questions of one suite, "
                f"{name}: name one of them"
            )
        named.setdefault(name, spec)
    return suites


def check_files(specs: Iterable[str], settings: SuiteSettings) -> None:
    """Refuse settings for files among the suites where there is none, lest they be thought to act.

    Raises:
        SettingError: one is set, and all suites are registered sets.
    """
    fields = SuiteSettings.model_fields
    given = [name for name in fields if getattr(settings, name) != fields[name].default]
    if given and not any(is_file(suite_of(spec)[1]) for spec in expand(specs)):
        raise SettingError(
            f"{given[0]} {getattr(settings, given[0])!r} is for files among the suites, and there "
            "is none: registered sets bring their own"
        )


def leaks_of(
    suites: Mapping[str, Suite], trained: Sequence[Path], *, student: str = "the student"
) -> tuple[dict[str, Leak] | None, list[str]]:
    """Return what of the suites stands in training files, and the lines to say about it.

    Args:
        suites: What is about to be asked.
        trained: Files of what was trained on; none where that is not known.
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
