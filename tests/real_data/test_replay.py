"""Ten recorded completions per GSM8K test question, from replay to report."""

import json
from pathlib import Path

from cotkd.cli import main
from cotkd.evaluation.results import Results

SAMPLERS = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


def test_ten_completions_per_question_go_from_replay_to_report(
    real_data: Path, tmp_path: Path
) -> None:
    gsm8k = real_data / "gsm8k"
    questions = ["--questions", "gsm8k:test", "--questions.path", str(gsm8k)]
    fields = ",".join(f"{name}.solution" for name in SAMPLERS)
    four = [
        "--teacher.engine", "replay",
        "--teacher.model", str(gsm8k / "example_model_solutions.jsonl"),
        "--teacher.text-fields", fields,
        "--teacher.match", "question",
        "--n", "4",
    ]  # fmt: skip
    six = [
        "--teacher.engine", "replay",
        "--teacher.model", str(real_data / "zeroeval" / "gsm8k_test_6_open_models.jsonl"),
        "--teacher.text-fields", "output",
        "--teacher.match", "position",
        "--teacher.match-field", "index",
        "--n", "6",
    ]  # fmt: skip
    for name, flags in (("four", four), ("six", six)):
        assert main(["sample", *questions, *flags, "--out", str(tmp_path / name)]) == 0
    out = tmp_path / "run"
    sources = [str(tmp_path / "four"), str(tmp_path / "six")]
    filters = ["--filters", "correct,steps_valid,distinct,per_question"]
    assert main(["filter", *sources, *questions, *filters, "--out", str(out)]) == 0
    assert main(["report", str(out)]) == 0
    data = Results.read(out).data
    assert data.sampled == 13190
    assert data.correct + data.wrong + data.unparsed == 13190
    assert data.kept + sum(data.dropped.values()) == 13190
    assert data.vote is not None
    assert data.vote.k == 10
    assert data.vote.majority.accuracy > 0.8
    assert data.vote.any_of_k.correct > data.vote.majority.correct
    page = (out / "report.html").read_text()
    assert "majority" in page.lower()
    funnel = json.loads((out / "rounds/000/filter.json").read_text())
    assert funnel["stages"][0]["filter"] == "correct"


def test_majority_of_four_and_any_of_four(real_data: Path, tmp_path: Path) -> None:
    gsm8k = real_data / "gsm8k"
    questions = ["--questions", "gsm8k:test", "--questions.path", str(gsm8k)]
    flags = [
        "--teacher.engine", "replay",
        "--teacher.model", str(gsm8k / "example_model_solutions.jsonl"),
        "--teacher.text-fields", ",".join(f"{name}.solution" for name in SAMPLERS),
        "--teacher.match", "question",
        "--n", "4",
    ]  # fmt: skip
    assert main(["sample", *questions, *flags, "--out", str(tmp_path / "s")]) == 0
    assert main(["filter", str(tmp_path / "s"), *questions, "--out", str(tmp_path / "r")]) == 0
    vote = Results.read(tmp_path / "r").data.vote
    assert vote is not None
    assert (vote.majority.correct, vote.any_of_k.correct) == (584, 887)
