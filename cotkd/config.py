"""Settings: written once as a frozen class, used as API, YAML and command-line help.

    class PerQuestion(Filter):
        "Keep at most `limit` rationales of a question."
        kind: Literal["per_question"] = "per_question"
        limit: int = Field(4, ge=1)
        "Rationales kept per question."

A `Choice` is a setting with several implementations, told apart by `kind`. Defining a subclass
registers it: no list to edit. Packages of others register through the entry-point group that
carries the root's module name (`cotkd.filters`, `cotkd.methods`, …); a YAML file never names
something to import.
"""

from __future__ import annotations

import difflib
import functools
import importlib
import importlib.metadata
import pkgutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import UnionType
from typing import Any, ClassVar, Literal, Self, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, ValidationError, model_validator
from pydantic_core import ErrorDetails

from cotkd.errors import SettingError


class Config(BaseModel):
    """A group of settings: frozen, no unknown keys, documented by attribute docstrings."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", use_attribute_docstrings=True, protected_namespaces=()
    )

    @model_validator(mode="before")
    @classmethod
    def _short_lists(cls, values: Any) -> Any:
        """Read `a,b` as a list of two where a list is expected, in YAML and on the command line."""
        if not isinstance(values, dict):
            return values
        lists = {
            k
            for k, v in cls.model_fields.items()
            if is_list(v.annotation) and not takes_text(v.annotation)
        }
        return {
            k: [part.strip() for part in v.split(",") if part.strip()]
            if k in lists and isinstance(v, str)
            else v
            for k, v in values.items()
        }

    @model_validator(mode="before")
    @classmethod
    def _over_defaults(cls, values: Any) -> Any:
        """Read a part of a group of settings as changes to the field's default, not to its class's.

        With `predict: Marked = Marked(prefix="predict: ", task="predict")` the value
        `{"prefix": "label: "}` keeps the task. Another `kind` than the default's starts afresh.
        """
        if not isinstance(values, dict):
            return values
        defaults = {name: field.default for name, field in cls.model_fields.items()}
        return {
            name: _changed(default, given)
            if isinstance(default := defaults.get(name), Config) and isinstance(given, Mapping)
            else given
            for name, given in values.items()
        }

    @classmethod
    def parse(cls, values: Mapping[str, Any]) -> Self:
        """Return the settings in `values`, or raise `SettingError` with one line per fault."""
        try:
            return cls.model_validate(dict(values))
        except ValidationError as error:
            raise SettingError(describe(error, cls, values)) from None

    @classmethod
    def from_yaml(cls, path: Path) -> Self:
        """Read settings from a YAML file."""
        import yaml

        try:
            values = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            first = str(error).splitlines()[0]
            raise SettingError(f"{path}: not a readable YAML file ({first})") from None
        if not isinstance(values, dict):
            raise SettingError(
                f"{path}: expected `key: value` lines, found {type(values).__name__}"
            )
        return cls.parse(values)

    def dump(self) -> dict[str, Any]:
        """Return plain JSON-able values that `parse` reads back into an equal object."""
        return self.model_dump(mode="json", serialize_as_any=True)

    def to_yaml(self) -> str:
        """Return the settings as YAML, in field order."""
        import yaml

        return yaml.safe_dump(self.dump(), sort_keys=False, allow_unicode=True)


class Choice(Config):
    """A setting with several implementations, told apart by `kind`."""

    kind: str
    """Name of the implementation."""

    known: ClassVar[dict[str, type[Choice]]] = {}
    root: ClassVar[type[Choice]]

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if Choice in cls.__bases__:
            cls.known = {}
            cls.root = cls
            return
        for kind in _literals(cls.model_fields["kind"].annotation):
            other = cls.known.get(kind)
            if other is not None and other.__qualname__ != cls.__qualname__:
                raise TypeError(
                    f"kind {kind!r} is defined by {other.__module__} and {cls.__module__}"
                )
            cls.known[kind] = cls

    @classmethod
    def kinds(cls) -> dict[str, type[Self]]:
        """Return every implementation by name: own modules, then installed plug-ins."""
        load_package(cls.root.__module__.rpartition(".")[0])
        return dict(sorted(cls.root.known.items()))  # type: ignore[arg-type]

    @classmethod
    def of(cls, kind: str) -> type[Self]:
        """Return the implementation named `kind` (hyphens and underscores are alike)."""
        kinds = cls.kinds()
        by_plain = {plain(name): name for name in kinds}
        if plain(kind) not in by_plain:
            raise SettingError(unknown(cls.root.__name__.lower(), kind, kinds))
        return kinds[by_plain[plain(kind)]]

    @model_validator(mode="wrap")
    @classmethod
    def _dispatch(cls, value: Any, handler: Any) -> Any:
        if cls is not getattr(cls, "root", None) or isinstance(value, cls):
            return handler(value) if not isinstance(value, cls) else value
        if isinstance(value, str):
            value = {"kind": value}
        if not isinstance(value, Mapping) or not isinstance(value.get("kind"), str):
            raise ValueError(f"needs a `kind`, one of: {', '.join(cls.kinds())}")
        try:
            concrete = cls.of(value["kind"])
        except SettingError as error:
            raise ValueError(str(error)) from None
        names = _literals(concrete.model_fields["kind"].annotation)
        exact = next(name for name in names if plain(name) == plain(value["kind"]))
        return concrete.model_validate({**value, "kind": exact})


def _changed(default: Config, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the settings of `default` with those that are `given` in their place."""
    own = getattr(default, "kind", None)
    if own is not None and plain(str(given.get("kind", own))) != plain(own):
        return given
    changed = dict(default.dump())
    for name, value in given.items():
        inner = getattr(default, name, None)
        if isinstance(inner, Config) and isinstance(value, Mapping):
            value = _changed(inner, value)
        changed[name] = value
    return changed


