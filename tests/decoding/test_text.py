"""Properties of text to tokens and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from cotkd.decoding.text import StopStrings, decode_completions, encode_prompts
from cotkd.errors import EngineError
from tests.tiny import EOS, PAD, build_tokenizer

TOKENIZER = build_tokenizer()
TEXT = st.text(max_size=30)


def word_tokenizer(*, ending=False):
    """Words marked with the space before them, which decoding drops from the first."""
    words = ["<pad>", "</s>", "▁Ann", "▁has", "▁3", "▁eggs", "▁Q:", "▁A:", "<s>"]
    tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, "<pad>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    if ending:
        tokenizer.post_processor = processors.TemplateProcessing(
            "<s> $A </s>", None, [("<s>", 8), ("</s>", 1)]
        )
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, eos_token="</s>", pad_token="<pad>", bos_token="<s>"
    )


@given(TEXT, TEXT)
def test_a_completion_decodes_to_its_text(prompt, completion):
    prompts = encode_prompts(TOKENIZER, [prompt], architecture="decoder")
    new = TOKENIZER(completion)["input_ids"]
    assert decode_completions(TOKENIZER, prompts, [new]) == [completion]
    assert decode_completions(TOKENIZER, None, [new]) == [completion]


def test_the_space_before_the_first_word_is_kept():
    tokenizer = word_tokenizer()
    prompts = encode_prompts(tokenizer, ["Q: Ann", "Q: A:"], architecture="decoder")
    completions = [tokenizer("has 3 eggs")["input_ids"]] * 2
    assert decode_completions(tokenizer, prompts, completions) == [" has 3 eggs"] * 2
    assert decode_completions(tokenizer, None, completions) == ["has 3 eggs"] * 2


def test_an_end_token_after_a_decoders_prompt_is_left_out():
    tokenizer = word_tokenizer(ending=True)
    decoder = encode_prompts(tokenizer, ["Ann has", "Ann </s>"], architecture="decoder")
    encoder = encode_prompts(tokenizer, ["Ann has"], architecture="encoder-decoder")
    assert decoder == [[8, 2, 3], [8, 2, PAD, EOS, EOS]]
    assert encoder == [[8, 2, 3, EOS]]


def test_an_empty_prompt_starts_with_the_start_or_the_end_token():
    assert encode_prompts(TOKENIZER, [""], architecture="decoder") == [[EOS]]
    assert encode_prompts(word_tokenizer(), [""], architecture="decoder") == [[8]]
    bare = PreTrainedTokenizerFast(tokenizer_object=TOKENIZER.backend_tokenizer)
    with pytest.raises(EngineError, match="start or end token"):
        encode_prompts(bare, [""], architecture="decoder")


@given(st.text("ab\n:Q é", max_size=24), st.lists(st.text("ab\n:Qé", min_size=1, max_size=3)))
def test_no_stop_string_is_missed_and_none_is_seen_early(text, stop):
    """Token by token, the first candidate step whose text holds a stop is the first such step."""
    stops = StopStrings(TOKENIZER, stop, vocabulary=len(TOKENIZER))
    ids = TOKENIZER(text)["input_ids"]
    read = [TOKENIZER.decode(ids[: step + 1]) for step in range(len(ids))]
    holding = [step for step, part in enumerate(read) if stops.cut(part) is not None]
    candidates = [step for step in range(len(ids)) if len(stops.candidates(np.array([ids[step]])))]
    assert holding[:1] == [step for step in candidates if step in holding][:1]


@given(TEXT, st.lists(st.text(min_size=1, max_size=3), max_size=3))
def test_cut_text_holds_no_stop_string_and_is_a_beginning(text, stop):
    cut = StopStrings(TOKENIZER, stop, vocabulary=0).cut(text)
    if cut is None:
        assert not any(piece in text for piece in stop)
    else:
        assert text.startswith(cut)
        assert any(text[len(cut) :].startswith(piece) for piece in stop)
        assert not any(piece in cut for piece in stop)


@pytest.mark.parametrize("vocabulary", [320, 12, 400])
def test_the_table_fits_a_model_with_fewer_or_more_tokens_than_one_seen_before(vocabulary):
    stops = StopStrings(TOKENIZER, ["e"], vocabulary=vocabulary)
    holding = [token for token in range(vocabulary) if "e" in TOKENIZER.decode([token])]
    assert stops.candidates(np.arange(vocabulary)).tolist() == holding
