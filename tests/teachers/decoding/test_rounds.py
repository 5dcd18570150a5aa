"""Prompts that grow: the same texts as without a cache, and far fewer tokens read."""

from __future__ import annotations

import pytest
import torch

from cotkd.teachers.decoding import generate
from cotkd.teachers.decoding.rounds import Rounds
from cotkd.teachers.sampling import Sampling
from tests.tiny import build_tokenizer, tiny_bart, tiny_gpt2, tiny_llama, tiny_qwen3, tiny_t5

GREEDY = Sampling(temperature=0.0, max_tokens=9)
QUESTIONS = ["Ann has 3 boxes.", "She sells 7 eggs. How many eggs does she have left?", "A: Let's"]
FAMILIES = [tiny_llama, tiny_qwen3, tiny_gpt2, tiny_t5, tiny_bart]


def dialogue(model, *, batch_tokens: int = 32_768) -> list[tuple[dict[int, str], dict[int, str]]]:
    """Ask three rows for four rounds, one row fewer after each, with a cache and without."""
    tokenizer = build_tokenizer()
    rounds = Rounds(model, tokenizer, batch_tokens=batch_tokens)
    prompts = dict(enumerate(QUESTIONS))
    found = []
    for number in range(4):
        told = {row: one.text for row, one in rounds.ask(prompts, GREEDY).items()}
        alone = {
            row: generate(model, tokenizer, [prompt], sampling=GREEDY)[0].text
            for row, prompt in prompts.items()
        }
        found.append((told, alone))
        prompts = {
            row: f"{prompt}{told[row]}\nHow many{' eggs' * row}? **"
            for row, prompt in prompts.items()
            if row < 4 - number
        }
    return found


@pytest.mark.parametrize("build", FAMILIES)
@pytest.mark.parametrize("batch_tokens", [40, 32_768])
def test_every_round_equals_decoding_each_prompt_alone(build, batch_tokens: int) -> None:
    """In double precision: a cache adds up in another order."""
    for told, alone in dialogue(build(seed=2).double(), batch_tokens=batch_tokens):
        assert told == alone


def test_a_prompt_that_leaves_the_one_before_is_read_from_where_they_part() -> None:
    model, tokenizer = tiny_llama(seed=2).double(), build_tokenizer()
    rounds = Rounds(model, tokenizer)
    rounds.ask({0: "Ann has 3 boxes of 12 eggs.", 1: "A: Let's think"}, GREEDY)
    prompts = {0: "Ann has 3 eggs. How many?", 1: "A: Let's think"}
    found = rounds.ask(prompts, GREEDY)
    for row, prompt in prompts.items():
        assert found[row].text == generate(model, tokenizer, [prompt], sampling=GREEDY)[0].text
        assert found[row].prompt_tokens == len(tokenizer(prompt)["input_ids"])


def test_what_was_read_is_not_read_again() -> None:
    model = tiny_llama(seed=2)
    read: list[torch.Size] = []
    model.model.embed_tokens.register_forward_hook(lambda _, args, __: read.append(args[0].shape))
    rounds = Rounds(model, build_tokenizer())
    long = "Ann has 3 boxes with 12 eggs each. " * 6
    rounds.ask({0: long}, GREEDY)
    first = max(shape[1] for shape in read)
    read.clear()
    rounds.ask({0: long + "How many?"}, GREEDY)
    assert first > 50
    assert max(shape[1] for shape in read) < 10


def test_a_prompt_that_fills_the_context_fails_alone() -> None:
    model = tiny_gpt2(seed=1)
    rounds = Rounds(model, build_tokenizer())
    found = rounds.ask({0: "Ann has 3 boxes.", 1: "eggs " * 400}, GREEDY)
    assert found[0].finish_reason != "error"
    assert "fills the context" in (found[1].error or "")
