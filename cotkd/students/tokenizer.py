"""What a student's tokenizer must be able to do: end and pad a text, in ids of the model."""

from __future__ import annotations

from typing import Any

from cotkd.errors import SettingError
from cotkd.students.student import Student


def check_tokenizer(student: Student) -> None:
    """Raise `SettingError` unless the tokenizer can end and pad a text, in ids of the model.

    One token for both is fine: padding is masked by place, so that an end is trained all the same.
    """
    tokenizer, name = student.tokenizer, student.name
    check_ends(tokenizer, name)
    rows = student.model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise SettingError(
            f"student {name!r}: its tokenizer has {len(tokenizer)} tokens and its embedding {rows}:"
            " they do not belong together"
        )


def check_ends(tokenizer: Any, name: str) -> None:
    """Raise `SettingError` unless a tokenizer has an end token and a padding token."""
    if tokenizer.eos_token_id is None:
        raise SettingError(f"student {name!r}: its tokenizer has no end token: set eos_token")
    if tokenizer.pad_token_id is None:
        raise SettingError(
            f"student {name!r}: its tokenizer has no padding token: set pad_token, for instance to "
            f"the end token {tokenizer.eos_token!r}, and save it again"
        )