def is_list(annotation: Any) -> bool:
    """Tell whether a field can hold several values."""
    return any(get_origin(option) is tuple for option in _options(annotation))


def takes_text(annotation: Any) -> bool:
    """Tell whether a field can hold a bare string."""
    return str in _options(annotation)


def annotation_at(model: type[BaseModel], values: Any, path: str) -> Any:
    """Return the type of the setting at a dotted path; None where there is none.

    Args:
        model: The class of all settings.
        values: Their values, as far as they tell which kinds are meant.
        path: Names with underscores.
    """
    current: Any = model
    annotation: Any = None
    for part in path.split("."):
        fields = getattr(current, "model_fields", {})
        name = next((name for name in fields if plain(name) == part), None)
        if name is None:
            return None
        annotation, default = fields[name].annotation, fields[name].default
        values = values.get(name) if isinstance(values, Mapping) else None
        current = _concrete(annotation, values, default)
    return annotation


def _options(annotation: Any) -> tuple[Any, ...]:
    return get_args(annotation) if get_origin(annotation) in (Union, UnionType) else (annotation,)


def _literals(annotation: Any) -> tuple[str, ...]:
    return get_args(annotation) if get_origin(annotation) is Literal else ()


def plain(name: str) -> str:
    """Return `name` in lower case with underscores for hyphens."""
    return name.lower().replace("-", "_")


@functools.cache
def load_package(package: str) -> None:
    """Import every module of `package` and the plug-ins registered for it, so classes register.

    Once in a process: reading what is installed takes far longer than parsing a setting.
    """
    module = importlib.import_module(package)
    for info in pkgutil.iter_modules(module.__path__, package + "."):
        importlib.import_module(info.name)
    for entry in importlib.metadata.entry_points(group=package):
        entry.load()


def unknown(what: str, name: str, known: Iterable[str]) -> str:
    """Return "unknown WHAT 'NAME': did you mean …?" with the known names."""
    names = sorted(known)
    close = difflib.get_close_matches(plain(name), [plain(n) for n in names], n=1, cutoff=0.6)
    hint = f" did you mean {next(n for n in names if plain(n) == close[0])!r}?" if close else ""
    return f"unknown {what} {name!r}:{hint} known: {', '.join(names)}"


def describe(error: ValidationError, model: type[BaseModel], values: Any = None) -> str:
    """Return one line for each fault of a validation error: path, what was wrong, value seen.

    Args:
        error: What pydantic raised.
        model: The class that was parsed.
        values: What it was parsed from; tells which kinds are meant, for "did you mean".
    """
    return "; ".join(_fault(fault, model, values) for fault in error.errors())


def _fault(fault: ErrorDetails, model: type[BaseModel], values: Any) -> str:
    path = ".".join(str(part) for part in fault["loc"]) or model.__name__
    if fault["type"] == "extra_forbidden":
        fields = _fields_at(model, values, fault["loc"][:-1])
        return unknown("setting", path, fields) if fields else f"unknown setting {path!r}"
    if fault["type"] == "model_type" and (fields := _fields_at(model, values, fault["loc"])):
        seen = f"(got {fault['input']!r})"
        return f"{path}: is a group: set what is in it, such as {fields[0]} {seen}"
    message = fault["msg"].removeprefix("Value error, ")
    seen = "" if fault["type"] in ("missing", "value_error") else f" (got {fault['input']!r})"
    return f"{path}: {message}{seen}"


def _fields_at(model: type[BaseModel], values: Any, location: tuple[int | str, ...]) -> list[str]:
    """Return the dotted names of the settings in the group at `location`."""
    current: Any = model
    default: Any = None
    if isinstance(values, Mapping) and "kind" in values:
        current = _concrete(model, values, None)
    for part in location:
        if not isinstance(part, int):
            field = getattr(current, "model_fields", {}).get(part)
            current = field.annotation if field is not None else None
            default = field.default if field is not None else None
        try:
            values = values[part]
        except (KeyError, IndexError, TypeError):
            return []
        current = _concrete(current, values, default)
    prefix = "".join(f"{part}." for part in location)
    return [prefix + name for name in getattr(current, "model_fields", {})]


def _concrete(annotation: Any, values: Any, default: Any) -> Any:
    """Return the settings class that `values` are for: unions and lists opened, kinds resolved.

    Values without a kind are those of the default, where there is one.
    """
    options = [annotation, *get_args(annotation)]
    found = next((o for o in options if isinstance(o, type) and issubclass(o, BaseModel)), None)
    if found is not None and issubclass(found, Choice) and isinstance(values, Mapping):
        if "kind" not in values and isinstance(default, found):
            return type(default)
        return found.of(str(values.get("kind")))
    return found or annotation
