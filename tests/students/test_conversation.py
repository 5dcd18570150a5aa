"""A dialogue with a student answers as its single calls do, whatever its models are."""

from __future__ import annotations

import pytest

from cotkd.students.conversation import Conversation
from cotkd.students.lora import Lora, add_lora
from cotkd.students.student import Part, Student, together
from tests.tiny import build_tokenizer, tiny_llama, tiny_t5

TASKS = ("solve", "decompose")


def shared() -> Student:
    return Student("shared", tiny_llama(seed=1).double(), build_tokenizer())


def adapted() -> Student:
    """Two tasks with adapters of their own, which say something else."""
    import torch

    model = add_lora(tiny_llama(seed=1), Lora(rank=4, per_task=True), TASKS).double()
    torch.manual_seed(0)
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.5)
    return Student("adapted", model, build_tokenizer())


def pair() -> Student:
    solver = Student("solver", tiny_llama(seed=1).double(), build_tokenizer())
    decomposer = Student("decomposer", tiny_t5(seed=2).double(), build_tokenizer())
    return together(
        {"solver": Part(solver, ("solve",)), "decomposer": Part(decomposer, ("decompose",))}
    )


@pytest.mark.parametrize("build", [shared, adapted, pair])
def test_a_dialogue_equals_its_prompts_one_by_one(build) -> None:
    student = build()
    talk = Conversation(student, max_tokens=8, at_once=128)
    prompts = {0: "Ann has 3 eggs.", 1: "She sells 7 boxes of eggs."}
    for task in (*reversed(TASKS), *TASKS):
        asked: list[tuple[str, str, int]] = []

        def follow(row: int, said, asked=asked) -> str | None:
            reply = said.text
            turns = [each for each in asked if each[2] == row]
            prompt = turns[-1][0] + turns[-1][1] + "\nAnd?" if turns else prompts[row]
            asked.append((prompt, reply, row))
            return None if turns else f"{prompt}{reply}\nAnd?"

        talk(prompts, follow, task=task)
        assert len(asked) == 2 * len(prompts)
        for prompt, reply, _ in asked:
            (alone,) = student.generate([prompt], max_tokens=8, task=task)
            assert reply == alone.text
