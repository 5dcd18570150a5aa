import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.config import Config
from cotkd.errors import DataError, RunLocked, SettingsChanged
from cotkd.store.fingerprint import fingerprint
from cotkd.store.run import RunDirectory
from tests.store.rows_of_tests import completion, lines

SETTINGS = {"teacher": {"model": "a", "n": 4}, "seed": 3, "training": {"seed": 5}}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=4,
)

WRITER = """
import sys
from cotkd.store.run import RunDirectory
from tests.store.rows_of_tests import completion
rows = [completion(number) for number in range(int(sys.argv[2]))]
with RunDirectory.open(sys.argv[1], {"n": 4}) as run:
    shard = run.samples("stream")
    for start in range(0, len(rows), 7):
        shard.append([row for row in rows[start : start + 7] if row.key not in shard])
"""


def test_killed_again_and_again_it_ends_as_an_undisturbed_run(tmp_path: Path) -> None:
    count, kills = 4_000, 4
    expected = lines(*map(completion, range(count)))
    file = tmp_path / "run" / "samples" / "stream.jsonl"
    for kill in range(1, kills + 1):
        size = len(expected) * kill // (kills + 1)
        with writer(tmp_path / "run", count) as process:
            while process.poll() is None and not (file.exists() and file.stat().st_size > size):
                time.sleep(0.001)
            process.send_signal(signal.SIGKILL)
        assert process.returncode == -signal.SIGKILL, "it had finished before it was killed"
        assert expected.startswith(file.read_bytes())
    with writer(tmp_path / "run", count) as process:
        pass
    assert process.returncode == 0
    assert file.read_bytes() == expected


def note_work(run: RunDirectory) -> None:
    """Leave a student behind, so that the run has something to lose."""
    (run.round(0) / "student").mkdir()
    (run.round(0) / "student" / "config.json").write_text("{}")


def writer(path: Path, count: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", WRITER, str(path), str(count)]
    return subprocess.Popen(command, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)})


def test_a_run_continues_where_it_stopped(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path / "a" / "run", SETTINGS) as run:
        run.samples("s").append([completion(0)])
        run.add_seconds("sample", 1.5)
        created = run.manifest["created"]
    with RunDirectory.open(str(tmp_path / "a" / "run"), SETTINGS) as run:
        assert run.samples("s") is run.samples("s")
        assert completion(0).key in run.samples("s")
        run.add_seconds("sample", 2.0)
        run.add_seconds("train", 1.0)
        assert run.seconds == {"sample": 3.5, "train": 1.0}
        assert run.manifest["created"] == created
        assert json.loads((run.path / "manifest.json").read_text()) == run.manifest


def test_a_changed_setting_is_refused_by_name_and_leaves_the_directory_free(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        note_work(run)
    changed = {**SETTINGS, "teacher": {"model": "a", "n": 8}}
    with pytest.raises(SettingsChanged, match=r"teacher\.n: 4 -> 8"):
        RunDirectory.open(tmp_path, changed)
    RunDirectory.open(tmp_path, SETTINGS).close()


def test_a_directory_without_any_work_takes_new_settings(tmp_path: Path) -> None:
    RunDirectory.open(tmp_path, SETTINGS).close()
    changed = {**SETTINGS, "seed": 5}
    RunDirectory.open(tmp_path, changed).close()
    assert yaml.safe_load((tmp_path / "config.yaml").read_text()) == changed


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path, SETTINGS), pytest.raises(RunLocked, match=str(tmp_path)):
        RunDirectory.open(tmp_path, SETTINGS)


def test_config_yaml_is_the_settings(tmp_path: Path) -> None:
    class Example(Config):
        rate: float = 1e-5
        stop: tuple[str, ...] = ("\n\nQ:",)

    with RunDirectory.open(tmp_path, Example().dump()):
        assert Example.from_yaml(tmp_path / "config.yaml") == Example()


