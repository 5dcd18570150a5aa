"""The wheel alone runs a recipe; the source archive holds all that the wheel and the tests need."""

import json
import os
import subprocess
import sys
import sysconfig
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dist")


@pytest.fixture(scope="module")
def wheel(dist: Path) -> Path:
    return build_wheel(ROOT, dist)


def build_wheel(source: Path, out: Path) -> Path:
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(source)).build(directory=str(out), versions=["standard"])
    return Path(built)


def run(command: list[str], cwd: Path) -> str:
    """Run a command as someone who has no checkout."""
    hidden = ("PYTHONPATH", "VIRTUAL_ENV")
    env = {name: value for name, value in os.environ.items() if name not in hidden}
    done = subprocess.run(
        command, cwd=cwd, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_the_wheel_alone_runs_a_recipe(wheel: Path, tmp_path: Path) -> None:
    place = tmp_path / "env"
    venv.create(place, with_pip=False)
    python = place / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q"]
    run([*install, "--no-deps", "--no-index", str(wheel)], tmp_path)
    # what the package needs comes from here; the package itself, also if installed here, does not
    site = next((place / "lib").glob("python*/site-packages"))
    (site / "needed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    cotkd = str(place / "bin" / "cotkd")
    code = "from cotkd.store.resources import resource; print(resource('microgsm/test.jsonl'))"
    where = run([str(python), "-c", code], tmp_path)
    assert where.strip() == str(site / "cotkd" / "_data" / "microgsm" / "test.jsonl")
    small = {
        "questions.limit": "4",
        "samples": "2",
        "training.processed-tokens": "600",
        "evaluation.suites": "microgsm[:2]",
        "evaluation.dev": "null",
        "evaluation.teacher": "false",
        "evaluation.max-tokens": "40",
    }
    flags = [word for name, value in small.items() for word in (f"--{name}", value)]
    run([cotkd, "run", "fine_tune_cot", "--out", "first", *flags], tmp_path)
    results = json.loads((tmp_path / "first" / "results.json").read_text())
    assert results["scores"]["student"]["microgsm"]["n"] == 2
    assert (tmp_path / "first" / "report.html").stat().st_size > 1000
    assert "gsm8k_qwen3" in run([str(python), "-m", "cotkd", "recipes"], tmp_path)


def tracked() -> set[str]:
    done = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        pytest.skip("not a git checkout")
    return set(done.stdout.splitlines())


def test_the_source_archive_is_the_repository_and_gives_the_same_wheel(
    wheel: Path, dist: Path, tmp_path: Path
) -> None:
    from hatchling.builders.sdist import SdistBuilder

    expected = tracked()
    (built,) = SdistBuilder(str(ROOT)).build(directory=str(dist))
    with tarfile.open(built) as archive:
        archive.extractall(tmp_path, filter="data")
    (source,) = tmp_path.iterdir()
    files = {str(path.relative_to(source)) for path in source.rglob("*") if path.is_file()}
    assert expected - files == set()
    again = build_wheel(source, tmp_path / "again")
    assert contents(again) == contents(wheel)


def contents(wheel: Path) -> dict[str, int]:
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


def test_the_wheel_is_typed_states_its_version_and_holds_every_file(wheel: Path) -> None:
    from cotkd.version import VERSION

    names = contents(wheel)
    assert "cotkd/py.typed" in names
    assert f"cotkd-{VERSION}.dist-info/entry_points.txt" in names
    package = (path for path in (ROOT / "cotkd").rglob("*") if path.is_file())
    own = {str(p.relative_to(ROOT)) for p in package if "__pycache__" not in p.parts}
    data = {f"cotkd/_data/{p.relative_to(ROOT / 'data')}" for p in (ROOT / "data").rglob("*.*")}
    assert own | data <= set(names)
