"""What `import cotkd` offers is what `__all__` says, and each name leads somewhere."""

import inspect
import re

import pytest

import cotkd

PUBLIC = """
Completion Example Key Prediction Question Rationale Verdict __version__ compare evaluate
extract_answer load_questions load_student load_teacher run sample select train verify verify_steps
"""
"""What users may rely on. A name that goes from here has been deprecated: see CONTRIBUTING.md."""


def test_the_public_names_are_these() -> None:
    assert cotkd.__all__ == PUBLIC.split()


@pytest.mark.parametrize("name", [name for name in PUBLIC.split() if name != "__version__"])
def test_every_public_name_is_documented(name: str) -> None:
    thing = getattr(cotkd, name)
    text = inspect.getdoc(thing) or ""
    assert len(text.splitlines()[0]) > 12
    if inspect.isfunction(thing):
        own = [p for p in inspect.signature(thing).parameters if len(p) > 1]
        told = [p for p in own if re.search(rf"\b{p}\b", text)]
        assert told == own


def test_every_public_name_can_be_used() -> None:
    assert list(cotkd.__all__) == sorted(cotkd.__all__)
    for name in cotkd.__all__:
        assert getattr(cotkd, name) is not None
    assert set(cotkd.__all__) <= set(dir(cotkd))


def test_verify_takes_two_strings() -> None:
    assert cotkd.verify("so 3*4=12\n#### 12", "12.0").status == "correct"
    assert cotkd.verify("I do not know", "12").status == "unparsed"
    assert cotkd.extract_answer("The answer is 1,000.") == "1000"


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(cotkd, "no_such_thing")


def test_first_guesses_work(tmp_path) -> None:
    questions = cotkd.load_questions("microgsm:test", limit=2)
    with cotkd.load_teacher("microgsm-teacher", engine="transformers") as teacher:
        rows = cotkd.sample(questions, teacher, n=1, temperature=0.7, max_tokens=40)
    assert [row.question_id for row in rows] == [question.id for question in questions]
    assert cotkd.verify("#### 18", 18).status == "correct"
    assert cotkd.verify(None, "18").status == "unparsed"
    student = cotkd.load_student("microgsm-student", lora=True)
    example = cotkd.Example(example_id="a", question_id="a", input="1+1 ###", target=" 2")
    result = cotkd.train(student, [example], epochs=1, batch_size=1)
    assert result.steps == 1
    scores = cotkd.evaluate(student, "microgsm[:2]", max_tokens=8, out=tmp_path)
    assert scores["microgsm"].n == 2


def test_filters_can_be_named_in_one_string() -> None:
    row = cotkd.Rationale(
        question_id="q",
        stream="s",
        sample_index=0,
        text="1+1=2",
        answer="2",
        verdict=cotkd.verify("#### 2", "2"),
        teacher="t",
        elicitation="plain",
    )
    assert cotkd.select([row]).kept == [row]
    assert cotkd.select([row], "correct,distinct").kept == [row]
