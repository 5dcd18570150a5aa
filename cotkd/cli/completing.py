"""`cotkd --print-completion bash|zsh|fish`: the script that lets a shell complete the commands.

    cotkd --print-completion bash > ~/.local/share/bash-completion/completions/cotkd
    cotkd --print-completion zsh  > "${fpath[1]}/_cotkd"
    cotkd --print-completion fish > ~/.config/fish/completions/cotkd.fish

The script holds all words itself, so that completing starts nothing; print it again after an
update, or after a plug-in was installed.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Any, Literal, NamedTuple, Union, get_args, get_origin

from cotkd.cli import COMMANDS
from cotkd.config import Choice, Config, unknown
from cotkd.errors import SettingError


class Words(NamedTuple):
    """What can follow a command."""

    arguments: tuple[str, ...] = ()
    """Words without a flag, such as recipes."""
    flags: Mapping[str, tuple[str, ...]] = {}
    """Flags with the values that they take; none where these are open."""


def print_completion(arguments: Sequence[str]) -> None:
    """`cotkd --print-completion bash|zsh|fish`: print the script of a shell."""
    if len(arguments) != 1:
        raise SettingError(f"takes one shell, of {', '.join(_SHELLS)}: got {list(arguments)}")
    print(script(arguments[0]), end="")


def script(shell: str) -> str:
    """Return the completion script of a shell; raises `SettingError` for other shells."""
    makers = {"bash": _bash, "zsh": _zsh, "fish": _fish}
    if shell not in makers:
        raise SettingError(unknown("shell", shell, makers))
    return "\n".join(makers[shell](words())) + "\n"


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


_TOP = ("--help", "--version", "--print-completion")
_SHELLS = ("bash", "zsh", "fish")


def _bash(found: Mapping[str, Words]) -> Iterator[str]:
    yield "_cotkd() {"
    yield '    local current="${COMP_WORDS[COMP_CWORD]}" last="${COMP_WORDS[COMP_CWORD-1]}"'
    yield '    local command="${COMP_WORDS[1]}" words=""'
    yield '    if [ "$COMP_CWORD" -eq 1 ]; then'
    yield f"        words={shlex.quote(' '.join([*found, *_TOP]))}"
    yield "    else"
    yield '        case "$command $last" in'
    yield from (f"            {line}" for line in _cases(found, "words={}"))
    yield "        esac"
    yield '        if [ -z "$words" ]; then case "$command" in'
    for name, one in found.items():
        both = shlex.quote(" ".join([*one.arguments, *one.flags, "--help"]))
        yield f"            {name}) words={both} ;;"
    yield "        esac; fi"
    yield "    fi"
    yield '    COMPREPLY=($(compgen -W "$words" -- "$current"))'
    yield "}"
    yield "complete -o default -F _cotkd cotkd"


def _cases(found: Mapping[str, Words], action: str) -> Iterator[str]:
    """Yield a case for each flag whose values are known."""
    for name, one in found.items():
        for flag, values in one.flags.items():
            if values:
                yield f"'{name} {flag}') {action.format(shlex.quote(' '.join(values)))} ;;"
    shells = shlex.quote(" ".join(_SHELLS))
    yield f"'--print-completion --print-completion') {action.format(shells)} ;;"


def _zsh(found: Mapping[str, Words]) -> Iterator[str]:
    yield "#compdef cotkd"
    yield "_cotkd() {"
    yield '    local command="$words[2]" last="$words[CURRENT-1]"'
    yield "    if (( CURRENT == 2 )); then"
    yield "        local -a commands"
    described = " ".join(shlex.quote(f"{name}:{text}") for name, text in COMMANDS.items())
    yield f"        commands=({described})"
    yield "        _describe command commands"
    yield f"        compadd -- {' '.join(_TOP)}"
    yield "        return"
    yield "    fi"
    yield '    case "$command $last" in'
    for line in _cases(found, "compadd -- ${{(s: :)${{:-{}}}}}; return"):
        yield f"        {line}"
    yield "    esac"
    yield '    case "$command" in'
    for name, one in found.items():
        yield f"        {name}) compadd -- {' '.join([*one.arguments, *one.flags, '--help'])} ;;"
    yield "    esac"
    yield '    [[ "$PREFIX" == -* ]] || _files'
    yield "}"
    yield 'if [ "$funcstack[1]" = "_cotkd" ]; then _cotkd "$@"; else compdef _cotkd cotkd; fi'


def _fish(found: Mapping[str, Words]) -> Iterator[str]:
    first = "-n __fish_use_subcommand"
    for name, text in COMMANDS.items():
        yield f"complete -c cotkd -f {first} -a {name} -d {shlex.quote(text)}"
    yield f"complete -c cotkd {first} -l help -l version"
    yield f"complete -c cotkd {first} -x -l print-completion -a {shlex.quote(' '.join(_SHELLS))}"
    for name, one in found.items():
        after = f"-n '__fish_seen_subcommand_from {name}'"
        if one.arguments:
            yield f"complete -c cotkd {after} -a {shlex.quote(' '.join(one.arguments))}"
        for flag, values in {**one.flags, "--help": ()}.items():
            taken = f" -x -a {shlex.quote(' '.join(values))}" if values else ""
            yield f"complete -c cotkd {after} -l {flag.removeprefix('--')}{taken}"
