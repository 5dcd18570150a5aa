"""What a contributor meets first is valid and agrees with the rest of the project."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml

from cotkd.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())


def targets() -> dict[str, str]:
    """Return the commands of each target of the Makefile."""
    text = (ROOT / "Makefile").read_text()
    return dict(re.findall(r"^([a-z-]+):[^\n]*\n((?:\t[^\n]*\n)*)", text, re.MULTILINE))


def test_the_citation_is_complete_and_of_this_version() -> None:
    cited = yaml.safe_load((ROOT / "CITATION.cff").read_text())
    assert {"cff-version", "message", "title", "authors", "version", "license"} <= set(cited)
    assert cited["version"] == PROJECT["project"]["version"]
    assert cited["license"] == PROJECT["project"]["license"]
    assert cited["authors"][0]["name"] == PROJECT["project"]["authors"][0]["name"]


def test_pre_commit_takes_its_settings_and_runs_what_make_check_runs() -> None:
    path = ROOT / ".pre-commit-config.yaml"
    pytest.importorskip("pre_commit")
    subprocess.run([sys.executable, "-m", "pre_commit", "validate-config", str(path)], check=True)
    hooks = yaml.safe_load(path.read_text())["repos"][0]["hooks"]
    entries = {hook["entry"] for hook in hooks}
    for tool in ("ruff check", "ruff format", "mypy", "lint-imports"):
        assert any(f".venv/bin/{tool}" in entry for entry in entries)
        assert f"$(BIN)/{tool}" in targets()["check"]


def test_patterns_of_pre_commit_find_what_they_forbid() -> None:
    path = ROOT / ".pre-commit-config.yaml"
    hooks = yaml.safe_load(path.read_text())["repos"][0]["hooks"]
    found = {hook["id"]: hook["entry"] for hook in hooks if hook["language"] == "pygrep"}
    assert re.search(found["conflicts"], "<" * 7 + " HEAD")
    assert not re.search(found["conflicts"], "=" * 7)
    assert re.search(found["spaces"], "x = 1  ")
    assert not re.search(found["spaces"], "x = 1")


@pytest.mark.parametrize("name", ["bug", "method"])
def test_issue_forms_have_what_the_hub_of_issues_asks_for(name: str) -> None:
    form = yaml.safe_load((ROOT / ".github/ISSUE_TEMPLATE" / f"{name}.yml").read_text())
    assert {"name", "description", "body"} <= set(form)
    ids = [part["id"] for part in form["body"]]
    assert len(set(ids)) == len(ids)
    for part in form["body"]:
        assert part["type"] in ("textarea", "input", "dropdown", "checkboxes", "markdown")
        assert part["attributes"]["label"]
    assert any(part.get("validations", {}).get("required") for part in form["body"])


def test_contributing_names_commands_and_files_that_are_there() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    for command in re.findall(r"`cotkd (\w+)", text):
        assert command in COMMANDS
    for target in re.findall(r"^    make ([a-z-]+)", text, re.MULTILINE):
        assert target in targets()
    paths = re.findall(r"`((?:cotkd|docs|tests|benchmarks)/[\w/.]*)`", text)
    assert paths
    for path in (path for path in paths if "NAME" not in path):
        assert (ROOT / path).exists(), path
    for folder, file in re.findall(r"^\| [\w ]+ \| `([\w/]+/)` \| `([\w.]+)`", text, re.MULTILINE):
        assert (ROOT / folder / file).is_file(), folder + file
    templates = (ROOT / ".github/PULL_REQUEST_TEMPLATE.md").read_text()
    assert "deprecation policy" in templates
    assert "## What we keep stable" in text
