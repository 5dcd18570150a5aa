"""Commands that list what is registered: name, what it is, source; one line each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from cotkd.settings.flags import split


def _print(rows: Iterable[tuple[str, str, str]], command: str, arguments: Sequence[str]) -> None:
    flags = split(arguments)
    if flags.pop("help"):
        print(f"cotkd {command}: name, what it is, [where it comes from]; one line each")
        return
    flags.finish()
    rows = list(rows)
    width = max(len(name) for name, _, _ in rows)
    for name, text, source in rows:
        print(f"{name:<{width}}  {text}" + (f"  [{source}]" if source else ""))


def _summary(cls: type) -> str:
    return (cls.__doc__ or "").strip().splitlines()[0].rstrip(".")


def _with_modules(kinds: Mapping[str, type]) -> list[tuple[str, str, str]]:
    return [(kind, _summary(cls), cls.__module__) for kind, cls in kinds.items()]


def methods(arguments: Sequence[str]) -> None:
    """List the methods with their papers."""
    from cotkd.methods.base import Method

    _print(((k, _summary(c), c.paper) for k, c in Method.kinds().items()), "methods", arguments)


def filters(arguments: Sequence[str]) -> None:
    """List the filters with their papers."""
    from cotkd.filters.base import Filter

    _print(((k, c.title, c.source) for k, c in Filter.kinds().items()), "filters", arguments)


def verifiers(arguments: Sequence[str]) -> None:
    """List the verifiers."""
    from cotkd.verify.base import Verifier

    _print(_with_modules(Verifier.kinds()), "verifiers", arguments)


def engines(arguments: Sequence[str]) -> None:
    """List the teacher engines."""
    from cotkd.teachers.base import Teacher

    _print(_with_modules(Teacher.kinds()), "engines", arguments)


def suites(arguments: Sequence[str]) -> None:
    """List the question sets with their splits, then the groups of suites."""
    from cotkd.questions.base import QuestionSource
    from cotkd.questions.groups import GROUPS

    rows = [
        (k, f"{c.title} ({_few(c.splits)})", c.source) for k, c in QuestionSource.kinds().items()
    ]
    rows += [(k, f"group: {g.title}", _few(g.suites)) for k, g in GROUPS.items()]
    _print(rows, "suites", arguments)


def _few(names: Sequence[str]) -> str:
    """Return names as a list; of more than ten the first three, and how many they are."""
    if len(names) <= 10:
        return ", ".join(names)
    return f"{', '.join(names[:3])}, … {len(names)} in all"


def recipes(arguments: Sequence[str]) -> None:
    """List the recipes."""
    from cotkd.settings.recipe import recipes as every

    _print(((r.name, r.summary, "") for r in every()), "recipes", arguments)
