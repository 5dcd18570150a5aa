"""Growth is its definition; selecting by it is stable, and needs a model only once."""

from __future__ import annotations

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.filters import select
from cotkd.filters.contrastive import Contrastive
from cotkd.questions.wrong import wrong_answer, wrong_answers
from cotkd.types import Rationale
from tests.filters.rows import TEXTS, rationale
from tests.filters.scorers import QUESTIONS, scorer_of

ROWS = [
    rationale(text, question=question, sample=sample)
    for question in QUESTIONS
    for sample, text in enumerate(TEXTS)
    if text
]


def weighed(chosen: Contrastive, rows: list[Rationale] = ROWS, family: str = "llama"):
    return select(rows, [chosen], questions=QUESTIONS, scorer=scorer_of(family))


def growth(row: Rationale, answers: list[str], family: str = "llama") -> list[float]:
    """The definition, one context at a time."""
    question = QUESTIONS[row.question_id]
    prompts = [f"Q: {question.text}\nA: The answer is {answer}." for answer in answers]
    plus, *minus = (scorer_of(family).score([prompt], [f" {row.text}"])[0] for prompt in prompts)
    return [p - sum(m) / len(m) for p, *m in zip(plus, *minus, strict=True)]


@pytest.mark.parametrize("family", ["llama", "t5"])
def test_growth_is_the_mean_difference_of_log_probabilities(family: str) -> None:
    kept = weighed(Contrastive(threshold=None), family=family).kept
    for row in kept[::4]:
        question = QUESTIONS[row.question_id]
        values = growth(row, [question.answer, wrong_answer(question)], family)
        expected = sum(values) / len(values) if row.text else sum(values)
        assert row.scores["growth"] == pytest.approx(expected, abs=1e-4)


def test_several_other_answers_are_averaged() -> None:
    chosen = Contrastive(threshold=None, against=("empty", "other"), draws=2)
    for row in weighed(chosen, ROWS[:2]).kept:
        wrong = wrong_answers(QUESTIONS["q1"], 2)
        values = growth(row, ["12", "", *wrong])
        assert row.scores["growth"] == pytest.approx(sum(values) / len(values), abs=1e-4)


def test_the_tokens_of_the_report_add_up_to_the_text_and_the_growth() -> None:
    found = weighed(Contrastive(threshold=None, shown=3)).weighed
    for number, row in enumerate(ROWS):
        scores, tokens = found[row.key]
        assert bool(tokens) == (number < 3)
        if tokens:
            assert "".join(text for text, _ in tokens) == f" {row.text}"
            mean = sum(value for _, value in tokens) / len(tokens)
            assert mean == pytest.approx(scores["growth"])


def test_a_rationale_for_a_wrong_answer_is_weighed_against_the_right_one() -> None:
    row = rationale(TEXTS[0], "14", told="14")
    (kept,) = weighed(Contrastive(threshold=None), [row]).kept
    values = growth(row, ["14", "12"])
    assert kept.scores["growth"] == pytest.approx(sum(values) / len(values), abs=1e-4)


def test_an_answer_against_itself_grows_nothing() -> None:
    row = rationale(TEXTS[0], "12", told="")
    (kept,) = weighed(Contrastive(against=("empty",), threshold=None), [row]).kept
    assert kept.scores["growth"] == 0


def test_the_threshold_splits_and_the_order_is_kept() -> None:
    scores = {row.key: row.scores["growth"] for row in weighed(Contrastive(threshold=None)).kept}
    found = weighed(Contrastive(threshold=0.01))
    assert 0 < len(found.kept) < len(ROWS)
    assert [row.key for row in found.kept] == [row.key for row in ROWS if scores[row.key] >= 0.01]
    assert set(found.funnel.dropped) == {"growth below 0.01"}
    assert set(found.weighed) == {row.key for row in ROWS}


def test_the_best_of_each_question_are_kept() -> None:
    every = weighed(Contrastive(threshold=None)).kept
    kept = weighed(Contrastive(threshold=None, top=2)).kept
    for question in QUESTIONS:
        scores = [row.scores["growth"] for row in every if row.question_id == question]
        best = [row.scores["growth"] for row in kept if row.question_id == question]
        assert sorted(best) == pytest.approx(sorted(scores)[-2:])


@pytest.mark.parametrize("chosen", [Contrastive(), Contrastive(threshold=None, top=3)])
def test_a_second_selection_drops_nothing_with_or_without_the_model(chosen: Contrastive) -> None:
    kept = weighed(chosen).kept
    again = weighed(chosen, kept)
    assert [row.key for row in again.kept] == [row.key for row in kept]
    assert select(kept, [chosen]).kept == kept


def test_a_row_is_weighed_alike_whatever_stands_beside_it() -> None:
    together = weighed(Contrastive(threshold=None)).weighed
    backwards = weighed(Contrastive(threshold=None), ROWS[::-1]).weighed
    for row in ROWS:
        alone = weighed(Contrastive(threshold=None), [row]).weighed[row.key].scores["growth"]
        for other in (together, backwards):
            assert other[row.key].scores["growth"] == pytest.approx(alone, abs=1e-4)


def test_each_filter_can_have_a_model_of_its_own() -> None:
    both = {"contrastive": scorer_of("t5"), "simulatability": scorer_of()}
    found = select(ROWS[:3], [Contrastive(threshold=None)], questions=QUESTIONS, scorer=both)
    assert found.kept == weighed(Contrastive(threshold=None), ROWS[:3], "t5").kept


def test_without_a_model_the_filter_says_how_to_give_one() -> None:
    for scorer in (None, {"simulatability": scorer_of()}):
        with pytest.raises(SettingError, match=r"'contrastive'.*scorer=teacher"):
            select(ROWS, ["correct", "contrastive"], questions=QUESTIONS, scorer=scorer)


def test_a_question_that_is_not_given_is_named() -> None:
    with pytest.raises(DataError, match=r"'contrastive' needs question 'q1'"):
        select(ROWS, ["contrastive"], scorer=scorer_of())


class Impossible:
    """A scorer to which some token is impossible in every context."""

    def score(self, prompts: list[str], continuations: list[str]) -> list[list[float]]:
        """Return one impossible token and one sure one for each text."""
        return [[float("-inf"), 0.0] for _ in prompts]

    def pieces(self, continuations: list[str]) -> list[list[str]]:
        """Return two halves of each text."""
        return [[text[:1], text[1:]] for text in continuations]


def test_an_impossible_token_is_no_gap_in_the_numbers() -> None:
    found = select(ROWS[:2], ["contrastive"], questions=QUESTIONS, scorer=Impossible())
    assert [row.scores["growth"] for row in found.kept] == [0, 0]
