"""What an encoder-decoder is made to begin with is read at once, and is what it goes on from."""

from __future__ import annotations

import pytest
import torch

from cotkd.decoding import generate
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.session import EncoderDecoderSession
from tests.tiny import CORPUS, build_tokenizer, tiny_bart, tiny_t5

TOKENIZER = build_tokenizer()
OPENING = "So there are 12 eggs."
PROMPTS = [CORPUS[0][:40], CORPUS[1][:30], CORPUS[0][:40]]
FAMILIES = pytest.mark.parametrize("tiny", [tiny_t5, tiny_bart])


@FAMILIES
def test_an_opening_of_any_length_is_read_in_one_call(tiny, monkeypatch) -> None:
    lengths = []
    read = EncoderDecoderSession.read
    monkeypatch.setattr(
        EncoderDecoderSession,
        "read",
        lambda self, tokens: lengths.append(tuple(tokens.shape)) or read(self, tokens),
    )
    opening = tuple(TOKENIZER(OPENING, add_special_tokens=False)["input_ids"])
    prompts = [tuple(TOKENIZER(prompt)["input_ids"]) for prompt in PROMPTS]
    EncoderDecoderSession(tiny(seed=2), prompts, pad=TOKENIZER.pad_token_id, opening=opening)
    assert lengths == [(2, 1 + len(opening))], "once for each distinct prompt"


@FAMILIES
def test_it_goes_on_as_the_librarys_own_generate_does(tiny) -> None:
    model = tiny(seed=2)
    begun = TOKENIZER(OPENING, add_special_tokens=False)["input_ids"]
    start = model.config.decoder_start_token_id
    found = generate(
        model,
        TOKENIZER,
        PROMPTS,
        sampling=Sampling(temperature=0.0, max_tokens=8),
        seeds=range(3),
        opening=OPENING,
    )
    for prompt, one in zip(PROMPTS, found, strict=True):
        ids = torch.tensor([TOKENIZER(prompt)["input_ids"]])
        output = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            decoder_input_ids=torch.tensor([[start, *begun]]),
            do_sample=False,
            max_new_tokens=8,
        )
        new = output[0, 1 + len(begun) :].tolist()
        assert list(one.token_ids) == new
