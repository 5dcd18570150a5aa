"""`cotkd check`: would the verifier judge the gold answers of a question set rightly?

    cotkd check gsm8k:test
    1319 questions, 1319 golds readable, numeric: 0 of 10224 statements misjudged

It also says which questions repeat others, and what of the texts a student's tokenizer does not
know (`cotkd.cli.soundness`); with `--strict` such a finding, or a gold that cannot be read, ends in
exit code 2.

Each gold answer is stated in several ways and must be right; answers made from it (negated, digits
swapped, rounded, another option) must be wrong. No model is asked.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from pydantic import Field

from cotkd.cli.progress import watched
from cotkd.cli.soundness import findings
from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.measuring.suites import verifier_for
from cotkd.questions.load import QuestionsConfig, load_questions
from cotkd.settings.flags import override, print_help, split
from cotkd.types import Question, Status
from cotkd.verify import Verifier
from cotkd.verify.by_question import ByQuestion
from cotkd.verify.golds import by_id, warn_of_unread
from cotkd.verify.perturb import other_answers
from cotkd.verify.program import Program

FORMS = ("#### {}", "So the answer is {}.", "**Answer:** {}", '{{"answer": "{}"}}')
"""Ways of stating an answer."""
_HELP = (
    "Checks the verifier on the gold answers, and the questions themselves.\n--strict makes golds "
    "that cannot be read, repeated questions and signs unknown to --student an error."
)


class CheckSettings(Config):
    """Settings of `cotkd check`."""

    questions: QuestionsConfig = QuestionsConfig()
    """The questions with their gold answers."""
    verifier: Verifier | None = None
    """What decides right or wrong; null takes the one that the question set asks for."""
    student: str | None = None
    """A student whose tokenizer is tried on questions, golds and solutions; null tries none."""
    show: int = Field(20, ge=0)
    """Misjudged rows listed at most."""


class Misjudged(NamedTuple):
    """A statement with a verdict that it must not get."""

    question: str
    gold: str
    stated: str
    how: str
    status: Status


class Checked(NamedTuple):
    """What a check found."""

    questions: int
    unreadable: list[tuple[str, str]]
    """Id and gold answer of the questions that no answer can be right for."""
    statements: int
    misjudged: list[Misjudged]


def check(arguments: Sequence[str]) -> None:
    """`cotkd check DATASET|FILE … [--strict] [--student MODEL] [--verifier V] …`: golds, judged."""
    flags = split(arguments)
    strict = flags.switch("strict")
    settings = CheckSettings()
    if flags.pop("help"):
        print_help(settings, "cotkd check DATASET|FILE … [--strict]", _HELP)
        return
    names = [flags.word("a question set, or a file", "check"), *flags.words]
    settings = override(settings, [*(("questions.name", name) for name in names), *flags.values])
    verifier = settings.verifier or verifier_for(settings.questions)
    questions = load_questions(settings.questions)
    asked = ", ".join(settings.questions.names)
    warn_of_unread(by_id(questions), verifier, asked)
    checked = check_golds(questions, verifier)
    print("\n".join(lines(checked, verifier, settings.show)))
    found = findings(questions, student=settings.student)
    print("".join(f"  {line}\n" for line in found), end="")
    if strict and (checked.unreadable or found):
        bad = [f"{len(checked.unreadable)} gold answers cannot be read"] * bool(checked.unreadable)
        raise DataError(f"{asked} is not sound: {'; '.join([*bad, *found])}")


def check_golds(questions: Sequence[Question], verifier: Verifier) -> Checked:
    """Judge the gold answers, and answers made from them, with `verifier`."""
    if verifier.kind == "judge":
        raise SettingError("check asks no model, so it cannot try --verifier judge: give another")
    if isinstance(verifier, Program) and not verifier.allow_execution:
        raise SettingError(
            "check runs a program for each statement: set --verifier.allow-execution true"
        )
    golds = list(dict.fromkeys(question.answer for question in questions))
    unreadable, misjudged, count = [], [], 0
    for number, question in enumerate(watched(questions, "check", unit="questions")):
        own = verifier.named(question) if isinstance(verifier, ByQuestion) else verifier
        stated = list(_statements(question, own, golds[number : number + 50] + golds[:50]))
        asked = [question] * len(stated)
        verdicts = verifier.verify_all([text for _, text, _ in stated], asked)
        if all(verdict.status != "correct" for verdict in verdicts):
            unreadable.append((question.id, question.answer))
            continue
        count += len(stated)
        misjudged += [
            Misjudged(question.id, question.answer, text, how, verdict.status)
            for (how, text, status), verdict in zip(stated, verdicts, strict=True)
            if verdict.status != status
        ]
    return Checked(len(questions), unreadable, count, misjudged)


def _statements(
    question: Question, verifier: Verifier, others: Sequence[str]
) -> Iterator[tuple[str, str, Status]]:
    """Yield how it was made, a text, and the verdict that it must get."""
    forms = ("print({})",) if verifier.kind == "program" else FORMS
    bare = question.answer.strip()
    for form in forms:
        yield "gold", form.format(bare.replace('"', '\\"') if form[0] == "{" else bare), "correct"
    choices = question.choices or ()
    for how, answer in other_answers(bare, verifier.kind, choices=choices, others=others):
        yield how, forms[min(1, len(forms) - 1)].format(answer), "wrong"


def lines(checked: Checked, verifier: Verifier, show: int) -> Iterator[str]:
    """Yield the report: one line, and one for each row that would be misjudged."""
    readable = checked.questions - len(checked.unreadable)
    yield (
        f"{checked.questions} questions, {readable} golds readable, {verifier.kind}: "
        f"{len(checked.misjudged)} of {checked.statements} statements misjudged"
    )
    for name, gold in checked.unreadable[:show]:
        yield f"  {name:<24} unreadable gold {_short(gold)}: no answer can be right"
    for row in checked.misjudged[:show]:
        wanted = "correct" if row.how == "gold" else "wrong"
        yield (
            f"  {row.question:<24} {_short(row.stated)} is {row.status}, not {wanted} "
            f"({row.how}, gold {_short(row.gold)})"
        )
    rest = len(checked.unreadable[show:]) + len(checked.misjudged[show:])
    if rest:
        yield f"  … and {rest} more: --show {show + rest}"


def _short(text: str) -> str:
    return repr(text if len(text) <= 60 else f"{text[:57]}…")
