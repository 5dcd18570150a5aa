"""The command line: five lines per command over the Python API.

Exit codes: 0 success; 2 a mistake of the user, told in one line; 1 a failure of ours.
"""

from __future__ import annotations

import gc
import importlib
import keyword
import os
import sys
from collections.abc import Callable, Sequence

from cotkd.cli.terminal import reader_is_gone, stop_writing, write_in_any_encoding

COMMANDS = {
    "run": "everything in a recipe, from questions to report",
    "sample": "ask a teacher for k rationales per question",
    "verify": "check answers in files",
    "check": "try the verifier on a set's gold answers, before a token is sampled",
    "filter": "parse, verify and filter completions",
    "train": "train a student on kept rationales",
    "evaluate": "measure a student on suites",
    "report": "write report.html and MODEL_CARD.md of a run directory",
    "compare": "one table over several runs, with paired tests",
    "export": "write kept rationales in the formats of other trainers",
    "import": "read samples of distilabel, Curator, lm-eval, or chat rows",
    "doctor": "versions, devices, extras, and what is missing",
    "methods": "list the methods",
    "filters": "list the filters",
    "verifiers": "list the verifiers",
    "engines": "list the teacher engines",
    "suites": "list question sets and evaluation suites",
    "recipes": "list the recipes",
}
"""Every command with its one line of help; the function is `cotkd.cli.commands.NAME`."""

LISTS = ("methods", "filters", "verifiers", "engines", "suites", "recipes")

MODULES = {
    "check": "checking",
    "compare": "comparing",
    "export": "exporting",
    "import": "importing",
}
"""Modules of the commands that have their own."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    # Read when torch loads: threads that spin for long make a busy machine ten times slower,
    # threads that sleep at once make a quiet one twice as slow.
    os.environ.setdefault("GOMP_SPINCOUNT", "20000")
    # A million rows are no garbage: looking through them again and again takes half of a start.
    gc.set_threshold(100_000, 20, 100)
    write_in_any_encoding()
    try:
        code = _main(list(sys.argv[1:] if arguments is None else arguments))
        sys.stdout.flush()
    except BrokenPipeError:
        if not reader_is_gone():
            raise
        stop_writing()
        return 0
    return code


def _main(words: Sequence[str]) -> int:
    if not words or words[0] in ("-h", "--help", "help"):
        print(usage())
        return 0
    if words[0] == "--version":
        from cotkd.version import VERSION

        print(f"cotkd {VERSION}")
        return 0
    return _guarded(words[0], words[1:])


def usage() -> str:
    """Return the overview that `cotkd --help` prints."""
    width = max(map(len, COMMANDS))
    lines = [f"  {name:<{width}}  {text}" for name, text in COMMANDS.items()]
    return "\n".join(
        [
            "usage: cotkd COMMAND … [--help]",
            "",
            "Distil chain-of-thought reasoning into small students and measure what they learned.",
            "",
            *lines,
            "",
            "Start with:  cotkd run fine_tune_cot",
            "Completion:  cotkd --print-completion bash|zsh|fish",
        ]
    )


def _guarded(command: str, arguments: Sequence[str]) -> int:
    """Run a command; mistakes of the user become one line, without a traceback."""
    from cotkd.errors import CotkdError, UserError

    try:
        _refuse_launcher(command)
        _function(command)(list(arguments))
    except CotkdError as error:
        print(f"cotkd {command}: {error}", file=sys.stderr)
        return 2 if isinstance(error, UserError) else 1
    except KeyboardInterrupt:
        print("interrupted; the same command continues where it stopped", file=sys.stderr)
        return 130
    return 0


def _refuse_launcher(command: str) -> None:
    """Refuse to do in several processes what one process does."""
    from cotkd.errors import SettingError

    processes = int(os.environ.get("WORLD_SIZE") or 1)
    if processes > 1 and "RANK" in os.environ and command != "train":
        raise SettingError(
            f"torchrun starts it {processes} times, and only `cotkd train` shares its work among "
            "processes: start this one without torchrun"
        )


def _function(command: str) -> Callable[[list[str]], None]:
    """Return the function of a command; `import` is one of Python's words, so it ends in `_`."""
    if command == "--print-completion":
        from cotkd.cli.completing import print_completion

        return print_completion
    if command not in COMMANDS:
        from cotkd.config import unknown
        from cotkd.errors import SettingError

        raise SettingError(unknown("command", command, COMMANDS))
    module = "lists" if command in LISTS else MODULES.get(command, "commands")
    name = f"{command}_" if keyword.iskeyword(command) else command
    function: Callable[[list[str]], None] = getattr(
        importlib.import_module(f"cotkd.cli.{module}"), name
    )
    return function
