"""Padded batches: labels aligned with logits, padding and untrained tokens ignored."""

from __future__ import annotations

from cotkd.formats.collate import collate
from cotkd.formats.tokenize import TokenizedExample
from cotkd.losses import IGNORED

SHORT = TokenizedExample([7], [8, 1], [True, True], "a", 1.0, None, False)
LONG = TokenizedExample([4, 5, 6], [9, 8, 7, 1], [False, True, True, False], "a", 1.0, None, False)
_ = IGNORED


def test_decoder_reads_prompt_and_target_and_predicts_the_next_trained_token() -> None:
    batch = collate([LONG, SHORT], architecture="decoder", pad=0)
    assert batch["input_ids"].tolist() == [[4, 5, 6, 9, 8, 7], [7, 8, 0, 0, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1] * 6, [1, 1, 0, 0, 0, 0]]
    assert batch["labels"].tolist() == [[_, _, _, 8, 7, _], [8, 1, _, _, _, _]]


def test_encoder_decoder_reads_untrained_tokens_and_starts_with_its_start_token() -> None:
    batch = collate([LONG, SHORT], architecture="encoder-decoder", pad=0, decoder_start=3)
    assert batch["input_ids"].tolist() == [[4, 5, 6], [7, 0, 0]]
    assert batch["attention_mask"].tolist() == [[1, 1, 1], [1, 0, 0]]
    assert batch["decoder_input_ids"].tolist() == [[3, 9, 8, 7], [3, 8, 0, 0]]
    assert batch["labels"].tolist() == [[_, 8, 7, _], [8, 1, _, _]]


def test_columns_where_all_rows_read_their_prompt_have_no_labels() -> None:
    batch = collate([LONG, LONG._replace(prompt=[4, 5])], architecture="decoder", pad=0)
    assert batch["input_ids"].shape == (2, 6)
    assert batch["labels"].tolist() == [[_, _, 8, 7, _], [_, 8, 7, _, _]]


def test_number_of_labels_is_the_number_of_trained_tokens() -> None:
    for architecture in ("decoder", "encoder-decoder"):
        batch = collate([LONG, SHORT], architecture=architecture, pad=0, decoder_start=3)
        trained = LONG.trained_tokens + SHORT.trained_tokens
        assert batch["labels"].ne(IGNORED).sum().item() == trained
