"""Samples of other tools arrive whole: texts, gold answers, teachers, tokens, failures."""

import json
from pathlib import Path
from typing import Any

import pytest

from cotkd.cli import main
from cotkd.interop.imports.base import Import
from cotkd.store.rows import read_rows, write_rows
from cotkd.types import Completion, Question
from tests.interop.runs import COMPLETIONS, QUESTIONS, TEACHER, write_run

OWN = [row for row in COMPLETIONS if row.condition is None]
GOLD = {name: f"Some steps.\n#### {question.answer}" for name, question in QUESTIONS.items()}


def distilabel(row: Completion) -> dict[str, Any]:
    return {
        "instruction": QUESTIONS[row.question_id].text,
        "answer": GOLD[row.question_id],
        "generation": row.text,
        "distilabel_metadata": {
            "raw_input_text_generation_0": [{"role": "user", "content": "…"}],
            "raw_output_text_generation_0": row.text,
            "statistics_text_generation_0": {"input_tokens": 20, "output_tokens": 10},
        },
        "model_name": row.teacher,
    }


def curator(row: Completion) -> dict[str, Any]:
    question = QUESTIONS[row.question_id]
    request = {
        "model": row.teacher,
        "messages": [{"role": "user", "content": f"Solve: {question.text}"}],
        "response_format": None,
        "original_row": {"question": question.text, "answer": GOLD[row.question_id]},
        "original_row_idx": row.sample_index,
        "generation_params": {},
    }
    return {
        "response_message": row.text,
        "parsed_response_message": None,
        "response_errors": None,
        "raw_response": {"choices": [{"message": {"content": row.text}}]},
        "raw_request": None,
        "generic_request": request,
        "created_at": "2026-01-02T03:04:05",
        "finished_at": "2026-01-02T03:04:06",
        "token_usage": {"input": 20, "output": 10, "total": 30},
        "response_cost": 0.01,
        "finish_reason": "stop",
    }


def lm_eval(row: Completion, name: str = "strict-match") -> dict[str, Any]:
    question = QUESTIONS[row.question_id]
    return {
        "doc_id": int(row.question_id[1:]),
        "doc": {"question": question.text, "answer": GOLD[row.question_id]},
        "target": GOLD[row.question_id],
        "arguments": {"gen_args_0": {"arg_0": f"Q: {question.text}\nA:", "arg_1": {"until": []}}},
        "resps": [[row.text]],
        "filtered_resps": ["3"],
        "filter": name,
        "metrics": ["exact_match"],
        "exact_match": 0.0,
    }


def chat(row: Completion) -> dict[str, Any]:
    asked = {"role": "user", "content": QUESTIONS[row.question_id].text}
    replied = {"role": "assistant", "content": row.text}
    system = {"role": "system", "content": "Think."}
    gold = GOLD[row.question_id]
    return {"messages": [system, asked, replied], "answer": gold, "model": row.teacher}


