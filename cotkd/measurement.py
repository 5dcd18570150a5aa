"""Asking students and teachers the questions of suites, and scoring what they say.

    name, suite = load_suite("microgsm[:200]")
    measure_heads(student, method, {name: suite}, 256)
    -> {"student": {"microgsm": …}, "student:explain": {…}}

A student is asked as it was trained to be: with the prompt, the opening and the second call of its
method; a teacher is never told the answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

from pydantic import Field

from cotkd.errors import DataError, SettingError
from cotkd.evaluation.faithfulness import Conclude, Said
from cotkd.evaluation.leak import find_leaks, lines, trained_texts
from cotkd.evaluation.lm_eval_scores import SETS, parity
from cotkd.evaluation.results import Leak, SuiteScore
from cotkd.evaluation.run import Answer, Metric, evaluate
from cotkd.evaluation.settings import Probes
from cotkd.formats.base import after_input
from cotkd.methods.base import Method
from cotkd.methods.dialogue import concluding_turns, dialogues
from cotkd.questions.groups import expand
from cotkd.questions.load import QuestionsConfig, load_questions, locate, suite_of
from cotkd.rationales.parse import reasoning_of
from cotkd.teachers.base import Engine
from cotkd.teachers.elicitation import Elicitation, Plain
from cotkd.teachers.sample import sample
from cotkd.teachers.sampling import Sampling
from cotkd.types import Question, Verdict
from cotkd.verify import Verifier, verifier_of

if TYPE_CHECKING:
    from cotkd.students.load import Student
    from cotkd.teachers.generation import Generation

Answerer = Callable[[Sequence[Question]], list[Answer]]


class EvaluationConfig(Probes):
    """What the student is measured on; a test split decides nothing in a run."""

    suites: tuple[str, ...] = ("microgsm",)
    """Suites or groups of them (`cotkd suites` lists both), in distribution first;
    `NAME:SPLIT[:N]` takes the first N questions of a split."""
    dev: str | None = None
    """Questions on which the checkpoint is chosen; null takes the last checkpoint."""
    max_tokens: int = Field(256, ge=1)
    """Most tokens that a student may write per answer."""
    teacher: bool = True
    """Measure the teacher on the same questions, greedily."""


class Suite(NamedTuple):
    """An evaluation suite: its questions and the verifier that its answers ask for."""

    questions: list[Question]
    verifier: Verifier


class Probe(Protocol):
    """Measures a student beside its greedy accuracy."""

    def __call__(
        self,
        student: Student,
        method: Method,
        suites: Mapping[str, Suite],
        *,
        max_tokens: int,
        out: Path | None = None,
        label: str = "student",
    ) -> Mapping[str, Mapping[str, Any]]:
        """Return further fields of each suite's `SuiteScore`."""


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


def measure_head(
    student: Student,
    method: Method,
    suites: Mapping[str, Suite],
    max_tokens: int,
    *,
    head: str | None = None,
    out: Path | None = None,
    label: str = "student",
) -> dict[str, SuiteScore]:
    """Score one head of a student on suites, by default its main one.

    A suite with a question that the head cannot be asked is left out.
    """
    asked = {
        name: suite
        for name, suite in suites.items()
        if all(method.asks(question, head) for question in suite.questions)
    }
    answer = student_replies(student, method, max_tokens, head)
    read = method.format_of(head).answer_part
    return measure(
        answer,
        asked,
        out=out,
        label=label,
        read=read,
        metrics=lambda questions: method.metrics(questions, head),
    )


def measure_heads(
    student: Student,
    method: Method,
    suites: Mapping[str, Suite],
    max_tokens: int,
    *,
    out: Path | None = None,
    label: str = "student",
    probe: Probe | None = None,
) -> dict[str, dict[str, SuiteScore]]:
    """Score every head of a student: the main one as `student`, others as `student:explain`.

    A head that can be asked none of the suites is left out. `probe` returns further fields of the
    main head's scores: see `cotkd.probing`.
    """
    scores = {
        name: measure_head(student, method, suites, max_tokens, head=head, out=out, label=name)
        for head, name in labels_of(method, label).items()
    }
    if probe is not None:
        asked = {name: suites[name] for name in scores[label]}
        found = probe(student, method, asked, max_tokens=max_tokens, out=out, label=label)
        for name, fields in found.items():
            scores[label][name] = scores[label][name].model_copy(update=fields)
    return {name: found for name, found in scores.items() if found}


def labels_of(method: Method, label: str) -> dict[str, str]:
    """Return what each head's scores are called: `student`, and `student:explain` and the like."""
    heads = enumerate(method.heads)
    return {head: f"{label}:{head}" if number else label for number, head in heads}


def oracles_of(method: Method, label: str) -> list[str]:
    """Return what the scores of heads are called that are told something gold."""
    return [labels_of(method, label)[head] for head in method.oracles]


def student_answers(
    student: Student, method: Method, max_tokens: int, head: str | None = None
) -> Callable[[Sequence[Question]], list[str]]:
    """Return a callable that answers questions greedily, as the student was trained to be asked."""
    answer = student_replies(student, method, max_tokens, head)
    return lambda questions: [reply.text for reply in answer(questions)]


def student_replies(
    student: Student,
    method: Method,
    max_tokens: int,
    head: str | None = None,
    *,
    sampling: Sampling | None = None,
    seed: Callable[[Question], int] | None = None,
) -> Answerer:
    """Return what `student_answers` does, each answer with what it took to write it.

    With `sampling` answers are drawn, that to each question from its `seed`.
    """

    def answer(questions: Sequence[Question]) -> list[Answer]:
        seeds = None if seed is None else [seed(question) for question in questions]
        said = dialogues(
            student, method, questions, max_tokens, head, sampling=sampling, seeds=seeds
        )
        return [
            _joined(
                method.transcript(question, [one.text for one in replies], head),
                replies,
                weighed=sampling is not None,
            )
            for question, replies in zip(questions, said, strict=True)
        ]

    return answer


