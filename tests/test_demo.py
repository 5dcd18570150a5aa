"""The embedded world end to end, in small: live sampling, both base students, all files."""

from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.evaluation.results import Results


@pytest.mark.parametrize("student", ["microgsm-student", "microgsm-student-t5"])
def test_a_recipe_runs_on_the_embedded_models(student: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    flags = {
        "student.model": student,
        "questions.limit": "6",
        "training.processed-tokens": "3000",
        "evaluation.suites": "microgsm[:4],microgsm-wording[:3]",
        "evaluation.dev": "microgsm:dev[:3]",
        "evaluation.max-tokens": "60",
    }
    words = [word for name, value in flags.items() for word in (f"--{name}", value)]
    assert main(["run", "fine_tune_cot", "--out", str(out), *words]) == 0
    results = Results.read(out)
    assert results.models["student"].name == student
    assert results.data.sampled == 24
    assert results.data.correct > 0
    assert {arm: scores["microgsm"].n for arm, scores in results.scores.items()} == {
        "student": 4,
        "baseline": 4,
        "teacher": 4,
    }
    student_tokens = results.training["student"].processed_tokens
    assert abs(results.training["baseline"].processed_tokens - student_tokens) <= 0.05 * 3000
    assert "<html" in (out / "report.html").read_text()[:500]
