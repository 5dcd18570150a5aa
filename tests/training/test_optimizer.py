"""Muon and AdamW as one optimizer."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn
from torch.optim import AdamW, Muon

from cotkd.training.optimizer import MuonAdamW, build_optimizer, parameter_groups
from cotkd.training.settings import Training
from tests.tiny import tiny_bart, tiny_gpt2, tiny_llama, tiny_t5

BOTH = Training(optimizer="muon", learning_rate=0.02, adamw_learning_rate=0.003, weight_decay=0.1)


def gradients(model: nn.Module, seed: int) -> None:
    draw = torch.Generator().manual_seed(seed)
    for weight in model.parameters():
        weight.grad = torch.randn(weight.shape, generator=draw)


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5, tiny_bart, tiny_gpt2])
@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_every_trainable_weight_is_in_exactly_one_group(build: object, optimizer: str) -> None:
    model = build()  # type: ignore[operator]
    next(model.parameters()).requires_grad_(False)
    groups = parameter_groups(model, Training.parse({"optimizer": optimizer}))
    listed = [id(weight) for group in groups for weight in group["params"]]
    assert sorted(listed) == sorted(id(w) for w in model.parameters() if w.requires_grad)


@pytest.mark.parametrize("build", [tiny_llama, tiny_t5, tiny_bart])
def test_muon_has_hidden_matrices_and_neither_embedding_nor_output_layer(build: object) -> None:
    model = build()  # type: ignore[operator]
    (hidden,) = (g["params"] for g in parameter_groups(model, BOTH) if g["algorithm"] == "muon")
    assert {weight.ndim for weight in hidden} == {2}
    chosen = {id(weight) for weight in hidden}
    names = [name for name, weight in model.named_parameters() if id(weight) in chosen]
    assert not any("embed" in n or "shared" in n or "lm_head" in n or "bias" in n for n in names)
    assert len(names) > 10


def test_norms_and_biases_are_not_decayed() -> None:
    for group in parameter_groups(tiny_bart(), BOTH):
        matrices = {weight.ndim >= 2 for weight in group["params"]}
        assert matrices == {group["weight_decay"] > 0}


def test_each_group_moves_as_its_algorithm_alone_would_move_it() -> None:
    model = tiny_llama()
    twin = copy.deepcopy(model)
    ours = build_optimizer(model, BOTH)
    assert isinstance(ours, MuonAdamW)
    alone = []
    for group in parameter_groups(twin, BOTH):
        settings = {"lr": group["lr"], "weight_decay": group["weight_decay"]}
        if group["algorithm"] == "muon":
            alone.append(Muon(group["params"], adjust_lr_fn="match_rms_adamw", **settings))
        else:
            alone.append(AdamW(group["params"], betas=(0.9, 0.99), **settings))
    for seed in range(3):
        gradients(model, seed)
        gradients(twin, seed)
        ours.step()
        for each in alone:
            each.step()
    for weight, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(weight, other, rtol=0, atol=0)


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_stored_state_goes_on_where_it_stopped(optimizer: str) -> None:
    settings = Training.parse({"optimizer": optimizer})
    model = tiny_llama()
    ours = build_optimizer(model, settings)
    for seed in range(2):
        gradients(model, seed)
        ours.step()
    twin = copy.deepcopy(model)
    fresh = build_optimizer(twin, settings)
    fresh.load_state_dict(copy.deepcopy(ours.state_dict()))
    for each, optimizer_ in ((model, ours), (twin, fresh)):
        gradients(each, 9)
        optimizer_.step()
    for weight, other in zip(model.parameters(), twin.parameters(), strict=True):
        torch.testing.assert_close(weight, other, rtol=0, atol=0)


def test_a_schedule_reaches_both_algorithms() -> None:
    ours = build_optimizer(tiny_llama(), BOTH)
    before = [group["lr"] for group in ours.param_groups]
    schedule = torch.optim.lr_scheduler.LambdaLR(ours, lambda step: 0.5**step)
    gradients(nn.ParameterList(w for g in ours.param_groups for w in g["params"]), 0)
    ours.step()
    schedule.step()
    assert [group["lr"] for group in ours.param_groups] == [rate / 2 for rate in before]
    assert set(before) == {0.02, 0.003}
