"""Command-line flags over settings: `--training.learning-rate 1e-3` sets that field.

The recipe fixes the concrete classes, a `--X.kind` may replace one, and the remaining flags are
then read against exactly those classes. Values are checked by the settings themselves, so YAML,
Python and the command line accept the same things and fail with the same line.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any, NamedTuple, TypeVar, get_args

from pydantic.fields import FieldInfo

from cotkd.config import Config, annotation_at, is_list, plain, takes_text, unknown
from cotkd.errors import SettingError

C = TypeVar("C", bound=Config)

ALIASES = {
    "questions": "questions.name",
    "on_bad_row": "questions.on_bad_row",
    "teacher.engine": "teacher.kind",
    "scorer.engine": "scorer.kind",
    "n": "samples",
    **{name: f"sampling.{name}" for name in ("temperature", "top_p", "top_k", "max_tokens")},
}
"""Short flags for settings that live in a group, where a command has no setting of that name."""


class Flags(NamedTuple):
    """What was typed: words without a flag, and the value of each flag in order."""

    words: list[str]
    values: list[tuple[str, str]]

    def pop(self, name: str, default: str | None = None) -> str | None:
        """Remove the flag `name` and return its last value."""
        found = [value for flag, value in self.values if flag == name]
        self.values[:] = [pair for pair in self.values if pair[0] != name]
        return found[-1] if found else default

    def switch(self, name: str) -> bool:
        """Remove a flag that takes no value and return whether it is on; what follows is a word."""
        value = self.pop(name, "false")
        if value in ("true", "false"):
            return value == "true"
        assert value is not None
        self.words.insert(0, value)
        return True

    def require(self, name: str, command: str) -> str:
        """Remove the flag `name` and return its value, or say that `command` needs it."""
        value = self.pop(name)
        if value is None:
            raise SettingError(f"needs --{name}: see `cotkd {command} --help`")
        return _given(name, value)

    def word(self, what: str, command: str) -> str:
        """Remove the first word and return it, or say that `command` needs it."""
        if not self.words:
            raise SettingError(f"needs {what}: see `cotkd {command} --help`")
        return self.words.pop(0)

    def no_words(self) -> None:
        """Refuse words that nobody read."""
        if self.words:
            word = self.words[0]
            several = "; of several files each has its flag, a pattern its quotes"
            more = several if Path(word).exists() else ""
            raise SettingError(f"unexpected {word!r}: settings are flags, --NAME VALUE{more}")

    def finish(self, known: Sequence[str] = ()) -> None:
        """Refuse flags and words that nobody read."""
        if self.values:
            name = "--" + self.values[0][0].replace("_", "-")
            names = ["--" + k.replace("_", "-") for k in known]
            raise SettingError(
                unknown("flag", name, names) if names else f"unknown flag {name!r}: there are none"
            )
        self.no_words()


def split(arguments: Sequence[str]) -> Flags:
    """Separate words from flags: `--x v`, `--x=v`; a bare `--x` is true, a bare `--no-x` false.

    `-h` is `--help`.
    """
    flags = Flags([], [])
    rest = list(arguments)
    while rest:
        token = rest.pop(0)
        if token == "-h":
            token = "--help"
        if not token.startswith("--"):
            flags.words.append(token)
            continue
        name, equals, value = token[2:].partition("=")
        name = name.replace("-", "_")
        if equals:
            flags.values.append((name, value))
        elif rest and not rest[0].startswith("--"):
            flags.values.append((name, rest.pop(0)))
        elif name.startswith("no_"):
            flags.values.append((name[3:], "false"))
        else:
            flags.values.append((name, "true"))
    return flags


def override(config: C, flags: Sequence[tuple[str, Any]]) -> C:
    """Return `config` with the flags applied: kinds first, then everything else in order."""
    return _applied(type(config), config.dump(), flags)


def settings_of(config: type[C], flags: Sequence[tuple[str, Any]]) -> C:
    """Return the settings that flags alone give, for a class that has required ones."""
    return _applied(config, {}, flags)


def _applied(config: type[C], values: dict[str, Any], flags: Sequence[tuple[str, Any]]) -> C:
    named = [(full_name(name, config), value) for name, value in flags]
    kinds = [(name, value) for name, value in named if name.endswith(".kind")]
    for name, value in kinds:
        _set(values, name.removesuffix(".kind"), {"kind": value})
    for name, value in _gathered(config, values, named):
        if not name.endswith(".kind"):
            _set(values, name, value)
    return config.parse(values)


def _gathered(
    config: type[Config], values: dict[str, Any], named: Sequence[tuple[str, Any]]
) -> list[tuple[str, Any]]:
    """Return the flags, those of a list that are given several times as one with all values.

    Of another setting the last value counts, so that a script's flags can be overridden.
    """
    given: dict[str, list[Any]] = {}
    for name, value in named:
        given.setdefault(plain(name), []).append(value)
    several = {
        name: annotation
        for name, each in given.items()
        if len(each) > 1 and is_list(annotation := annotation_at(config, values, name))
    }
    found, done = [], set()
    for name, value in named:
        key = plain(name)
        if key in several and key not in done:
            done.add(key)
            found.append((name, _listed(given[key], whole=takes_text(several[key]))))
        elif key not in several:
            found.append((name, value))
    return found


def _listed(values: Sequence[Any], *, whole: bool) -> list[Any]:
    """Return the elements that several values of a list give; `a,b` are two, unless it is text."""
    elements: list[Any] = []
    for value in map(_read, values):
        if isinstance(value, list):
            elements += value
        elif isinstance(value, str) and not whole:
            elements += [part.strip() for part in value.split(",") if part.strip()]
        else:
            elements.append(value)
    return elements


def full_name(name: str, config: type[Config]) -> str:
    """Return the dotted name of the setting that a flag names, in short or in full.

    Raises:
        SettingError: no setting of `config` begins so.
    """
    fields = list(config.model_fields)
    short = {a: full for a, full in ALIASES.items() if full.split(".")[0] in fields}
    full = short.get(name, name)
    if plain(full.split(".")[0]) in map(plain, fields):
        return full
    names = [f"--{known.replace('_', '-')}" for known in {*fields, *short}]
    raise SettingError(unknown("flag", f"--{name.replace('_', '-')}", names))


def _set(values: dict[str, Any], path: str, value: Any) -> None:
    """Set the value at a dotted path; groups and lists on the way are opened as needed."""
    parts = path.split(".")
    last = parts[-1]
    current: Any = values
    for part, following in itertools.pairwise(parts):
        place = _place(current, part, path)
        inner = current[place] if isinstance(current, list) else current.get(place)
        current[place] = _opened(inner, as_list=following.isdigit())
        current = current[place]
    current[_place(current, last, path)] = _read(value)


def _opened(value: Any, *, as_list: bool) -> Any:
    """Return a container for what is set inside: a short form (`correct,distinct`) written out."""
    if isinstance(value, dict | list):
        return value
    if as_list:
        return str(value).split(",") if value else []
    return {"kind": value} if value is not None else {}


def _place(current: Any, part: str, path: str) -> Any:
    """Return the key or index of `part` in a group or list."""
    if not isinstance(current, list):
        return next((key for key in current if plain(key) == plain(part)), part)
    if not part.isdigit() or int(part) >= len(current):
        raise SettingError(f"--{path}: {part!r} is not an index of a list of {len(current)}")
    return int(part)


_GAP = re.compile(r"\{\w+\}")  # begins a template such as "{question}\nA:", never a group


def _read(value: Any) -> Any:
    """Return a flag's text as the plain value it stands for; types are checked later."""
    if not isinstance(value, str):
        return value
    if value.lower() in ("none", "null"):
        return None
    if value.startswith(("[", "{")) and not _GAP.match(value):
        import yaml

        try:
            return yaml.safe_load(value)
        except yaml.YAMLError:
            raise SettingError(f"{value!r} is not valid YAML: quote it") from None
    return value


