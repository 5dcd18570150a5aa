"""The scripts complete commands, recipes, flags and values, in the shells themselves."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cotkd.cli import COMMANDS, main
from cotkd.cli.completing import script, words
from cotkd.methods.base import Method
from cotkd.settings.recipe import recipe_names
from cotkd.stages.settings import RunConfig

SHELLS = ("bash", "zsh", "fish")


@pytest.fixture(scope="module")
def scripts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("completion")
    found = {shell: folder / f"cotkd.{shell}" for shell in SHELLS}
    for shell, path in found.items():
        path.write_text(script(shell))
    return found


def completed(scripts: dict[str, Path], *typed: str) -> set[str]:
    """Return what bash offers after these words, the last of which is being typed."""
    line = f"COMP_WORDS=({' '.join(repr(word) for word in typed)}); COMP_CWORD={len(typed) - 1}"
    code = f'source {scripts["bash"]}; {line}; _cotkd; printf "%s\\n" "${{COMPREPLY[@]}}"'
    done = subprocess.run(
        ["bash", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    return set(done.stdout.split())


def test_bash_completes_commands_recipes_flags_and_values(scripts: dict[str, Path]) -> None:
    assert completed(scripts, "cotkd", "e") == {"evaluate", "export", "engines"}
    assert completed(scripts, "cotkd", "--print-completion", "") == set(SHELLS)
    assert set(recipe_names()) <= completed(scripts, "cotkd", "run", "")
    assert completed(scripts, "cotkd", "run", "x", "--training.learn") == {
        "--training.learning-rate"
    }
    kinds = completed(scripts, "cotkd", "run", "x", "--method.kind", "")
    assert kinds == set(Method.kinds())
    assert completed(scripts, "cotkd", "export", "x", "--to", "dpo") == {"dpo", "dpo_messages"}
    assert completed(scripts, "cotkd", "run", "x", "--training.schedule", "co") == {
        "cosine",
        "constant",
    }
    assert completed(scripts, "cotkd", "report", "no-such") == set()


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_script_is_valid_in_its_shell(shell: str, scripts: dict[str, Path]) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"no {shell} on this machine")
    done = subprocess.run([shell, "-n", str(scripts[shell])], capture_output=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")


def test_fish_completes(scripts: dict[str, Path]) -> None:
    if shutil.which("fish") is None:
        pytest.skip("no fish on this machine")

    def offered(line: str) -> set[str]:
        code = f"source {scripts['fish']}; complete -C '{line}'"
        done = subprocess.run(
            ["fish", "--no-config", "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        return {one.split("\t")[0] for one in done.stdout.splitlines()}

    assert {"evaluate", "export", "engines"} <= offered("cotkd e")
    assert set(recipe_names()) <= offered("cotkd run ")
    assert offered("cotkd export x --to dpo") == {"dpo", "dpo_messages"}


def test_zsh_completes(scripts: dict[str, Path]) -> None:
    if shutil.which("zsh") is None:
        pytest.skip("no zsh on this machine")
    # the words that the function hands to zsh, without a terminal to press TAB in
    code = f"""
        compdef() {{ }}; _files() {{ }}; compadd() {{ shift; print -l -- "$@" }}
        _describe() {{ print -l -- "${{(@P)2}}" }}
        source {scripts["zsh"]}
        words=(cotkd export x --to ''); CURRENT=5; PREFIX=''; _cotkd; print =
        words=(cotkd ''); CURRENT=2; _cotkd
    """
    done = subprocess.run(
        ["zsh", "-f", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    formats, commands = done.stdout.split("=\n")
    assert {"dpo", "messages", "alpaca"} <= set(formats.split())
    assert {line.split(":")[0] for line in commands.splitlines()} >= set(COMMANDS)


def test_every_command_and_every_setting_of_a_run_is_known() -> None:
    found = words()
    assert set(found) == set(COMMANDS)
    flags = found["run"].flags
    for name in RunConfig().training.dump():
        assert f"--training.{name.replace('_', '-')}" in flags
    assert flags["--teacher.kind"]
    assert "--kind" not in flags


@pytest.mark.parametrize(
    ("shell", "part"), [(["tcsh"], "unknown shell 'tcsh'"), ([], "takes one shell, of bash, zsh")]
)
def test_another_shell_is_a_mistake(
    shell: list[str], part: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--print-completion", *shell]) == 2
    assert part in capsys.readouterr().err
