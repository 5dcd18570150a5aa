"""Every command of the README and of the documentation runs, in the order of its page.

It runs in a folder with the files that pages speak of, and made small: fewer questions, fewer
tokens. Recipes of models that no test machine has are resolved instead (`--dry-run`).
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import shutil
import sys
from pathlib import Path
from types import ModuleType

import pytest

from benchmarks.methods.__main__ import main as benchmark
from cotkd.cli import main
from cotkd.cli.completing import words
from cotkd.config import Choice
from cotkd.methods.base import Method
from cotkd.questions.load import load_questions
from cotkd.settings.flags import ALIASES
from cotkd.teachers.base import Teacher
from cotkd.teachers.elicitation import Elicitation
from cotkd.verify import Verifier
from tests.docs.blocks import commands, fences
from tests.teachers.openai.fault_server import FaultServer

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
ELSEWHERE = ("make", "torchrun", "jupyter", "pip", "git", "pre-commit", "source")
"""Other programs: what they start is tested in its own place."""
LARGE = re.compile(r"Qwen|google/|gsm8k|flan|vllm|\bray\b|llama", re.IGNORECASE)
"""Needs models or machines that are not here."""
OTHERS = {
    *("--help", "--fractions", "--forms", "--methods"),  # benchmarks.methods
    *("--cpu", "--data-parallel-size", "--nproc-per-node"),  # accelerate, vLLM, torchrun
    "--evaluation.faithfulness",  # on its own: with the default settings
}
"""Flags of other programs, and of no field."""
RUN = {
    "samples": 2,
    "questions.limit": 6,
    "training.processed_tokens": 3000,
    "evaluation.suites": "microgsm[:3]",
    "evaluation.dev": "microgsm:dev[:3]",
    "evaluation.max_tokens": 24,
    "evaluation.teacher": "false",
    "sampling.max_tokens": 64,
    "method.filters": "distinct",
    "baseline": "none",
}
SMALL: dict[str, dict[str, object]] = {
    "run": RUN,
    "sample": {"questions.limit": 4, "sampling.max_tokens": 64},
    "train": {"training.processed_tokens": 2000},
    "evaluate": {"max_tokens": 16},
}
"""Settings that make a command small, by its name."""


@pytest.fixture(scope="module")
def server():
    with FaultServer() as server:
        yield server


@pytest.fixture(scope="module")
def finished(tmp_path_factory) -> Path:
    """A small run that is done."""
    folder = tmp_path_factory.mktemp("finished") / "run"
    assert main(["run", "fine_tune_cot", "--out", str(folder), *_flags(RUN)]) == 0
    return folder


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_commands_of_a_page_run(page: Path, tmp_path: Path, monkeypatch, server, finished) -> None:
    said = commands(page)
    if not said:
        pytest.skip("no commands")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COTKD_CACHE", str(tmp_path / "cache"))
    _furnish(tmp_path, finished, said)
    if page.parent.name == "methods":  # each recipe runs in tests/test_run_methods.py
        said = [f"{command} --dry-run" for command in said if " run " in command]
    for command in said:
        assert _run(command, server) == 0, command


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_python_of_a_page_runs(page: Path, tmp_path: Path, monkeypatch) -> None:
    blocks = [*fences(page, "python")]
    if not blocks:
        pytest.skip("no Python")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COTKD_CACHE", str(tmp_path / "cache"))
    # a module, because classes of settings look up the names of their fields there
    module = ModuleType("page")
    monkeypatch.setitem(sys.modules, "page", module)
    out = io.StringIO()
    for block in blocks:
        small = block.replace('out="runs/first")', f'out="runs/first", settings={RUN!r})')
        with contextlib.redirect_stdout(out):
            exec(compile(small, str(page), "exec"), vars(module))
    promised = [
        line for block in blocks for line in re.findall(r"^print\(.*\)  # (.*)$", block, re.M)
    ]
    assert [line for line in promised if line not in out.getvalue().splitlines()] == []
    assert len(vars(module)) > len(vars(ModuleType("page")))


GROUPS: dict[str, type[Choice]] = {
    "elicitation": Elicitation,
    "method": Method,
    "scorer": Teacher,
    "teacher": Teacher,
    "verifier": Verifier,
}
"""Settings whose fields depend on their kind."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_flags_that_a_page_speaks_of_exist(page: Path) -> None:
    known = {flag for command in words().values() for flag in command.flags}
    for group, base in GROUPS.items():
        for kind in base.kinds().values():
            known |= {f"--{group}.{name.replace('_', '-')}" for name in kind.model_fields}
    known |= {f"--{name.replace('_', '-')}" for name in ALIASES} | OTHERS
    said = set(re.findall(r"(?<![\w-])--[a-z][a-z.-]*[a-z]", page.read_text(encoding="utf-8")))
    assert {flag for flag in said if flag.replace("--no-", "--") not in known} == set()


def test_every_page_with_commands_is_known_to_have_some() -> None:
    counts = {page.relative_to(ROOT).as_posix(): len(commands(page)) for page in PAGES}
    assert counts["README.md"] >= 8
    assert counts["docs/quickstart.md"] >= 10
    assert sum(counts.values()) >= 40


def _furnish(folder: Path, finished: Path, said: list[str]) -> None:
    """Put there what pages speak of and do not make themselves."""
    questions = load_questions("microgsm:train", limit=6)
    rows = [{"question": one.text, "answer": one.answer} for one in questions]
    _write(folder / "problems.jsonl", rows)
    _write(folder / "answers.jsonl", [{"text": "#### 12", "gold": "12"}])
    for name in ("a", "b", "first", "kept"):
        path = Path("runs") / name
        if not any(f"--out {path}" in command for command in said):
            shutil.copytree(finished, folder / path)


def _write(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))


def _flags(settings: dict[str, object]) -> list[str]:
    pairs = ((f"--{name.replace('_', '-')}", str(value)) for name, value in settings.items())
    return [word for pair in pairs for word in pair]


def _run(command: str, server: FaultServer) -> int:
    """Run a command of a page, made small; return its exit code."""
    command, _, target = command.partition(" > ")
    program, *words = shlex.split(command)
    if program in ELSEWHERE:
        return 0
    if program == "python":
        assert words[:2] == ["-m", "benchmarks.methods"], f"who runs {command!r}?"
        benchmark(words[2:])
        return 0
    assert program == "cotkd", f"who runs {command!r}?"
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        code = _guarded(_made_small(words, server))
    if target:
        Path(target).write_text(out.getvalue())
    return code


def _made_small(words: list[str], server: FaultServer) -> list[str]:
    if {"--help", "--dry-run"} & set(words):
        return words
    if LARGE.search(" ".join(words)):
        return [*words, "--dry-run" if words[0] == "run" else "--help"]
    for place, word in enumerate(words):
        if word == "--suites":
            names = [re.sub(r"\[.*\]", "", name) for name in words[place + 1].split(",")]
            words[place + 1] = ",".join(f"{name}[:2]" for name in names)
        if word == "--teacher.base-url":
            words[place + 1] = server.url
        if word == "--teacher.model" and "openai" in words:
            words[place + 1] = "toy"
    if "--evaluation.faithfulness" in words:
        words += ["--evaluation.faithfulness.simulator-tokens", "0"]
    return [*words, *_flags(SMALL.get(words[0], {}))]


def _guarded(words: list[str]) -> int:
    try:
        return main(words)
    except SystemExit as end:
        return int(end.code or 0)
