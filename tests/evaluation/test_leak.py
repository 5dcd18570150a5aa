"""Questions that stand in training examples are found; others are not."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.evaluation.leak import (
    SPAN,
    TRAINED_ON,
    find_leaks,
    lines,
    trained_texts,
    training_data,
    training_note,
)
from cotkd.filters.overlap import words
from cotkd.store.rows import write_json, write_rows
from cotkd.types import Example, Question

LONG = "Ann has 3 boxes of 4 eggs and gives 5 of them to her friend. How many has she left?"
OTHER = "Ben has 9 bags of 8 nuts and eats 2 of them with his sister. How many are left now?"
SHORT = "What is 3 times 4?"


def _ask(*texts: str) -> dict[str, list[Question]]:
    return {
        "suite": [
            Question(id=f"q{number}", text=text, answer="1") for number, text in enumerate(texts)
        ]
    }


def _find(trained: list[str], *asked: str) -> tuple[int, int, tuple[str, ...]]:
    leak = find_leaks(trained, _ask(*asked))["suite"]
    assert leak.n == len(asked)
    assert leak.share == leak.overlap / leak.n
    return leak.exact, leak.overlap, leak.questions


def test_a_question_is_found_in_a_prompt_whatever_its_case_and_punctuation() -> None:
    prompt = f"[label] {LONG.upper().replace('.', ' ,')}\nAnswer:"
    assert _find([prompt, OTHER], LONG) == (1, 1, ("q0",))


def test_thirteen_words_in_a_row_overlap_and_twelve_do_not() -> None:
    said = words(LONG)
    assert _find([" ".join(said[2 : 2 + SPAN])], LONG, OTHER) == (0, 1, ("q0",))
    assert _find([" ".join(said[2 : 1 + SPAN])], LONG, OTHER) == (0, 0, ())


def test_another_number_is_another_question() -> None:
    assert _find([LONG.replace("4", "7").replace("5", "6")], LONG)[0] == 0


def test_a_short_question_counts_where_it_is_a_line_of_its_own() -> None:
    assert _find([f"Question:\n{SHORT}\nAnswer:"], SHORT) == (1, 1, ("q0",))
    assert _find([f"Tell me, {SHORT}"], SHORT) == (0, 0, ())
    assert _find(["3"], SHORT) == (0, 0, ())


def test_a_question_of_eight_to_twelve_words_counts_as_a_whole() -> None:
    question = "How many legs have 3 dogs and 4 birds?"
    assert _find([f"Q: {question} A: 20"], question) == (1, 1, ("q0",))
    assert _find(["How many legs have 3 dogs and 4 cats?"], question) == (0, 0, ())


def test_every_question_with_the_shared_words_is_found() -> None:
    twin = LONG.replace("left?", "now?")
    exact, overlap, ids = _find([LONG], LONG, twin, OTHER)
    assert (exact, overlap, ids) == (1, 2, ("q0", "q1"))


def test_suites_are_told_apart_and_texts_may_come_again() -> None:
    leaks = find_leaks([LONG] * 3, {"a": _ask(LONG)["suite"], "b": _ask(OTHER)["suite"]})
    assert (leaks["a"].exact, leaks["b"].exact) == (1, 0)


def test_no_more_than_twenty_questions_are_named() -> None:
    questions = [LONG] * 30
    _, overlap, ids = _find([LONG], *questions)
    assert overlap == 30
    assert ids == tuple(f"q{number}" for number in range(20))


@given(st.lists(st.sampled_from("abc"), min_size=8, max_size=20), st.data())
@settings(max_examples=200, deadline=None)
def test_the_index_agrees_with_looking_at_every_place(said: list[str], data: st.DataObject) -> None:
    text = data.draw(st.lists(st.sampled_from("abc"), max_size=40))
    span = min(SPAN, len(said))
    parts = [said[at : at + span] for at in range(len(said) - span + 1)]
    places = [text[at : at + span] for at in range(len(text) - span + 1)]
    wholes = [text[at : at + len(said)] for at in range(len(text) - len(said) + 1)]
    exact, overlap, _ = _find([" ".join(text)], " ".join(said))
    assert overlap == any(part in places for part in parts)
    assert exact == (said in wholes)


def test_lines_say_what_was_trained_on_first_and_nothing_where_nothing_was() -> None:
    suites = {"a": _ask(LONG, SHORT)["suite"], "b": _ask(OTHER)["suite"]}
    leaks = find_leaks([LONG, " ".join(words(OTHER)[:SPAN])], suites)
    first, second = lines(leaks)
    assert first == (
        "leak: 1 of 2 questions of a stand in the training examples, 1 share 13 words in a row "
        "with them (q0)"
    )
    assert second == "overlap: 13 words in a row are shared with training examples by b 1 of 1"
    assert list(lines(find_leaks(["nothing"], suites))) == []


def test_every_text_of_a_training_file_is_looked_at(tmp_path: Path) -> None:
    example = Example(example_id="e", question_id="q", input="in", target="out")
    write_rows(tmp_path / "examples.jsonl", [example])
    assert {"in", "out"} <= set(trained_texts([tmp_path / "examples.jsonl"]))
    messages = tmp_path / "messages.jsonl"
    messages.write_text('{"messages": [{"role": "user", "content": "hello"}], "n": 3}\n')
    assert list(trained_texts([messages])) == ["user", "hello"]
    messages.write_text("{\n")
    with pytest.raises(DataError, match=r"messages\.jsonl:1: broken JSON"):
        list(trained_texts([messages]))


def test_a_student_knows_its_examples_where_its_run_lies(tmp_path: Path) -> None:
    student, file = tmp_path / "run" / "student", tmp_path / "run" / "examples" / "student.jsonl"
    for folder in (student, file.parent):
        folder.mkdir(parents=True)
    file.write_text("{}\n")
    assert training_data(student) == []
    for name, note in training_note(student, [file]).items():
        write_json(student / name, note)
    assert training_data(student) == [file]
    (tmp_path / "run").rename(tmp_path / "moved")
    moved = tmp_path / "moved" / "student"
    assert training_data(moved) == [tmp_path / "moved" / "examples" / "student.jsonl"]
    (tmp_path / "moved" / "examples" / "student.jsonl").unlink()
    assert training_data(moved) == []
    (moved / TRAINED_ON).write_text('{"examples": 3}')
    with pytest.raises(DataError, match="expected the object"):
        training_data(moved)
