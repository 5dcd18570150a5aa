"""The card of exported data: what it is, whose words they are, what was dropped, on what terms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cotkd.config import Config
from cotkd.errors import SettingError
from cotkd.interop.curated import Curated
from cotkd.interop.exports.base import Export
from cotkd.interop.terms import Terms, terms_of
from cotkd.questions.base import QuestionSource
from cotkd.report.wording import count, section
from cotkd.version import VERSION

UNKNOWN = "not known to cotkd: find out before you pass this data on"


class CardSettings(Config):
    """What the card of a dataset cannot find out by itself."""

    licence: str = "unknown"
    """Licence of the exported data, as the hub writes it, e.g. `mit`."""
    teacher_licence: str | None = None
    """The teacher's licence; null takes what is known of its name. Of several teachers it is that
    of those of which nothing is known."""
    teacher_terms: str | None = None
    """What that licence says about training on outputs; null takes what is known of its name."""


def teacher_terms(teacher: str, settings: CardSettings, *, alone: bool = True) -> Terms | None:
    """Return a teacher's terms: as set, else as known.

    Args:
        teacher: Its name as rows have it.
        settings: What was set; of several teachers for those of which nothing is known.
        alone: It is the only teacher.
    """
    known = terms_of(teacher)
    set_here = settings.teacher_licence is not None or settings.teacher_terms is not None
    if not set_here or (known is not None and not alone):
        return known
    return Terms(
        settings.teacher_licence or (known.licence if known else UNKNOWN),
        settings.teacher_terms or (known.outputs if known else UNKNOWN),
    )


def require_terms(found: Curated, settings: CardSettings) -> None:
    """Raise `SettingError` where data of a teacher without known terms would be published."""
    for teacher in found.teachers:
        if teacher_terms(teacher, settings) is None:
            raise SettingError(
                f"the licence of teacher {teacher!r} is not known here, and the card of published "
                "data states it: give --teacher-licence, and --teacher-terms for its outputs"
            )


def render_card(found: Curated, format: Export, rows: int, settings: CardSettings) -> str:
    """Return the dataset card as Markdown, with the front matter that the hub reads."""
    parts = [
        _front(rows, settings),
        f"# Rationales of {', '.join(found.teachers) or 'no teacher'}",
        f"{count(rows)} rows of kind `{format.kind}` ({format.title}), made with cotkd {VERSION}. "
        "All solutions are text of a language model; their final answers were checked against the "
        "gold answers, their steps only as far as the filters below say.",
        section("Questions", _questions(found)),
        section("Teacher", _teachers(found, settings)),
        section("Filters, and what they dropped", _filters(found)),
        section("Columns", f"Read by {format.source}. Question: `{_shown(format.question)}`; "
                f"solution: `{_shown(format.solution)}`."),
    ]  # fmt: skip
    return "\n\n".join(parts) + "\n"


def _front(rows: int, settings: CardSettings) -> str:
    import yaml

    values = {
        "license": settings.licence,
        "task_categories": ["text-generation"],
        "tags": ["chain-of-thought", "distillation", "synthetic", "cotkd"],
        "size_categories": [_size(rows)],
    }
    return f"---\n{yaml.safe_dump(values, sort_keys=False)}---"


def _size(rows: int) -> str:
    for limit, name in ((1e3, "n<1K"), (1e4, "1K<n<10K"), (1e5, "10K<n<100K"), (1e6, "100K<n<1M")):
        if rows < limit:
            return name
    return "n>1M"


def _questions(found: Curated) -> str:
    sets: dict[tuple[str, str], int] = {}
    for group in found.groups:
        place = (group.question.source, group.question.split)
        sets[place] = sets.get(place, 0) + 1
    kinds = QuestionSource.kinds()
    lines = []
    for (source, split), number in sets.items():
        name = f"`{source}`" if source else "a file of the user's own"
        told = f": {kinds[source].title} ({kinds[source].source})" if source in kinds else ""
        lines.append(f"- {count(number)} of {name}{f', split {split}' if split else ''}{told}")
    answered = sum(bool(group.right) for group in found.groups)
    return "\n".join([*lines, f"- {count(answered)} of them have a right rationale here"])


def _teachers(found: Curated, settings: CardSettings) -> str:
    lines = []
    for teacher, number in found.teachers.items():
        terms = teacher_terms(teacher, settings, alone=len(found.teachers) == 1)
        lines += [
            f"- `{teacher}`: {count(number)} rationales sampled",
            f"  - licence: {terms.licence if terms else UNKNOWN}",
            f"  - its outputs: {terms.outputs if terms else UNKNOWN}",
        ]
    asked = ", ".join(f"`{name}` ({count(n)})" for name, n in found.elicitations.items())
    lines.append(f"- asked by: {asked}")
    if sampling := found.config.get("sampling"):
        lines.append(f"- sampling: {_settings(sampling)}")
    return "\n".join(lines)


def _filters(found: Curated) -> str:
    lines = [f"{count(found.sampled)} rationales were sampled."]
    for stage in found.stages:
        reasons = ", ".join(f"{count(n)} {reason}" for reason, n in stage.dropped.items())
        lines.append(f"- `{stage.filter}` kept {count(stage.kept)}, dropped {reasons or 'none'}")
    if found.left_out:
        lines.append(f"- {count(found.left_out)} that filters kept are not right and left out here")
    return "\n".join([*lines, f"- {count(found.right)} right rationales remain"])


def _settings(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in values.items() if value not in ([], None))


def _shown(template: str) -> str:
    return template.replace("\n", "\\n")
