r"""A conversation with a chat model, put into the model's own template, with or without thinking.

    system      (none)
    user        {question}

                Reason step by step. End with the final answer on a line of its own: #### ANSWER
    assistant   <think>Ann has 3 boxes of 4 …</think>She has 3*4 = 12 eggs.\n#### 12

The rationale is the reasoning of the answer text, or the thinking trace before it; the answer is
read from the answer text. `max_tokens` covers both: a sample that ends within its trace has no
answer, and is counted as cut off. Traces are long: `per_question` with `order: shortest` keeps the
shortest of those that are right.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal, Self

from pydantic import model_validator

from cotkd.decoding.chat_template import Chat, Message
from cotkd.teachers.base import Ability, Request
from cotkd.teachers.elicitation.base import Elicitation
from cotkd.teachers.elicitation.template import QuestionTemplate, fill
from cotkd.types import Question


class ChatCot(Elicitation):
    """Asks a chat model in its own template; the thinking trace can be the rationale."""

    title: ClassVar[str] = "a conversation in the model's own template, thinking or not"
    needs: ClassVar[frozenset[Ability]] = frozenset({"chat"})

    kind: Literal["chat"] = "chat"
    system: str = ""
    """System message; empty sends none."""
    template: QuestionTemplate = (
        "{question}\n\n"
        "Reason step by step. End with the final answer on a line of its own: #### ANSWER"
    )
    """The user's message."""
    thinking: bool | None = None
    """Whether the model thinks before it answers; none leaves it to the model's template."""
    rationale: Literal["answer", "trace"] = "answer"
    """What becomes the rationale: the reasoning of the answer text, or the thinking trace."""
    stop: tuple[str, ...] = ()
    """Texts that end the teacher's answer; chat models end it themselves."""

    @model_validator(mode="after")
    def _trace_needs_thinking(self) -> Self:
        if self.rationale == "trace" and self.thinking is False:
            raise ValueError("rationale trace needs a model that thinks: leave thinking unset")
        return self

    @property
    def reasoning(self) -> Literal["answer", "trace"]:
        """What becomes the rationale, by setting."""
        return self.rationale

    def first(self, question: Question, *, condition: str | None = None) -> str:
        """Return the user's message."""
        return fill(self.template, question=question.text)

    def request(self, question: Question, **asked: Any) -> Request:
        """Return the conversation, which the engine puts into the model's template."""
        plain = super().request(question, **asked)
        system = (Message("system", self.system),) if self.system else ()
        chat = Chat((*system, Message("user", plain.prompt)), self.thinking)
        return plain._replace(prompt="", chat=chat)
