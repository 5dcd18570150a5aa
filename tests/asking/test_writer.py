"""A student in the place of a teacher: sampled, killed and resumed, filtered with, and refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from cotkd.asking.writer import AS_TRAINED, Writer
from cotkd.decoding.sampling import Sampling, sample_seed
from cotkd.errors import SettingError
from cotkd.filters.select import select
from cotkd.measuring.answers import student_replies
from cotkd.methods.base import Method
from cotkd.methods.cascod import Cascod
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.methods.scott import Scott
from cotkd.methods.socratic import Socratic
from cotkd.methods.step_by_step import StepByStep
from cotkd.store.run import RunDirectory
from cotkd.students.load import load_student
from cotkd.students.student import Student
from cotkd.teachers.base import Request
from cotkd.teachers.elicitation import FewShotCot, Plain, ZeroShotCot
from cotkd.teachers.sample import sample, stream_of
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Completion, Question
from tests.asking import killed
from tests.kills import runs_of
from tests.methods.rows import BOTH, QUESTIONS, RATIONALES
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5

ASKED = list(QUESTIONS.values())
BUILDERS = {"llama": tiny_llama, "t5": tiny_t5}
students = pytest.mark.parametrize("family", BUILDERS)
methods = pytest.mark.parametrize(
    "method", [FineTuneCot(), Scott(), Cascod()], ids=lambda each: each.kind
)


def taught(family: str, method: Method, epochs: int = 3) -> Student:
    """Return a student that has seen a few examples: it writes beginnings of rationales."""
    student = Student("tiny", BUILDERS[family](seed=0), build_tokenizer())
    rows = method.examples(QUESTIONS, BOTH, architecture=student.architecture)
    settings = Training(epochs=epochs, processed_tokens=None, learning_rate=3e-3)
    train(student, rows, settings)
    return student


def written(writer: Writer, n: int = 3, **settings: Any) -> list[Completion]:
    settings = {"max_tokens": 12, "progress": False, **settings}
    return sample(ASKED, writer, n=n, elicitation=AS_TRAINED, seed=5, **settings)


@students
@methods
def test_a_student_writes_what_it_says_where_it_is_measured(family: str, method: Method) -> None:
    """Drawn from the same seeds, and greedily; whatever the batches."""
    student = taught(family, method)
    rows = written(Writer(student, method.prompting))
    draws = Sampling(max_tokens=12)
    for index in range(3):
        said = student_replies(
            student,
            method.prompting,
            12,
            sampling=draws,
            seed=lambda question, index=index: sample_seed(5, question.id, index),
        )(ASKED)
        own = [row for row in rows if row.sample_index == index]
        assert [row.text for row in own] == [one.text for one in said]
        assert [row.completion_tokens for row in own] == [one.tokens for one in said]
        assert [row.logprob for row in own] == pytest.approx([one.logprob for one in said])
    assert len({row.text for row in rows}) > len(ASKED)
    assert all(row.teacher == "tiny" and row.seed and row.prompt_tokens for row in rows)
    small = written(Writer(student, method.prompting, batch_tokens=120))
    assert [row.text for row in small] == [row.text for row in rows]
    greedy = written(Writer(student, method.prompting), n=1, temperature=0.0)
    said = student_replies(student, method.prompting, 12)(ASKED)
    assert [row.text for row in greedy] == [one.text for one in said]


def test_another_checkpoint_or_way_of_asking_is_another_stream(tmp_path: Path) -> None:
    student, later = (taught("llama", StepByStep(), epochs) for epochs in (1, 2))
    heads = StepByStep().heads
    marked = StepByStep.parse({"explain": {"kind": "marked", "prefix": "why: "}}).heads["explain"]
    writers = [
        Writer(student, heads["explain"]),
        Writer(later, heads["explain"]),
        Writer(student, heads["predict"]),
        Writer(student, marked),
    ]
    names = [stream_of(writer, AS_TRAINED, Sampling()) for writer in writers]
    assert len(set(names)) == len(writers)
    saved = student.save(tmp_path / "student")
    again = Writer(load_student(saved), StepByStep().heads["explain"])
    assert stream_of(again, AS_TRAINED, Sampling()) == names[0]


def test_what_a_student_has_written_is_not_written_again(tmp_path: Path) -> None:
    student = taught("llama", FineTuneCot())

    class Counted(Writer):
        made = 0

        def complete(self, requests, sampling):
            Counted.made += len(requests)
            return super().complete(requests, sampling)

    writer = Counted(student, FineTuneCot().prompting)
    with RunDirectory.open(tmp_path / "run", {}) as run:
        first, again = (written(writer, n=2, out=run) for _ in range(2))
    assert Counted.made == 2 * len(ASKED)
    assert again == first


@pytest.mark.parametrize(("family", "kind"), [("llama", "cascod"), ("t5", "scott")])
def test_a_killed_and_repeated_student_ends_with_the_undisturbed_rows(
    family: str, kind: str, tmp_path: Path
) -> None:
    folder = taught(family, Method.of(kind)()).save(tmp_path / "student")
    rows = len(killed.QUESTIONS) * killed.N
    found, expected = runs_of("tests.asking.killed", tmp_path, kind, folder, rows=rows)
    assert found == expected
    assert len({row.text for row in found}) > rows / 4


@students
def test_filters_weigh_rationales_with_a_student(family: str) -> None:
    writer = Writer(taught(family, FineTuneCot()), FineTuneCot().prompting)
    weighed = select(RATIONALES, ["simulatability"], questions=QUESTIONS, scorer=writer)
    scores = [row.scores["simulatability"] for row in weighed.kept]
    assert len(set(scores)) > 0
    prompts, texts = ["Ann has 3 boxes."] * 2, [" 3*4=12.", " 7"]
    for values, parts, text in zip(
        writer.score(prompts, texts), writer.pieces(texts), texts, strict=True
    ):
        assert len(values) == len(parts)
        assert "".join(parts) == text
        assert all(value < 0 for value in values)


def test_a_dialogue_that_keeps_what_it_read_is_refused_at_once() -> None:
    student = Student("tiny", tiny_llama(seed=0), build_tokenizer())
    with pytest.raises(SettingError, match=r"asked in turns.* one or two calls"):
        Writer(student, Socratic().prompting)
    Writer(student, Socratic(scheme="unified").prompting)


@pytest.mark.parametrize("elicitation", [Plain(), FewShotCot(), ZeroShotCot()])
def test_a_prompt_that_the_student_would_not_read_is_refused(elicitation) -> None:
    """Rows would name a way of asking that was not used."""
    writer = Writer(Student("tiny", tiny_llama(seed=0), build_tokenizer()), FineTuneCot().prompting)
    with pytest.raises(SettingError, match=r"as it was trained to be.*=AS_TRAINED"):
        sample(ASKED, writer, n=1, elicitation=elicitation, progress=False)
    with pytest.raises(SettingError, match="asked as it was trained"):
        writer.complete([Request("Q: 2+3?\nA:", seed=1)], Sampling(max_tokens=2))


def test_a_question_that_does_not_fit_is_an_error_row_and_no_end_of_the_sampling() -> None:
    writer = Writer(Student("tiny", tiny_llama(seed=0), build_tokenizer()), Cascod().prompting)
    long = Question(id="long", text="Ann has eggs. " * 200, answer="1")
    sampling = Sampling(max_tokens=4)
    rows = sample(
        [long, *ASKED], writer, n=1, sampling=sampling, elicitation=AS_TRAINED, progress=False
    )
    assert [row.finish_reason == "error" for row in rows] == [True] + [False] * len(ASKED)
    assert rows[0].error
