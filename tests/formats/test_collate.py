"""What a forward pass reads: padded or packed, and only trained tokens have labels."""

from __future__ import annotations

from cotkd.formats.collate import collate
from cotkd.formats.tokenize import TokenizedExample

SHORT = TokenizedExample([7], [8, 1], [True, True], "a", 1.0, None, False)
LONG = TokenizedExample([4, 5, 6], [9, 8, 7, 1], [False, True, True, False], "a", 1.0, None, False)


def lists(batch: dict[str, object]) -> dict[str, list[int]]:
    return {name: tensor.tolist() for name, tensor in batch.items()}  # type: ignore[attr-defined]


def test_decoder_reads_prompt_and_target_and_predicts_the_next_trained_token() -> None:
    batch = lists(collate([LONG, SHORT], architecture="decoder", pad=0))
    assert batch["input_ids"] == [[4, 5, 6, 9, 8, 7], [7, 8, 0, 0, 0, 0]]
    assert batch["attention_mask"] == [[1] * 6, [1, 1, 0, 0, 0, 0]]
    assert batch["labels"] == [8, 7, 8, 1]
    assert batch["places"] == [3, 4, 6, 7]
    assert batch["owner"] == [0, 0, 1, 1]


def test_packed_rows_start_their_positions_again_and_need_no_mask() -> None:
    batch = lists(collate([SHORT, LONG, SHORT], architecture="decoder", pad=0, rows=[[1], [2, 0]]))
    assert batch["input_ids"] == [[4, 5, 6, 9, 8, 7], [7, 8, 7, 8, 0, 0]]
    assert batch["position_ids"] == [[0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1]]
    assert "attention_mask" not in batch
    assert batch["labels"] == [8, 7, 8, 1, 8, 1]
    assert batch["places"] == [3, 4, 6, 7, 8, 9]
    assert batch["owner"] == [1, 1, 2, 2, 0, 0]


def test_encoder_decoder_reads_untrained_tokens_and_starts_with_its_start_token() -> None:
    batch = lists(
        collate(
            [SHORT, LONG], architecture="encoder-decoder", pad=0, decoder_start=3, rows=[[1], [0]]
        )
    )
    assert batch["input_ids"] == [[4, 5, 6], [7, 0, 0]]
    assert batch["attention_mask"] == [[1, 1, 1], [1, 0, 0]]
    assert batch["decoder_input_ids"] == [[3, 9, 8, 7], [3, 8, 0, 0]]
    assert batch["labels"] == [8, 7, 8, 1]
    assert batch["places"] == [1, 2, 4, 5]
    assert batch["owner"] == [1, 1, 0, 0]


def test_number_of_labels_is_the_number_of_trained_tokens() -> None:
    for architecture in ("decoder", "encoder-decoder"):
        batch = collate([LONG, SHORT], architecture=architecture, pad=0, decoder_start=3)
        assert len(batch["labels"]) == LONG.trained_tokens + SHORT.trained_tokens
