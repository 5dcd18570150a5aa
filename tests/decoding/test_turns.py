"""Prompts that grow: the same texts as without a cache, far fewer tokens read, and no waiting."""

from __future__ import annotations

import pytest
import torch

from cotkd.decoding import generate
from cotkd.decoding.sampling import Sampling
from cotkd.decoding.turns import Turns
from tests.tiny import build_tokenizer, tiny_bart, tiny_gpt2, tiny_llama, tiny_qwen3, tiny_t5

GREEDY = Sampling(temperature=0.0, max_tokens=9)
QUESTIONS = ["Ann has 3 boxes.", "She sells 7 eggs. How many eggs does she have left?", "A: Let's"]
FAMILIES = [tiny_llama, tiny_qwen3, tiny_gpt2, tiny_t5, tiny_bart]


def dialogue(model, *, at_once: int = 128, keep: bool = True) -> list[list[tuple[str, str]]]:
    """Ask three rows, the first for two turns, the next for one more each: (prompt, reply)."""
    said: list[list[tuple[str, str]]] = [[] for _ in QUESTIONS]
    prompts = dict(enumerate(QUESTIONS))

    def follow(row: int, reply) -> str | None:
        said[row].append((prompts[row], reply.text))
        if len(said[row]) == row + 2:
            return None
        prompts[row] = f"{prompts[row]}{reply.text}\nHow many{' eggs' * row}? **"
        return prompts[row]

    turns = Turns(model, build_tokenizer())
    turns.kept &= keep
    turns(dict(prompts), GREEDY, follow, at_once=at_once)
    return said


@pytest.mark.parametrize("build", FAMILIES)
@pytest.mark.parametrize("at_once", [2, 128])
def test_every_turn_equals_decoding_its_prompt_alone(build, at_once: int) -> None:
    """In double precision: a cache adds up in another order."""
    model, tokenizer = build(seed=2).double(), build_tokenizer()
    said = dialogue(model, at_once=at_once)
    assert [len(row) for row in said] == [2, 3, 4]
    for prompt, reply in (turn for row in said for turn in row):
        assert generate(model, tokenizer, [prompt], sampling=GREEDY)[0].text == reply


def test_what_is_kept_changes_no_reply() -> None:
    model = tiny_llama(seed=2).double()
    assert dialogue(model) == dialogue(model, keep=False)


def test_a_prompt_that_leaves_the_one_before_is_read_from_where_they_part() -> None:
    model, tokenizer = tiny_llama(seed=2).double(), build_tokenizer()
    other = "Ann has 3 eggs. How many?"
    said = []

    def follow(row: int, reply) -> str | None:
        said.append(reply)
        return other if len(said) == 1 else None

    Turns(model, tokenizer)({0: "Ann has 3 boxes of 12 eggs."}, GREEDY, follow)
    assert said[1].text == generate(model, tokenizer, [other], sampling=GREEDY)[0].text
    assert said[1].prompt_tokens == len(tokenizer(other)["input_ids"])


def test_what_was_read_is_not_read_again() -> None:
    model = tiny_llama(seed=2)
    turns = Turns(model, build_tokenizer())
    read: list[torch.Size] = []
    model.model.embed_tokens.register_forward_hook(lambda _, args, __: read.append(args[0].shape))
    long = "Ann has 3 boxes with 12 eggs each. " * 6
    replies: list[str] = []

    def follow(row: int, reply) -> str | None:
        replies.append(reply.text)
        return f"{long}{reply.text}\nHow many?" if len(replies) == 1 else None

    turns({0: long}, GREEDY, follow)
    widths = [shape[1] for shape in read]
    assert widths[0] > 50
    assert max(widths[1:]) < 20


def test_rows_that_have_replied_go_on_while_others_write() -> None:
    """One row writes one long reply, another many short ones: fewer passes than one by one."""
    model, tokenizer = tiny_llama(seed=2), build_tokenizer()
    turns = Turns(model, tokenizer)
    passes: list[int] = []
    model.model.embed_tokens.register_forward_hook(lambda _, args, __: passes.append(len(args[0])))
    prompts = {row: "Ann has 3 boxes." * (row + 1) for row in range(4)}
    asked = dict.fromkeys(prompts, 1)

    def follow(row: int, reply) -> str | None:
        asked[row] += 1
        return None if asked[row] > row + 1 else prompts[row] + reply.text * asked[row]

    turns(prompts, GREEDY, follow)
    together = len(passes)
    for row, prompt in prompts.items():
        asked = dict.fromkeys(prompts, 1)
        turns({row: prompt}, GREEDY, follow)
    assert together < 0.6 * (len(passes) - together)


def test_a_prompt_that_fills_the_context_fails_alone() -> None:
    found = {}

    def follow(row: int, reply) -> str | None:
        found[row] = reply
        return None if row or reply.error else "eggs " * 400

    turns = Turns(tiny_gpt2(seed=1), build_tokenizer())
    turns({0: "Ann has 3 boxes.", 1: "eggs " * 400, 2: "Ann"}, GREEDY, follow)
    assert "fills the context" in (found[0].error or "")
    assert "fills the context" in (found[1].error or "")
    assert found[2].finish_reason != "error"
