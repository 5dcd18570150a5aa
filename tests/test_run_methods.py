"""Whole runs of methods with several streams, heads or calls: what they ask, write and report."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cotkd.cli import main
from cotkd.errors import BudgetReached
from cotkd.measuring.scores import measure_heads
from cotkd.measuring.settings import EvaluationConfig
from cotkd.measuring.suites import load_suite
from cotkd.methods.base import Method
from cotkd.pipeline import run
from cotkd.questions.load import QuestionsConfig
from cotkd.report.table import score_table
from cotkd.stages.settings import RunConfig
from cotkd.store.rows import read_rows
from cotkd.students.load import load_student
from cotkd.students.settings import StudentConfig
from cotkd.teachers.base import Request
from cotkd.teachers.budget import Budget
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.training.settings import Training
from cotkd.types import Completion, Example, Prediction, Rationale
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5

PLAIN = {"kind": "plain"}
SCOTT = {
    "kind": "scott",
    "elicitation": {"kind": "answer_conditioned"},
    "counterfactual": {"kind": "answer_conditioned"},
    "factual_filters": [{"kind": "correct"}],
    "filters": [{"kind": "counterfactual_pair"}],
}


def answer(request: Request) -> str:
    """Reasons to the answer it is given; else to the right one, but for every third question."""
    assert request.question is not None
    told = re.findall(r"The answer is (\d+)", str(request.prompt))
    gold = int(request.question.answer)
    number = int(told[-1]) if told else gold + (gold % 9 == 0)
    if "sub-questions" in str(request.prompt):
        boxes = f"How many boxes? ** Ann has {gold // 3} boxes."
        return f"\n{boxes}\nHow many eggs? ** So {gold // 3}*3={number}.\n#### {number}"
    return f" She has {number}-0=<<{number}-0={number}>>{number} eggs.\n#### {number}"


def configured(folder: Path, method: dict[str, Any], build: Any = tiny_llama) -> RunConfig:
    path = folder / "questions.jsonl"
    rows = [
        {"id": f"q{n}", "question": f"Ann has {n} boxes of 3 eggs. How many?", "answer": str(3 * n)}
        for n in range(1, 7)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    save(folder / "base", build(seed=0), build_tokenizer())
    return RunConfig(
        method=Method.parse(method),
        questions=QuestionsConfig(name=str(path)),
        teacher=ScriptedTeacher(answer=answer),
        samples=2,
        student=StudentConfig(model=str(folder / "base")),
        training=Training(processed_tokens=1500, batch_tokens=512),
        evaluation=EvaluationConfig(suites=(f"{path}[:3]",), max_tokens=6),
    )


def rows_of(file: Path, kind: Any) -> list[Any]:
    return list(read_rows(file, kind))


def test_both_heads_are_scored_compared_and_shown(tmp_path: Path) -> None:
    crop = {"kind": "crop", "attempt": PLAIN, "backoff": {"kind": "answer_conditioned"}}
    out = tmp_path / "run"
    results = run(configured(tmp_path, {"kind": "mt_cot", "elicitation": crop}), out=out)
    assert {"student", "student:explain", "baseline", "teacher"} == set(results.scores)
    assert ("student:explain", "baseline") in {(row.a, row.b) for row in results.comparisons}
    assert "student:explain" not in score_table(results).columns
    assert score_table(results, further=True).columns[-1] == "student:explain"
    assert "student:explain" in (out / "report.html").read_text()
    (file,) = (out / "evaluation" / "student:explain").glob("*.jsonl")
    assert len(rows_of(file, Prediction)) == 3
    examples = rows_of(out / "rounds" / "000" / "examples" / "student.jsonl", Example)
    assert {example.task for example in examples} == {"answer", "explain"}


def test_crop_explains_what_reasoning_did_not_solve_and_the_teacher_is_not_told(
    tmp_path: Path,
) -> None:
    crop = {"kind": "crop", "attempt": PLAIN, "backoff": {"kind": "answer_conditioned"}}
    out = tmp_path / "run"
    results = run(configured(tmp_path, {"kind": "mt_ra", "elicitation": crop}), out=out)
    rows = [row for file in (out / "samples").glob("*.jsonl") for row in rows_of(file, Completion)]
    told = {row.question_id for row in rows if row.elicitation == "answer_conditioned"}
    assert told == {"q3", "q6"}
    kept = rows_of(out / "rounds" / "000" / "examples" / "student.jsonl", Example)
    assert {example.question_id for example in kept} == {f"q{n}" for n in range(1, 7)}
    teacher = next(iter(results.scores["teacher"].values()))
    assert (teacher.n, teacher.correct) == (3, 2)


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_scott_argues_for_a_wrong_answer_in_a_stream_of_its_own(build: Any, tmp_path: Path) -> None:
    out = tmp_path / "run"
    results = run(configured(tmp_path, SCOTT, build), out=out)
    rows = rows_of(out / "rounds" / "000" / "rationales.jsonl", Rationale)
    gold = {f"q{n}": str(3 * n) for n in range(1, 7)}
    streams = {row.stream: [] for row in rows}
    for row in rows:
        streams[row.stream].append(row.condition == gold[row.question_id])
    assert sorted(map(tuple, streams.values())) == [(False,) * 12, (True,) * 12]
    assert (results.data.sampled, results.data.correct, results.data.kept) == (24, 12, 24)
    assert results.data.vote is not None
    assert results.data.vote.majority.n == 6
    funnel = json.loads((out / "rounds" / "000" / "filter.json").read_text())
    assert [stage["filter"] for stage in funnel["stages"]] == [
        "factual: correct",
        "counterfactual_pair",
    ]
    teacher = next(iter(results.scores["teacher"].values()))
    assert teacher.correct == 2, "a teacher that had been told the answers would have been right"


def test_one_budget_is_for_all_streams_together(tmp_path: Path) -> None:
    """The first stream uses up what each of them would fit into."""
    first = 12 * (15 + 6)
    config = configured(tmp_path, SCOTT).model_copy(update={"budget": Budget(tokens=first)})
    with pytest.raises(BudgetReached, match=f"{first} tokens with 12 samples"):
        run(config, out=tmp_path / "run")
    rows = [len(rows_of(file, Completion)) for file in (tmp_path / "run/samples").glob("*.jsonl")]
    assert sum(rows) == 12


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5])
def test_cascod_answers_in_a_second_call(build: Any, tmp_path: Path) -> None:
    method = {"kind": "cascod", "elicitation": PLAIN}
    run(configured(tmp_path, method, build), out=tmp_path / "run")
    (file,) = (tmp_path / "run" / "evaluation" / "student").glob("*.jsonl")
    assert all("Therefore, the answer is" in row.text for row in rows_of(file, Prediction))


def test_socratic_trains_two_models_of_any_kind_and_asks_them_in_turn(tmp_path: Path) -> None:
    other = save(tmp_path / "other", tiny_t5(seed=3), build_tokenizer())
    method = {"kind": "socratic", "decomposer": str(other)}
    out = tmp_path / "run"
    config = configured(tmp_path, method)
    results = run(config, out=out)
    assert results.data.dropped == {"wrong answer": 4}
    folder = out / "rounds" / "000" / "student"
    pair = load_student(folder)
    assert [part.student.architecture for part in pair.parts.values()] == [
        "decoder",
        "encoder-decoder",
    ]
    tokens = results.training["student"].processed_tokens
    assert tokens == pytest.approx(1500, rel=0.2)
    assert results.training["baseline"].processed_tokens == pytest.approx(tokens, rel=0.1)
    (file,) = (out / "evaluation" / "student").glob("*.jsonl")
    rows = rows_of(file, Prediction)
    assert all(" ** " in row.text for row in rows)
    suites = dict([load_suite(config.evaluation.suites[0])])
    again = measure_heads(pair, config.method, suites, config.evaluation.max_tokens)
    assert again["student"] == results.scores["student"]
    assert "student:oracle" not in results.scores, "the suite has no gold sub-questions"
    before = (folder / "solver" / "model.safetensors").stat().st_mtime_ns
    (out / "results.json").unlink()
    assert run(config, out=out).scores == results.scores
    assert (folder / "solver" / "model.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize("scheme", ["shared", "unified"])
def test_socratic_of_one_model(scheme: str, tmp_path: Path) -> None:
    out = tmp_path / "run"
    results = run(configured(tmp_path, {"kind": "socratic", "scheme": scheme}, tiny_t5), out=out)
    examples = rows_of(out / "rounds" / "000" / "examples" / "student.jsonl", Example)
    tasks = {"shared": {"decompose", "solve"}, "unified": {"unified"}}
    assert {example.task for example in examples} == tasks[scheme]
    assert results.scores["student"]


def test_the_command_line_shows_both_heads(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = configured(tmp_path, {"kind": "mt_re"})
    suite = config.evaluation.suites[0]
    words = ["--student.model", str(tmp_path / "base"), "--suites", suite, "--max-tokens", "4"]
    out = ["--out", str(tmp_path / "scores")]
    assert main(["evaluate", "--method.kind", "mt_re", *words, *out]) == 0
    assert "student:explain" in capsys.readouterr().out
