"""Rows of a dataset on the hub, through `datasets`; without a network, its cache or a clear error.

next(hub_rows("openai/gsm8k", "main", "test"))     # {"question": "Janet’s ducks …", "answer": …}
"""

from __future__ import annotations

import contextlib
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from typing import Any

from cotkd.errors import DataError, first_line
from cotkd.store.newlines import unified

PATH_FLAG = ", or name it with --questions.path"
PROBE_SECONDS = 5.0
"""Longest wait for the hub to answer at all."""


def hub_rows(
    repository: str, configuration: str | None, split: str, *, file: str | None = None
) -> Iterator[dict[str, Any]]:
    """Yield the rows of one split in order.

    The hub is asked once whether it is there, because the libraries below retry for half a minute.

    Args:
        repository: Owner and name.
        configuration: Part of the repository; None for the only one.
        split: Name of the split.
        file: The one file that holds the split, where the repository does not say.

    Raises:
        DataError: The hub cannot be reached and the dataset is not in the local cache, or the hub
            does not give it.
    """
    import datasets

    online = not datasets.config.HF_HUB_OFFLINE and reachable(datasets.config.HF_ENDPOINT)
    with contextlib.nullcontext() if online else _offline():
        try:
            files = {"data_files": {split: file}} if file else {}
            rows = datasets.load_dataset(repository, configuration, split=split, **files)
        except (OSError, ValueError, RuntimeError, datasets.exceptions.DatasetsError) as error:
            reason = first_line(error) if online else "the hub cannot be reached"
            part = ", ".join(filter(None, (configuration, split)))
            raise DataError(
                f"dataset {repository} ({part}) is not on this machine and was"
                f" not loaded ({reason}): take a .jsonl file, or put a local copy into COTKD_DATA,"
                f" a folder of such copies",
                flags=PATH_FLAG,
            ) from None
    yield from map(unified, rows)


def reachable(endpoint: str, *, within: float = PROBE_SECONDS) -> bool:
    """Return whether a web server answers at all, anything, within some seconds.

    Runs in a thread of its own: looking up a name can hang for longer than any timeout of a socket.
    """
    answered = threading.Event()

    def ask() -> None:
        request = urllib.request.Request(endpoint, method="HEAD")
        with contextlib.suppress(OSError):
            try:
                urllib.request.urlopen(request, timeout=within).close()
            except urllib.error.HTTPError as refusal:
                refusal.close()
            answered.set()

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(within)
    return answered.is_set()


@contextlib.contextmanager
def _offline() -> Iterator[None]:
    """Keep `datasets` to its cache."""
    import datasets

    before = datasets.config.HF_HUB_OFFLINE
    datasets.config.HF_HUB_OFFLINE = True
    try:
        yield
    finally:
        datasets.config.HF_HUB_OFFLINE = before
