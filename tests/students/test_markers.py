"""Task markers as tokens of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from cotkd.errors import SettingError
from cotkd.students.load import load_student
from tests.tiny import VOCABULARY, build_tokenizer, save, tiny_bart, tiny_llama, tiny_t5

MARKERS = ("<predict>", "<explain>")


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5, tiny_bart])
def test_markers_are_one_token_each_and_begin_as_the_mean_of_their_pieces(
    build: Any, tmp_path: Path
) -> None:
    folder = save(tmp_path / "m", build(), build_tokenizer())
    plain, marked = load_student(folder), load_student(folder, markers=MARKERS)
    table = marked.model.get_input_embeddings().weight
    for number, marker in enumerate(MARKERS):
        pieces = plain.tokenizer(marker, add_special_tokens=False)["input_ids"]
        (own,) = marked.tokenizer(marker, add_special_tokens=False)["input_ids"]
        assert own == VOCABULARY + number < len(table)
        torch.testing.assert_close(table[own], table[pieces].mean(dim=0))
        assert marked.tokenizer.decode(marked.tokenizer(f"{marker}Ann 3")["input_ids"]) == (
            f"{marker}Ann 3"
        )
    old = plain.model.get_input_embeddings().weight
    assert torch.equal(table[: len(old)], old)
    again = load_student(marked.save(tmp_path / "saved"))
    assert again.tokenizer(MARKERS[0])["input_ids"] == marked.tokenizer(MARKERS[0])["input_ids"]
    load_student(tmp_path / "saved", markers=MARKERS)  # what is there already is left as it is


@pytest.mark.parametrize("markers", [("<a>", "<a>"), ("<a>", " ")])
def test_markers_that_are_no_different_words_are_refused(
    markers: tuple[str, ...], tmp_path: Path
) -> None:
    folder = save(tmp_path / "m", tiny_llama(), build_tokenizer())
    with pytest.raises(SettingError, match="must be different words"):
        load_student(folder, markers=markers)
