"""The command line: exit codes, one-line mistakes, each stage alone."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from cotkd.cli import COMMANDS, main
from tests.tiny import build_tokenizer, save, tiny_llama


def lines(path: Path) -> list[dict]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def write(path: Path, rows: list[dict]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    rows = [{"id": f"q{n}", "text": f"What is {n}+1?", "answer": str(n + 1)} for n in range(4)]
    return write(tmp_path / "questions.jsonl", rows)


@pytest.fixture
def recorded(tmp_path: Path) -> Path:
    rows = [
        {
            "id": f"q{n}",
            "text": f"{n}+1=<<{n}+1={n + 1 + wrong}>>{n + 1 + wrong}\n#### {n + 1 + wrong}",
        }
        for n in range(4)
        for wrong in (0, n % 2)
    ]
    return write(tmp_path / "recorded.jsonl", rows)


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    out = capsys.readouterr().out
    assert all(f"\n  {command} " in out for command in COMMANDS)


@pytest.mark.parametrize(
    "command", ["methods", "filters", "verifiers", "engines", "suites", "recipes"]
)
def test_lists_have_a_name_and_a_text_in_each_line(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([command]) == 0
    for line in capsys.readouterr().out.splitlines():
        name, _, text = line.partition("  ")
        assert name
        assert text.strip()


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["rum"], "did you mean 'run'"),
        (["run", "fine_tune_cott"], "did you mean 'fine_tune_cot'"),
        (["run", "fine_tune_cot", "--training.learning-rat", "1"], "did you mean"),
        (["run", "fine_tune_cot", "--seeds", "a"], "--seeds takes whole numbers"),
        (["run"], "needs a recipe"),
        (["sample", "--questions", "microgsmm", "--out", "x"], "did you mean 'microgsm'"),
        (["sample", "--questions", "missing.jsonl", "--out", "x"], "missing.jsonl"),
        (
            ["verify", "missing.jsonl", "--text-field", "a", "--gold-field", "b", "--out", "o"],
            "missing",
        ),
        (["verify", "missing.jsonl", "--text-field", "a"], "needs --gold-field"),
        (["report", "missing"], "missing"),
        (["filter", "missing.jsonl", "--questions", "microgsm", "--out", "x"], "missing.jsonl"),
        (["methods", "--x", "1"], "unknown flag"),
    ],
)
def test_a_mistake_is_one_line_and_exit_code_two(
    arguments: list[str],
    part: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert part in error


def test_verify_writes_one_verdict_per_line_in_order(tmp_path: Path) -> None:
    rows = [
        {"key": "a", "out": {"text": "so 2+2=4\n#### 4"}, "gold": "4"},
        {"key": "b", "out": {"text": "#### 5"}, "gold": "4"},
        {"key": "c", "out": {"text": "no idea"}, "gold": "4"},
        {"key": "d", "out": {"text": "The answer is 1,000."}, "gold": 1000},
    ]
    source, out = write(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    arguments = ["--text-field", "out.text", "--gold-field", "gold", "--id-field", "key"]
    assert main(["verify", str(source), *arguments, "--out", str(out)]) == 0
    assert [(row["id"], row["status"]) for row in lines(out)] == [
        ("a", "correct"),
        ("b", "wrong"),
        ("c", "unparsed"),
        ("d", "correct"),
    ]
    assert set(lines(out)[0]) == {"id", "status", "extracted", "expected"}


def test_verify_names_line_and_field(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = write(tmp_path / "in.jsonl", [{"t": "1", "g": "1"}, {"t": "1"}])
    flags = ["--text-field", "t", "--gold-field", "g", "--out", str(tmp_path / "out.jsonl")]
    assert main(["verify", str(source), *flags]) == 2
    assert "in.jsonl:2: no field 'g'" in capsys.readouterr().err
    assert not (tmp_path / "out.jsonl").exists()


def test_stages_alone_from_recorded_text_to_scores(
    questions: Path, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    samples, kept, trained, scores = (
        str(tmp_path / n) for n in ("samples", "kept", "trained", "scores")
    )
    replay = ["--teacher.engine", "replay", "--teacher.model", str(recorded), "--n", "2"]
    assert main(["sample", "--questions", str(questions), *replay, "--out", samples]) == 0
    filters = ["--filters", "correct,steps_valid,distinct"]
    assert main(["filter", samples, "--questions", str(questions), *filters, "--out", kept]) == 0
    funnel = json.loads((tmp_path / "kept/rounds/000/filter.json").read_text())
    assert funnel["input"] == 8
    assert funnel["kept"] == 4
    assert main(["report", kept]) == 0
    assert (tmp_path / "kept/report.html").stat().st_size > 1000
    base = save(tmp_path / "base", tiny_llama(seed=0), build_tokenizer())
    flags = ["--student.model", str(base), "--training.processed-tokens", "2000"]
    assert main(["train", kept, *flags, "--out", trained]) == 0
    model = str(tmp_path / "trained/rounds/000/student")
    flags = ["--student.model", model, "--suites", str(questions), "--max-tokens", "8"]
    assert main(["evaluate", *flags, "--out", scores]) == 0
    assert "leak: " in capsys.readouterr().out  # the student's folder names its training examples
    results = json.loads((tmp_path / "scores/results.json").read_text())
    assert next(iter(results["scores"]["student"].values()))["n"] == 4
    for style in ("prompt_completion", "messages", "alpaca"):
        out = tmp_path / f"{style}.jsonl"
        assert main(["export", kept, "--to", style, "--out", str(out)]) == 0
        assert len(lines(out)) == 4


def test_no_rationale_left_is_no_training_on_gold_solutions(
    recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"id": f"q{n}", "text": f"{n}+1?", "answer": f"{n}+1=9\n#### 9"} for n in range(4)]
    questions = str(write(tmp_path / "others.jsonl", rows))
    samples, kept, trained = (str(tmp_path / name) for name in ("samples", "kept", "trained"))
    replay = ["--teacher.engine", "replay", "--teacher.model", str(recorded), "--n", "1"]
    assert main(["sample", "--questions", questions, *replay, "--out", samples]) == 0
    assert main(["filter", samples, "--questions", questions, "--out", kept]) == 0
    for kind in ("fine_tune_cot", "answer_only"):
        assert main(["train", kept, "--method.kind", kind, "--out", trained]) == 2
        assert "none of its rationales survived the filters" in capsys.readouterr().err
        assert not Path(trained).exists()


def test_dry_run_prints_settings_that_read_back(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(["run", "fine_tune_cot", "--dry-run", "--samples", "3"]) == 0
    path = tmp_path / "recipe.yaml"
    path.write_text(capsys.readouterr().out)
    assert main(["run", str(path), "--dry-run"]) == 0
    assert "samples: 3" in capsys.readouterr().out


def test_help_of_a_recipe_shows_its_settings(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["run", "fine_tune_cot", "--help"])
    assert caught.value.code == 0
    out = capsys.readouterr().out
    assert "--training.learning-rate" in out
    assert "Highest learning rate" in out
    assert "--method.filters.3.limit" in out


def test_help_names_what_groups_take_that_are_not_set(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["sample", "--help"])
    out = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Takes .correct, .wave, as in --adaptive.correct." in out
    assert "Takes boolean|by_question|choice|judge|lm_eval|math|numeric|program|text." in out
    assert "--budget.prices" in out


def test_importing_loads_neither_torch_nor_transformers() -> None:
    code = (
        "import sys, cotkd, cotkd.cli; cotkd.cli.usage();"
        "heavy = {'torch', 'transformers', 'datasets', 'matplotlib', 'scipy'} & set(sys.modules);"
        "print(sorted(heavy))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("command", list(COMMANDS))
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_every_command_explains_itself(
    command: str, flag: str, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [command, "fine_tune_cot", flag] if command == "run" else [command, flag]
    code: object
    try:
        code = main(arguments)
    except SystemExit as stopped:
        code = stopped.code
    assert code == 0
    assert f"cotkd {command}" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "part"),
    [
        (["verify"], "needs a FILE"),
        (["verify", "x.jsonl", "--text-feild", "a"], "did you mean '--text-field'"),
        (["report"], "needs a run directory"),
        (["export"], "needs a run directory"),
        (["export", "x", "--too", "alpaca", "--out", "y"], "needs --to"),
        (["methods", "stray"], "unexpected 'stray'"),
        (["sample", "stray", "--questions", "microgsm", "--out", "x"], "unexpected 'stray'"),
        (["evaluate", "stray", "--out", "x"], "unexpected 'stray'"),
        (["train", "a", "b", "--out", "x"], "unexpected 'b'"),
        (["sample", "--temprature", "1", "--out", "x"], "did you mean '--temperature'"),
        (["run", "fine_tune_cot", "--student.model", "nope"], "unknown model 'nope'"),
        (["run", "fine_tune_cot", "--evaluation.suites", "microgms"], "did you mean 'microgsm'"),
        (["run", "fine_tune_cot", "--evaluation.dev", "microgsm:deev"], "did you mean 'dev'"),
    ],
)
def test_a_mistake_is_found_before_anything_is_made(
    arguments: list[str],
    part: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert part in error
    assert error.count(f"cotkd {arguments[0]}:") == 1
    assert not list(tmp_path.iterdir())


def test_a_misspelt_teacher_does_not_claim_the_directory(
    questions: Path, recorded: Path, tmp_path: Path
) -> None:
    flags = ["--questions", str(questions), "--teacher.engine", "replay", "--n", "1"]
    out = str(tmp_path / "samples")
    assert main(["sample", *flags, "--teacher.model", "missing.jsonl", "--out", out]) == 2
    assert main(["sample", *flags, "--teacher.model", str(recorded), "--out", out]) == 0


def test_questions_edited_since_are_noticed(
    questions: Path, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    replay = ["--teacher.engine", "replay", "--teacher.model", str(recorded), "--n", "1"]
    command = ["sample", "--questions", str(questions), *replay, "--out", str(tmp_path / "out")]
    assert main(command) == 0
    questions.write_text(questions.read_text().replace("What is", "How much is"))
    assert main(command) == 2
    assert "questions" in capsys.readouterr().err


def test_bad_rows_are_skipped_where_the_message_says_so(
    questions: Path, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with questions.open("a") as file:
        file.write('{"id": "q0", "text": "twice", "answer": "1"}\n')
    replay = ["--teacher.engine", "replay", "--teacher.model", str(recorded), "--n", "1"]
    command = ["sample", "--questions", str(questions), *replay, "--out", str(tmp_path / "out")]
    assert main(command) == 2
    assert "pass --on-bad-row skip" in capsys.readouterr().err
    assert main([*command, "--on-bad-row", "skip"]) == 0


def test_verdicts_carry_the_id_of_their_line(tmp_path: Path) -> None:
    rows = [{"id": "a", "t": "#### 1", "g": "1"}, {"t": "#### 2", "g": "1"}]
    source, out = write(tmp_path / "in.jsonl", rows), tmp_path / "out.jsonl"
    flags = ["--text-field", "t", "--gold-field", "g", "--verifier.kind", "numeric"]
    assert main(["verify", str(source), *flags, "--out", str(out)]) == 0
    assert [row["id"] for row in lines(out)] == ["a", 2]


@pytest.mark.parametrize("field", ["id", "question_id"])
def test_recorded_texts_are_filtered_without_sampling(
    field: str, questions: Path, tmp_path: Path
) -> None:
    rows = [{field: "q1", "text": "#### 2"}, {field: "q1", "text": "#### 3"}]
    source, out = write(tmp_path / "texts.jsonl", rows), tmp_path / "kept"
    assert main(["filter", str(source), "--questions", str(questions), "--out", str(out)]) == 0
    kept = lines(out / "rounds/000/rationales.jsonl")
    assert [(row["sample_index"], row["verdict"]["status"]) for row in kept] == [
        (0, "correct"),
        (1, "wrong"),
    ]


def test_answers_of_another_student_are_not_taken_for_this_one(
    questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(save(tmp_path / "student", tiny_llama(seed=0), build_tokenizer()))
    flags = ["--student.model", model, "--suites", str(questions), "--max-tokens", "4"]
    command = ["evaluate", *flags, "--out", str(tmp_path / "scores")]
    assert main(command) == 0
    assert main(command) == 0
    save(tmp_path / "student", tiny_llama(seed=1), build_tokenizer())
    assert main(command) == 2
    assert "weights" in capsys.readouterr().err


def test_a_suite_without_golds_and_another_version_are_one_line_each(
    questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(save(tmp_path / "student", tiny_llama(seed=0), build_tokenizer()))
    suite = tmp_path / "suite.jsonl"
    suite.write_text('{"question": "How many?", "answer": "3"}\n{"question": "How many?"}\n')
    command = ["evaluate", "--student.model", model, "--max-tokens", "4"]
    capsys.readouterr()
    assert main([*command, "--suites", str(suite), "--out", str(tmp_path / "out")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "suite.jsonl:2: field 'answer' is missing" in said
    assert "--on-bad-row" not in said
    out = tmp_path / "scores"
    assert main([*command, "--suites", f"{questions}[:1]", "--out", str(out)]) == 0
    manifest = json.loads((out / "manifest.json").read_text())
    (out / "manifest.json").write_text(json.dumps({**manifest, "schema": 2}))
    assert main([*command, "--suites", f"{questions}[:1]", "--out", str(out)]) == 2
    assert "not a manifest of schema 1" in capsys.readouterr().err
    (out / "results.json").write_text('{"schema": 2}')
    assert main(["report", str(out)]) == 2
    assert "schema 2, this version reads 1" in capsys.readouterr().err


def test_evaluate_says_which_suites_were_trained_on(
    questions: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = str(save(tmp_path / "student", tiny_llama(seed=0), build_tokenizer()))
    command = ["evaluate", "--student.model", model, "--max-tokens", "2"]
    command += ["--suites", str(questions), "--out", str(tmp_path / "scores")]
    assert main(command) == 0
    assert "does not say what it was trained on" in capsys.readouterr().out
    assert "leaks" not in json.loads((tmp_path / "scores/results.json").read_text())
    assert main([*command, "--trained-on", str(questions)]) == 0
    said = capsys.readouterr().out
    assert "leak: 4 of 4 questions of" in said
    assert "4 (100.0%)" in said
    leaks = json.loads((tmp_path / "scores/results.json").read_text())["leaks"]
    assert [(leak["n"], leak["exact"], leak["share"]) for leak in leaks.values()] == [(4, 4, 1.0)]


def test_a_run_directory_stands_for_its_student(tmp_path: Path) -> None:
    from cotkd.cli.settings import trained_student

    student = tmp_path / "run" / "rounds" / "001" / "student"
    student.mkdir(parents=True)
    (student / "config.json").touch()
    assert trained_student(str(tmp_path / "run")) == str(student)
    assert trained_student("microgsm-student") == "microgsm-student"


def test_a_filter_that_weighs_says_that_it_needs_a_model(
    questions: Path, recorded: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    flags = ["--questions", str(questions), "--filters", "correct,contrastive"]
    assert main(["filter", str(recorded), *flags, "--out", str(tmp_path / "kept")]) == 2
    assert "--scorer.model" in capsys.readouterr().err
    assert not (tmp_path / "kept").exists()
