"""A whole run on tiny models: what it writes, how it continues, what it refuses."""

import json
from pathlib import Path

import pytest

from cotkd.errors import DataError, SettingsChanged
from cotkd.evaluation.results import Results
from cotkd.filters.correct import Correct
from cotkd.measuring.settings import EvaluationConfig
from cotkd.methods.answer_only import AnswerOnly
from cotkd.methods.fine_tune_cot import FineTuneCot
from cotkd.methods.step_by_step import StepByStep
from cotkd.pipeline import run, run_seeds
from cotkd.questions.load import QuestionsConfig
from cotkd.stages.settings import RunConfig
from cotkd.store.rows import read_rows
from cotkd.students.settings import StudentConfig
from cotkd.teachers.base import Request
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.training.settings import Training
from cotkd.types import Completion, Example, Prediction
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5


def answer(request: Request) -> str:
    """Right in samples 0 and 1, wrong in sample 2, silent in sample 3."""
    assert request.question is not None
    gold = int(request.question.answer)
    if request.sample_index == 3:
        return " I do not know."
    number = gold if request.sample_index < 2 else gold + 1
    return f" She has {number}-0=<<{number}-0={number}>>{number} eggs.\n#### {number}"


@pytest.fixture
def config(tmp_path: Path) -> RunConfig:
    path = tmp_path / "questions.jsonl"
    rows = [
        {"id": f"q{n}", "question": f"Ann has {n} boxes of 3 eggs. How many?", "answer": str(3 * n)}
        for n in range(1, 9)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    save(tmp_path / "base", tiny_llama(seed=0), build_tokenizer())
    return RunConfig(
        questions=QuestionsConfig(name=str(path)),
        teacher=ScriptedTeacher(answer=answer),
        student=StudentConfig(model=str(tmp_path / "base")),
        training=Training(processed_tokens=3000, batch_tokens=512),
        evaluation=EvaluationConfig(suites=(f"{path}[:5]",), dev=f"{path}[:3]", max_tokens=8),
    )


def test_a_run_writes_every_part_with_counts_that_add_up(config: RunConfig, tmp_path: Path) -> None:
    out = tmp_path / "run"
    results = run(config, out=out)
    data = results.data
    assert (data.questions, data.sampled) == (8, 32)
    assert (data.correct, data.wrong, data.unparsed) == (16, 8, 8)
    assert data.kept + sum(data.dropped.values()) == data.sampled
    for name in ("config.yaml", "manifest.json", "results.json", "report.html", "MODEL_CARD.md"):
        assert (out / name).stat().st_size > 0
    for arm in ("student", "baseline", "teacher"):
        (file,) = (out / "evaluation" / arm).glob("*.jsonl")
        assert len(list(read_rows(file, Prediction))) == 5
    student, baseline = results.training["student"], results.training["baseline"]
    assert abs(student.processed_tokens - baseline.processed_tokens) <= 0.05 * 3000
    assert {(c.a, c.b) for c in results.comparisons} == {
        ("student", "baseline"),
        ("student", "teacher"),
    }
    teacher = next(iter(results.scores["teacher"].values()))
    assert (teacher.n, teacher.correct) == (5, 5)
    assert set(results.seconds) == {"sample", "verify", "train", "evaluate"}


def test_the_same_command_again_does_no_work_and_says_the_same(
    config: RunConfig, tmp_path: Path
) -> None:
    first = run(config, out=tmp_path / "run")

    def refuse(request: Request) -> str:
        raise AssertionError("the teacher was asked again")

    again = config.model_copy(update={"teacher": ScriptedTeacher(answer=refuse)})
    second = run(again, out=tmp_path / "run")
    assert second.model_copy(update={"seconds": {}}) == first.model_copy(update={"seconds": {}})


def test_a_changed_setting_is_refused_by_name(config: RunConfig, tmp_path: Path) -> None:
    run(config, out=tmp_path / "run")
    with pytest.raises(SettingsChanged, match=r"samples: 4 -> 5"):
        run(config.model_copy(update={"samples": 5}), out=tmp_path / "run")


def test_an_edited_question_file_is_noticed(config: RunConfig, tmp_path: Path) -> None:
    run(config, out=tmp_path / "run")
    path = tmp_path / "questions.jsonl"
    path.write_text(path.read_text().replace("boxes", "bags"))
    with pytest.raises(SettingsChanged, match="questions"):
        run(config, out=tmp_path / "run")


def test_a_run_in_which_nothing_survives_says_why(config: RunConfig, tmp_path: Path) -> None:
    silent = config.model_copy(update={"teacher": ScriptedTeacher(answer=lambda request: " ?")})
    with pytest.raises(DataError, match=r"none of 32 rationales survived the filters \(32 "):
        run(silent, out=tmp_path / "run")
    rows = list(read_rows(next((tmp_path / "run" / "samples").glob("*.jsonl")), Completion))
    assert len(rows) == 32


def test_no_arm_falls_back_to_gold_text_where_every_rationale_was_dropped(
    config: RunConfig, tmp_path: Path
) -> None:
    silent = config.model_copy(update={"teacher": ScriptedTeacher(answer=lambda request: " ?")})
    arms = {"method": AnswerOnly(filters=(Correct(),)), "baseline": None}
    with pytest.raises(DataError, match=r"none of 32 rationales survived the filters \(32 "):
        run(silent.model_copy(update=arms), out=tmp_path / "student")
    arms = {"method": AnswerOnly(trained_on="all"), "baseline": FineTuneCot()}
    with pytest.raises(DataError, match="none of 32 rationales is left for the baseline fine_tune"):
        run(silent.model_copy(update=arms), out=tmp_path / "baseline")


def test_a_baseline_is_trained_on_what_its_own_filters_let_through(
    config: RunConfig, tmp_path: Path
) -> None:
    arms = {"method": StepByStep(), "baseline": FineTuneCot()}
    run(config.model_copy(update=arms), out=tmp_path / "run")
    examples = tmp_path / "run" / "rounds" / "000" / "examples"
    explained = [
        row for row in read_rows(examples / "student.jsonl", Example) if row.task != "predict"
    ]
    assert len(explained) == 32, "step-by-step drops nothing"
    assert len(list(read_rows(examples / "baseline.jsonl", Example))) == 16


def test_a_suite_of_training_questions_is_pointed_out(
    config: RunConfig, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    results = run(config, out=tmp_path / "run")
    (suite,) = config.evaluation.suites
    suite = suite.removesuffix("[:5]")
    assert f"5 of 5 questions of {suite} stand in the training examples" in caplog.text
    assert results.leaks is not None
    leak = results.leaks[suite]
    assert (leak.n, leak.exact, leak.overlap, leak.share) == (5, 5, 5, 1.0)
    assert Results.read(tmp_path / "run").leaks == results.leaks
    page = (tmp_path / "run" / "report.html").read_text()
    assert "Questions that stand in training examples: 5 as a whole" in page
    card = (tmp_path / "run" / "MODEL_CARD.md").read_text()
    assert "Questions that stand in training examples (reworded questions" in card


def test_an_encoder_decoder_student_runs_too(config: RunConfig, tmp_path: Path) -> None:
    save(tmp_path / "t5", tiny_t5(seed=0), build_tokenizer())
    student = StudentConfig(model=str(tmp_path / "t5"))
    results = run(config.model_copy(update={"student": student}), out=tmp_path / "run")
    assert next(iter(results.scores["student"].values())).n == 5


def test_seeds_are_pooled(config: RunConfig, tmp_path: Path) -> None:
    results = run_seeds(config, out=tmp_path / "runs", seeds=[0, 1])
    assert results.seeds == (0, 1)
    each = [
        json.loads((tmp_path / "runs" / f"seed-{s}" / "results.json").read_text()) for s in (0, 1)
    ]
    assert [one["seed"] for one in each] == [0, 1]
    suite, score = next(iter(results.scores["student"].items()))
    accuracies = [one["scores"]["student"][suite]["accuracy"] for one in each]
    assert score.accuracy == pytest.approx(sum(accuracies) / 2)


def test_one_seed_and_several_do_not_share_a_directory(config: RunConfig, tmp_path: Path) -> None:
    (tmp_path / "one" / "samples").mkdir(parents=True)
    (tmp_path / "many" / "seed-0").mkdir(parents=True)
    with pytest.raises(SettingsChanged, match="one seed"):
        run_seeds(config, out=tmp_path / "one", seeds=[0, 1])
    with pytest.raises(SettingsChanged, match="several seeds"):
        run_seeds(config, out=tmp_path / "many", seeds=[0])
