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