def _joined(text: str, replies: Sequence[Generation], *, weighed: bool) -> Answer:
    """Return the replies of a dialogue as one answer, with its log-probability where `weighed`.

    Greedy answers are kept without: it is never needed, and its last digits are the machine's.
    """
    ends = [reply.finish_reason for reply in replies]
    logprobs = [reply.logprob for reply in replies if reply.logprob is not None]
    return Answer(
        text,
        tokens=sum(reply.tokens for reply in replies),
        finish_reason=next((end for end in ("error", "length") if end in ends), "stop"),
        logprob=sum(logprobs) if weighed and len(logprobs) == len(replies) else None,
        trace=tuple(reply.text for reply in replies) if len(replies) > 1 else None,
    )


def explaining(
    student: Student, method: Method, max_tokens: int, verifier: Verifier
) -> Callable[[Sequence[Question]], list[Said]]:
    """Return a callable that has questions answered, by the main head, and explained.

    A main head that writes no rationale is explained by the first other one that does. Questions
    with an answer that cannot be read are left out, as are all where no head explains.
    """
    heads = [head for head, format in method.heads.items() if format.explains]

    def said(questions: Sequence[Question]) -> list[Said]:
        if not heads:
            return []
        main = next(iter(method.heads))
        texts = student_answers(student, method, max_tokens)(questions)
        reasons = texts
        if heads[0] != main:
            reasons = student_answers(student, method, max_tokens, heads[0])(questions)
        read = method.answer_format.answer_part
        rows = []
        for question, text, reason in zip(questions, texts, reasons, strict=True):
            answer = verifier.verify_question(read(text), question).extracted
            if answer is not None:
                why = reasoning_of(reason, verifier.locate(reason))
                rows.append(Said(question, why, answer))
        return rows

    return said


def concluding(student: Student, method: Method, max_tokens: int = 16) -> Conclude | None:
    """Return a callable that has a student answer after given reasoning in place of its own.

    None where the answer of its main head does not come after a rationale.
    """
    architecture = student.architecture
    format = method.answer_format
    if method.converses:
        return concluding_turns(student, method, max_tokens)
    by_call = method.follow_up(_ANY, "", architecture) is not None
    task = method.follow_up_task if by_call else getattr(format, "task", None)
    if not by_call and format.before_answer("") is None:
        return None

    def prompt(question: Question, rationale: str) -> str:
        if by_call:
            return method.follow_up(question, rationale, architecture) or ""
        asked = method.prompt(question, architecture)
        if architecture == "encoder-decoder":
            return asked
        return asked + after_input(format.before_answer(rationale) or "", architecture)

    def conclude(questions: Sequence[Question], rationales: Sequence[str]) -> list[str]:
        prompts = [prompt(*each) for each in zip(questions, rationales, strict=True)]
        if by_call or architecture == "decoder":
            replies = student.generate(prompts, max_tokens=max_tokens, task=task)
            return [one.text for one in replies]
        lead, texts = method.opening(architecture), []
        for asked, rationale in zip(prompts, rationales, strict=True):
            begun = f"{lead} {format.before_answer(rationale)}".strip()
            texts += student.generate([asked], max_tokens=max_tokens, opening=begun, task=task)
        return [one.text for one in texts]

    return conclude


_ANY = Question(id="any", text="any", answer="any")


def teacher_answers(engine: Engine, elicitation: Elicitation, max_tokens: int) -> Answerer:
    """Return a callable that answers questions greedily, asked as for its rationales.

    What states the answer is no way of being asked for it: then the question alone is put.
    """
    unaided = elicitation.stages[0]
    if unaided.conditioned:
        unaided = Plain()

    def answer(questions: Sequence[Question]) -> list[Answer]:
        greedy = Sampling(temperature=0.0, max_tokens=max_tokens)
        rows = sample(questions, engine, n=1, sampling=greedy, elicitation=unaided)
        return [Answer(row.text, row.completion_tokens, row.finish_reason) for row in rows]

    return answer


def measure(
    answer: Answerer,
    suites: Mapping[str, Suite],
    *,
    out: Path | None = None,
    label: str = "student",
    read: Callable[[str], str] = str,
    metrics: Callable[[Sequence[Question]], Mapping[str, Metric]] | None = None,
) -> dict[str, SuiteScore]:
    """Answer every suite and score the answers.

    Args:
        answer: Returns one text per question.
        suites: What is asked, with the verifier of each.
        out: The run's `evaluation/`; a suite that is there already is not asked again.
        label: Who answers.
        read: Returns the part of a text in which the final answer is looked for.
        metrics: Returns further figures by name, for the questions of a suite.
    """
    scores: dict[str, SuiteScore] = {}
    for name, suite in suites.items():

        def judge(text: str, question: Question, verifier: Verifier = suite.verifier) -> Verdict:
            return verifier.verify_question(read(text), question)

        scores |= evaluate(
            answer,
            {name: suite.questions},
            verify=judge,
            out=out,
            label=label,
            metrics=_further(suite, metrics),
        )
    return scores


def _further(
    suite: Suite, metrics: Callable[[Sequence[Question]], Mapping[str, Metric]] | None
) -> dict[str, Metric]:
    """Return further figures of a suite; of GSM8K those that lm-evaluation-harness reports too."""
    questions = suite.questions
    found = dict(metrics(questions)) if metrics else {}
    if questions and questions[0].source in SETS:
        found |= parity(questions)
    return found
