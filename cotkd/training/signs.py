"""What a student's tokenizer does not know of its examples is said, or added, before training.

student google/flan-t5-small: its tokenizer does not know 4.1 % of the 12,044 tokens of 240
examples: '{' (240), '}' (240), '\\n' (180): it reads and writes none of them
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Sequence
from typing import Any

from cotkd.errors import SettingError
from cotkd.students.settings import StudentConfig
from cotkd.students.signs import Unknown, extend, unknown_in
from cotkd.types import Example

log = logging.getLogger(__name__)


def signs_to_add(
    tokenizer: Any, examples: Sequence[Example], settings: StudentConfig, *, name: str
) -> tuple[str, ...]:
    """Return the signs that are to become tokens, and log one line on what is not known.

    Args:
        tokenizer: The student's.
        examples: What it is about to be trained on.
        settings: Whether unknown signs are added, how many unknown tokens are too many, and the
            markers, which become tokens whatever they are made of.
        name: What the line calls the student.

    Raises:
        SettingError: more is unknown, after what is added, than the settings allow.
    """
    texts = [
        _without(settings.markers, text)
        for example in examples
        for text in (example.input, example.target)
    ]
    found = unknown_in(tokenizer, texts)
    if not found.unknown:
        return ()
    signs = tuple(sorted(found.signs)) if settings.add_unknown else ()
    if signs:
        log.warning("student %s: %d signs become tokens: %s", name, len(signs), found.named())
        extended = copy.deepcopy(tokenizer)
        extend(extended, signs)
        found = unknown_in(extended, texts)
    if found.unknown:
        _say(found, settings, f"student {name}", len(examples))
    return signs


def _without(markers: Sequence[str], text: str) -> str:
    for marker in markers:
        text = text.replace(marker, "")
    return text


def _say(found: Unknown, settings: StudentConfig, name: str, examples: int) -> None:
    line = (
        f"{name}: its tokenizer does not know {100 * found.share:.2g} % of the {found.tokens:,} "
        f"tokens of {examples:,} examples: {found.named()}: it reads and writes none of them"
    )
    if found.share < settings.most_unknown or settings.most_unknown == 1:
        log.warning(line)
        return
    add = "" if settings.add_unknown else "student.add_unknown=true makes the signs tokens, "
    raise SettingError(
        f"{line}; {add}student.most_unknown=1 trains all the same, or choose another student"
    )