def write(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    return path


def recorded(kind: str, folder: Path) -> Path:
    """Write our samples as a tool leaves them, and return what `cotkd import` is given."""
    if kind == "distilabel":
        return write(folder / "rows.jsonl", [distilabel(row) for row in OWN])
    if kind == "chat":
        return write(folder / "rows.jsonl", [chat(row) for row in OWN])
    if kind == "curator":
        rows = [curator(row) for row in OWN]
        write(folder / "cache" / "responses_0.jsonl", rows[:5])
        write(folder / "cache" / "responses_10.jsonl", rows[7:])
        write(folder / "cache" / "responses_2.jsonl", rows[5:7])
        return folder / "cache"
    both = [lm_eval(row, name) for name in ("strict-match", "flexible") for row in OWN]
    return write(folder / TEACHER.replace("/", "__") / "samples_gsm8k_2026.jsonl", both).parent


def imported(out: Path) -> tuple[dict[str, Question], list[Completion]]:
    questions = {q.id: q for q in read_rows(out / "questions.jsonl", Question)}
    (file,) = (out / "samples").glob("*.jsonl")
    return questions, list(read_rows(file, Completion))


@pytest.mark.parametrize("kind", sorted(Import.kinds()))
def test_a_round_trip_keeps_every_sample(kind: str, tmp_path: Path) -> None:
    source, out = recorded(kind, tmp_path), tmp_path / "run"
    assert main(["import", str(source), "--from", kind, "--out", str(out)]) == 0
    questions, rows = imported(out)
    assert [(q.text, q.answer, q.rationale) for q in questions.values()] == [
        (q.text, q.answer, "Some steps.") for q in QUESTIONS.values()
    ]
    assert [(questions[row.question_id].text, row.sample_index, row.text) for row in rows] == [
        (QUESTIONS[row.question_id].text, row.sample_index, row.text) for row in OWN
    ]
    assert {(row.teacher, row.elicitation) for row in rows} == {(TEACHER, kind)}
    tokens = (0, 0) if kind in ("lm_eval", "chat") else (20, 10)
    assert {(row.prompt_tokens, row.completion_tokens) for row in rows} == {tokens}


@pytest.mark.parametrize("kind", sorted(Import.kinds()))
def test_what_is_imported_is_filtered_and_exported(kind: str, tmp_path: Path) -> None:
    out, kept = str(tmp_path / "run"), str(tmp_path / "kept")
    assert main(["import", str(recorded(kind, tmp_path)), "--from", kind, "--out", out]) == 0
    chosen = ["--filters", "correct,distinct", "--questions", f"{out}/questions.jsonl"]
    assert main(["filter", out, *chosen, "--out", kept]) == 0
    train = tmp_path / "train.jsonl"
    assert main(["export", kept, "--to", "messages", "--out", str(train)]) == 0
    assert len(train.read_text().splitlines()) == 4


def test_given_questions_lend_their_ids_and_answers(tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    write_rows(asked, [q for q in QUESTIONS.values() if q.id != "q4"])
    rows = [
        {"instruction": q.text.replace(" ", "\n"), "generation": "#### 3"}
        for q in QUESTIONS.values()
    ]
    source, out = write(tmp_path / "rows.jsonl", rows), tmp_path / "run"
    command = ["import", str(source), "--from", "distilabel", "--questions", str(asked)]
    assert main([*command, "--out", str(out)]) == 2
    assert main([*command, "--on-unmatched", "skip", "--out", str(out)]) == 0
    questions, samples = imported(out)
    assert list(questions) == [row.question_id for row in samples] == ["q1", "q2", "q3"]
    assert samples[0].teacher == "distilabel"


@pytest.mark.parametrize("form", ["parquet", "json", "dataset", "splits", "distiset"])
def test_every_container_gives_the_same_rows(form: str, tmp_path: Path) -> None:
    import datasets

    rows = [distilabel(row) for row in OWN]
    table, source = datasets.Dataset.from_list(rows), tmp_path / f"rows.{form}"
    match form:
        case "parquet":
            table.to_parquet(source)
        case "json":
            source.write_text(json.dumps(rows))
        case "dataset":
            table.save_to_disk(source)
        case "splits":
            datasets.DatasetDict(train=table).save_to_disk(source)
        case _:
            datasets.DatasetDict(train=table).save_to_disk(source / "default")
            (source / "artifacts").mkdir()
    out = tmp_path / "run"
    assert main(["import", str(source), "--from", "distilabel", "--out", str(out)]) == 0
    assert [row.text for row in imported(out)[1]] == [row.text for row in OWN]


def test_grouped_generations_are_samples_of_one_question(tmp_path: Path) -> None:
    row = distilabel(OWN[0]) | {
        "generation": ["#### 3", None, "<think>3*1</think>#### 3"],
        "model_name": [TEACHER] * 3,
        "distilabel_metadata": [
            {"statistics_text_generation_0": {"input_tokens": 20, "output_tokens": n}}
            for n in (5, 0, 7)
        ],
    }
    out = tmp_path / "run"
    source = str(write(tmp_path / "rows.jsonl", [row]))
    assert main(["import", source, "--from", "distilabel", "--out", str(out)]) == 0
    first, lost, thought = imported(out)[1]
    assert [row.sample_index for row in (first, lost, thought)] == [0, 1, 2]
    assert [row.completion_tokens for row in (first, lost, thought)] == [5, 0, 7]
    assert (lost.finish_reason, lost.error) == ("error", "no generation was recorded")
    assert (thought.reasoning, thought.text) == ("3*1", "#### 3")


def test_failures_limits_and_traces_of_curator_are_kept(tmp_path: Path) -> None:
    failed = curator(OWN[0]) | {"response_message": None, "response_errors": ["rate limit"]}
    cut = curator(OWN[0]) | {"finish_reason": "length", "token_usage": None}
    message = {"content": OWN[0].text, "reasoning_content": "Boxes first."}
    thought = curator(OWN[0]) | {"raw_response": {"choices": [{"message": message}]}}
    out = tmp_path / "run"
    source = str(write(tmp_path / "responses_0.jsonl", [failed, cut, thought]))
    assert main(["import", source, "--from", "curator", "--out", str(out)]) == 0
    first, second, third = imported(out)[1]
    assert (first.finish_reason, first.error) == ("error", "rate limit")
    assert (second.finish_reason, second.prompt_tokens) == ("length", 0)
    assert (third.finish_reason, third.reasoning) == ("stop", "Boxes first.")


def test_rows_that_curator_returned_are_read_by_their_columns(tmp_path: Path) -> None:
    rows = [{"problem": "1+1?", "answer": 2, "solution": "#### 2"}]
    source, out = str(write(tmp_path / "rows.jsonl", rows)), tmp_path / "run"
    flags = ["--from", "curator", "--from.text-field", "solution", "--from.teacher", "our-llm"]
    assert main(["import", source, *flags, "--out", str(out)]) == 0
    (row,) = imported(out)[1]
    assert (row.text, row.teacher) == ("#### 2", "our-llm")


@pytest.mark.parametrize("form", ["messages", "sharegpt"])
def test_conversations_that_are_exported_come_back(form: str, tmp_path: Path) -> None:
    run = write_run(tmp_path / "kept")
    train, out = tmp_path / "train.jsonl", tmp_path / "run"
    assert main(["export", str(run), "--to", form, "--out", str(train)]) == 0
    sent = [json.loads(line) for line in train.read_text().splitlines()]
    asked = tmp_path / "asked.jsonl"
    write_rows(asked, QUESTIONS.values())
    given = ["--questions", str(asked)]
    assert main(["import", str(train), "--from", "chat", *given, "--out", str(out)]) == 0
    rows = imported(out)[1]
    assert [row.text for row in rows] == [said(row) for row in sent]


def said(row: dict[str, Any]) -> str:
    turns = row.get("messages") or row["conversations"]
    return str(turns[-1].get("content", turns[-1].get("value")))


def test_a_reply_is_found_in_a_longer_conversation(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    turns = [
        {"role": "system", "content": "Think."},
        {
            "role": "user",
            "content": [{"type": "text", "text": "1+1"}, {"type": "text", "text": "?"}],
        },
        {"role": "assistant", "content": "#### 2", "reasoning_content": "one more"},
        {"role": "user", "content": "And 2+2?"},
        {"role": "assistant", "content": "#### 4"},
    ]
    row = {"data": {"chat": turns}, "gold": ["2"], "finish_reason": "length"}
    source = str(write(tmp_path / "rows.jsonl", [row]))
    flags = ["--from", "chat", "--from.messages-field", "data.chat", "--from.answer-field", "gold"]
    assert main(["import", source, *flags, "--out", str(tmp_path / "a")]) == 0
    questions, (sample,) = imported(tmp_path / "a")
    (question,) = questions.values()
    assert (question.text, question.answer) == ("1+1?", "2")
    assert (sample.text, sample.reasoning) == ("#### 2", "one more")
    assert sample.finish_reason == "length"
    assert "1 conversations have several replies: the first of each was taken" in caplog.text
    last = [*flags, "--from.turn", "last", "--out", str(tmp_path / "b")]
    assert main(["import", source, *last]) == 0
    (question,) = imported(tmp_path / "b")[0].values()
    assert question.text == "And 2+2?"


def test_a_log_that_lm_eval_itself_writes_is_read(tmp_path: Path) -> None:
    tracking = pytest.importorskip("lm_eval.loggers.evaluation_tracker")
    tracker = tracking.EvaluationTracker(output_path=str(tmp_path / "logs"))
    tracker.general_config_tracker.model_name_sanitized = TEACHER.replace("/", "__")
    tracker.date_id = "2026-01-02T03-04-05"
    rows = [lm_eval(row) | {"arguments": [("Q: …", {"until": []})]} for row in OWN]
    tracker.save_results_samples("gsm8k", rows)
    out = tmp_path / "run"
    assert main(["import", str(tmp_path / "logs"), "--from", "lm_eval", "--out", str(out)]) == 0
    samples = imported(out)[1]
    assert [row.text for row in samples] == [row.text for row in OWN]
    assert {row.teacher for row in samples} == {TEACHER}


_CHOICE = lm_eval(OWN[0]) | {"arguments": {"gen_args_0": {"arg_0": "Q: …", "arg_1": " yes"}}}
_STRUCTURED = curator(OWN[0]) | {"response_message": {"solution": "#### 3"}}
_CONTRADICTORY = distilabel(OWN[0]) | {"answer": "17"}


@pytest.mark.parametrize(
    ("kind", "rows", "part"),
    [
        ("distilabel", [{"text": "x"}], "rows.jsonl:1: no field 'generation'; fields are: text"),
        ("distilabel", [distilabel(OWN[0]) | {"generation": {}}], "holds dict, expected text"),
        ("distilabel", [distilabel(OWN[0]) | {"answer": None}], "rows.jsonl:1: no gold answer"),
        ("distilabel", [distilabel(OWN[0]), _CONTRADICTORY], "rows.jsonl:2: gold answer '17', but"),
        ("distilabel", [], "no sample to import"),
        ("curator", [_STRUCTURED], "--from.text-field response_message.solution"),
        ("curator", [{"response": "x"}], "set --from.question-field"),
        ("curator", [curator(OWN[0]) | {"generic_request": []}], "expected an object"),
        ("distilabel", [distilabel(OWN[0]) | {"instruction": None}], "holds NoneType, expected"),
        ("chat", [{"text": "x"}], "no conversation in messages or conversations"),
        ("chat", [{"messages": "x"}], "expected a list of messages, found 'x'"),
        ("chat", [{"messages": [{"role": "user", "content": "?"}]}], "has no reply"),
        (
            "chat",
            [{"messages": [{"role": "assistant", "content": "#### 3"}]}],
            "nothing that a user",
        ),
        ("chat", [{"messages": [{"content": "?"}]}], "does not say whose it is"),
        ("chat", [{"messages": [{"role": "user", "content": [{"image": 1}]}]}], "are no text"),
        ("chat", [{"messages": [{"role": "user", "content": 3}]}], "holds int, expected text"),
        ("lm_eval", [_CHOICE], "this task compares probabilities"),
        ("lm_eval", [lm_eval(OWN[0]) | {"arguments": []}], "is none that lm_eval logs"),
    ],
)
def test_a_row_that_cannot_be_used_is_named(
    kind: str,
    rows: list[dict[str, Any]],
    part: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    source, out = str(write(tmp_path / "rows.jsonl", rows)), tmp_path / "run"
    assert main(["import", source, "--from", kind, "--out", str(out)]) == 2
    error = capsys.readouterr().err
    assert part in error
    assert error.count("\n") == 1
    assert not out.exists()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        ([], "needs a file or folder"),
        (
            ["x.jsonl", "--out", "o"],
            "needs --from TOOL, one of: chat, curator, distilabel, lm_eval",
        ),
        (["x.jsonl", "--from", "lmeval", "--out", "o"], "did you mean 'lm_eval'"),
        (["x.jsonl", "--from", "curator"], "needs --out DIR"),
        (["x.jsonl", "--from", "curator", "--out", "o"], "cannot read x.jsonl"),
    ],
)
def test_a_mistake_is_one_line(
    arguments: list[str],
    part: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["import", *arguments]) == 2
    assert part in capsys.readouterr().err
    assert not list(tmp_path.iterdir())


def test_samples_that_are_there_are_not_overwritten(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["import", str(recorded("curator", tmp_path)), "--from", "curator"]
    assert main([*command, "--out", str(tmp_path / "run")]) == 0
    assert main([*command, "--out", str(tmp_path / "run")]) == 2
    assert "holds samples already" in capsys.readouterr().err
