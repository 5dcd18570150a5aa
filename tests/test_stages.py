"""The stages alone: suites by name, what curation leaves behind."""

import json
from pathlib import Path

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.stages import load_suite, read_kept


def test_a_suite_without_a_split_is_the_test_split() -> None:
    name, suite = load_suite("microgsm[:7]")
    assert name == "microgsm"
    assert len(suite.questions) == 7
    assert {question.split for question in suite.questions} == {"test"}
    assert load_suite("microgsm:test[:7]") == (name, suite)


def test_a_split_can_be_named() -> None:
    name, suite = load_suite("microgsm:dev")
    assert name == "microgsm:dev"
    assert {question.split for question in suite.questions} == {"dev"}


def test_a_suite_brings_its_verifier() -> None:
    kinds = [
        load_suite(f"microgsm{form}[:1]")[1].verifier.kind for form in ("", "-yesno", "_choice")
    ]
    assert kinds == ["numeric", "boolean", "choice"]


def test_a_file_is_a_suite(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps({"text": f"{n}?", "answer": "1"}) + "\n" for n in range(3)))
    assert len(load_suite(f"{path}[:2]")[1].questions) == 2


@pytest.mark.parametrize("spec", ["microgsm[5]", "microgsm[:x]", "[:5]", "microgsm:tset"])
def test_a_misspelt_suite_is_refused(spec: str) -> None:
    with pytest.raises(SettingError):
        load_suite(spec)


def test_kept_rationales_need_a_curated_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cotkd filter"):
        read_kept(tmp_path)
