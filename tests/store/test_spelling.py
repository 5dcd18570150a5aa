"""The files of a run that is continued may be named in another way."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from cotkd.config import Config
from cotkd.errors import SettingsChanged
from cotkd.store.run import RunDirectory
from cotkd.store.spelling import as_begun


class Inner(Config):
    """Settings inside others."""

    name: str = ""
    """A file, or a name."""


class Outer(Config):
    """Settings of a run."""

    inner: Inner = Inner()
    """A group."""
    suites: tuple[str, ...] = ()
    """Several."""
    place: Path | None = None
    """A folder."""
    seed: int = 0
    """No file."""


def begun(out: Path, config: Outer) -> None:
    """Begin a run that has something to lose."""
    with RunDirectory.open(out, config.dump()) as run:
        (run.round(0) / "student").mkdir()
        (run.round(0) / "student" / "config.json").write_text("{}")


def continued(out: Path, config: Outer) -> Outer:
    """Return the settings that a second start works with."""
    with as_begun(config, out) as (found, place), RunDirectory.open(place, found.dump()) as run:
        assert (run.path / "config.yaml").exists()
        return found


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder in which the first start was, with a file of questions and a folder."""
    folder = tmp_path / "project"
    (folder / "model").mkdir(parents=True)
    (folder / "f.jsonl").write_text('{"question": "1+1?", "answer": "2"}\n')
    monkeypatch.chdir(folder)
    return folder


BEGUN = Outer(inner=Inner(name="f.jsonl"), suites=("microgsm", "f.jsonl[:10]"), place=Path("model"))


@pytest.mark.parametrize("name", ["./f.jsonl", "../project/f.jsonl", "ABSOLUTE"])
def test_another_spelling_of_a_file_goes_on_under_its_first_name(project: Path, name: str) -> None:
    begun(project / "run", BEGUN)
    name = name.replace("ABSOLUTE", str(project / "f.jsonl"))
    given = Outer(
        inner=Inner(name=name), suites=("microgsm", f"{name}[:10]"), place=project / "model"
    )
    assert given != BEGUN
    assert continued(Path("run"), given) == BEGUN


@pytest.mark.parametrize("absolute", [True, False])
def test_a_run_goes_on_from_another_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, absolute: bool
) -> None:
    begun(Path("run"), BEGUN)
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)
    base = project if absolute else Path("../project")
    given = Outer(
        inner=Inner(name=str(base / "f.jsonl")),
        suites=("microgsm", f"{base / 'f.jsonl'}[:10]"),
        place=base / "model",
    )
    with as_begun(given, base / "run") as (found, place):
        assert found == BEGUN
        assert Path(found.inner.name).is_file(), "names are read in the folder of the first start"
        assert place == elsewhere / base / "run"
    assert Path.cwd() == elsewhere
    assert continued(base / "run", given) == BEGUN


def test_a_copy_is_the_same_file_and_an_edited_one_is_not(project: Path) -> None:
    begun(Path("run"), BEGUN)
    (project / "g.jsonl").write_bytes((project / "f.jsonl").read_bytes())
    given = BEGUN.model_copy(update={"inner": Inner(name="g.jsonl")})
    assert continued(Path("run"), given) == BEGUN
    (project / "g.jsonl").write_text('{"question": "1+2?", "answer": "3"}\n')
    with pytest.raises(SettingsChanged, match=r"inner\.name: 'f\.jsonl' -> 'g\.jsonl'"):
        continued(Path("run"), given)


def test_what_is_no_file_and_another_slice_are_refused(project: Path) -> None:
    begun(Path("run"), BEGUN)
    for change, said in (
        ({"inner": Inner(name="h.jsonl")}, r"inner\.name"),
        ({"suites": ("microgsm", "./f.jsonl[:11]")}, "suites"),
        ({"suites": ("./f.jsonl[:10]", "microgsm")}, "suites"),
        ({"place": Path("run")}, "place"),
        ({"seed": 1}, "seed: 0 -> 1"),
    ):
        with pytest.raises(SettingsChanged, match=said):
            continued(Path("run"), BEGUN.model_copy(update=change))


def test_a_refusal_names_what_differs_and_not_another_spelling(project: Path) -> None:
    begun(Path("run"), BEGUN)
    with pytest.raises(SettingsChanged) as caught:
        continued(
            Path("run"), BEGUN.model_copy(update={"inner": Inner(name="./f.jsonl"), "seed": 1})
        )
    assert "inner.name" not in str(caught.value)


def test_the_same_spelling_of_another_file_stays_where_it_is(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(Path("run"), BEGUN)
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "model").mkdir(parents=True)
    monkeypatch.chdir(elsewhere)
    given = BEGUN.model_copy(update={"inner": Inner(name=str(project / "f.jsonl"))})
    with as_begun(given, project / "run") as (found, _):
        assert found == given, "model is another folder here"
        assert Path.cwd() == elsewhere


@pytest.mark.parametrize("text", ["x" * 5000, "a\nb", "~nobody-here/f", "a\0b", "[", "**", ""])
def test_texts_that_can_be_no_file_are_compared_as_texts(project: Path, text: str) -> None:
    begin = BEGUN.model_copy(update={"inner": Inner(name=text)})
    begun(Path("run"), begin)
    respelled = begin.model_copy(update={"place": project / "model"})
    assert continued(Path("run"), respelled) == begin
    with pytest.raises(SettingsChanged, match=r"inner\.name"):
        continued(Path("run"), begin.model_copy(update={"inner": Inner(name=f"{text}x")}))


def test_patterns_name_their_files(project: Path) -> None:
    pattern = Outer(inner=Inner(name="*.jsonl"))
    begun(Path("run"), pattern)
    given = Outer(inner=Inner(name=f"{project}/*.jsonl"))
    assert continued(Path("run"), given) == pattern


def test_a_run_of_an_older_version_goes_on_where_it_was_begun(project: Path) -> None:
    begun(Path("run"), BEGUN)
    manifest = project / "run" / "manifest.json"
    text = manifest.read_text()
    assert f'"directory":"{os.getcwd()}"' in text.replace('": "', '":"')
    manifest.write_text('{"schema": 1, "fingerprints": {}, "seconds": {}}')
    given = BEGUN.model_copy(update={"inner": Inner(name="./f.jsonl")})
    assert continued(Path("run"), given) == BEGUN
