"""Students are asked by lm-evaluation-harness itself, on tasks made from our suites."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from cotkd.cli import main
from cotkd.errors import SettingError
from cotkd.evaluation.lm_eval import task_name, write_task
from cotkd.evaluation.run import read_predictions, suite_file
from cotkd.measuring.harness import measure_by_harness
from cotkd.measuring.suites import load_suites
from cotkd.methods.base import Method
from cotkd.students.load import load_student
from cotkd.students.student import Student
from cotkd.types import Question
from tests.tiny import build_tokenizer, save, tiny_llama
from tests.verify.harness import gsm8k_task, require_lm_eval

COT = Method.parse({"kind": "fine_tune_cot"})


@pytest.fixture(autouse=True)
def _offline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")


@pytest.mark.parametrize("name", ["microgsm-student", "microgsm-student-t5"])
def test_the_harness_gets_the_texts_that_the_student_gives_us(name: str, tmp_path: Path) -> None:
    require_lm_eval()
    student = load_student(name)
    before = student.model.generation_config.max_new_tokens
    suites = load_suites(["microgsm[:4]"])
    scores = measure_by_harness(student, COT, suites, 24, out=tmp_path)
    rows = read_predictions(suite_file(tmp_path / "evaluation", "student", "microgsm"))
    questions = suites["microgsm"].questions
    assert [row.question_id for row in rows] == [question.id for question in questions]
    prompts = [COT.prompting.prompt(question, student.architecture) for question in questions]
    assert [row.text for row in rows] == [
        reply.text for reply in student.generate(prompts, max_tokens=24)
    ]
    assert student.model.generation_config.max_new_tokens == before
    own = json.loads((tmp_path / "lm_eval" / "cotkd_microgsm.results.json").read_text())["results"]
    assert scores["microgsm"].n == 4
    assert scores["microgsm"].metrics == {
        "strict_match": own["exact_match,strict-match"],
        "flexible_extract": own["exact_match,flexible-extract"],
    }


def test_its_figures_are_ours_where_answers_are_right_and_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The harness reads a model that answers by heart: right, wrong, without `####`, nothing."""
    require_lm_eval()
    from lm_eval.models.huggingface import HFLM

    said = [" 2\n#### 2", "#### 3", "It is 4.", ""]
    questions = [Question(id=f"q{n}", text="?", answer=str(n + 2)) for n in range(4)]
    source = tmp_path / "questions.jsonl"
    source.write_text("".join(question.to_json() + "\n" for question in questions))
    monkeypatch.setattr(HFLM, "generate_until", lambda self, requests, **_: said)
    save(tmp_path / "student", tiny_llama(seed=0), build_tokenizer())
    student = load_student(tmp_path / "student")
    suites = load_suites([str(source)])
    (score,) = measure_by_harness(student, COT, suites, 8, out=tmp_path / "out").values()
    (file,) = (tmp_path / "out" / "lm_eval").glob("*.results.json")
    own = json.loads(file.read_text())["results"]
    assert (own["exact_match,strict-match"], own["exact_match,flexible-extract"]) == (0.5, 0.75)
    assert score.metrics == {"strict_match": 0.5, "flexible_extract": 0.75}
    assert (score.correct, score.unparsed) == (3, 1)


def test_a_task_is_plain_files_with_the_prompts_of_training(tmp_path: Path) -> None:
    question = Question(id="q", text="{{ 7*7 }} or <b>?", answer="1,000")
    path = write_task(tmp_path, "cotkd_x", [question], ["Q: {{ 7*7 }} ###"], max_tokens=9)
    task = yaml.safe_load(path.read_text())
    assert task["task"] == "cotkd_x"
    assert task["generation_kwargs"] == {"until": [], "do_sample": False, "max_gen_toks": 9}
    data = Path(task["dataset_kwargs"]["data_files"]["test"])
    assert json.loads(data.read_text()) == {
        "id": "q",
        "prompt": "Q: {{ 7*7 }} ###",
        "answer": "1,000",
    }
    assert task_name("svamp:all") == "cotkd_svamp_all"


def test_filters_and_metric_of_a_task_are_those_of_the_harness(tmp_path: Path) -> None:
    require_lm_eval()
    question = Question(id="q", text="?", answer="1")
    path = write_task(tmp_path, "cotkd_x", [question], ["?"], max_tokens=9)
    ours, theirs = yaml.safe_load(path.read_text()), gsm8k_task()
    assert ours["metric_list"] == theirs["metric_list"]
    assert ours["filter_list"] == theirs["filter_list"]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Student:
    folder = tmp_path_factory.mktemp("tiny")
    return load_student(save(folder / "student", tiny_llama(seed=0), build_tokenizer()))


@pytest.mark.parametrize(
    ("kind", "reason"), [("cascod", "asks in several turns"), ("socratic", "turns|several models")]
)
def test_what_is_asked_in_turns_is_refused(
    tiny: Student, kind: str, reason: str, tmp_path: Path
) -> None:
    method = Method.parse({"kind": kind})
    with pytest.raises(SettingError, match=reason):
        measure_by_harness(tiny, method, load_suites(["microgsm[:1]"]), 8, out=tmp_path)


def test_the_command_asks_through_the_harness(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    require_lm_eval()
    student = save(tmp_path / "student", tiny_llama(seed=0), build_tokenizer())
    flags = ["--student.model", str(student), "--suites", "microgsm[:2]", "--max-tokens", "4"]
    command = ["evaluate", *flags, "--engine", "lm-eval", "--out", str(tmp_path / "scores")]
    assert main([*command, "--samples", "2"]) == 2
    assert "lm-eval gives greedy answers alone" in capsys.readouterr().err
    assert not (tmp_path / "scores").exists()
    assert main(command) == 0
    folder = tmp_path / "scores" / "lm_eval"
    assert (
        f"lm_eval --model hf --model_args pretrained={student} --include_path {folder} "
        "--tasks cotkd_microgsm\n"
    ) in capsys.readouterr().out
    results = json.loads((tmp_path / "scores" / "results.json").read_text())
    score = results["scores"]["student"]["microgsm"]
    assert score["n"] == 2
    assert set(score["metrics"]) >= {"strict_match", "flexible_extract"}
    assert (tmp_path / "scores" / "lm_eval" / "cotkd_microgsm.yaml").is_file()
