"""Puts exported data on the Hugging Face hub: one commit with the rows and their card.

push("me/gsm8k-rationales", rows, card, public=False)

`HF_ENDPOINT` names another hub, `HF_TOKEN` or `hf auth login` says who you are.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any, cast

from cotkd.errors import EngineError, SettingError, first_line
from cotkd.questions.hub import reachable

_NAME = re.compile(r"[\w.-]+/[\w.-]+")
FILE = "data/train-00000-of-00001.parquet"


def require_hub(name: str) -> str:
    """Return the hub's address, or raise in seconds where nothing can be pushed to it."""
    from huggingface_hub import constants

    if not _NAME.fullmatch(name):
        raise SettingError(f"--push takes OWNER/NAME, such as me/gsm8k-rationales, got {name!r}")
    if constants.HF_HUB_OFFLINE:
        raise SettingError(f"cannot push to {name}: HF_HUB_OFFLINE switches the hub off")
    endpoint = os.environ.get("HF_ENDPOINT") or constants.ENDPOINT
    if not reachable(endpoint):
        raise SettingError(f"cannot push to {name}: the hub at {endpoint} is not reachable")
    return endpoint


def push(name: str, rows: Sequence[Mapping[str, Any]], card: str, *, public: bool = False) -> str:
    """Commit rows and card to the dataset repository `name` and return its address.

    A repository that is not there is made, private unless `public`; one that is there stays as it
    is, but for these two files.

    Raises:
        SettingError: the hub cannot be reached, or refuses the name or the token.
        EngineError: the upload broke off.
    """
    from huggingface_hub import CommitOperationAdd, HfApi
    from huggingface_hub.errors import HfHubHTTPError, LocalTokenNotFoundError

    endpoint = require_hub(name)
    # what its HTTP library raises, whichever that is
    broken = cast("tuple[type[Exception], ...]", (*HfHubHTTPError.__bases__, ValueError))
    api = HfApi(endpoint=endpoint)
    files = {"README.md": card.encode(), FILE: parquet(rows)}
    operations = [CommitOperationAdd(path, data) for path, data in files.items()]
    try:
        api.create_repo(name, repo_type="dataset", private=not public, exist_ok=True)
        api.create_commit(
            name,
            operations,
            commit_message=f"{len(rows)} rows from cotkd",
            repo_type="dataset",
        )
    except (HfHubHTTPError, LocalTokenNotFoundError) as error:
        raise SettingError(
            f"the hub does not take {name}: {first_line(error)}: set HF_TOKEN, or run "
            "`hf auth login`, with the right to write there"
        ) from None
    except broken as error:
        raise EngineError(
            f"the upload to {name} broke off ({first_line(error)}): run it again"
        ) from None
    return f"{endpoint}/datasets/{name}"


def parquet(rows: Sequence[Mapping[str, Any]]) -> bytes:
    """Return rows as a Parquet file, which the hub shows and `load_dataset` reads."""
    import datasets

    buffer = io.BytesIO()
    bars = datasets.are_progress_bars_disabled()
    datasets.disable_progress_bars()
    try:
        datasets.Dataset.from_list([dict(row) for row in rows]).to_parquet(buffer)
    finally:
        if not bars:
            datasets.enable_progress_bars()
    return buffer.getvalue()
