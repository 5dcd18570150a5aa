"""Losses a tile at a time: value and gradient are those of all logits at once."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch.nn import functional
from torch.utils._python_dispatch import TorchDispatchMode

from cotkd.losses import IGNORED, symmetric_kl, token_cross_entropy
from cotkd.training.forward import trained_logits
from cotkd.training.output_layer import OutputLayer
from cotkd.training.tiles import Term, tile_rows, tiled_sum
from tests.training.output_layers import MODELS, Pass, cross_entropy, one_pass, untied
from tests.training.tiles_worker import NAMES

ROOT = Path(__file__).parents[2]

names = pytest.mark.parametrize("name", MODELS)
tiles = pytest.mark.parametrize("tile", [1, 3, 1000])
PAIRS = torch.tensor([[0, 3, 3, 7], [1, 4, 5, 2]])
PAIR_WEIGHTS = torch.tensor([0.3, 0.1, 0.0, 0.7])

Loss = Callable[[Any, Pass], torch.Tensor]


def agreement(logits: tuple[torch.Tensor, ...], _: torch.Tensor) -> torch.Tensor:
    return symmetric_kl(*logits)


def squares(logits: tuple[torch.Tensor, ...], units: torch.Tensor) -> torch.Tensor:
    """Losses whose graph needs the logits themselves."""
    return logits[0].square().mean(-1) * (1 + units)


def tokens(one: Pass) -> torch.Tensor:
    return torch.arange(len(one.places)).unsqueeze(0)


def plain(model: Any, one: Pass) -> torch.Tensor:
    logits = trained_logits(model, one.inputs, one.places)
    losses = token_cross_entropy(logits.unsqueeze(1), one.labels.unsqueeze(1)).squeeze(1)
    return (losses * one.weights).sum()


def plain_with_more(model: Any, one: Pass) -> torch.Tensor:
    logits = trained_logits(model, one.inputs, one.places)
    losses = token_cross_entropy(logits.unsqueeze(1), one.labels.unsqueeze(1)).squeeze(1)
    more = squares((logits,), torch.arange(len(logits)))
    pairs = symmetric_kl(logits[PAIRS[0]], logits[PAIRS[1]])
    return ((losses + more) * one.weights).sum() + (pairs * PAIR_WEIGHTS).sum()


def tiled(tile: int) -> Loss:
    def loss(model: Any, one: Pass) -> torch.Tensor:
        layer = OutputLayer.of(model)
        assert layer is not None
        states = layer.states(model, one.inputs, one.places)
        terms = [Term(tokens(one), cross_entropy(one.labels), one.weights)]
        return tiled_sum(layer, states, terms, tile=tile)

    return loss


def tiled_with_more(tile: int) -> Loss:
    def loss(model: Any, one: Pass) -> torch.Tensor:
        layer = OutputLayer.of(model)
        assert layer is not None
        states = layer.states(model, one.inputs, one.places)
        terms = [
            Term(tokens(one), cross_entropy(one.labels), one.weights),
            Term(PAIRS, agreement, PAIR_WEIGHTS),
            Term(tokens(one), squares, one.weights),
        ]
        return tiled_sum(layer, states, terms, tile=tile)

    return loss


def outcome(model: Any, loss: Loss, *passes: Pass) -> tuple[float, dict[str, torch.Tensor | None]]:
    """Return loss and gradients of some passes; the model is left without gradients."""
    total = 0.0
    for one in passes:
        share = loss(model, one)
        share.backward()
        total += share.item()
    found = {name: weight.grad for name, weight in model.named_parameters()}
    model.zero_grad(set_to_none=True)
    return total, found


def assert_same(model: Any, one: Loss, other: Loss, *passes: Pass, within: float) -> None:
    """Compare losses relatively, and gradients by the largest of each weight.

    What is rounding alone (keys of attention have a bias without effect) is not compared so. Some
    norms compute in single precision whatever the weights are, which is what 1e-6 leaves room for.
    """
    loss, gradients = outcome(model, one, *passes)
    again, found = outcome(model, other, *passes)
    assert again == pytest.approx(loss, rel=within)
    largest = max(each.abs().max().item() for each in gradients.values() if each is not None)
    for name, gradient in gradients.items():
        if gradient is None:
            assert found[name] is None, name
        else:
            scale = max(gradient.abs().max().item(), 1e-3 * largest)
            torch.testing.assert_close(found[name], gradient, rtol=0, atol=within * scale, msg=name)


@names
@tiles
@pytest.mark.parametrize("checkpointing", [True, False])
def test_tiles_are_all_logits_at_once(name: str, tile: int, checkpointing: bool) -> None:
    model = MODELS[name]().double().train()
    if checkpointing:
        model.gradient_checkpointing_enable()
    one = one_pass(model)
    assert_same(model, plain, tiled(tile), one, within=1e-6)
    assert_same(model, plain_with_more, tiled_with_more(tile), one, within=1e-6)


@names
def test_tiles_in_single_precision(name: str) -> None:
    model = MODELS[name]().train()
    one = one_pass(model)
    assert_same(model, plain, tiled(3), one, within=1e-5)
    assert_same(model, plain_with_more, tiled_with_more(3), one, within=1e-5)


@names
@pytest.mark.parametrize("checkpointing", [True, False])
def test_tiles_under_autocast_are_as_near_to_exact_gradients(
    name: str, checkpointing: bool
) -> None:
    model = MODELS[name]().train()
    if checkpointing:
        model.gradient_checkpointing_enable()
    one = one_pass(model, count=20)

    def cast(loss: Loss) -> Loss:
        def under_autocast(model: Any, one: Pass) -> torch.Tensor:
            with torch.autocast("cpu", dtype=torch.bfloat16):
                return loss(model, one)

        return under_autocast

    exact_loss, exact = outcome(model, plain, one)
    losses, found = zip(
        *(outcome(model, cast(loss), one) for loss in (plain, tiled(3))), strict=True
    )
    assert losses[1] == pytest.approx(exact_loss, rel=1e-2)
    for key, gradient in exact.items():
        if gradient is None or gradient.norm() < 1e-6:  # rounding alone
            continue
        errors = [(each[key].float() - gradient).norm() / gradient.norm() for each in found]
        assert found[1][key].dtype == gradient.dtype
        assert errors[1] <= 1.2 * errors[0] + 2e-3, key


def test_gradients_of_half_precision_weights_are_summed_in_single_precision() -> None:
    layer, states = alone(width=8, tokens=512)
    layer.module.to(torch.bfloat16)
    one = torch.ones(512)
    halves = states.detach().bfloat16().requires_grad_()
    terms = [Term(torch.arange(512).unsqueeze(0), cross_entropy(torch.arange(512) % 50), one)]
    tiled_sum(layer, halves, terms, tile=1).backward()
    found = layer.module.weight.grad
    logits = layer.logits(halves).float()
    loss = functional.cross_entropy(logits, torch.arange(512) % 50, reduction="sum")
    (expected,) = torch.autograd.grad(loss, [layer.module.weight])
    assert found.dtype == torch.bfloat16
    torch.testing.assert_close(found, expected, rtol=1e-2, atol=2e-2)


@pytest.mark.parametrize("name", ["tied", "adapted", "t5"])
def test_gradients_accumulate_over_passes(name: str) -> None:
    model = MODELS[name]().double()
    passes = one_pass(model), one_pass(model, count=4, seed=1)
    assert_same(model, plain, tiled(3), *passes, within=1e-6)


@names
def test_no_trained_token_is_a_gradient_of_zero(name: str) -> None:
    model = MODELS[name]().double()
    one = one_pass(model, count=0)
    loss, gradients = outcome(model, tiled(3), one)
    _, expected = outcome(model, plain, one)
    assert loss == 0
    for key, gradient in expected.items():
        if gradient is None:
            assert gradients[key] is None
        else:
            assert torch.count_nonzero(gradients[key]) == 0, key


def test_weights_of_zero_and_ignored_labels_have_a_gradient_of_zero() -> None:
    model = untied()
    one = one_pass(model)
    nothing = one._replace(weights=torch.zeros(10)), one._replace(labels=one.labels * 0 + IGNORED)
    for each in nothing:
        loss, gradients = outcome(model, tiled(3), each)
        assert loss == 0
        assert all(torch.count_nonzero(gradient) == 0 for gradient in gradients.values())
    part = one._replace(labels=one.labels.masked_fill(torch.arange(10) % 3 == 0, IGNORED))
    assert_same(model.double(), plain, tiled(4), part, within=1e-6)


@pytest.mark.parametrize("frozen", [True, False])
def test_weights_of_a_term_have_their_gradient(frozen: bool) -> None:
    model = untied().double().requires_grad_(not frozen)
    scale = torch.nn.Parameter(torch.tensor(1.5, dtype=torch.float64))
    one = one_pass(model)
    layer = OutputLayer.of(model)
    assert layer is not None

    def scaled(logits: tuple[torch.Tensor, ...], units: torch.Tensor) -> torch.Tensor:
        return squares((scale * logits[0],), units)

    states = layer.states(model, one.inputs, one.places)
    terms = [
        Term(tokens(one), cross_entropy(one.labels), one.weights),
        Term(tokens(one), scaled, one.weights, own=(scale,)),
    ]
    found = tiled_sum(layer, states, terms, tile=3)
    logits = trained_logits(model, one.inputs, one.places)
    more = scaled((logits,), torch.arange(len(logits)))
    expected = plain(model, one) + (more * one.weights).sum()
    torch.testing.assert_close(found, expected, rtol=1e-9, atol=0)
    weights = [scale, *model.parameters()] if not frozen else [scale]
    for made, wanted in zip(
        torch.autograd.grad(found, weights), torch.autograd.grad(expected, weights), strict=True
    ):
        torch.testing.assert_close(made, wanted, rtol=0, atol=1e-6 * wanted.abs().max().item())


def test_what_follows_the_sum_scales_its_gradient() -> None:
    model = untied().double()
    one = one_pass(model)
    assert_same(
        model,
        lambda *given: 3 * plain(*given) + plain(*given),
        lambda *given: 3 * tiled(3)(*given) + tiled(3)(*given),
        one,
        within=1e-6,
    )


def test_a_second_backward_pass_is_refused() -> None:
    model = untied()
    loss = tiled(3)(model, one_pass(model))
    loss.backward(retain_graph=True)
    with pytest.raises(RuntimeError, match="differentiated once"):
        loss.backward()


def test_without_gradients_there_is_no_graph() -> None:
    model = untied().double()
    one = one_pass(model)
    with torch.no_grad():
        assert not tiled(3)(model, one).requires_grad
        assert tiled(3)(model, one).item() == pytest.approx(plain(model, one).item(), rel=1e-9)


# --- memory ------------------------------------------------------------------------------------


class Sizes(TorchDispatchMode):
    """Bytes of every memory that an operation returns and was not handed."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[int] = []

    def __torch_dispatch__(
        self, function: Any, types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        kwargs = kwargs or {}
        handed = {
            each.untyped_storage().data_ptr()
            for each in torch.utils._pytree.tree_leaves((args, kwargs))
            if isinstance(each, torch.Tensor)
        }
        result = function(*args, **kwargs)
        for each in torch.utils._pytree.tree_leaves(result):
            if isinstance(each, torch.Tensor):
                storage = each.untyped_storage()
                if storage.data_ptr() not in handed:
                    self.found.append(storage.nbytes())
        return result


@contextmanager
def sizes() -> Iterator[list[int]]:
    with Sizes() as mode:
        yield mode.found


VOCABULARY = 1000


def alone(*, width: int = 16, tokens: int = 64) -> tuple[OutputLayer, torch.Tensor]:
    """Return a layer without a model, and states."""
    draw = torch.Generator().manual_seed(0)
    layer = torch.nn.Linear(width, VOCABULARY, bias=False)
    torch.nn.init.normal_(layer.weight, generator=draw)
    after = OutputLayer.of(untied()).after  # type: ignore[union-attr]
    states = torch.randn(tokens, width, generator=draw, requires_grad=True)
    return OutputLayer(layer, after, VOCABULARY), states


def run_alone(layer: OutputLayer, states: torch.Tensor, tile: int) -> None:
    count = len(states)
    terms = [Term(torch.arange(count).unsqueeze(0), cross_entropy(torch.arange(count)), _ONES)]
    tiled_sum(layer, states, terms, tile=tile).backward()


_ONES = torch.ones(64)
WEIGHT = 4 * VOCABULARY * 16
TILE = 4 * VOCABULARY * 4


@pytest.mark.parametrize("trained", [True, False])
@pytest.mark.parametrize("autocast", [True, False])
def test_neither_all_logits_nor_a_second_gradient_ever_live(
    trained: bool, autocast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cotkd.training.tiles.PRODUCT", 1000)
    layer, states = alone()
    layer.module.requires_grad_(trained)
    with sizes() as found, torch.autocast("cpu", dtype=torch.bfloat16, enabled=autocast):
        run_alone(layer, states, tile=4)
    large = [size for size in found if size > TILE]
    gradient, cast = [WEIGHT] * trained, [WEIGHT // 2] * autocast
    assert sorted(large) == sorted(gradient + cast)
    assert (layer.module.weight.grad is not None) == trained


def test_terms_of_the_same_places_share_their_logits() -> None:
    model = untied()
    layer = OutputLayer.of(model)
    assert layer is not None
    one = one_pass(model, count=9)
    states = layer.states(model, one.inputs, one.places)
    calls: list[int] = []
    watch = model.lm_head.register_forward_hook(lambda _, given, __: calls.append(len(given[0])))
    terms = [
        Term(tokens(one), cross_entropy(one.labels), one.weights),
        Term(tokens(one), squares, one.weights),
    ]
    tiled_sum(layer, states, terms, tile=4)
    assert calls == [4, 4, 1]
    calls.clear()
    tiled_sum(layer, states, [*terms, Term(PAIRS, agreement, PAIR_WEIGHTS)], tile=4)
    assert calls == [4, 4, 1, 4, 4]
    watch.remove()


def test_a_hook_that_changes_the_result_is_differentiated_through() -> None:
    model = untied().double()
    model.lm_head.register_forward_hook(lambda _, __, result: result * 2)
    assert_same(model, plain, tiled(3), one_pass(model), within=1e-6)


# --- several processes -------------------------------------------------------------------------


@pytest.mark.slow
def test_two_processes_and_accumulation_make_the_same_gradient(tmp_path: Path) -> None:
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    runner = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    worker = str(ROOT / "tests/training/tiles_worker.py")
    done = subprocess.run(
        [sys.executable, *runner, worker, str(tmp_path)],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    for name in NAMES:
        for unused in ("True", "False"):
            path = tmp_path / f"{name}.{unused}"
            assert path.exists(), done.stderr[-2000:]
            found = load_file(path)
            model = MODELS[name]().double()
            _, expected = outcome(model, plain, *(one_pass(model, seed=seed) for seed in range(4)))
            for key, gradient in expected.items():
                if gradient is not None:
                    torch.testing.assert_close(found[key], gradient, rtol=1e-6, atol=1e-8, msg=key)


# --- how many rows -----------------------------------------------------------------------------


def test_small_outputs_are_computed_at_once() -> None:
    assert tile_rows(320, 10**6) is None
    assert tile_rows(151_936, 32) is None
    assert tile_rows(32_000, 512) is None


@pytest.mark.parametrize("vocabulary", [32_000, 50_257, 151_936, 262_144])
def test_tiles_of_large_outputs_have_the_same_memory(vocabulary: int) -> None:
    rows = tile_rows(vocabulary, 4096)
    assert rows is not None
    assert 2**22 <= rows * vocabulary <= 2**24


def test_one_token_is_the_smallest_tile() -> None:
    assert tile_rows(2**26, 4) == 1
