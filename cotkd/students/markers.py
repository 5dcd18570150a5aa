"""Task markers as tokens of their own: `<predict>` is one id instead of three or of none.

A prefix such as `predict: ` is text that the student's tokenizer cuts as it likes. A marker is
added to tokenizer and embedding:

    add_markers(model, tokenizer, ("<predict>", "<explain>"))
    tokenizer.tokenize("<predict>Ann has")  ->  ["<predict>", "Ann", "▁has"]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from cotkd.errors import SettingError


def add_markers(model: Any, tokenizer: Any, markers: Sequence[str]) -> None:
    """Add each marker to tokenizer and embedding, as the mean of the pieces it was before.

    Two markers thereby begin apart and near their meaning. Under low-rank adapters, which leave
    embeddings as they are, they stay so.

    Raises:
        SettingError: a marker is empty, or given twice.
    """
    from tokenizers import AddedToken

    if len(set(markers)) < len(markers) or not all(marker.strip() for marker in markers):
        raise SettingError(f"student.markers: {list(markers)} must be different words")
    pieces = {
        marker: tokenizer(marker, add_special_tokens=False)["input_ids"] for marker in markers
    }
    tokenizer.add_tokens([AddedToken(m, normalized=False, special=False) for m in markers])
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        model.resize_token_embeddings(len(tokenizer), mean_resizing=False)
    tables = {
        id(layer.weight): layer.weight
        for layer in (model.get_input_embeddings(), model.get_output_embeddings())
        if layer is not None
    }
    with torch.no_grad():
        for marker, before in pieces.items():
            (own,) = tokenizer(marker, add_special_tokens=False)["input_ids"]
            for table in tables.values():
                if before != [own]:
                    table[own] = table[before].mean(dim=0)
