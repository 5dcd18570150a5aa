"""One forward pass: what the model says of the trained tokens, and the share of the loss in it.

    loss = Σ_objective weight(progress) · Σ_unit w_u · value_u / n_u

Everything that is trained is a part of this module, so that processes exchange the gradients of all
of it: the student's weights, and the parameters of objectives.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from cotkd.losses import token_mean
from cotkd.objectives import Objective, Term
from cotkd.students.lora import choose_adapter
from cotkd.training.data import Batch
from cotkd.training.forward import trained_logits


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
        places, terms = inputs.pop("places"), inputs.pop("terms")
        with self._autocast(places):
            logits = trained_logits(self.model, inputs, places)
        loss = self._loss(logits, terms, progress) * self._processes
        return loss + self._untouched() if adapter is not None else loss

    def _autocast(self, places: Tensor) -> Any:
        return torch.autocast(
            places.device.type, dtype=torch.bfloat16, enabled=self._precision == "bfloat16"
        )

    def _loss(self, logits: Tensor, terms: Sequence[Term | None], progress: float) -> Tensor:
        shares = []
        for objective, values, term in zip(self._objectives, self.values, terms, strict=True):
            weight = objective.weight_at(progress)
            if term is None or weight == 0:
                continue
            read = [logits] if term.places is None else [logits[each] for each in term.places]
            per_unit = values(read, term.told)
            share = token_mean(per_unit.unsqueeze(1), count=term.count, weight=term.weight)
            shares.append(share if weight == 1 else share * weight)
        if not shares:
            return logits.sum() * 0.0  # processes wait for each other's gradients
        return sum(shares[1:], shares[0])

    def _untouched(self) -> Tensor:
        """Return zero, as a function of all trained weights.

        Processes that wait for the gradient of every weight would wait for ever for those of the
        adapters that a pass leaves out.
        """
        if self._processes == 1:
            return torch.zeros((), device=next(self.model.parameters()).device)
        trained = [w for w in self.parameters() if w.requires_grad]
        return torch.stack([weight.sum() for weight in trained]).sum() * 0.0
