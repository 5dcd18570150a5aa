r"""Signs that a tokenizer does not know, and how they become tokens.

Of `so \frac{1}{2} = <<1/2=0.5>>` T5 reads no brace, no backslash and no `<`, and of two lines one:
each of them is an unknown token, or none, and a student writes neither.

    found = unknown_in(tokenizer, texts)
    found.share, found.signs                   # 0.21, {"{": 12, "}": 12, "\n": 6}
    add_signs(model, tokenizer, found.signs)
"""

from __future__ import annotations

import hashlib
import json
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

_LINE_BREAK = "\n"
_WORDS = 5
"""Unknown words that are named, where it is no single sign that is unknown."""


class Unknown(NamedTuple):
    """What of some texts a tokenizer does not know."""

    tokens: int
    """Of the texts, with one for each sign that leaves no token at all."""
    unknown: int
    """Of these: unknown tokens, and signs that leave none."""
    signs: Mapping[str, int]
    """How often the texts hold each sign that is never read, the most frequent ones first."""
    words: Sequence[str] = ()
    """Some that are not read although all of their signs are known."""

    @property
    def share(self) -> float:
        """Unknown tokens of all."""
        return self.unknown / self.tokens if self.tokens else 0.0

    def named(self, most: int = 8) -> str:
        """Return the signs with their numbers, or the words, for a message."""
        parts = [f"{sign!r} ({count:,})" for sign, count in list(self.signs.items())[:most]]
        parts = parts or [repr(word) for word in self.words]
        return ", ".join(parts) + (" …" if len(self.signs) > most else "")


def unknown_in(tokenizer: Any, texts: Sequence[str]) -> Unknown:
    """Return what of `texts` a tokenizer does not know.

    A sign is unknown that no token holds and that, alone, gives an unknown token or none: so does a
    line break that becomes a blank. Other white space is not looked at.
    """
    counts = Counter[str]()
    for text in texts:
        counts.update(text)
    alone = _unknown_alone(tokenizer, counts)
    signs = {sign: count for sign, count in counts.most_common() if sign in alone}
    if not signs and tokenizer.unk_token_id is None:
        return Unknown(0, 0, {})
    tokens = unknown = sum(count for sign, count in signs.items() if not alone[sign])
    for ids in _encoded(tokenizer, texts):
        tokens += len(ids)
        unknown += ids.count(tokenizer.unk_token_id)
    words = tuple(_unknown_words(tokenizer, texts)) if unknown and not signs else ()
    return Unknown(tokens, unknown, signs, words)


def add_signs(model: Any, tokenizer: Any, signs: Iterable[str]) -> None:
    """Add signs to tokenizer and embedding as tokens of their own.

    Their vectors are drawn like those that are there, from the sign alone, so that low-rank
    adapters, which leave them so, can tell them apart, and every start of a run draws the same.
    """
    before, known = len(tokenizer), model.get_input_embeddings().weight.shape[0]
    extend(tokenizer, signs)
    if len(tokenizer) > known:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    _draw(model, tokenizer, range(before, len(tokenizer)), known=min(before, known))


def extend(tokenizer: Any, signs: Iterable[str]) -> None:
    """Add signs to a tokenizer alone.

    In a unigram tokenizer, such as T5's, they become pieces of its vocabulary, and blanks around
    them stay as they are. In others, and line breaks in all, they are added tokens.
    """
    from tokenizers import AddedToken

    chosen = sorted(set(signs))
    if tokenizer.is_fast and type(tokenizer.backend_tokenizer.model).__name__ == "Unigram":
        _extend_vocabulary(tokenizer, chosen)
    rest = [sign for sign in chosen if sign in _unknown_alone(tokenizer, chosen)]
    tokenizer.add_tokens([AddedToken(sign, normalized=False, special=False) for sign in rest])


def _extend_vocabulary(tokenizer: Any, signs: Sequence[str]) -> None:
    """Add signs, as they are after normalisation, to the pieces of a unigram model."""
    from tokenizers import Tokenizer

    backend = json.loads(tokenizer.backend_tokenizer.to_str())
    pieces = backend["model"]["vocab"]
    if len(pieces) != len(tokenizer):
        return  # the ids behind the vocabulary are taken
    normalizer = tokenizer.backend_tokenizer.normalizer
    written = signs if normalizer is None else [normalizer.normalize_str(sign) for sign in signs]
    known = {piece for piece, _ in pieces}
    lowest = min(score for _, score in pieces)
    new = sorted({sign for text in written for sign in text if not sign.isspace()} - known)
    pieces += [[sign, lowest] for sign in new]
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(backend))


def _unknown_alone(tokenizer: Any, signs: Iterable[str]) -> dict[str, bool]:
    """Return the signs that are unknown, and whether each leaves an unknown token."""
    asked = [sign for sign in signs if sign == _LINE_BREAK or _is_visible(sign)]
    found: dict[str, bool] = {}
    for sign, ids in zip(asked, _encoded(tokenizer, asked), strict=True):
        if tokenizer.unk_token_id in ids:
            found[sign] = True
        elif not tokenizer.decode(ids, skip_special_tokens=True).strip(" "):
            found[sign] = False
    held = _held(tokenizer) if found else frozenset()
    return {sign: token for sign, token in found.items() if sign not in held}


def _is_visible(sign: str) -> bool:
    return not sign.isspace() and unicodedata.category(sign)[0] != "C"


def _held(tokenizer: Any) -> frozenset[str]:
    """Return all signs that a token other than the special ones holds."""
    added = tokenizer.added_tokens_decoder.values()
    special = {*tokenizer.all_special_tokens, *(t.content for t in added if t.special)}
    return frozenset("".join(token for token in tokenizer.get_vocab() if token not in special))


def _encoded(tokenizer: Any, texts: Sequence[str], *, at_once: int = 1000) -> Iterator[list[int]]:
    """Yield the ids of each text; those of all need not be in memory at once."""
    for start in range(0, len(texts), at_once):
        part = list(texts[start : start + at_once])
        yield from tokenizer(part, add_special_tokens=False, verbose=False)["input_ids"]


def _unknown_words(tokenizer: Any, texts: Sequence[str]) -> list[str]:
    found: dict[str, None] = {}
    for text in texts:
        words = text.split()
        for word, ids in zip(words, _encoded(tokenizer, words), strict=True):
            if tokenizer.unk_token_id in ids:
                found.setdefault(word)
        if len(found) >= _WORDS:
            break
    return list(found)[:_WORDS]


def _draw(model: Any, tokenizer: Any, ids: Iterable[int], *, known: int) -> None:
    """Set the vectors of new tokens to draws from the distribution of the known ones."""
    import torch

    layers = (model.get_input_embeddings(), model.get_output_embeddings())
    tables = {id(layer.weight): layer.weight for layer in layers if layer is not None}
    with torch.no_grad():
        for table in tables.values():
            rows = table[:known].float()
            mean, spread = rows.mean(dim=0), rows.std(dim=0)
            for number in ids:
                token = str(tokenizer.convert_ids_to_tokens(number))
                seed = int.from_bytes(hashlib.sha256(token.encode()).digest()[:7])
                noise = torch.randn(mean.shape, generator=torch.Generator().manual_seed(seed))
                table[number] = (mean + spread * noise.to(mean.device)).to(table.dtype)
