"""Compression and encoding are told by the first bytes."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from cotkd.errors import MissingDependency
from cotkd.store.tables.stream import compression_of, encoding_of, opened
from tests.store.tables.shapes import COMPRESSED, written, zstd

HEADS = [
    (b'{"a": 1}\n', "utf-8"),
    (b"\xef\xbb\xbf{}", "utf-8-sig"),
    ("{}".encode("utf-16"), "utf-16"),
    ("{}".encode("utf-32"), "utf-32"),
    ('{"a"'.encode("utf-16-le"), "utf-16-le"),
    ('{"a"'.encode("utf-16-be"), "utf-16-be"),
    (b"a\0", "utf-8"),
    (b"\0\0\0\0", "utf-8"),
    (b"", "utf-8"),
]


@pytest.mark.parametrize(("head", "encoding"), HEADS)
def test_the_encoding_is_told_by_a_mark_or_by_zeros(head: bytes, encoding: str) -> None:
    assert encoding_of(head) == encoding


@pytest.mark.parametrize("way", COMPRESSED)
def test_parts_that_were_put_together_are_read_to_the_end(way: str, tmp_path: Path) -> None:
    data = COMPRESSED[way](b"a\n" * 1000) + COMPRESSED[way](b"b\n" * 1000)
    with opened(written(tmp_path, "x", data)) as stream:
        assert stream.read() == b"a\n" * 1000 + b"b\n" * 1000


def test_a_name_does_not_make_a_file_compressed(tmp_path: Path) -> None:
    path = written(tmp_path, "x.gz", b"plain")
    assert compression_of(path) is None
    with opened(path) as stream:
        assert stream.read() == b"plain"


def test_a_package_that_reads_no_zstd_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import pyarrow

    path = written(tmp_path, "x", zstd(b"a"))
    monkeypatch.setattr(pyarrow, "Codec", SimpleNamespace(is_available=lambda name: False))
    with pytest.raises(MissingDependency, match=r"x is compressed with zstd, .* `zstd -d`"):
        opened(path)
