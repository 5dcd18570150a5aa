import pytest

from cotkd.errors import DataError
from cotkd.evaluation.run import (
    QUESTIONS,
    evaluate,
    prediction,
    read_predictions,
    score,
    suite_file,
)
from cotkd.evaluation.statistics import wilson
from cotkd.store.rows import write_rows
from cotkd.types import Question
from tests.evaluation.rows import judge, predictions, questions


def half(asked):
    """Answer every second question rightly, every third not at all."""
    return ["" if i % 3 == 2 else q.answer if i % 2 == 0 else "no" for i, q in enumerate(asked)]


def test_counts_add_up_and_unparsed_is_apart_from_wrong():
    found = evaluate(half, {"s": questions(12)}, verify=judge)["s"]
    assert (found.n, found.correct, found.unparsed) == (12, 4, 4)
    assert found.accuracy == found.correct / found.n
    assert found.ci95 == wilson(4, 12)


def test_every_answer_is_kept_with_its_question(tmp_path):
    asked = questions(5)
    evaluate(half, {"s": asked}, verify=judge, out=tmp_path, label="teacher")
    rows = read_predictions(suite_file(tmp_path, "teacher", "s"))
    assert [row.question_id for row in rows] == [q.id for q in asked]
    assert [row.text for row in rows] == half(asked)


def test_a_finished_suite_is_read_and_not_asked_again(tmp_path):
    suites = {"a": questions(6), "b": questions(4)}
    first = evaluate(half, suites, verify=judge, out=tmp_path)
    suite_file(tmp_path, "student", "b").unlink()
    asked_again = []

    def counting(asked):
        asked_again.append(len(asked))
        return half(asked)

    assert evaluate(counting, suites, verify=judge, out=tmp_path) == first
    assert asked_again == [4]


def test_a_suite_with_other_questions_is_refused(tmp_path):
    evaluate(half, {"s": questions(6)}, verify=judge, out=tmp_path)
    for label in ("student", "teacher"):
        with pytest.raises(DataError, match="holds other questions than suite 's'"):
            evaluate(half, {"s": questions(7)}, verify=judge, out=tmp_path, label=label)


def test_predictions_that_miss_a_question_are_refused(tmp_path):
    evaluate(half, {"s": questions(6)}, verify=judge, out=tmp_path)
    path = suite_file(tmp_path, "student", "s")
    write_rows(path, read_predictions(path)[:-1])
    with pytest.raises(DataError, match="does not answer the questions of 's': no prediction for"):
        evaluate(half, {"s": questions(6)}, verify=judge, out=tmp_path)


def test_a_prediction_for_an_unknown_question_is_named(tmp_path):
    evaluate(half, {"s": questions(6)}, verify=judge, out=tmp_path)
    path = suite_file(tmp_path, "student", "s")
    rows = read_predictions(path)
    write_rows(path, [*rows, rows[0].model_copy(update={"question_id": "stray"})])
    with pytest.raises(DataError, match="prediction for the unknown question 'stray': delete it"):
        evaluate(half, {"s": questions(6)}, verify=judge, out=tmp_path)


def test_a_student_that_says_nothing_is_pointed_out_and_scores_nothing(caplog):
    scores = evaluate(lambda asked: [" \n"] * len(asked), {"s": questions(6)}, verify=judge)
    assert (scores["s"].n, scores["s"].correct) == (6, 0)
    (record,) = caplog.records
    assert "student: all 6 answers to s are empty" in record.message


def test_a_question_answered_twice_is_refused(tmp_path):
    write_rows(tmp_path / "s.jsonl", predictions([1, 0]) + predictions([1]))
    with pytest.raises(DataError, match=r"s\.jsonl: two predictions for question 'q0'"):
        read_predictions(tmp_path / "s.jsonl")


@pytest.mark.parametrize(
    ("suite", "message"),
    [([], "has no questions"), (questions(2) * 2, "holds question 'q0' twice")],
)
def test_suites_that_cannot_be_scored_are_refused(suite, message):
    with pytest.raises(DataError, match=message):
        evaluate(half, {"s": suite}, verify=judge)


def test_the_folder_of_questions_is_no_label():
    with pytest.raises(DataError, match="choose another label"):
        evaluate(half, {"s": questions(2)}, verify=judge, label=QUESTIONS)


def test_a_student_that_says_nothing_is_scored():
    found = evaluate(lambda asked: [""] * len(asked), {"s": questions(3)}, verify=judge)["s"]
    assert (found.correct, found.unparsed, found.accuracy) == (0, 3, 0)


def test_an_answerer_that_loses_answers_is_noticed():
    with pytest.raises(AssertionError, match="1 answers to 3 questions"):
        evaluate(lambda asked: ["1"], {"s": questions(3)}, verify=judge)


def test_further_metrics_are_computed_from_the_predictions():
    found = evaluate(half, {"s": questions(4)}, verify=judge, metrics={"rows": len})
    assert found["s"].metrics == {"rows": 4}


@pytest.mark.parametrize("suite", ["../../etc/passwd", "a/b.jsonl", "microgsm:test[:500]", "/x"])
def test_suite_files_stay_in_their_folder(tmp_path, suite):
    path = suite_file(tmp_path, "student", suite)
    assert path.resolve().parent == (tmp_path / "student").resolve()


def test_score_of_all_right_is_one():
    assert score(predictions([1, 1, 1])).accuracy == 1


def test_accuracy_of_instances_of_templates_is_no_surer_than_that_of_the_templates() -> None:
    questions = [
        Question(id=f"{template}-{n}", text="?", answer="1", cluster=template)
        for template in "abcdef"
        for n in range(20)
    ]
    rows = [
        prediction(question, "1" if question.cluster in ("a", "b", "c") else "2", "s", judge)
        for question in questions
    ]
    found, blind = score(rows, questions), score(rows)
    assert (found.correct, found.n) == (blind.correct, blind.n) == (60, 120)
    assert found.ci95[1] - found.ci95[0] > 3 * (blind.ci95[1] - blind.ci95[0])
