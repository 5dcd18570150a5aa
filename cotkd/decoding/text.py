r"""Text to token ids and back, the same way for every prompt, whoever asks.

prompts = encode_prompts(tokenizer, ["Q: 2+3?\nA:"], architecture="decoder")    # [[5, 17, …]]
decode_completions(tokenizer, prompts, [[9, 4, 1]])                              # [" 5"]
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from cotkd.errors import EngineError
from cotkd.rationales.trace import special_marks
from cotkd.types import Architecture

_ANCHOR = 4
_pieces: WeakKeyDictionary[Any, list[str]] = WeakKeyDictionary()
_marks: WeakKeyDictionary[Any, dict[int, str]] = WeakKeyDictionary()


def encode_prompts(
    tokenizer: Any, prompts: Sequence[str], *, architecture: Architecture
) -> list[list[int]]:
    """Return token ids of each prompt, with the special tokens that the tokenizer adds by itself.

    An end token that it would put after a decoder's prompt is left out: nothing could follow it.
    """
    if not prompts:
        return []
    ids: list[list[int]] = tokenizer(list(prompts), verbose=False)["input_ids"]
    if architecture == "decoder":
        end = tokenizer.eos_token_id
        for prompt, row in zip(prompts, ids, strict=True):
            if len(row) > 1 and row[-1] == end and not prompt.endswith(tokenizer.eos_token):
                row.pop()
            if not row:
                row.append(_start(tokenizer))
    return ids


def encode_continuations(tokenizer: Any, texts: Sequence[str]) -> list[list[int]]:
    """Return token ids of texts that follow a prompt: no special tokens are added."""
    if not texts:
        return []
    ids: list[list[int]] = tokenizer(list(texts), add_special_tokens=False, verbose=False)[
        "input_ids"
    ]
    return ids


def pieces(tokenizer: Any, texts: Sequence[str]) -> list[list[str]]:
    """Return the text of every token of texts that follow a prompt."""
    encoded = encode_continuations(tokenizer, texts)
    return [[tokenizer.decode([token]) for token in tokens] for tokens in encoded]


def encode_written(
    tokenizer: Any, texts: Sequence[str], *, offsets: bool = False
) -> dict[str, list[Any]]:
    """Return `input_ids` of texts that are not trusted, and their `offset_mapping` if asked for.

    Where a text spells a token that begins, ends or pads a row, such as `</s>`, it is encoded as
    its letters, which may cost a tokenizer's own markers in that text their ids as well. A rendered
    chat is no such text: its special tokens are meant.
    """
    control = {tokenizer.bos_token, tokenizer.eos_token, tokenizer.pad_token, tokenizer.unk_token}
    control = {token for token in control if token}
    found: dict[str, list[Any]] = {"input_ids": [[]] * len(texts)}
    if offsets:
        found["offset_mapping"] = [[]] * len(texts)
    spelled = [any(token in text for token in control) for text in texts]
    for split in (False, True):
        rows = [row for row, has in enumerate(spelled) if has is split]
        if not rows:
            continue
        encoded = tokenizer(
            [texts[row] for row in rows],
            add_special_tokens=False,
            return_offsets_mapping=offsets,
            verbose=False,
            **({"split_special_tokens": True} if split else {}),
        )
        for name, values in found.items():
            for row, value in zip(rows, encoded[name], strict=True):
                values[row] = value
    return found


def _start(tokenizer: Any) -> int:
    for token in (tokenizer.bos_token_id, tokenizer.eos_token_id):
        if token is not None:
            return int(token)
    raise EngineError("an empty prompt needs a tokenizer with a start or end token")


def decode_completions(
    tokenizer: Any, prompts: Sequence[Sequence[int]] | None, completions: Sequence[Sequence[int]]
) -> list[str]:
    """Return the text of each completion, special tokens left out except those around thinking.

    Where `prompts` are given the completion is decoded as their continuation: many tokenizers drop
    the space before the first word of a text, which is no first word here.
    """
    if prompts is None:
        return _decode(tokenizer, completions)
    anchors = [list(prompt[-_ANCHOR:]) for prompt in prompts]
    whole = _decode(tokenizer, [a + list(c) for a, c in zip(anchors, completions, strict=True)])
    unique = {tuple(anchor): "" for anchor in anchors}
    unique = dict(zip(unique, _decode(tokenizer, list(unique)), strict=True))
    before = [unique[tuple(anchor)] for anchor in anchors]
    texts = [text.removeprefix(head) for text, head in zip(whole, before, strict=True)]
    astray = [row for row, head in enumerate(before) if not whole[row].startswith(head)]
    for row, text in zip(astray, _decode(tokenizer, [completions[r] for r in astray]), strict=True):
        texts[row] = text
    return texts


def _decode(tokenizer: Any, rows: Sequence[Sequence[int]]) -> list[str]:
    if not rows:
        return []
    marks = _thinking_marks(tokenizer)
    if marks and any(not marks.keys().isdisjoint(row) for row in rows):
        return [_decode_around(tokenizer, row, marks) for row in rows]
    return _plain(tokenizer, rows)


def _plain(tokenizer: Any, rows: Sequence[Sequence[int]]) -> list[str]:
    texts: list[str] = tokenizer.batch_decode(
        [list(row) for row in rows], skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    return texts


def _thinking_marks(tokenizer: Any) -> dict[int, str]:
    """Return the marks of a thinking trace that the tokenizer would leave out as special."""
    if tokenizer not in _marks:
        added = getattr(tokenizer, "added_tokens_decoder", {}).items()
        special = {number: token.content for number, token in added if token.special}
        known = special_marks(special.values())
        _marks[tokenizer] = {number: mark for number, mark in special.items() if mark in known}
    return _marks[tokenizer]


def _decode_around(tokenizer: Any, row: Sequence[int], marks: Mapping[int, str]) -> str:
    """Return the text of one row with the marks of its thinking trace in their places."""
    parts: list[list[int]] = [[]]
    between: list[str] = []
    for token in row:
        if token in marks:
            between.append(marks[token])
            parts.append([])
        else:
            parts[-1].append(token)
    texts = _plain(tokenizer, parts)
    return texts[0] + "".join(map(str.__add__, between, texts[1:]))


class StopStrings:
    """Finds rows whose text now holds a stop string, reading only rows that can.

    A stop string appears with a token that holds its last character: one lookup in a table of the
    vocabulary rules out nearly every row at nearly every step.
    """

    def __init__(self, tokenizer: Any, stop: Sequence[str], *, vocabulary: int) -> None:
        self.stop = tuple(filter(None, stop))
        self._tokenizer = tokenizer
        self._can_end = self._table(vocabulary)

    def _table(self, vocabulary: int) -> npt.NDArray[np.bool_]:
        table = np.zeros(vocabulary, dtype=np.bool_)
        if not self.stop:
            return table
        last = {stop[-1] for stop in self.stop}
        if " " in last:  # a space can hide at the edge of any token
            return ~table
        if not all(character.isascii() for character in last):
            last.add("\ufffd")  # a part of a character, as single bytes decode
        for token, piece in enumerate(_vocabulary_pieces(self._tokenizer, vocabulary)):
            table[token] = not last.isdisjoint(piece)
        return table

    def candidates(self, tokens: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
        """Return positions in `tokens`, the newest token of each row, that can complete a stop."""
        return np.flatnonzero(self._can_end[tokens]) if self.stop else np.empty(0, dtype=np.intp)

    def cut(self, text: str) -> str | None:
        """Return `text` before its first stop string, or None if it holds none."""
        places = [place for stop in self.stop if (place := text.find(stop)) >= 0]
        return text[: min(places)] if places else None


def _vocabulary_pieces(tokenizer: Any, vocabulary: int) -> list[str]:
    if tokenizer not in _pieces or len(_pieces[tokenizer]) < vocabulary:
        _pieces[tokenizer] = _decode(tokenizer, [[token] for token in range(vocabulary)])
    return _pieces[tokenizer][:vocabulary]
