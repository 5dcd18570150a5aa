"""Several tasks must look different to the student."""

from __future__ import annotations

from typing import Any

import pytest
from transformers import PreTrainedTokenizerFast

from cotkd.errors import SettingError
from cotkd.students.student import Student
from cotkd.training.settings import Training
from cotkd.training.trainer import train
from cotkd.types import Example
from tests.tiny import tiny_llama
from tests.training.arms import examples, student

SETTINGS = Training(epochs=1, precision="float32")


def words() -> Any:
    """Return a tokenizer that knows some words, and reads `<unk>` for all others."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    known = ["<pad>", "</s>", "<unk>", "Ann", "Bob", "has", "3", "eggs", "predict:", "explain:"]
    tokenizer = Tokenizer(models.WordLevel({w: i for i, w in enumerate(known)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def two_tasks(predict: str, explain: str) -> list[Example]:
    return [
        Example(example_id=f"{task}/{who}", question_id=who, task=task, input=text, target="3 eggs")
        for who in ("Ann", "Bob")
        for task, text in (("predict", f"{predict}{who} has 3"), ("explain", f"{explain}{who} has"))
    ]


def learner() -> Student:
    return Student("words", tiny_llama(), words())


def test_markers_that_the_tokenizer_knows_are_fine() -> None:
    assert train(learner(), two_tasks("predict: ", "explain: "), SETTINGS).losses


def test_an_unknown_marker_is_refused() -> None:
    with pytest.raises(
        SettingError, match=r"does not know the marker of the task 'predict' \(in '<p> Ann has 3'\)"
    ):
        train(learner(), two_tasks("<p> ", "explain: "), SETTINGS)
    behind = [
        row.model_copy(update={"input": row.input + " why?"}) if row.task == "explain" else row
        for row in two_tasks("predict: ", "")
    ]
    with pytest.raises(SettingError, match="marker of the task 'explain'"):
        train(learner(), behind, SETTINGS)


def test_markers_that_are_read_alike_are_refused() -> None:
    rows = [row for row in two_tasks("<p> ", "<e> ") if row.question_id == "Ann"]
    rows = [row.model_copy(update={"input": row.input.removesuffix(" 3")}) for row in rows]
    with pytest.raises(SettingError, match="prompts of the tasks 'predict' and 'explain' alike"):
        train(learner(), rows, SETTINGS)


def test_a_question_with_unknown_words_is_no_unknown_marker() -> None:
    rows = two_tasks("predict: ", "explain: ")
    rows[0] = rows[0].model_copy(update={"input": "predict: Zoe has 3"})
    assert train(learner(), rows, SETTINGS).losses


def test_one_task_needs_no_marker_and_equal_prompts_of_two_tasks_are_meant_so() -> None:
    assert train(
        learner(), [r for r in two_tasks("<p> ", "") if r.task == "predict"], SETTINGS
    ).losses
    rows = [row.model_copy(update={"task": f"t{i % 2}"}) for i, row in enumerate(examples(4))]
    others = [row.model_copy(update={"task": "other"}) for row in rows]
    assert train(student(), rows + others, SETTINGS).losses
