"""Dialogues: a whole batch in as many rounds as the longest one needs, and as if asked alone."""

from __future__ import annotations

import pytest

from cotkd.asking.dialogue import dialogues, replies_to
from cotkd.asking.prompting import Prompting, Turn
from cotkd.methods.cascod import Cascod
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


def converse(
    student: Student, prompting: Prompting, questions: list[Question], **settings: int
) -> list[list[str]]:
    said = dialogues(student, prompting, questions, 8, **settings)
    return [[reply.text for reply in replies] for replies in said]


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
@pytest.mark.parametrize("head", ["answer", "oracle"])
def test_together_or_one_by_one_a_dialogue_is_the_same(build, head: str) -> None:
    student, prompting = pair(build), Socratic(most=3).heads[head]
    whole = converse(student, prompting, ASKED)
    parts = converse(student, prompting, ASKED, at_once=2)
    alone = [converse(student, prompting, [question])[0] for question in ASKED]
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
    said = converse(pair(), Socratic().heads["oracle"], ASKED)
    assert asked == [5]
    assert [len(replies) for replies in said] == [1, 2, 3, 4, 5]


def test_a_second_call_holds_the_first_reply() -> None:
    student = Student("one", tiny_llama(seed=1), build_tokenizer())
    for first, second in converse(student, Cascod().prompting, list(QUESTIONS.values())):
        assert first
        assert second


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_turns_of_several_tasks_and_openings_are_answered_in_their_order(build) -> None:
    student = pair(build)
    turns = [
        Turn(f"Ann has {number} eggs.", task, opening)
        for number in range(2)
        for task in ("solve", "decompose")
        for opening in ("", "So")
        if not opening or student.part_for(task).architecture == "encoder-decoder"
    ]
    alone = [replies_to(student, [turn], 6)[0] for turn in turns]
    assert replies_to(student, turns, 6) == alone
    assert len(set(alone)) > 1
