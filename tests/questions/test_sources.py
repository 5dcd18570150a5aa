"""What holds for every registered set of questions."""

import pytest

from cotkd.config import load_package
from cotkd.questions import QuestionSource, load_questions
from cotkd.verify import verifier_of

SETS = QuestionSource.kinds()
EMBEDDED = [
    (name, split)
    for name, source in SETS.items()
    if name.startswith("microgsm")
    for split in source.splits
]


@pytest.mark.parametrize("name", SETS)
def test_a_set_says_what_it_is(name: str) -> None:
    source = SETS[name]
    assert source.title
    assert source.source
    assert "\n" not in source.title + source.source
    assert source.default_split in source.splits
    assert source.test_split in source.splits
    assert verifier_of(source.verifier)


@pytest.mark.parametrize(("name", "split"), EMBEDDED)
def test_an_embedded_split_is_whole(name: str, split: str) -> None:
    questions = load_questions(f"{name}:{split}")
    stated = SETS[name].source.rpartition("; ")[2].split(", ")
    assert (f"{split} {len(questions)}" if len(stated) > 1 else str(len(questions))) in stated
    assert len(questions) == len({question.id for question in questions}) >= 200
    assert {(question.source, question.split) for question in questions} == {(name, split)}
    for question in questions:
        assert question.steps
        assert question.rationale == "\n".join(text for _, text in question.steps)


def test_every_embedded_file_belongs_to_a_set() -> None:
    from cotkd.store.resources import resource

    files = {file.stem for file in resource("microgsm").glob("*.jsonl")}
    names = {
        "-".join(filter(None, (name.removeprefix("microgsm").removeprefix("-"), split)))
        for name, split in EMBEDDED
    }
    assert files <= names | {name.removesuffix("-test") for name in names}


@pytest.mark.parametrize("name", ["microgsm-yesno", "microgsm-choice"])
def test_a_classification_form_answers_in_its_own_words(name: str) -> None:
    answers = {question.answer for question in load_questions(f"{name}:test")}
    assert answers == ({"yes", "no"} if name.endswith("yesno") else set("ABCD"))


def test_all_registered_sets_are_listed() -> None:
    load_package("cotkd.questions")
    shifts = ("steps", "numbers", "names", "wording", "domain", "distractor")
    expected = {"gsm8k", "gsm8k-socratic", "microgsm", "microgsm-yesno", "microgsm-choice"}
    assert expected | {f"microgsm-{shift}" for shift in shifts} <= SETS.keys()
