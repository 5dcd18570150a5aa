"""Which heads have a say in which checkpoint is kept."""

from __future__ import annotations

import pytest

from cotkd.measuring.choosing import dev_score, names_answers
from cotkd.measuring.settings import EvaluationConfig
from cotkd.measuring.suites import load_suite
from cotkd.methods.base import Method, gold_solution


def has_a_say(kind: str, head: str, suite: str) -> bool:
    questions, verifier = load_suite(f"{suite}[:20]")[1]
    kept = [row for question in questions for row in gold_solution(question)]
    asked = {question.id: question for question in questions}
    return names_answers(Method.parse({"kind": kind}).heads[head], asked, kept, verifier)


@pytest.mark.parametrize("kind", ["mt_re", "mt_cot", "mt_ra", "step_by_step"])
def test_every_head_has_a_say_where_rationales_end_in_the_answer(kind: str) -> None:
    for head in Method.parse({"kind": kind}).heads:
        assert has_a_say(kind, head, "microgsm"), head


@pytest.mark.parametrize("suite", ["microgsm-yesno", "microgsm-choice"])
@pytest.mark.parametrize(
    ("kind", "explain"),
    [("mt_re", False), ("step_by_step", False), ("mt_cot", True), ("mt_ra", True)],
)
def test_heads_that_name_no_label_have_none(kind: str, explain: bool, suite: str) -> None:
    main, other = Method.parse({"kind": kind}).heads
    assert has_a_say(kind, main, suite)
    assert has_a_say(kind, other, suite) is explain


def test_without_development_questions_nothing_is_scored() -> None:
    method = Method.parse({"kind": "mt_re"})
    assert dev_score(method, {}, [], EvaluationConfig(dev=None)) is None
