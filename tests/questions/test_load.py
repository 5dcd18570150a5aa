import json
from pathlib import Path

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.questions import QuestionsConfig, load_questions


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "problems.jsonl"
    rows = [{"question": f"Q{n}", "answer": str(n), "key": f"k{n}"} for n in range(5)]
    path.write_text("\n".join(map(json.dumps, rows)))
    return path


def test_a_limit_takes_the_first(file: Path) -> None:
    everything = load_questions(file)
    assert load_questions(file, limit=2) == everything[:2]
    assert load_questions(str(file), limit=99) == everything
    assert load_questions("microgsm:test", limit=3) == load_questions("microgsm:test")[:3]


def test_settings_and_keywords_say_the_same(file: Path) -> None:
    config = QuestionsConfig(name=str(file), limit=2, id_field="key")
    assert load_questions(config) == load_questions(file, limit=2, id_field="key")
    assert [q.id for q in load_questions(config)] == ["k0", "k1"]
    assert load_questions(config, limit=1) == load_questions(config)[:1]


def test_a_split_is_named_in_either_way() -> None:
    by_colon = load_questions("microgsm:dev", limit=2)
    assert load_questions("microgsm", split="dev", limit=2) == by_colon
    assert load_questions("microgsm:train", split="dev", limit=2) == by_colon
    assert {q.split for q in by_colon} == {"dev"}
    assert {q.split for q in load_questions("microgsm", limit=2)} == {"train"}


def test_hyphens_and_underscores_are_alike() -> None:
    assert load_questions("microgsm_steps", limit=2) == load_questions("microgsm-steps", limit=2)


def test_a_relative_file_needs_no_directory(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(file.parent)
    assert load_questions("problems.jsonl") == load_questions(file)


@pytest.mark.parametrize(
    ("spec", "complaint"),
    [
        ("microgms", "did you mean 'microgsm'?"),
        ("gsm8k-socratik:test", "did you mean 'gsm8k-socratic'?"),
        ("microgsm:tset", "unknown split of microgsm 'tset': did you mean 'test'?"),
        ("microgsm-steps:train", "known: test"),
        ("", "name"),
    ],
)
def test_a_misspelt_name_is_answered_with_the_right_one(spec: str, complaint: str) -> None:
    with pytest.raises(SettingError) as caught:
        load_questions(spec)
    assert complaint in str(caught.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DataError, match=r"cannot read nowhere/problems\.jsonl"):
        load_questions("nowhere/problems.jsonl")


def test_settings_that_do_not_apply_are_refused(file: Path) -> None:
    with pytest.raises(SettingError, match="split 'train' goes with a registered set"):
        load_questions(file, split="train")
    with pytest.raises(SettingError, match="goes with a registered set"):
        load_questions(file, path=file.parent)
    with pytest.raises(SettingError, match="path"):
        load_questions("microgsm", path=file.parent)
    with pytest.raises(SettingError, match="limit"):
        load_questions(file, limit=0)
    with pytest.raises(SettingError, match="answer_field"):
        load_questions(file, answer_feild="target")


def test_bad_rows_are_skipped_on_request(file: Path) -> None:
    file.write_text(file.read_text() + "\n{")
    with pytest.raises(DataError, match=":6: broken JSON"):
        load_questions(file)
    assert len(load_questions(file, on_bad_row="skip")) == 5


def test_several_names_are_read_together(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "inner" / "problems.jsonl"
    other.parent.mkdir()
    other.write_text('{"question": "Q9", "answer": "9"}\n')
    both = load_questions([file, other])
    assert [q.id for q in both] == [f"problems-0000{n}" for n in range(1, 6)] + ["problems-2-00001"]
    assert [q.text for q in both] == ["Q0", "Q1", "Q2", "Q3", "Q4", "Q9"]
    config = QuestionsConfig(name=(str(file), str(other)), limit=6)
    assert load_questions(config) == both
    assert QuestionsConfig.parse(config.dump()) == config


def test_a_set_and_a_file_are_read_together(file: Path) -> None:
    both = load_questions(["microgsm:test", str(file)])
    assert [q.source for q in both][-5:] == ["problems"] * 5
    assert both[:-5] == load_questions("microgsm:test")


def test_ids_of_several_files_are_held_apart(file: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text('{"question": "Q9", "answer": "9", "key": "k1"}\n')
    with pytest.raises(DataError, match=r"other\.jsonl: id 'k1' occurs in a set before it too"):
        load_questions([file, other], id_field="key")


def test_equal_questions_of_two_files_are_pointed_out(
    file: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("question,answer\nQ1,7\n")
    load_questions([file, other])
    assert "1 of 6 questions repeat another one, word for word, 1 of them with" in caplog.text
    caplog.clear()
    load_questions("microgsm:test")
    assert not caplog.text


def test_the_fields_of_a_missing_one_are_named_with_its_flag(file: Path) -> None:
    for part, flag in (("question", "--questions.question-field"), ("id", "--questions.id-field")):
        with pytest.raises(DataError, match=f"name the field of the {part}, such as {flag} "):
            load_questions(file, **{f"{part}_field": "absent"})


def test_a_folder_with_several_splits_asks_for_one(tmp_path: Path) -> None:
    import datasets

    rows = datasets.Dataset.from_list([{"question": "Q", "answer": "1"}])
    datasets.DatasetDict(train=rows, test=rows).save_to_disk(tmp_path / "eggs")
    with pytest.raises(DataError, match=r"eggs holds the splits train, test: name one of them"):
        load_questions(tmp_path / "eggs")
    (question,) = load_questions(tmp_path / "eggs" / "train")
    assert question.id == "train-00001"
    datasets.DatasetDict(train=rows).save_to_disk(tmp_path / "one")
    assert load_questions(tmp_path / "one")[0].id == "one-train-00001"


def test_a_set_is_not_taken_for_a_folder_of_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "microgsm").mkdir()
    monkeypatch.chdir(tmp_path)
    assert len(load_questions("microgsm:test", limit=2)) == 2
    assert len(load_questions("microgsm", limit=2)) == 2


def test_a_table_of_two_columns_needs_no_names(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "set.tsv"
    path.write_text("How many?\t24\nAnd now?\t25\n")
    assert [(q.text, q.answer) for q in load_questions(path)] == [
        ("How many?", "24"),
        ("And now?", "25"),
    ]
    assert "its first line names no columns: read as question and answer" in caplog.text
    (first, _) = load_questions(path, question_field="1", answer_field="0")
    assert (first.text, first.answer) == ("24", "How many?")
