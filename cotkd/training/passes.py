"""One forward pass: what the model says of the trained tokens, and the share of the loss in it.

    loss = Σ_objective weight(progress) · Σ_unit w_u · value_u / n_u

Everything that is trained is a part of this module, so that processes exchange the gradients of all
of it: the student's weights, and the parameters of objectives.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from cotkd.losses import token_mean
from cotkd.objectives import Objective, Term
from cotkd.students.lora import choose_adapter
from cotkd.training.data import Batch
from cotkd.training.forward import plain, trained_logits
from cotkd.training.output_layer import OutputLayer
from cotkd.training.tiles import Reading, tile_rows, tiled_sum
from cotkd.training.tiles import Term as Tile


class Passes(nn.Module):
    """A student's model with the objectives that it is trained by.

    Args:
        model: The student's.
        objectives: In the order of `terms` in a batch.
        precision: Of the arithmetic: float32 or bfloat16.
        processes: How many compute a step; their gradients are averaged, so that each share is
            scaled up by their number.
    """

    def __init__(
        self,
        model: nn.Module,
        objectives: Sequence[Objective],
        *,
        precision: str = "float32",
        processes: int = 1,
    ) -> None:
        super().__init__()
        self.model = model
        self._objectives = objectives
        self.values = nn.ModuleList(objective.module(model) for objective in objectives)
        self._precision = precision
        self._processes = processes

    @property
    def own(self) -> list[nn.Parameter]:
        """Parameters of the objectives, which do not ship."""
        return list(self.values.parameters())

    def forward(self, batch: Batch, progress: float = 0.0) -> Tensor:
        """Return the share of the step's loss in one pass.

        Args:
            batch: As `PlannedBatches` gives it, on the device.
            progress: Share of the training that is done.
        """
        inputs = dict(batch)
        adapter = inputs.pop("adapter", None)
        if adapter is not None:
            choose_adapter(self.model, adapter)
        places = inputs.pop("places")
        parts = self._parts(inputs.pop("terms"), progress)
        layer, tile = self._tiles(len(places)) if parts else (None, None)
        if layer is None or tile is None:
            with self._autocast(places):
                logits = trained_logits(self.model, inputs, places)
            loss = _loss(logits, parts)
        else:
            with self._autocast(places):
                states = layer.states(self.model, inputs, places)
                loss = tiled_sum(layer, states, _tiled(parts, places), tile=tile)
        loss = loss * self._processes
        return loss + self._untouched() if adapter is not None else loss

    def _autocast(self, places: Tensor) -> Any:
        return torch.autocast(
            places.device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"
        )

    def _parts(self, terms: Sequence[Term | None], progress: float) -> list[_Part]:
        """Return the objectives that read something in a pass, with what they read."""
        return [
            _Part(weight, objective, values, term)
            for objective, values, term in zip(self._objectives, self.values, terms, strict=True)
            for weight in [objective.weight_at(progress)]
            if term is not None and weight != 0
        ]

    def _tiles(self, tokens: int) -> tuple[OutputLayer | None, int | None]:
        """Return the output layer and how many tokens it takes at a time; None: all at once."""
        vocabulary = self._vocabulary
        tile = None if vocabulary is None else tile_rows(vocabulary, tokens)
        if tile is None or not all(one.separable for one in self._objectives):
            return None, None
        return self._layer, tile

    @cached_property
    def _vocabulary(self) -> int | None:
        output = plain(self.model).get_output_embeddings()
        return None if output is None else int(output.weight.shape[0])

    @cached_property
    def _layer(self) -> OutputLayer | None:
        return OutputLayer.of(self.model)

    def _untouched(self) -> Tensor:
        """Return zero, as a function of all trained weights.

        Processes that wait for the gradient of every weight would wait for ever for those of the
        adapters that a pass leaves out.
        """
        if self._processes == 1:
            return torch.zeros((), device=next(self.model.parameters()).device)
        trained = [w for w in self.parameters() if w.requires_grad]
        return torch.stack([weight.sum() for weight in trained]).sum() * 0.0


class _Part(NamedTuple):
    """An objective in a pass: its weight now, and what it reads."""

    weight: float
    objective: Objective
    values: nn.Module
    term: Term


def _loss(logits: Tensor, parts: Sequence[_Part]) -> Tensor:
    """Return the weighted sum of all parts, of logits that are all there."""
    shares = []
    for weight, _, values, term in parts:
        read = [logits] if term.places is None else [logits[each] for each in term.places]
        per_unit = values(read, term.told)
        share = token_mean(per_unit.unsqueeze(1), count=term.count, weight=term.weight)
        shares.append(share if weight == 1 else share * weight)
    if not shares:
        return logits.sum() * 0.0  # processes wait for each other's gradients
    return sum(shares[1:], shares[0])


def _tiled(parts: Sequence[_Part], tokens: Tensor) -> list[Tile]:
    """Return the parts as they are computed a tile at a time; `tokens` are all that are trained."""
    every = torch.arange(len(tokens), device=tokens.device).unsqueeze(0)
    return [
        Tile(
            every if part.term.places is None else part.term.places,
            Reading(part.values, part.term.told, getattr(part.objective, "gradient", None)),
            part.term.weight * part.weight / part.term.count.clamp(min=1),
            tuple(part.values.parameters()),
        )
        for part in parts
    ]
