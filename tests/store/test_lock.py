import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from cotkd.errors import DataError, RunLocked
from cotkd.store.lock import DirectoryLock

HOLD = """
import sys, time
from pathlib import Path
from cotkd.store.lock import DirectoryLock
lock = DirectoryLock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(60)
"""


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    with DirectoryLock(tmp_path / "run"):
        with pytest.raises(RunLocked, match=f"run is being written by process {os.getpid()}:"):
            DirectoryLock(tmp_path / "run")
        DirectoryLock(tmp_path / "other").close()
    DirectoryLock(tmp_path / "run").close()


def test_a_killed_holder_is_named_while_it_lives_and_holds_nothing_after(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(RunLocked, match=f"process {holder.pid}:"):
            DirectoryLock(tmp_path)
        holder.send_signal(signal.SIGKILL)
    with DirectoryLock(tmp_path):
        assert (tmp_path / ".lock").read_text() == str(os.getpid())


def test_closing_twice_does_not_release_the_lock_of_another(tmp_path: Path) -> None:
    first = DirectoryLock(tmp_path)
    first.close()
    with DirectoryLock(tmp_path):
        first.close()
        with pytest.raises(RunLocked):
            DirectoryLock(tmp_path)


def test_a_place_that_cannot_hold_a_lock_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=f"cannot write {tmp_path}/file"):
        DirectoryLock(tmp_path / "file")
