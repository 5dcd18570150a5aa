"""The bytes of a file: decompressed, and in UTF-8 without a byte-order mark.

    with opened(Path("rows.jsonl.gz"), text=True) as stream: ...

Compression is told by the first bytes, never by the name.
"""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from cotkd.errors import MissingDependency

DAMAGED = (EOFError, OSError, zlib.error, lzma.LZMAError, UnicodeError)
"""What reading a stream raises that is cut short or damaged."""

_CHUNK = 1 << 16
_WIDE = 64
"""Bytes in which the zeros of UTF-16 without a mark are looked for."""


class Compression(NamedTuple):
    """A way of compressing, its first bytes, and what opens it."""

    name: str
    magic: bytes
    opened: Callable[[Path], Any]


def opened(path: Path, *, text: bool = False) -> io.BufferedReader:
    """Open a file; as `text`, UTF-16 and UTF-32 become UTF-8, and a byte-order mark is left out.

    Raises:
        OSError: The file cannot be read.
        MissingDependency: Its compression needs a package that is not there.
    """
    compression = compression_of(path)
    stream = path.open("rb") if compression is None else _buffered(compression.opened(path))
    return _in_utf8(stream) if text else stream


def compression_of(path: Path) -> Compression | None:
    """Return how a file is compressed; None where it is not."""
    with path.open("rb") as file:
        head = file.read(8)
    return next((one for one in _COMPRESSIONS if head.startswith(one.magic)), None)


def encoding_of(head: bytes) -> str:
    """Return the encoding that the first bytes of a text tell; UTF-8 where they tell nothing."""
    for mark, encoding in _MARKS:
        if head.startswith(mark):
            return encoding
    start = head[:_WIDE]
    pairs = range(0, len(start) - 1, 2)
    # text of this size has ASCII in it, and of its two bytes one is zero
    for encoding, zero in (("utf-16-le", 1), ("utf-16-be", 0)):
        if len(pairs) > 1 and all(start[n + zero] == 0 != start[n + 1 - zero] for n in pairs[:4]):
            return encoding
    return "utf-8"


def _buffered(stream: Any) -> io.BufferedReader:
    return io.BufferedReader(stream, _CHUNK)


def _in_utf8(stream: io.BufferedReader) -> io.BufferedReader:
    encoding = encoding_of(stream.peek(_WIDE)[:_WIDE])
    if encoding == "utf-8":
        return stream
    if encoding == "utf-8-sig":
        stream.read(len(codecs.BOM_UTF8))
        return stream
    return _buffered(_Recoded(stream, encoding))


class _Recoded(io.RawIOBase):
    """A text of another encoding, in UTF-8."""

    def __init__(self, stream: io.BufferedReader, encoding: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._left:
            data = self._stream.read(_CHUNK)
            self._left = self._decoder.decode(data, final=not data).encode()
            if not data:
                break
        part, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)

    def close(self) -> None:
        self._stream.close()
        super().close()


def _zstd(path: Path) -> Any:
    """Open a file of zstd, which Python itself does not read before 3.14."""
    import pyarrow

    if not pyarrow.Codec.is_available("zstd"):
        raise MissingDependency(
            f"{path} is compressed with zstd, which this build of pyarrow does not read: "
            "pip install --force-reinstall pyarrow, or unpack the file with `zstd -d`"
        )
    return pyarrow.CompressedInputStream(pyarrow.OSFile(str(path)), "zstd")


_COMPRESSIONS = (
    Compression("gzip", b"\x1f\x8b", gzip.open),
    Compression("zstd", b"\x28\xb5\x2f\xfd", _zstd),
    Compression("bzip2", b"BZh", bz2.open),
    Compression("xz", b"\xfd7zXZ\x00", lzma.open),
)
SUFFIXES = (".gz", ".gzip", ".zst", ".zstd", ".bz2", ".xz")
"""Endings of compressed files, before which that of the format stands."""

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # begins like that of UTF-16
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
