"""What an objective is: which units it counts and reads, and the value of each.

    class Brier(TokenObjective):
        "Squared error of the probabilities of each trained token."
        kind: Literal["brier"] = "brier"

        def values(self, logits, told):
            shares = logits[0].float().softmax(-1)
            return (shares - one_hot(told["labels"], shares.shape[-1])).square().sum(-1)

The loop divides: an objective returns the value of each unit, unreduced, and says how many units a
whole optimizer step has. So a step has the same loss however it is cut into pieces, processes and
rows.
"""

from __future__ import annotations

from abc import abstractmethod
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, ClassVar, Literal, NamedTuple

from pydantic import Field

from cotkd.config import Choice, Config
from cotkd.formats.tokenize import TokenizedExample

if TYPE_CHECKING:
    from torch import Tensor, nn

Unit = Literal["token", "pair"]
"""What is counted: a trained token, or a pair of tokens."""
Counts = Counter[str]
"""Units of each task in a whole step."""


class Ramp(Config):
    """A weight that goes from one value to another in a straight line over the training."""

    start: float = Field(ge=0, allow_inf_nan=False)
    """Weight at the first step."""
    end: float = Field(ge=0, allow_inf_nan=False)
    """Weight from `until` on."""
    until: float = Field(1.0, gt=0, le=1)
    """Share of the training after which `end` is reached."""

    def at(self, progress: float) -> float:
        """Return the weight at `progress`, the share of the training that is done."""
        return self.start + (self.end - self.start) * min(1.0, progress / self.until)


class Rows(NamedTuple):
    """The examples of one pass, as an objective reads them."""

    examples: Sequence[TokenizedExample]
    """All examples that share the piece of the step; those of the pass are `present`."""
    present: Collection[int]
    owner: Tensor
    """[trained tokens] whose example each trained token of the pass is."""
    labels: Tensor
    """[trained tokens] what is predicted there."""
    counts: Counts
    """Units of the objective in the whole step, by task."""
    idle: bool = False
    """The pass computes an example of another process's share, with weight zero."""


class Term(NamedTuple):
    """An objective's part in one pass."""

    places: Tensor | None
    """[places of a unit, units] among the trained tokens of the pass; None: each token is a unit,
    in order."""
    weight: Tensor
    """[units] what each value is multiplied by."""
    count: Tensor
    """[units] what it is divided by: the units of its task in the whole step."""
    told: dict[str, Tensor]
    """What `values` needs of each unit beside the logits, [units, …]."""


class Objective(Choice):
    """A part of the loss."""

    unit: ClassVar[Unit] = "token"
    """What its values are counted by."""
    separable: ClassVar[bool] = True
    """Whether the value of a unit follows from the logits of its own places alone."""

    weight: Annotated[float, Field(ge=0, allow_inf_nan=False)] | Ramp = 1.0
    """Weight in the sum of all objectives; a number, or a ramp over the training."""
    roles: tuple[str, ...] = ()
    """Roles of the examples that it reads (`Example.role`); none named: all."""

    @abstractmethod
    def count(self, examples: Sequence[TokenizedExample]) -> Counts:
        """Return the units of each task in the examples of a whole step."""

    @abstractmethod
    def term(self, rows: Rows) -> Term | None:
        """Return what of a pass is read; None where nothing is."""

    @abstractmethod
    def values(self, logits: Sequence[Tensor], told: Mapping[str, Tensor]) -> Tensor:
        """Return the value of each unit, unreduced and unweighted.

        An objective that can make the gradient by hand, for large vocabularies, has a method
        `gradient(logits, told, weights)` too: it returns the same values and turns each of the
        logits into the gradient of their sum weighted by `weights`.

        Args:
            logits: For each place of a unit [units, vocabulary].
            told: What `term` said of these units.
        """

    def module(self, model: nn.Module) -> nn.Module:
        """Return what computes the values: called with `logits` and `told`, as `values` is.

        One with parameters of its own overrides this. They are trained, clipped and checkpointed
        with the student's, and no part of the saved student.

        Args:
            model: The student's, for the sizes of its layers.
        """
        from cotkd.objectives.module import Values

        return Values(self.values)

    def reads(self, example: TokenizedExample) -> bool:
        """Return whether an example has one of the objective's roles."""
        return not self.roles or example.role in self.roles

    def weight_at(self, progress: float) -> float:
        """Return the weight at `progress`, the share of the training that is done."""
        return self.weight.at(progress) if isinstance(self.weight, Ramp) else self.weight
