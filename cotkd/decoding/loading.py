"""Loading weights: quietly, and only those that a model has.

with quiet():
    model, found = family.from_pretrained(place, **COMPARED)
check_weights(f"student {name}", model, found)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from cotkd.errors import SettingError

COMPARED: Mapping[str, Any] = {"output_loading_info": True, "ignore_mismatched_sizes": True}
"""Makes `from_pretrained` say which weights it did not find, instead of drawing them anew."""


def check_family(name: str, config: Any, auto: Any) -> None:
    """Raise `SettingError` unless models of a configuration write text, as those of `auto` do."""
    from transformers import AutoModelForMaskedLM

    kind = type(config)
    fills_gaps = not config.is_encoder_decoder and kind in AutoModelForMaskedLM._model_mapping
    one_way = any(getattr(config, name, False) for name in ("is_decoder", "causal"))
    if kind not in auto._model_mapping or (fills_gaps and not one_way):
        raise SettingError(
            f"{name}: a {config.model_type!r} model writes no text: "
            "choose a causal or an encoder-decoder language model"
        )


def check_weights(name: str, model: Any, found: Mapping[str, Any]) -> None:
    """Raise `SettingError` where weights were missing, which the library then draws at random."""
    if lacking := sorted({*found["missing_keys"], *(key for key, *_ in found["mismatched_keys"])}):
        raise SettingError(
            f"{name}: its weights are not those of a {model.config.model_type!r} model: "
            f"{len(lacking)} are missing or of another size, such as {lacking[0]!r}: "
            "copy the model again, or choose another"
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Silence the bars and reports of `transformers` while it reads and writes files."""
    from transformers.utils import logging

    shown, level = logging.is_progress_bar_enabled(), logging.get_verbosity()
    logging.disable_progress_bar()
    logging.set_verbosity_error()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if shown:
            logging.enable_progress_bar()
