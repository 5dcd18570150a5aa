"""The files that travel with the package are found in a checkout and in an installed wheel."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from cotkd.errors import DataError
from cotkd.resources import resource

ROOT = Path(__file__).parents[1]
NEEDED = ("microgsm/test.jsonl", "checkpoints/microgsm-teacher", "checkpoints/microgsm-student")


def test_a_checkout_has_its_data_beside_the_package() -> None:
    assert resource(NEEDED[0]) == ROOT / "data" / NEEDED[0]


def test_a_missing_file_is_named() -> None:
    with pytest.raises(DataError, match=r"'microgsm/none.jsonl' is missing"):
        resource("microgsm/none.jsonl")


def test_a_wheel_holds_data_recipes_and_templates(tmp_path: Path) -> None:
    from hatchling.builders.wheel import WheelBuilder

    (built,) = WheelBuilder(str(ROOT)).build(
        directory=str(tmp_path / "dist"), versions=["standard"]
    )
    site = tmp_path / "site"
    with zipfile.ZipFile(built) as wheel:
        wheel.extractall(site)
    code = (
        "from cotkd.resources import resource; from cotkd.recipe import recipe_names;"
        "import cotkd.report.html, cotkd.questions.load as q;"
        f"print([str(resource(n)) for n in {NEEDED!r}]);"
        "print(recipe_names(), len(q.load_questions('microgsm:test')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={"PYTHONPATH": str(site), "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    assert str(site / "cotkd" / "_data" / NEEDED[0]) in done.stdout
    assert "fine_tune_cot" in done.stdout
    assert "1000" in done.stdout
    for name in ("report.html.jinja", "css/print.css", "js/browser.js"):
        assert (site / "cotkd" / "report" / "templates" / name).exists()
    assert (site / "cotkd" / "py.typed").exists()
