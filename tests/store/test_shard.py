import contextlib
import logging
import resource
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.errors import DataError
from cotkd.store.rows import read_rows, write_rows
from cotkd.store.shard import Shard
from cotkd.types import Completion
from tests.store.rows_of_tests import completion, lines

ROWS = [completion(number, "ä\u2028\n" * number) for number in range(9)]


def test_rows_are_kept_in_the_order_of_appending(tmp_path: Path) -> None:
    with Shard(tmp_path / "new" / "s.jsonl", Completion) as shard:
        shard.append(ROWS[:4])
        shard.append([])
        shard.append(ROWS[4:])
        assert list(shard.rows()) == ROWS
        assert len(shard) == len(ROWS)
    assert shard.path.read_bytes() == lines(*ROWS)


def test_a_reopened_shard_knows_its_keys_and_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with Shard(path, Completion) as shard:
        shard.append(ROWS[:4])
    with Shard(path, Completion) as shard:
        assert [row.key in shard for row in ROWS] == [True] * 4 + [False] * 5
        shard.append(ROWS[4:])
    assert path.read_bytes() == lines(*ROWS)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_cut_at_any_byte_and_continued_it_holds_every_row_once(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    whole = lines(*ROWS)
    cut = data.draw(st.integers(0, len(whole)))
    path = tmp_path_factory.mktemp("shard") / "s.jsonl"
    path.write_bytes(whole[:cut])
    with Shard(path, Completion) as shard:
        assert len(shard) == whole[:cut].count(b"\n")
        assert whole.startswith(path.read_bytes())
        shard.append([row for row in ROWS if row.key not in shard])
    assert path.read_bytes() == whole


def test_a_repair_is_told(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines(*ROWS[:2]) + b'{"ques')
    with caplog.at_level(logging.WARNING):
        Shard(path, Completion).close()
    assert f"{path}: removed a half-written last line (6 bytes)" in caplog.text


@pytest.mark.parametrize("line", [b"{\n", b"\0\0\0\n", b"{}\n", b"[1, 2]\n", b"7\n", b"\n"])
def test_a_damaged_line_that_is_not_the_last_is_named(tmp_path: Path, line: bytes) -> None:
    path = tmp_path / "s.jsonl"
    path.write_bytes(lines(ROWS[0]) + line + lines(ROWS[1]))
    with pytest.raises(DataError, match=r"s\.jsonl:2: not a Completion row"):
        Shard(path, Completion)


def test_a_key_twice_is_refused_on_opening_and_on_appending(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with Shard(path, Completion) as shard:
        shard.append(ROWS[:2])
        with pytest.raises(AssertionError, match="already"):
            shard.append(ROWS[1:3])
        with pytest.raises(AssertionError, match="twice"):
            shard.append([ROWS[4], ROWS[4]])
        assert list(shard.rows()) == ROWS[:2]
    path.write_bytes(lines(ROWS[0], ROWS[1], ROWS[0]))
    with pytest.raises(DataError, match=r"s\.jsonl:3: .*twice"):
        Shard(path, Completion)


def test_a_row_that_cannot_be_stored_takes_its_batch_with_it(tmp_path: Path) -> None:
    with Shard(tmp_path / "s.jsonl", Completion) as shard:
        with pytest.raises(DataError, match="cannot be stored"):
            shard.append([ROWS[0], completion(1, "\ud800")])
        shard.append(ROWS)
        assert list(shard.rows()) == ROWS


def test_a_full_disk_is_a_clear_error_and_what_was_written_stays(tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    with Shard(path, Completion) as shard:
        shard.append(ROWS[:3])
        with files_limited_to(path.stat().st_size + 200), pytest.raises(DataError) as caught:
            shard.append(ROWS[3:])
        assert str(path) in str(caught.value)
        assert "free some space" in str(caught.value)
        assert path.read_bytes() == lines(*ROWS[:3])
        assert [row.key in shard for row in ROWS] == [True] * 3 + [False] * 6
        shard.append(ROWS[3:])
    assert path.read_bytes() == lines(*ROWS)


def test_a_full_disk_keeps_the_file_that_was_to_be_replaced(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    write_rows(path, ROWS[:1])
    with files_limited_to(300), pytest.raises(DataError, match="cannot write"):
        write_rows(path, ROWS)
    assert list(read_rows(path, Completion)) == ROWS[:1]
    assert list(tmp_path.iterdir()) == [path]


def test_an_interrupt_in_the_middle_of_a_write_leaves_no_half_line(tmp_path: Path) -> None:
    with Shard(tmp_path / "s.jsonl", Completion) as shard:
        shard.append(ROWS[:3])
        real = shard._file
        shard._file = InterruptedFile(real)
        with pytest.raises(KeyboardInterrupt):
            shard.append(ROWS[3:6])
        shard._file = real
        shard.append(ROWS[6:])
        assert list(shard.rows()) == ROWS[:3] + ROWS[6:]


def test_short_writes_are_completed(tmp_path: Path) -> None:
    with Shard(tmp_path / "s.jsonl", Completion) as shard:
        shard._file = SlowFile(shard._file)
        shard.append(ROWS)
        assert list(shard.rows()) == ROWS


class InterruptedFile:
    """Writes half of what it is given, then is interrupted."""

    def __init__(self, file: Any) -> None:
        self._file = file

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def write(self, data: memoryview) -> int:
        self._file.write(data[: len(data) // 2])
        raise KeyboardInterrupt


class SlowFile(InterruptedFile):
    """Writes seven bytes at a time, as a raw file may."""

    def write(self, data: memoryview) -> int:
        return self._file.write(data[:7])


@contextlib.contextmanager
def files_limited_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond `size` bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
