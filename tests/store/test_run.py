import json
import os
import signal
import subprocess
import sys
import tempfile
import time
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
        run.round(0)
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
        run.round(0)
    (tmp_path / name).write_text(content)
    with pytest.raises(DataError, match=name):
        RunDirectory.open(tmp_path, SETTINGS)


def test_folders_are_made_on_demand(tmp_path: Path) -> None:
    with RunDirectory.open(tmp_path, SETTINGS) as run:
        assert run.round(0) == tmp_path / "rounds" / "000"
        assert run.round(0).is_dir()
        assert run.evaluation.is_dir()
        with pytest.raises(AssertionError, match="file name"):
            run.samples("../outside")
    assert yaml.safe_load((tmp_path / "config.yaml").read_text()) == SETTINGS
