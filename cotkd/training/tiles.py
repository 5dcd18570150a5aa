"""Losses of logits that never live all at once: a sum over tokens, a tile of tokens at a time.

With a vocabulary of 150,000, the logits of a pass are larger than the model, and autograd keeps
three tensors of their size. Here a tile of tokens goes through the output layer, its losses are
summed, its gradient is made at once, and the next tile takes its memory:

    total = tiled_sum(layer, states, [Term(places, reading, weights)], tile=64)
    total.backward()

Losses arrive already divided (`weights`), so that the gradient of a tile is final when it is made,
and the backward pass only hands it on. To autograd the sum is a function of the states and of the
layer's weights: tied weights, accumulation and the exchange between processes go on as always. For
the weights one buffer of their size is made, and none for frozen ones.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple, Protocol

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

from cotkd.training.output_layer import OutputLayer

WIDE = 4096
"""A smaller vocabulary has logits about as large as the states, which are alive anyway."""
PLAIN = 2**24
"""So many logits are computed all at once."""
TILE = 2**24
"""Logits of a tile, where there are more."""
PRODUCT = 2**22
"""Entries of a product in a narrower type than the sum it is added to."""


class Values(Protocol):
    """Losses of units from their logits, by autograd.

    Values may also have a method `gradient(logits, units, weights)`, which returns the same losses
    and turns each of the logits into the gradient of the weighted sum.
    """

    def __call__(self, logits: tuple[Tensor, ...], units: Tensor) -> Tensor:
        """Return [n] losses.

        Args:
            logits: [n, vocabulary] of each of the tokens that make up a unit.
            units: [n] indices of the units, of labels or whatever else belongs to them.
        """
        ...


class Term(NamedTuple):
    """Σ_u weights[u] · values(logits of places[0, u], of places[1, u], …)."""

    places: Tensor
    """[tokens of a unit, units] rows of the states."""
    values: Values
    weights: Tensor
    """[units], all divisors included."""
    own: tuple[nn.Parameter, ...] = ()
    """Weights of `values` itself that are trained."""


class Reading:
    """The values of an objective, a tile of units at a time.

    Args:
        values: Called with the logits of some units and what is told of them.
        told: Of all units, [units, …] each.
        gradient: Makes the gradient by hand, given the weights of the units too.
    """

    def __init__(
        self,
        values: Callable[[Sequence[Tensor], Mapping[str, Tensor]], Tensor],
        told: Mapping[str, Tensor],
        gradient: Callable[..., Tensor] | None = None,
    ) -> None:
        self._values, self._told = values, told
        if gradient is not None:
            self.gradient = lambda logits, of, weights: gradient(logits, self._of(of), weights)

    def __call__(self, logits: tuple[Tensor, ...], units: Tensor) -> Tensor:
        """Return the values of `units`."""
        return self._values(logits, self._of(units))

    def _of(self, units: Tensor) -> dict[str, Tensor]:
        return {name: told[units] for name, told in self._told.items()}


def tile_rows(vocabulary: int, units: int) -> int | None:
    """Return how many tokens to take at a time; None where all at once is as good.

    Args:
        vocabulary: Logits of a token.
        units: Tokens of the pass.
    """
    if vocabulary < WIDE or vocabulary * units <= PLAIN:
        return None
    return max(1, TILE // vocabulary)


def tiled_sum(layer: OutputLayer, states: Tensor, terms: Sequence[Term], *, tile: int) -> Tensor:
    """Return the sum of all terms, a scalar in float32 or the wider dtype of the states.

    It is differentiable once, by `states`, the layer's weights and the terms' own. Terms with the
    same places share their logits; other places compute them again. Under autocast the layer
    computes in the lower precision, as in a forward pass, losses do not, and gradients are summed
    in float32.

    Args:
        layer: The output layer.
        states: [rows, width] what the layer is handed, as `layer.states` returns it.
        terms: What is summed.
        tile: How many rows are taken at a time, and those of one unit at least.
    """
    graph = torch.is_grad_enabled()
    parameters = layer.parameters if graph else ()
    own = {weight: None for term in terms for weight in term.own if graph and weight.requires_grad}
    by_states = graph and states.requires_grad
    tiles = _Tiles(layer, states.detach(), parameters, tuple(own), by_states=by_states, tile=tile)
    if not tiles.differentiable:
        return tiles.add(terms)
    return _Sum.apply(tiles, terms, states, *parameters, *own)


class _Sum(torch.autograd.Function):
    """The sum as autograd sees it: its gradient is made with it."""

    @staticmethod
    def forward(
        ctx: Any, tiles: _Tiles, terms: Sequence[Term], _: Tensor, *parameters: Tensor
    ) -> Tensor:
        total = tiles.add(terms)
        ctx.gradients = tiles.gradients()
        return total

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor | None, ...]:
        gradients, ctx.gradients = ctx.gradients, None  # held by nobody, they are taken, not copied
        if gradients is None:
            raise RuntimeError("a tiled sum is differentiated once: its gradient is given away")
        if gradient.item() != 1:
            for each in gradients:
                if each is not None:
                    each.mul_(gradient)
        return None, None, *gradients


class _Tiles:
    """The sums of one pass: of its losses, and of their gradient by the states and by weights."""

    def __init__(
        self,
        layer: OutputLayer,
        states: Tensor,
        parameters: Sequence[nn.Parameter],
        own: Sequence[nn.Parameter],
        *,
        by_states: bool,
        tile: int,
    ) -> None:
        kind = _LinearWeights if _is_linear(layer.module, parameters) else _Weights
        self._after = layer.after
        self._weights = kind(layer.module, parameters)
        self._own = _Weights(layer.module, own)
        self._states = states
        self._of_states = torch.zeros_like(states) if by_states else None
        self._tile = tile
        self._dtype = torch.promote_types(states.dtype, torch.float32)
        self.differentiable = by_states or len(parameters) + len(own) > 0

    def add(self, terms: Sequence[Term]) -> Tensor:
        """Return the sum of all terms; those with the same places are computed together."""
        total = torch.zeros((), dtype=self._dtype, device=self._states.device)
        for group in _same_places(terms):
            tokens, count = group[0].places.shape
            step = max(1, self._tile // tokens)
            for start in range(0, max(count, 1), step):  # that of no units has a gradient: zero
                end = min(start + step, count)
                total += self._add_tile(group, torch.arange(start, end, device=total.device))
        return total

    def gradients(self) -> tuple[Tensor | None, ...]:
        """Return the gradient by the states and by each weight, and hold them no longer."""
        of_states, self._of_states = self._of_states, None
        return of_states, *self._weights.gradients(), *self._own.gradients()

    def _add_tile(self, terms: Sequence[Term], units: Tensor) -> Tensor:
        """Return the sum over some units of all terms, and add its gradient."""
        places = terms[0].places[:, units]
        rows = places.flatten()
        with torch.set_grad_enabled(self.differentiable):
            given = self._states[rows].requires_grad_(self._of_states is not None)
            result = self._weights.call(given)
            logits = self._after(result)
            parts = logits.unflatten(0, places.shape).unbind() if len(places) > 1 else (logits,)
            with torch.autocast(given.device.type, enabled=False):
                spare = len(terms) == len(parts) == 1 and self._weights.keeps_no_result
                shares = [_share(term, parts, units, spare=spare) for term in terms]
        ends = [end for share in shares for end in share.ends if end[0].requires_grad]
        if ends:
            self._differentiate(ends, rows, given, result)
        return torch.stack([share.value for share in shares]).sum()

    def _differentiate(
        self,
        ends: Sequence[tuple[Tensor, Tensor | None]],
        rows: Tensor,
        given: Tensor,
        result: Tensor,
    ) -> None:
        outputs, seeds = zip(*ends, strict=True)
        inputs = [
            [] if self._of_states is None else [given],
            self._weights.inputs(result),
            self._own.inputs(result),
        ]
        flat = list(itertools.chain(*inputs))
        found = iter(torch.autograd.grad(outputs, flat, seeds, allow_unused=True))
        of_states, of_weights, of_own = (list(itertools.islice(found, len(i))) for i in inputs)
        if self._of_states is not None:
            self._of_states.index_put_((rows,), of_states[0], accumulate=True)
        self._weights.add(given.detach(), of_weights)
        self._own.add(given.detach(), of_own)


class _Share(NamedTuple):
    """What one term adds to one tile: its value, and from where its gradient goes back."""

    value: Tensor
    ends: list[tuple[Tensor, Tensor | None]]
    """Tensors, each with the gradient by it; None is 1."""


def _share(term: Term, logits: tuple[Tensor, ...], units: Tensor, *, spare: bool) -> _Share:
    """Return the share of one term, which may overwrite the logits where they are `spare`."""
    weights = term.weights[units]
    by_hand = getattr(term.values, "gradient", None)
    if by_hand is None or not torch.is_grad_enabled():
        value = (term.values(logits, units) * weights).sum()
        return _Share(value.detach(), [(value, None)])
    with torch.no_grad():
        gradients = tuple(each.detach() if spare else each.clone() for each in logits)
        losses = by_hand(gradients, units, weights)
        return _Share((losses * weights).sum(), list(zip(logits, gradients, strict=True)))


def _same_places(terms: Sequence[Term]) -> list[list[Term]]:
    """Return the terms in groups of those that read the same places."""
    groups: list[list[Term]] = []
    for term in terms:
        for group in groups:
            if group[0].places is term.places or torch.equal(group[0].places, term.places):
                group.append(term)
                break
        else:
            groups.append([term])
    return groups


class _Weights:
    """Gradients by the trained weights of any layer: of each tile by autograd, then added up."""

    keeps_no_result = False
    """Whether what the layer returned may be overwritten before it is differentiated."""

    def __init__(self, module: Any, parameters: Sequence[nn.Parameter]) -> None:
        self._parameters = parameters
        self._sums: list[Tensor | None] = [None] * len(parameters)
        self.call: Callable[[Tensor], Tensor] = module
        """The layer."""

    def inputs(self, result: Tensor) -> Sequence[Tensor]:
        """Return by what a tile is differentiated, where `result` is what `call` returned."""
        return self._parameters

    def add(self, given: Tensor, found: Sequence[Tensor | None]) -> None:
        """Add the gradient of a tile, which is `found` by `inputs` and whose states are `given`."""
        for i, gradient in enumerate(found):
            if gradient is not None:
                self._sum(i).add_(gradient)

    def gradients(self) -> Iterator[Tensor | None]:
        """Return the sums, None for a weight that takes no part, and hold them no longer."""
        sums, self._sums = self._sums, []
        for weight, total in zip(self._parameters, sums, strict=True):
            yield None if total is None else total.to(weight.dtype)

    def _sum(self, i: int) -> Tensor:
        """Return the running sum of weight i, in float32 or wider."""
        total = self._sums[i]
        if total is None:
            weight = self._parameters[i]
            dtype = torch.promote_types(weight.dtype, torch.float32)
            total = self._sums[i] = torch.zeros_like(weight, dtype=dtype, requires_grad=False)
        return total


class _LinearWeights(_Weights):
    """The same for a plain linear layer, by hand: no tile's gradient is made apart from the sum."""

    keeps_no_result = True

    def __init__(self, module: nn.Linear, parameters: Sequence[nn.Parameter]) -> None:
        super().__init__(module, parameters)
        self._weight = module.weight
        device = module.weight.device.type
        frozen = module.weight.dtype == torch.float32 and not module.weight.requires_grad
        if frozen and torch.is_autocast_enabled(device):  # which would cast it for every tile
            weight = module.weight.to(torch.get_autocast_dtype(device))
            self.call = partial(functional.linear, weight=weight, bias=module.bias)

    def inputs(self, result: Tensor) -> Sequence[Tensor]:
        """Return the result alone, where a weight is trained."""
        return (result,) if self._parameters else ()

    def add(self, given: Tensor, found: Sequence[Tensor | None]) -> None:
        """Add what follows for weight and bias from the gradient by the result."""
        for i, weight in enumerate(self._parameters):
            (gradient,) = found
            assert gradient is not None, "losses depend on logits"
            if weight is self._weight:
                _add_product(self._sum(i), gradient, given.to(gradient.dtype))
            else:
                self._sum(i).add_(gradient.sum(0, dtype=self._sum(i).dtype))


def _is_linear(module: Any, parameters: Sequence[nn.Parameter]) -> bool:
    """Say whether the layer is weight times state plus bias, and nothing else is trained in it."""
    if getattr(getattr(module, "forward", None), "__func__", None) is not nn.Linear.forward:
        return False
    watched = module._forward_hooks or module._forward_pre_hooks
    own = (module.weight, module.bias)
    return not watched and all(any(each is one for one in own) for each in parameters)


def _add_product(total: Tensor, left: Tensor, right: Tensor) -> None:
    """Add left.T @ right to `total`, in its own dtype and without another tensor of its size."""
    if total.dtype == left.dtype:
        total.addmm_(left.T, right)
        return
    rows = max(1, PRODUCT // right.shape[1])
    for start in range(0, len(total), rows):
        total[start : start + rows] += left[:, start : start + rows].T @ right