@given(st.dictionaries(st.text(), JSON))
@settings(max_examples=25, deadline=None)
def test_whatever_the_settings_they_are_found_unchanged(values: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(2):
            with RunDirectory.open(folder, values) as run:
                assert run.round(0).is_dir()


def test_a_tuple_and_a_list_are_the_same_setting(tmp_path: Path) -> None:
    for stop in (("a", "b"), ["a", "b"]):
        with RunDirectory.open(tmp_path, {"stop": stop}) as run:
            assert run.round(0).is_dir()


def test_the_manifest_says_what_the_run_was_made_with(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        assert run.manifest["schema"] == 1
        assert run.manifest["seeds"] == {"seed": 3, "training.seed": 5}
        assert run.manifest["fingerprints"] == {"settings": fingerprint(SETTINGS)}
        assert run.manifest["packages"]["pydantic"] == __import__("pydantic").VERSION
        assert {"created", "cotkd", "python", "platform", "git_commit"} <= run.manifest.keys()


def test_a_run_outside_a_checkout_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    with RunDirectory.open("run", {}) as run:
        assert run.manifest["git_commit"] is None


def test_data_that_changed_under_the_same_name_is_noticed(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        run.pin(questions="aaa")
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        run.pin(questions="aaa", teacher="t")
        with pytest.raises(SettingsChanged, match="questions: 'aaa' -> 'bbb'"):
            run.pin(questions="bbb")
        assert run.manifest["fingerprints"]["questions"] == "aaa"


def test_a_run_killed_before_its_manifest_was_written_gets_one(tmp_path: Path) -> None:
    RunDirectory.open(tmp_path, SETTINGS).close()
    (tmp_path / "manifest.json").unlink()
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        assert run.seconds == {}
    assert (tmp_path / "manifest.json").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("config.yaml", "a: [1"),
        ("config.yaml", "- 1"),
        ("config.yaml", "\x00"),
        ("manifest.json", "{"),
        ("manifest.json", "[]"),
        ("manifest.json", '{"schema": 2}'),
    ],
)
def test_a_damaged_file_is_named(tmp_path: Path, name: str, content: str) -> None:
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        note_work(run)
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=name):
        RunDirectory.open(tmp_path, SETTINGS)


def start(path: Path, prepare: Callable[[RunDirectory], object]) -> None:
    with RunDirectory.open(path, SETTINGS) as run:
        prepare(run)
        raise DataError("no example is short enough")


def refused(path: Path, prepare: Callable[[RunDirectory], object]) -> set[str]:
    """Return the files that are there after a start that ended in a mistake of the user."""
    with pytest.raises(DataError):
        start(path, prepare)
    return {str(file.relative_to(path)) for file in path.rglob("*") if file.is_file()}


def test_a_start_that_is_refused_leaves_nothing_behind(tmp_path: Path) -> None:
    def examples(run: RunDirectory) -> None:
        (run.round(0) / "examples").mkdir()
        (run.round(0) / "examples" / "student.jsonl").write_text("{}\n")
        run.samples("stream")

    refused(tmp_path / "run", examples)
    assert not (tmp_path / "run").exists()
    with RunDirectory.open(tmp_path / "run", {"other": "settings"}):
        pass


def test_a_refusal_takes_no_file_that_is_not_the_runs(tmp_path: Path) -> None:
    there = {"notes.txt", "samples/one.wav", "rounds/of/golf.txt", "rounds/2024/scores.json"}
    for name in there:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert refused(tmp_path, lambda run: run.samples("stream")) >= there


@pytest.mark.parametrize("work", ["sample", "student", "earlier start"])
def test_a_refusal_loses_no_work(tmp_path: Path, work: str) -> None:
    if work == "earlier start":
        with RunDirectory.open(tmp_path, SETTINGS) as run:
            note_work(run)
    prepare = {"student": note_work, "sample": lambda run: run.samples("s").append([completion(0)])}
    left = refused(tmp_path, prepare.get(work, str))
    assert {"config.yaml", "manifest.json"} < left
    assert {"rounds/000/student/config.json", "samples/s.jsonl"} & left


def test_of_several_processes_the_first_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with RunDirectory.open(tmp_path / "run", SETTINGS) as first:
        monkeypatch.setenv("RANK", "1")
        before = {file: file.read_bytes() for file in (tmp_path / "run").iterdir()}
        with RunDirectory.open(tmp_path / "run", SETTINGS) as second:
            second.add_seconds("train", 3.0)
            second.pin(questions="aaa")
        assert {file: file.read_bytes() for file in (tmp_path / "run").iterdir()} == before
        monkeypatch.setenv("RANK", "0")
        first.add_seconds("train", 2.0)
        assert first.seconds == {"train": 2.0}


def test_folders_are_made_on_demand(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        assert run.round(0) == tmp_path / "rounds" / "000"
        assert run.round(0).is_dir()
        assert run.evaluation.is_dir()
        with pytest.raises(AssertionError, match="file name"):
            run.samples("../outside")
    assert yaml.safe_load((tmp_path / "config.yaml").read_text()) == SETTINGS
