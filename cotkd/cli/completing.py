"""`cotkd --print-completion bash|zsh|fish`: the script that lets a shell complete the commands.

    cotkd --print-completion bash > ~/.local/share/bash-completion/completions/cotkd
    cotkd --print-completion zsh  > "${fpath[1]}/_cotkd"
    cotkd --print-completion fish > ~/.config/fish/completions/cotkd.fish

The script holds all words itself, so that completing starts nothing; print it again after an
update, or after a plug-in was installed.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from jinja2 import Environment, PackageLoader

from cotkd.cli import COMMANDS
from cotkd.config import Choice, Config, unknown
from cotkd.errors import SettingError

_TOP = ["--help", "--version", "--print-completion"]
_SHELLS = ("bash", "zsh", "fish")
_ENVIRONMENT = Environment(
    loader=PackageLoader("cotkd.cli"),
    autoescape=False,  # what comes out is a shell's
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters["quoted"] = lambda words: shlex.quote(" ".join(words))


class Words(NamedTuple):
    """What can follow a command."""

    arguments: tuple[str, ...] = ()
    """Words without a flag, such as recipes."""
    flags: Mapping[str, tuple[str, ...]] = {}
    """Flags with the values that they take; none where these are open."""

    @property
    def all(self) -> list[str]:
        """Everything that can follow."""
        return [*self.arguments, *self.flags, "--help"]


def print_completion(arguments: Sequence[str]) -> None:
    """`cotkd --print-completion bash|zsh|fish`: print the script of a shell."""
    if len(arguments) != 1:
        raise SettingError(f"takes one shell, of {', '.join(_SHELLS)}: got {list(arguments)}")
    print(script(arguments[0]), end="")


def script(shell: str) -> str:
    """Return the completion script of a shell; raises `SettingError` for other shells."""
    if shell not in _SHELLS:
        raise SettingError(unknown("shell", shell, _SHELLS))
    found = words()
    cases = [
        (f"{name} {flag}", values)
        for name, one in found.items()
        for flag, values in one.flags.items()
        if values
    ]
    return _ENVIRONMENT.get_template(f"{shell}.jinja").render(
        found=found,
        cases=[*cases, ("--print-completion --print-completion", _SHELLS)],
        commands=COMMANDS,
        top=_TOP,
        shells=_SHELLS,
    )


def words() -> dict[str, Words]:
    """Return what can follow each command."""
    from cotkd.cli.checking import CheckSettings
    from cotkd.cli.comparing import CompareSettings
    from cotkd.cli.exporting import ExportSettings
    from cotkd.cli.importing import ImportSettings
    from cotkd.cli.settings import EvaluateSettings, FilterSettings, SampleSettings, TrainSettings
    from cotkd.estimate.hardware import DEVICES
    from cotkd.interop.exports.base import Export
    from cotkd.interop.imports.base import Import
    from cotkd.questions.base import QuestionSource
    from cotkd.settings.recipe import recipe_names
    from cotkd.stages.settings import RunConfig
    from cotkd.verify.base import Verifier

    sets, out = tuple(QuestionSource.kinds()), {"--out": ()}
    run = {"--seeds": (), "--dry-run": (), "--gpu": tuple(one.name for one in DEVICES)}
    asked = {"--questions": sets, "--n": (), "--temperature": (), "--max-tokens": ()}
    verify = {"--text-field": (), "--gold-field": (), "--id-field": ()}
    found = {name: Words() for name in COMMANDS}
    found |= {
        "run": Words(tuple(recipe_names()), out | run | _flags(RunConfig)),
        "sample": Words((), out | asked | _flags(SampleSettings)),
        "filter": Words((), out | {"--questions": sets} | _flags(FilterSettings)),
        "train": Words((), out | _flags(TrainSettings)),
        "evaluate": Words((), out | {"--suites": sets} | _flags(EvaluateSettings)),
        "check": Words(sets, _flags(CheckSettings)),
        "verify": Words((), out | verify | {"--verifier": tuple(Verifier.kinds())}),
        "compare": Words((), _flags(CompareSettings)),
        "export": Words((), {"--to": tuple(Export.kinds())} | _flags(ExportSettings)),
        "import": Words(
            (), {"--from": tuple(Import.kinds()), "--questions": sets} | _flags(ImportSettings)
        ),
    }
    return found


def _flags(settings: type[Config], prefix: str = "") -> dict[str, tuple[str, ...]]:
    """Return the flags of a class of settings; those of a choice are those of its default."""
    flags: dict[str, tuple[str, ...]] = {}
    for name, field in settings.model_fields.items():
        flag = f"--{prefix}{name.replace('_', '-')}"
        inner = prefix + name.replace("_", "-") + "."
        group = _group(field.annotation)
        if group is None:
            flags.setdefault(flag, _values(field.annotation))
        elif issubclass(group, Choice):
            if isinstance(field.default, Config):
                flags |= _flags(type(field.default), inner)
            flags[f"{flag}.kind"] = tuple(group.kinds())
        else:
            flags |= _flags(group, inner)
    return {flag: values for flag, values in flags.items() if flag != f"--{prefix}kind"}


def _group(annotation: Any) -> type[Config] | None:
    """Return the class of a setting that is a group of settings, also where it may be null."""
    options = get_args(annotation) if _is_union(annotation) else (annotation,)
    groups = (one for one in options if isinstance(one, type) and issubclass(one, Config))
    return next(groups, None)


def _values(annotation: Any) -> tuple[str, ...]:
    """Return the values that a setting is limited to."""
    options = get_args(annotation) if _is_union(annotation) else (annotation,)
    found = [str(v) for one in options if get_origin(one) is Literal for v in get_args(one)]
    return ("true", "false") if bool in options else tuple(found)


def _is_union(annotation: Any) -> bool:
    return get_origin(annotation) in (Union, UnionType)
