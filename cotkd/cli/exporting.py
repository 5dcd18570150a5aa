r"""`cotkd export`: kept rationales as training data of other tools.

    cotkd export runs/first --to messages --out train.jsonl
    cotkd export runs/first --to dpo --datasets pairs/ --push me/pairs

A run directory becomes JSON lines, a folder of `datasets`, a dataset on the hub, or all three.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from cotkd.config import Config
from cotkd.errors import DataError, SettingError
from cotkd.interop.card import CardSettings, render_card, require_terms
from cotkd.interop.curated import Curated, read_curated
from cotkd.interop.exports.base import Export
from cotkd.interop.exports.prompt_completion import PromptCompletion
from cotkd.interop.hub import push, require_hub
from cotkd.interop.write import describe_file, write_folder, write_lines
from cotkd.settings.flags import print_help, settings_of, split


class ExportSettings(Config):
    """Kept rationales as training data of other tools."""

    to: Export
    """The format."""
    out: Path | None = None
    """File of JSON lines; for formats of LLaMA-Factory a `dataset_info.json` beside it names it."""
    datasets: Path | None = None
    """Folder that `datasets.load_from_disk` reads."""
    push: str | None = Field(None, min_length=1)
    """Dataset on the Hugging Face hub, OWNER/NAME; one commit with rows and card."""
    public: bool = False
    """A repository that is made for it can be seen by everyone."""
    card: CardSettings = CardSettings()
    """What the card says that cannot be found out."""


_SHORT = {name: f"card.{name}" for name in CardSettings.model_fields}


def export(arguments: Sequence[str]) -> None:
    """`cotkd export DIR --to FORMAT --out FILE [--datasets FOLDER] [--push OWNER/NAME]`."""
    flags = split(arguments)
    if flags.pop("help"):
        formats = "\n".join(f"{k}: {c.title} ({c.source})" for k, c in Export.kinds().items())
        default = ExportSettings(to=PromptCompletion())
        print_help(default, "cotkd export DIR", f"Formats:\n\n{formats}")
        return
    folder = Path(flags.word("a run directory", "export"))
    flags.no_words()
    given = {name for name, _ in flags.values}
    if "to" not in given:
        raise SettingError(f"needs --to FORMAT, one of: {', '.join(Export.kinds())}")
    if not given & {"out", "datasets", "push"}:
        raise SettingError("needs --out FILE, --datasets FOLDER or --push OWNER/NAME")
    named = [(_SHORT.get(name, name), value) for name, value in flags.values]
    for line in write_exports(folder, settings_of(ExportSettings, named)):
        print(line)


def write_exports(folder: Path, settings: ExportSettings) -> list[str]:
    """Write a run directory as it is asked for, and return a line for each thing that was made.

    Raises:
        SettingError: the hub cannot be reached, or a teacher's terms are not known.
        DataError: the directory cannot be read, or gives no row.
    """
    if settings.push is not None:
        require_hub(settings.push)  # before a large directory is read
    found = read_curated(folder)
    if settings.push is not None:
        require_terms(found, settings.card)
    rows = rows_of(found, settings.to)
    card = render_card(found, settings.to, len(rows), settings.card)
    made = []
    if settings.out is not None:
        write_lines(settings.out, rows)
        made.append(f"{len(rows)} rows written to {settings.out}")
        if settings.to.entry:
            made.append(f"described in {describe_file(settings.out, settings.to.entry)}")
    if settings.datasets is not None:
        write_folder(settings.datasets, rows, card)
        made.append(f"{len(rows)} rows written to {settings.datasets}")
    if settings.push is not None:
        place = push(settings.push, rows, card, public=settings.public)
        made.append(f"{len(rows)} rows pushed to {place}")
    if found.left_out:
        made.append(f"{found.left_out} rationales that filters kept are not right and left out")
    return made


def rows_of(found: Curated, format: Export) -> list[dict[str, Any]]:
    """Return the rows of a run directory in a format; raises `DataError` if there are none."""
    rows = [row for group in found.groups for row in format.rows(group)]
    if not rows:
        right = sum(bool(group.right) for group in found.groups)
        wrong = sum(bool(group.wrong) for group in found.groups)
        raise DataError(
            f"{found.folder}: no row for {format.kind}: of {len(found.groups)} questions {right} "
            f"have a right rationale that was kept, {wrong} a wrong one"
        )
    return rows
