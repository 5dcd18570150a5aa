"""Signs that a tokenizer does not know: found, named, and added as tokens."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, T5Tokenizer

from cotkd.students.load import load_student
from cotkd.students.signs import add_signs, extend, unknown_in
from tests.tiny import build_tokenizer, save, tiny_llama, tiny_t5

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789=+*/-.,:;?!$#()>"
TEXTS = ["so \\frac{2}{1} = <<2*12=24>>24 eggs.\nThat is {all} of them.\n#### 24", "12 个鸡蛋 是"]
SIGNS = {"\\", "{", "}", "<", "\n", *"个鸡蛋是"}


def unigram() -> PreTrainedTokenizerFast:
    """Return a unigram tokenizer that lacks some signs and makes blanks of line breaks."""
    from tokenizers import Regex

    blanks = normalizers.Replace(Regex(r"\s+"), " ")
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), blanks])
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    trainer = trainers.UnigramTrainer(
        vocab_size=300,
        special_tokens=["<pad>", "</s>", "<unk>"],
        unk_token="<unk>",
        show_progress=False,
    )
    tokenizer.train_from_iterator([" ".join(LETTERS), "eggs of them all is so That frac"], trainer)
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


def t5() -> Any:
    """Return a tokenizer of the class that reads T5's files, with its special tokens."""
    import json

    pieces = json.loads(unigram().backend_tokenizer.to_str())["model"]["vocab"]
    pieces += [[f"<extra_id_{number}>", 0.0] for number in range(9, -1, -1)]
    return T5Tokenizer(vocab=[tuple(piece) for piece in pieces], extra_ids=10)


def wordpiece() -> PreTrainedTokenizerFast:
    """Return a tokenizer whose unknown signs make a whole word unknown."""
    pieces = ["<pad>", "</s>", "<unk>", *LETTERS, *(f"##{sign}" for sign in LETTERS)]
    model = models.WordPiece({piece: i for i, piece in enumerate(pieces)}, unk_token="<unk>")
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.decoder = decoders.WordPiece()
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", eos_token="</s>", unk_token="<unk>"
    )


@pytest.mark.parametrize("build", [unigram, t5, wordpiece])
def test_signs_that_are_never_read_are_found_with_their_numbers(build: Any) -> None:
    found = unknown_in(build(), TEXTS)
    assert set(found.signs) == SIGNS
    assert (found.signs["{"], found.signs["\n"], found.signs["<"]) == (3, 2, 2)
    assert 0.05 < found.share < 0.6
    assert list(found.signs.values()) == sorted(found.signs.values(), reverse=True)
    assert "'\\n' (2)" in found.named(most=20)
    assert found.named(most=1).endswith(" …")


def test_a_sign_that_leaves_no_token_counts_as_one() -> None:
    tokenizer = unigram()
    one, two = (unknown_in(tokenizer, [text]) for text in ("eggs all", "eggs\nall"))
    assert (one.unknown, two.unknown, two.signs) == (0, 1, {"\n": 1})
    assert two.tokens == one.tokens + 1


def test_byte_level_tokenizers_know_everything() -> None:
    assert unknown_in(build_tokenizer(), TEXTS).unknown == 0


def test_unknown_words_of_known_signs_are_named_and_no_sign_is() -> None:
    known = {"<pad>": 0, "</s>": 1, "<unk>": 2, "Ann": 3, "has": 4, "eggs": 5, "Bob": 6}
    tokenizer = Tokenizer(models.WordLevel(known, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    words = PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>")
    found = unknown_in(words, ["Ann has eggs", "bob has eggs"])
    assert (found.tokens, found.unknown, dict(found.signs)) == (6, 1, {})
    assert found.named() == "'bob'"
    assert unknown_in(words, ["Ann has eggs"]).share == 0


@pytest.mark.parametrize("build", [unigram, t5])
def test_added_signs_are_read_and_written_with_the_blanks_around_them(build: Any) -> None:
    tokenizer = build()
    extend(tokenizer, SIGNS)
    assert unknown_in(tokenizer, TEXTS).unknown == 0
    text = TEXTS[0].replace("\n", " ")
    ids = tokenizer(text)["input_ids"]
    assert tokenizer.decode(ids, skip_special_tokens=True) == text
    lines = tokenizer.decode(tokenizer(TEXTS[0])["input_ids"], skip_special_tokens=True)
    assert [line.strip() for line in lines.split("\n")] == TEXTS[0].split("\n")


@pytest.mark.parametrize("build", [unigram, t5, wordpiece])
def test_a_text_of_known_signs_is_read_as_before(build: Any) -> None:
    before = build()
    after = copy.deepcopy(before)
    extend(after, SIGNS)
    text = "so that is 24 eggs, and (2*12=24) of them!"
    assert before(text)["input_ids"] == after(text)["input_ids"]
    again = copy.deepcopy(after)
    extend(again, SIGNS)
    assert len(again) == len(after), "what is there is not added twice"


def test_a_sign_that_is_normalised_first_is_added_as_it_then_is() -> None:
    tokenizer = unigram()
    assert unknown_in(tokenizer, ["½ of 2"]).signs == {"½": 1}
    extend(tokenizer, ["½"])
    assert unknown_in(tokenizer, ["½ of 2"]).unknown == 0
    assert tokenizer.decode(tokenizer("½ of 2")["input_ids"]) == "1⁄2 of 2"


@pytest.mark.parametrize("build", [unigram, t5, wordpiece])
def test_a_student_with_added_signs_is_saved_and_loaded_as_it_is(
    build: Any, tmp_path: Path
) -> None:
    tokenizer = build()
    base = tiny_t5(vocab_size=len(tokenizer) + 3)
    folder = save(tmp_path / "base", base, tokenizer)
    made = load_student(folder, signs=lambda _: sorted(SIGNS), markers=("<predict>",))
    again = load_student(made.save(tmp_path / "saved"))
    for text in (*TEXTS, "<predict>2 eggs"):
        assert again.tokenizer(text)["input_ids"] == made.tokenizer(text)["input_ids"]
    assert unknown_in(again.tokenizer, TEXTS).unknown == 0
    assert len(again.tokenizer) <= again.model.get_input_embeddings().weight.shape[0]
    assert len(made.tokenizer("<predict>", add_special_tokens=False)["input_ids"]) <= 2


def test_vectors_of_added_signs_differ_and_are_the_same_at_every_start() -> None:
    tables = []
    for _ in range(2):
        model, tokenizer = tiny_llama(vocab_size=400), wordpiece()
        old = model.get_input_embeddings().weight.detach().clone()
        first = len(tokenizer)
        add_signs(model, tokenizer, ["{", "}", "\n"])
        table = model.get_input_embeddings().weight.detach()
        assert torch.equal(table[:first], old[:first])
        tables.append(table[first : first + 3])
        assert torch.pdist(tables[-1]).min() > 0.1
        spread = tables[-1].std() / old[:first].std()
        assert 0.7 < spread < 1.4
        output = model.get_output_embeddings().weight.detach()[first : first + 3]
        assert torch.pdist(output).min() > 0.1
    assert torch.equal(*tables)
