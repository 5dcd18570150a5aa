"""`cotkd import`: samples of other tools, as `cotkd sample` would have written them.

    cotkd import rows.parquet --from distilabel --out runs/theirs
    cotkd filter runs/theirs --questions runs/theirs/questions.jsonl --out runs/kept

With `--questions gsm8k:train` rows are matched to that set by the text of the question, and take
its ids and gold answers.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.interop.imports.base import Import
from cotkd.interop.imports.distilabel import Distilabel
from cotkd.interop.samples import Adopted, OnUnmatched, adopt, by_stream
from cotkd.questions.load import QuestionsConfig, load_questions
from cotkd.settings.flags import print_help, settings_of, split
from cotkd.store.rows import write_rows


class ImportSettings(Config):
    """Samples of other tools, as `cotkd sample` would have written them."""

    format: Import
    """The tool; `--from` on the command line."""
    out: Path
    """Directory for `samples/` and `questions.jsonl`."""
    questions: QuestionsConfig | None = None
    """The questions that were asked; null makes them of the rows."""
    on_unmatched: OnUnmatched = "error"
    """What a row without a gold answer, or of no given question, does: end the import, or be left
    out and counted."""


def import_(arguments: Sequence[str]) -> None:
    """`cotkd import PATH … --from TOOL --out DIR [--questions NAME|FILE]`."""
    flags = split(arguments)
    if flags.pop("help"):
        tools = "\n".join(f"{k}: {c.title} ({c.source})" for k, c in Import.kinds().items())
        default = ImportSettings(format=Distilabel(), out=Path("runs/theirs"))
        more = f"--format is --from on the command line.\n\nTools:\n\n{tools}"
        print_help(default, "cotkd import PATH …", more)
        return
    if not flags.words:
        raise SettingError("needs a file or folder of samples: see `cotkd import --help`")
    given = {name for name, _ in flags.values}
    if "from" not in given:
        raise SettingError(f"needs --from TOOL, one of: {', '.join(Import.kinds())}")
    if "out" not in given:
        raise SettingError("needs --out DIR: see `cotkd import --help`")
    named = [(_full(name), value) for name, value in flags.values]
    settings = settings_of(ImportSettings, named)
    found = import_samples(flags.words, settings)
    teachers = ", ".join(dict.fromkeys(row.teacher for row in found.completions))
    count = len(found.completions)
    print(f"{count} samples of {len(found.questions)} questions by {teachers}")
    place = settings.out / "questions.jsonl"
    print(f"written to {settings.out}; next: cotkd filter {settings.out} --questions {place}")


def _full(flag: str) -> str:
    """Return the setting that a flag names; `from` is no name that Python knows."""
    first, dot, rest = flag.partition(".")
    return "format" + dot + rest if first == "from" else flag


def import_samples(names: Sequence[str], settings: ImportSettings) -> Adopted:
    """Read samples and write them as a directory of `cotkd sample`.

    Raises:
        DataError: a file cannot be read or used, or the directory holds samples already.
    """
    if any((settings.out / "samples").glob("*.jsonl")):
        raise DataError(f"{settings.out} holds samples already: choose another --out")
    questions = None if settings.questions is None else load_questions(settings.questions)
    found = adopt(
        itertools.chain.from_iterable(settings.format.read(name) for name in names),
        settings.format.kind,
        questions=questions,
        on_unmatched=settings.on_unmatched,
    )
    for stream, rows in by_stream(found.completions).items():
        write_rows(settings.out / "samples" / f"{stream}.jsonl", rows)
    write_rows(settings.out / "questions.jsonl", found.questions)
    return found
