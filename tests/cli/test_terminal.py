"""Whatever reads what a command says, and in whatever encoding, there is no traceback."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

COMMANDS = [["--help"], ["suites"], ["run", "fine_tune_cot", "--help"], ["nonsense"]]


def _cotkd(*arguments: str, **environment: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "cotkd", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, **environment},
    )


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_reader_that_leaves_ends_a_command_quietly(arguments: list[str], unbuffered: str) -> None:
    with _cotkd(*arguments, PYTHONUNBUFFERED=unbuffered) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        said = process.stderr.read().decode()
    known = arguments != ["nonsense"]
    assert process.returncode == (0 if known else 2)
    assert said.count("\n") == (0 if known else 1)
    assert "Error" not in said


def test_verdicts_are_written_whether_or_not_anybody_reads_their_counts(tmp_path: Path) -> None:
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_text('{"t": "4", "g": "4"}\n')
    flags = ["--text-field", "t", "--gold-field", "g", "--out", str(out)]
    with _cotkd("verify", str(source), *flags) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0
    assert out.read_text().count("correct") == 1


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
@pytest.mark.parametrize("arguments", COMMANDS[:-1], ids=" ".join)
def test_a_terminal_of_any_encoding_is_written_to(arguments: list[str], encoding: str) -> None:
    with _cotkd(*arguments, PYTHONIOENCODING=encoding) as process:
        out, said = process.communicate()
    assert (process.returncode, said.decode()) == (0, "")
    assert out.decode(encoding)
