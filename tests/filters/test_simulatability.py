"""The three scores are their definitions, and LAS weighs leaking and other rationales alike."""

from __future__ import annotations

import pytest

from cotkd.filters import select
from cotkd.filters.simulatability import LeakageAdjusted, Simulatability, adjusted
from cotkd.questions.wrong import wrong_answers
from cotkd.types import Question, Rationale
from tests.filters.rows import TEXTS, rationale
from tests.filters.scorers import QUESTIONS, scorer_of

ROWS = [
    rationale(text, question=question, sample=sample)
    for question in QUESTIONS
    for sample, text in enumerate(TEXTS)
]
ALL = Simulatability(threshold=None)


def weighed(chosen: Simulatability, rows: list[Rationale] = ROWS, family: str = "llama"):
    return select(rows, [chosen], questions=QUESTIONS, scorer=scorer_of(family))


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_scores_are_their_definitions(family: str) -> None:
    def log_p(prompt: str, answer: str) -> float:
        return sum(scorer_of(family).score([prompt], [f" {answer}."])[0])

    for row in weighed(ALL, ROWS[::5], family).kept:
        question = QUESTIONS[row.question_id]
        end = "\nTherefore, the answer is"
        prompts = [
            f"Q: {question.text}\nA: {row.text}{end}",
            f"Q: {question.text}\nA: Therefore, the answer is",
            f"A: {row.text}{end}",
        ]
        gold = [log_p(prompt, question.answer) for prompt in prompts]
        wrong = [
            max(log_p(prompt, answer) for answer in wrong_answers(question, 3))
            for prompt in prompts
        ]
        right = [one > other for one, other in zip(gold, wrong, strict=True)]
        assert row.scores["simulatability"] == pytest.approx(gold[0] - gold[1], abs=1e-3)
        assert row.scores["gain"] == right[0] - right[1]
        assert row.scores["leaks"] == right[2]


def test_an_empty_rationale_between_equal_templates_changes_nothing() -> None:
    same = "Q: {question}\nA: Therefore, the answer is"
    chosen = Simulatability(reasoned="Q: {question}\nA:{rationale} Therefore, the answer is")
    assert chosen.unreasoned == same
    (row,) = weighed(chosen, [rationale("")]).kept
    assert row.scores["simulatability"] == row.scores["gain"] == 0


def test_an_answer_without_wrong_ones_is_right_at_even_odds() -> None:
    asked = {"q1": Question(id="q1", text="The sky?", answer="blue")}
    (row,) = select([rationale("It is.")], [ALL], questions=asked, scorer=scorer_of()).kept
    assert (row.scores["gain"], row.scores["leaks"]) == (0, 0)


def test_the_threshold_and_leaks_decide_and_the_order_is_kept() -> None:
    scores = {row.key: row.scores for row in weighed(ALL, family="t5").kept}
    found = weighed(Simulatability(leaking="drop"), family="t5")
    expected = [
        row.key
        for row in ROWS
        if scores[row.key]["simulatability"] >= 0 and not scores[row.key]["leaks"]
    ]
    assert [row.key for row in found.kept] == expected
    assert 0 < len(expected) < len(ROWS)
    assert sum(found.funnel.dropped.values()) == len(ROWS) - len(expected)


@pytest.mark.parametrize("chosen", [Simulatability(), Simulatability(leaking="drop")])
def test_a_second_selection_drops_nothing_with_or_without_the_model(chosen: Simulatability) -> None:
    kept = weighed(chosen, family="t5").kept
    assert kept
    assert [row.key for row in weighed(chosen, kept, "t5").kept] == [row.key for row in kept]
    assert select(kept, [chosen]).kept == kept


def test_las_is_the_mean_of_both_groups_whatever_their_sizes() -> None:
    leaking = [(gain, True) for gain in (1.0, 0.0, 0.0, 0.0)]
    rest = [(1.0, False)]
    assert adjusted([*leaking, *rest]) == LeakageAdjusted(0.625, 0.25, 1.0, 0.8, 5)


def test_las_of_one_group_alone_is_no_number() -> None:
    assert adjusted([(1.0, True)]) == LeakageAdjusted(None, 1.0, None, 1.0, 1)
    assert adjusted([]) == LeakageAdjusted(None, None, None, None, 0)
