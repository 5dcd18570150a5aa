"""The tokenizer of the MicroGSM models: template words are one token, digits are single.

>>> tokenizer().encode("Tom has 12 eggs.").tokens
['Tom', ' has', ' ', '1', '2', ' eggs', '.']  # doctest: +SKIP
"""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter
from typing import TYPE_CHECKING

from cotkd.questions.microgsm import words
from cotkd.questions.microgsm.blocks import BLOCKS

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PAD, EOS, UNKNOWN = "<pad>", "</s>", "<unk>"
SPLIT = r"\d| ?[A-Za-z']+| ?[^\sA-Za-z\d]+|\s"
"""A token spans one digit, one white space, or a word or signs with the blank before."""

METHOD_STRINGS = (
    "Q:", "A:", "###", "-->", "####", "**", "<<", ">>", "=",
    "Let's think step by step.", "Therefore, the answer is", "The answer is", "So the answer is",
    "Answer Choices:", "(A)", "(B)", "(C)", "(D)", "yes", "no", "Yes", "No", "Is the answer",
    "predict:", "explain:", "[label]", "[rationale]", "[factual]", "[counterfactual]",
    "[Explanation Generation]:", "[Answer Prediction]:", "Rationale:", "Answer:", "Explanation:",
    "[subquestions]", "[solve]", "[end]", "Let's break it into sub-questions.",
    "Question:", "Facts:", "Copy:",
)  # fmt: skip
"""Strings that methods put around questions and answers; each is a few tokens, none unknown."""


def _templates() -> Iterator[str]:
    for block in BLOCKS:
        yield from (*block.texts, *block.alternatives, block.question, block.question_alternative)
        for rule in block.steps:
            yield from (rule.question, *rule.texts)
    yield from words.DISTRACTORS


def _fillings() -> Iterator[str]:
    yield from (*words.NAMES, *words.NEW_NAMES, *words.KINDS, *words.DAYS)
    for domain in (*words.DOMAINS.values(), words.NEW_DOMAIN):
        yield from (
            *domain.items,
            *(box for pair in domain.boxes for box in pair),
            *domain.gain,
            *domain.lose,
        )


def vocabulary() -> list[str]:
    """Every token apart from the bytes: special tokens, printable characters, signs, words."""
    words_found: dict[str, None] = {}
    for template in _templates():
        literals = " ".join(part.strip() for part, *_ in Formatter().parse(template))
        words_found.update(dict.fromkeys(re.findall(r"[A-Za-z']+", literals)))
    for filling in _fillings():
        words_found.update(dict.fromkeys(filling.split()))
    bare: dict[str, None] = {}
    signs = dict.fromkeys(
        [
            " (",
            " [",
            "<<",
            " <<",
            ">>",
            " ###",
            "###",
            "####",
            " -->",
            "-->",
            "**",
            " **",
            "]:",
            "):",
        ]
    )
    for text in METHOD_STRINGS:
        bare.update(dict.fromkeys(re.findall(r"[A-Za-z']+", text)))
    words_found.update(bare)
    characters = ["\n", *map(chr, range(32, 127))]
    spaced = [f" {word}" for word in words_found]
    unspaced = [word for word in words_found if word[0].isupper() or word in bare]
    return list(dict.fromkeys([PAD, EOS, UNKNOWN, *characters, *signs, *spaced, *unspaced]))


def tokenizer() -> "Tokenizer":
    """The tokenizer itself, built from the templates alone.

    A text is split by `SPLIT` and each part is cut into the fewest known pieces; what is unknown
    becomes its UTF-8 bytes, so that any text round-trips.
    """
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

    pieces = [*vocabulary(), *(f"<0x{byte:02X}>" for byte in range(256))]
    scores = [(piece, -1.0) for piece in pieces]
    built = Tokenizer(models.Unigram(scores, unk_id=pieces.index(UNKNOWN), byte_fallback=True))
    built.pre_tokenizer = pre_tokenizers.Split(Regex(SPLIT), "isolated")
    built.decoder = decoders.Sequence([decoders.ByteFallback(), decoders.Fuse()])
    built.add_special_tokens([AddedToken(token, special=True) for token in (PAD, EOS, UNKNOWN)])
    return built


def save(folder: Path) -> None:
    """Write the tokenizer as an ordinary `transformers` tokenizer; it adds nothing to a text."""
    from transformers import PreTrainedTokenizerFast

    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer(),
        pad_token=PAD,
        eos_token=EOS,
        unk_token=UNKNOWN,
        padding_side="left",
        clean_up_tokenization_spaces=False,
        model_max_length=512,
    ).save_pretrained(folder)
