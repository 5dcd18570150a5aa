"""Dialogues: a whole batch in as many rounds as the longest one needs, and as if asked alone."""

from __future__ import annotations

import pytest

from cotkd.methods.cascod import Cascod
from cotkd.methods.dialogue import converse
from cotkd.methods.socratic import Socratic
from cotkd.students.student import Part, Student, together
from cotkd.types import Question
from tests.methods.rows import QUESTIONS
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5

ASKED = [
    Question(id=f"q{n}", text="Ann has eggs. " * n, answer="3", steps=(("How many?", "3"),) * n)
    for n in range(1, 6)
]


def pair(build=tiny_llama) -> Student:
    solver = Student("solver", build(seed=1).double(), build_tokenizer())
    decomposer = Student("decomposer", tiny_t5(seed=2).double(), build_tokenizer())
    parts = {"solver": Part(solver, ("solve",)), "decomposer": Part(decomposer, ("decompose",))}
    return together(parts)


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
@pytest.mark.parametrize("head", ["answer", "oracle"])
def test_together_or_one_by_one_a_dialogue_is_the_same(build, head: str) -> None:
    student, method = pair(build), Socratic(most=3)
    whole = converse(student, method, ASKED, 8, head)
    parts = converse(student, method, ASKED, 8, head, at_once=2)
    alone = [converse(student, method, [question], 8, head)[0] for question in ASKED]
    assert whole == parts == alone
    if head == "oracle":
        assert [len(said) for said in whole] == [1, 2, 3, 4, 5]


def test_a_batch_is_asked_at_once_and_each_question_as_often_as_it_needs(monkeypatch) -> None:
    from cotkd.students.conversation import Conversation

    asked: list[int] = []
    ask = Conversation.__call__

    def counted(self, prompts, follow, **settings):
        asked.append(len(prompts))
        return ask(self, prompts, follow, **settings)

    monkeypatch.setattr(Conversation, "__call__", counted)
    said = converse(pair(), Socratic(), ASKED, 8, "oracle")
    assert asked == [5]
    assert [len(replies) for replies in said] == [1, 2, 3, 4, 5]


def test_a_second_call_holds_the_first_reply() -> None:
    student = Student("one", tiny_llama(seed=1), build_tokenizer())
    for first, second in converse(student, Cascod(), list(QUESTIONS.values()), 8):
        assert first
        assert second
