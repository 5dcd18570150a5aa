"""A run on disk: append-only shards, a lock, a manifest, fingerprints, resume.

    with RunDirectory.open(Path("runs/demo"), settings) as run:
        shard = run.samples(stream_id("microgsm-teacher", "plain", None, sampling))
        shard.append(completions)       # durable when it returns

Whatever kills the process, what an `append` has returned for is there at the next `open`, once.
"""

from cotkd.store.fingerprint import fingerprint, stream_id
from cotkd.store.lock import DirectoryLock
from cotkd.store.rows import read_json, read_rows, write_json, write_rows
from cotkd.store.run import RunDirectory
from cotkd.store.shard import Shard

__all__ = [
    "DirectoryLock",
    "RunDirectory",
    "Shard",
    "fingerprint",
    "read_json",
    "read_rows",
    "stream_id",
    "write_json",
    "write_rows",
]
