r"""Line ends in texts that others wrote: `\r\n` is `\n` here, whatever machine a text comes from.

unified({"question": "Ann has 3.\r\nHow many?"})     {"question": "Ann has 3.\nHow many?"}

A student that learns `\r` writes it, and a line that ends in it is none to who looks for `\n`.
"""

from __future__ import annotations

from typing import Any


def unified(value: Any) -> Any:
    r"""Return a JSON value with `\r\n` as `\n` in all of its texts; a lone `\r` ends no line.

    A value without any is returned as it is, not as a copy. Names of fields are left alone.
    """
    if isinstance(value, str):
        return value.replace("\r\n", "\n") if "\r\n" in value else value
    if isinstance(value, dict):
        changed = {name: new for name, old in value.items() if (new := unified(old)) is not old}
        return {**value, **changed} if changed else value
    if isinstance(value, list):
        parts = [unified(part) for part in value]
        same = all(new is old for new, old in zip(parts, value, strict=True))
        return value if same else parts
    return value
