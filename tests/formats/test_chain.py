"""Turns of a dialogue in one row: the loss of rows of their own, at fewer tokens read."""

from __future__ import annotations

from cotkd.formats.chain import chained
from cotkd.formats.tokenize import TokenizedExample
from cotkd.methods.socratic import Socratic
from cotkd.questions.load import load_questions
from cotkd.students.load import load_student
from cotkd.students.student import Student
from cotkd.training.data import Layout, PlannedBatches
from cotkd.types import Example
from tests.tiny import PAD
from tests.training.steps import Outcome, assert_same, ids, learner, passes, share


def turns() -> list[Example]:
    """Return the solver's examples of some gold solutions, of two to four steps."""
    questions = {row.id: row for row in load_questions("microgsm:train", limit=3)}
    rows = Socratic(data="gold").examples(questions, [], architecture="decoder")
    return [row for row in rows if row.task == "solve"]


def step(of: Student, rows: list[TokenizedExample], layout: Layout) -> Outcome:
    """Return loss and gradient of one step that holds all rows."""
    batches = PlannedBatches(
        rows, [tuple(range(len(rows)))], architecture="decoder", pad=PAD, layout=layout
    )
    total = 0.0
    for batch in passes(batches):
        loss = share(of.model, batch)
        loss.backward()
        total += loss.item()
    return Outcome(total, {name: w.grad for name, w in of.model.named_parameters()})


def test_joined_turns_have_the_loss_and_gradient_of_separate_rows() -> None:
    examples = turns()
    for layout in (Layout(), Layout(accumulation=2), Layout(rows="packed")):
        apart = ids(learner("llama"), examples)
        joined = chained(examples, apart)
        assert len(joined) == 3 < len(apart)
        one = step(learner("llama"), apart, Layout())
        assert_same(one, step(learner("llama"), joined, layout), within=1e-7)


def test_the_same_tokens_are_trained_and_fewer_are_read() -> None:
    student, examples = load_student("microgsm-student"), turns()
    apart = ids(student, examples)
    joined = chained(examples, apart)
    assert len(joined) == 3
    assert sum(row.trained_tokens for row in joined) == sum(row.trained_tokens for row in apart)
    assert sum(row.length for row in joined) < 0.6 * sum(row.length for row in apart)
    last = {example.dialogue: row for example, row in zip(examples, apart, strict=True)}
    assert [row.length for row in joined] == [row.length for row in last.values()]


def test_every_turn_but_the_last_is_trained_to_end_where_the_row_goes_on() -> None:
    before = TokenizedExample([5, 6], [7, 8, 1], [True] * 3, "solve", 1.0, None, False)
    after = before._replace(prompt=[5, 6, 7, 8, 30, 31], target=[9, 1], trained=[True, True])
    example = Example(example_id="a", question_id="q", input="", target="", dialogue="d")
    (row,) = chained([example, example], [before, after])
    assert (row.prompt, row.target) == ([5, 6], [7, 8, 30, 31, 9, 1])
    assert row.labels == (7, 8, 1, 31, 9, 1)
    assert row.trained == [True, True, True, False, True, True]


def test_what_does_not_go_on_stays_a_row_of_its_own() -> None:
    rows = [
        TokenizedExample([5, 6], [7, 8, 1], [True] * 3, "solve", 1.0, None, False),
        TokenizedExample([5, 6, 7, 9, 4], [8, 1], [True] * 2, "solve", 1.0, None, False),
    ]
    example = Example(example_id="a", question_id="q", input="", target="", dialogue="d")
    assert chained([example, example], rows) == rows
    goes_on = [rows[0], rows[1]._replace(prompt=[5, 6, 7, 8, 4])]
    assert len(chained([example, example], goes_on)) == 1
    for change in ({"dialogue": "e"}, {"dialogue": None}, {"weight": 2.0}, {"task": "other"}):
        assert chained([example, example.model_copy(update=change)], goes_on) == goes_on
    cut = [goes_on[0]._replace(truncated=True), goes_on[1]]
    assert chained([example, example], cut) == cut
