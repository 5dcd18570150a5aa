"""A student in the place of a teacher: samplers, stores and filters take it as an engine.

    writer = Writer(load_student("runs/first/rounds/000/student"), FineTuneCot().prompting)
    sample(questions, writer, n=4, elicitation=AS_TRAINED, out="runs/second")
    select(rationales, ["simulatability"], questions=asked, scorer=writer)

It is asked as it was trained to be, so that a request names the question alone. Sample i of a
question is drawn from (seed, question id, i), in all calls that it takes; another checkpoint, or
another way of asking, is another stream.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from cotkd.asking.dialogue import dialogues, joined
from cotkd.asking.prompting import Prompting
from cotkd.decoding import plan_batches, score
from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError, SettingError
from cotkd.store.fingerprint import fingerprint
from cotkd.teachers.base import Engine, Request
from cotkd.teachers.elicitation import Plain
from cotkd.teachers.transformers import weights_digest
from cotkd.types import Question

if TYPE_CHECKING:
    from cotkd.students.student import Student

AS_TRAINED = Plain(template="{question}", stop=())
"""The elicitation that names the question and leaves the rest to the student's prompting."""


class Writer(Engine):
    """A student that is sampled.

    Args:
        student: Who writes.
        prompting: How it is asked, e.g. `method.prompting`.
        batch_tokens: Token positions of one batch, which changes speed and memory but no text.

    Raises:
        SettingError: the prompting is a dialogue that keeps what it has read: it cannot be drawn.
    """

    abilities = frozenset({"repetition_penalty", "score", "seed", "top_k"})

    def __init__(
        self, student: Student, prompting: Prompting, *, batch_tokens: int = 16_384
    ) -> None:
        if prompting.converses:
            raise SettingError(
                f"student {student.name!r} is asked in turns, which are answered greedily: nothing "
                "can be drawn, take a method that asks in one or two calls"
            )
        self.student, self.prompting = student, prompting
        self.name, self.parameters = student.name, student.parameters
        self._batch_tokens = batch_tokens
        weights = fingerprint([weights_digest(model) for model in _models(student)])
        asked = fingerprint([type(prompting).__qualname__, vars(prompting)])
        dtype = str(student.model.dtype).removeprefix("torch.")
        self._identity = f"student {weights} in {dtype} asked by {asked}"

    @property
    def identity(self) -> str:
        """Weights, precision and prompting: a student keeps its streams where its folder moves."""
        return self._identity

    def batches(self, requests: Sequence[Request], sampling: Sampling) -> list[list[int]]:
        """Return batches of similar length of the first prompt, within the token budget."""
        questions = [self._question(request) for request in requests]
        distinct = {question.id: question for question in questions}
        length = {name: self._tokens(question) for name, question in distinct.items()}
        return plan_batches(
            [length[question.id] + sampling.max_tokens for question in questions],
            batch_tokens=self._batch_tokens,
        )

    def _tokens(self, question: Question) -> int:
        from cotkd.decoding.text import encode_prompts

        turn = self.prompting.turn(question, (), self.student.architecture)
        assert turn is not None, "a question that can be asked has a first turn"
        part = self.student.part_for(turn.task)
        return len(encode_prompts(part.tokenizer, [turn.prompt], architecture=part.architecture)[0])

    def complete(self, requests: Sequence[Request], sampling: Sampling) -> list[Generation]:
        """Return what the student says to each question, all calls as one text."""
        questions = [self._question(request) for request in requests]
        said = dialogues(
            self.student,
            self.prompting,
            questions,
            sampling.max_tokens,
            sampling=sampling,
            seeds=[request.seed for request in requests],
        )
        return [joined(self.prompting, *each) for each in zip(questions, said, strict=True)]

    def score(self, prompts: Sequence[str], continuations: Sequence[str]) -> list[list[float]]:
        """Return the log-probability in nats of every token of each continuation."""
        task = self.prompting.task
        part = self.student.part_for(task)
        return score(part.for_task(task), part.tokenizer, prompts, continuations)

    def pieces(self, continuations: Sequence[str]) -> list[list[str]]:
        """Return the text of every token that `score` gives a number for."""
        from cotkd.decoding.text import pieces

        return pieces(self.student.part_for(self.prompting.task).tokenizer, continuations)

    def _question(self, request: Request) -> Question:
        """Return what a request names; refuse one that would say more than that."""
        question = request.question
        if question is None or request.prompt != question.text:
            raise SettingError(
                f"student {self.name!r} is asked as it was trained to be, not by a prompt such as "
                f"{request.prompt[:40]!r}: sample it with elicitation=AS_TRAINED (asking.writer)"
            )
        if not self.prompting.asks(question):
            raise DataError(
                f"question {question.id!r} lacks what student {self.name!r} is told: leave it out"
            )
        return question


def _models(student: Student) -> Iterator[Any]:
    """Yield every model whose weights decide what a student writes."""
    yield student.model
    yield from student.members.values()
    for part in student.parts.values():
        yield from _models(part.student)
