"""Finds a model by name: one that travels with the package, a folder, or one on the hub.

locate_model("microgsm-teacher")           # …/data/checkpoints/microgsm-teacher
locate_model("runs/first/student")         # a folder that holds a config.json
locate_model("Qwen/Qwen3-0.6B")            # from the hub's cache, else downloaded
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cotkd.config import unknown
from cotkd.errors import EngineError, MissingDependency, SettingError, first_line
from cotkd.questions.hub import PROBE_SECONDS
from cotkd.store.resources import resource

EMBEDDED: Mapping[str, str] = {
    "microgsm-teacher": "decoder, trained on MicroGSM in every elicitation",
    "microgsm-student": "decoder base, has seen no multi-step solution",
    "microgsm-student-t5": "encoder-decoder base, has seen no multi-step solution",
}
"""Models that travel with the package, with one line on each."""

_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]


def locate_model(name: str) -> str:
    """Return the folder that holds the model `name`.

    Raises:
        SettingError: `name` is no embedded model, no model folder, and the hub does not have it or
            cannot be reached.
        EngineError: the download broke off.
    """
    if name in EMBEDDED:
        return str(resource(f"checkpoints/{name}"))
    folder = Path(name).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").exists():
            raise SettingError(f"{name}: the folder holds no config.json, so it is no saved model")
        return str(folder)
    if not _could_be_on_the_hub(name):
        raise SettingError(f"{unknown('model', name, EMBEDDED)}; no such folder either")
    return _from_hub(name)


def load_tokenizer(name: str, *, of: str = "") -> Any:
    """Return the tokenizer of the model `name`; messages begin with what it is one `of`.

    Raises:
        SettingError: no such model.
        EngineError: it is there, but its tokenizer cannot be loaded.
    """
    from transformers import AutoTokenizer

    place = locate_model(name)
    try:
        return AutoTokenizer.from_pretrained(place)
    except (OSError, ValueError, KeyError) as error:
        reason = first_line(error)
        raise EngineError(f"{of}{name}: its tokenizer cannot be loaded: {reason}") from None


def _could_be_on_the_hub(name: str) -> bool:
    owner, slash, model = name.partition("/")
    return bool(slash and owner and model) and "/" not in model and not name.startswith((".", "~"))


def _from_hub(name: str) -> str:
    try:
        from huggingface_hub import snapshot_download
        from huggingface_hub.errors import (
            HfHubHTTPError,
            HFValidationError,
            LocalEntryNotFoundError,
        )
    except ImportError:
        raise MissingDependency("hub models need: pip install huggingface_hub") from None
    try:
        cached = snapshot_download(name, local_files_only=True, allow_patterns=_FILES)
        if any(Path(cached).glob("*.safetensors")):
            return cached
    except LocalEntryNotFoundError:
        pass
    except HFValidationError:
        raise SettingError(f"{unknown('model', name, EMBEDDED)}; no such folder either") from None
    _require_hub(name)
    try:
        return snapshot_download(name, etag_timeout=PROBE_SECONDS, allow_patterns=_FILES)
    except HfHubHTTPError as error:
        raise SettingError(f"the hub does not give model {name!r}: {first_line(error)}") from None
    except (OSError, ValueError) as error:
        raise EngineError(f"download of {name!r} broke off ({error}): run again") from None


def _require_hub(name: str) -> None:
    """Raise within seconds if the hub cannot be reached, instead of its client's long retries."""
    import urllib.error
    import urllib.request

    from huggingface_hub import constants

    advice = (
        f"model {name!r} is not on this machine: pass a local folder, or one of {list(EMBEDDED)}"
    )
    if constants.HF_HUB_OFFLINE or os.environ.get("TRANSFORMERS_OFFLINE") == "1":
        raise SettingError(f"{advice} (the hub is switched off by HF_HUB_OFFLINE)")
    request = urllib.request.Request(constants.ENDPOINT, method="HEAD")
    try:
        urllib.request.urlopen(request, timeout=PROBE_SECONDS).close()
    except urllib.error.HTTPError:
        return  # it answered
    except OSError as error:
        raise SettingError(f"{advice} (the hub is not reachable: {error})") from None