def print_help(config: Config, command: str, description: str) -> None:
    """Print every setting of `config` with its documentation and present value."""
    import tyro

    narrowed = _narrow(config)
    tyro.cli(
        type(narrowed), default=narrowed, args=["--help"], prog=command, description=description
    )


def _narrow(config: Config) -> Config:
    """Return an equal object of a class in which every choice is of its concrete class."""
    from pydantic import create_model

    fields: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, info in type(config).model_fields.items():
        value = getattr(config, name)
        if isinstance(value, Config):
            value = _narrow(value)
            annotation: Any = type(value)
        elif isinstance(value, tuple) and value and all(isinstance(v, Config) for v in value):
            value = tuple(_narrow(v) for v in value)
            annotation = tuple[tuple(type(v) for v in value)]  # type: ignore[misc]
        elif value is None and (groups := [*filter(_is_group, get_args(info.annotation))]):
            annotation = str | None
            info = _with_fields(info, name, groups[0])
        elif value == {}:
            annotation, value = str, "{}"
        else:
            annotation = info.annotation
        fields[name] = (annotation, info)
        values[name] = value
    model = create_model(type(config).__name__, __base__=Config, __doc__=None, **fields)
    return model.model_construct(**values)


def _with_fields(info: FieldInfo, name: str, group: type[Config]) -> FieldInfo:
    """Return the field with what can be set inside it, for a group that is not set."""
    kinds = getattr(group, "kinds", None)
    inside = "|".join(kinds()) if kinds else ", ".join(f".{inner}" for inner in group.model_fields)
    told = copy(info)
    told.description = f"{info.description or ''} Takes {inside}".strip()
    told.description += "." if kinds else f", as in --{name}.{next(iter(group.model_fields))}."
    return told


def _is_group(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Config)


def path_of(flags: Flags, name: str, default: str | None = None) -> Path | None:
    """Remove the flag `name` and return it as a path."""
    value = flags.pop(name, default)
    return Path(_given(name, value)) if value is not None else None


def _given(name: str, value: str) -> str:
    """Return the value of a flag that names something: a bare `--out` would name `true`."""
    if value == "true":
        raise SettingError(f"--{name} needs a value: --{name} DIR")
    return value
