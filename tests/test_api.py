"""`cotkd.run` takes settings as Python has them and finds mistakes before it begins."""

from pathlib import Path

import pytest

import cotkd
from cotkd.errors import SettingError
from cotkd.evaluation.results import Results
from cotkd.stages.settings import RunConfig


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[RunConfig]:
    configs: list[RunConfig] = []

    def record(config: RunConfig, **_: object) -> Results:
        configs.append(config)
        return Results()

    monkeypatch.setattr("cotkd.api.run_seeds", record)
    return configs


def test_settings_may_be_dotted_or_nested(seen: list[RunConfig]) -> None:
    dotted = {"questions.limit": 3, "evaluation.suites": ["microgsm[:2]"], "baseline": None}
    nested = {"questions": {"limit": 3}, "evaluation": {"suites": "microgsm[:2]"}, "baseline": None}
    cotkd.run("fine_tune_cot", settings=dotted)
    cotkd.run("fine_tune_cot", settings=nested)
    assert seen[0] == seen[1]
    assert seen[0].questions.limit == 3


def test_settings_apply_to_ready_settings_and_files(seen: list[RunConfig], tmp_path: Path) -> None:
    recipe = tmp_path / "mine.yaml"
    recipe.write_text("samples: 2\n")
    cotkd.run(recipe, settings={"seed": 4})
    cotkd.run(RunConfig(samples=2, recipe="mine"), settings={"seed": 4})
    assert seen[0] == seen[1]


def test_a_name_that_leads_nowhere_makes_no_directory(tmp_path: Path) -> None:
    out = tmp_path / "run"
    with pytest.raises(SettingError, match="unknown model 'nope'"):
        cotkd.run("fine_tune_cot", out=out, settings={"student.model": "nope"})
    assert not out.exists()


def test_an_unknown_head_is_named_with_the_known_ones_before_a_student_is_loaded() -> None:
    with pytest.raises(SettingError, match=r"mt_re has no head 'why': choose of answer, explain"):
        cotkd.evaluate("nowhere", method="mt_re", head="why")


def test_files_are_evaluated_by_fields_and_a_verifier_of_their_own(tmp_path: Path) -> None:
    path = tmp_path / "exam.tsv"
    path.write_text("problem\ttarget\nIs 3 more than 2?\tyes\n")
    how = {"question_field": "problem", "answer_field": "target", "verifier": "boolean"}
    scores = cotkd.evaluate("microgsm-teacher", [str(path)], max_tokens=2, **how)
    assert [score.n for score in scores.values()] == [1]
    with pytest.raises(SettingError, match="did you mean 'verifier'"):
        cotkd.evaluate("microgsm-teacher", [str(path)], verifyer="boolean")
