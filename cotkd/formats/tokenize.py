"""Examples to token ids: which ids the student reads, which it is trained on, what was cut.

Prompt and target are tokenised apart and put together as ids, so that the prompt's ids in training
are its ids at inference: no merge across the boundary, nothing re-tokenised.

    Example(input="Ann has 3 boxes ... ###", target=" 3*4=12 eggs. --> 12")
    -> TokenizedExample(prompt=(412, 9, 77, ...), target=(66, 81, ..., 1), trained=(True, ...))
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from cotkd.errors import DataError, SettingError
from cotkd.types import USUAL_ROLE, Architecture, Example

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase


class TokenizedExample(NamedTuple):
    """One example as ids; the same for both architectures, which only lay it out differently."""

    prompt: list[int]
    target: list[int]
    """Ends in the end-of-sequence id unless its end was cut."""
    trained: list[bool]
    """Which ids of `target` are trained."""
    task: str
    weight: float
    group: str | None
    truncated: bool
    question: str = ""
    agreement: tuple[int, ...] = ()
    """Places in `target` that the examples of a group predict alike."""
    agreement_weight: float = 0.0
    labels: tuple[int, ...] = ()
    """What is predicted in the places of `target` where that is something else than read."""
    role: str = USUAL_ROLE
    """Which objectives read it."""

    @property
    def predicted(self) -> Sequence[int]:
        """What is predicted in the places of `target`."""
        return self.labels or self.target

    @property
    def length(self) -> int:
        """Prompt and target tokens: what one pass over the example costs."""
        return len(self.prompt) + len(self.target)

    @property
    def trained_tokens(self) -> int:
        """Tokens that the loss is taken on."""
        return sum(self.trained)


def tokenize_examples(
    examples: Sequence[Example],
    tokenizer: PreTrainedTokenizerBase,
    *,
    architecture: Architecture,
    max_length: int | None = None,
    max_side: int | None = None,
) -> list[TokenizedExample]:
    """Return `examples` as ids, in order.

    Where prompt and target exceed `max_length` together, or one of them `max_side`, target tokens
    outside the answer span are cut, the last ones first; the prompt never is, since it must be what
    the student reads at inference. `truncated` says so, row by row.

    Raises:
        DataError: there are no examples, an input or target is empty, a weight is no number, prompt
            and answer alone exceed a limit, or no trained token is left.
        SettingError: the tokenizer has no end token, or cannot tell where in a text a token lies.
    """
    if not examples:
        raise DataError("no training examples: check the questions and the filters")
    from cotkd.decoding.text import encode_prompts, encode_written

    end = _end_id(tokenizer, examples)
    inputs = [example.input for example in examples]
    prompts = encode_prompts(tokenizer, inputs, architecture=architecture)
    located = any(e.loss_spans or e.answer_span or e.agreement for e in examples)
    encoded = encode_written(tokenizer, [row.target for row in examples], offsets=located)
    offsets = encoded["offset_mapping"] if located else [()] * len(examples)
    rows = zip(examples, prompts, encoded["input_ids"], offsets, strict=True)
    limits = _Limits(max_length, max_side)
    return [_assemble(*row, end=end, limits=limits) for row in rows]


class _Limits(NamedTuple):
    """The longest row, and the longest of each side where prompt and target are rows apart."""

    row: int | None
    side: int | None

    def room(self, prompt: int) -> int | None:
        """Return how many target tokens fit behind, or beside, a prompt of this length."""
        rooms = [] if self.row is None else [self.row - prompt]
        if self.side is not None:
            rooms.append(self.side if prompt <= self.side else 0)
        return min(rooms, default=None)

    def __str__(self) -> str:
        """Return them as the user knows them."""
        names = {"max_length": self.row, "positions of a side": self.side}
        return ", ".join(f"{name}={value}" for name, value in names.items() if value is not None)


def _end_id(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example]) -> int:
    if tokenizer.eos_token_id is None:
        raise SettingError(
            f"the tokenizer of {tokenizer.name_or_path!r} has no end-of-sequence token: "
            "set tokenizer.eos_token, or the student never learns to stop"
        )
    if not tokenizer.is_fast and any(
        e.loss_spans or e.answer_span or e.agreement for e in examples
    ):
        raise SettingError(
            f"{type(tokenizer).__name__} cannot locate tokens in a text: use a fast tokenizer"
        )
    return int(tokenizer.eos_token_id)


def _assemble(
    example: Example,
    prompt: list[int],
    target: list[int],
    offsets: Sequence[tuple[int, int]],
    *,
    end: int,
    limits: _Limits,
) -> TokenizedExample:
    _check(example, prompt, target)
    target = [*target, end]
    length = len(example.target)
    if example.loss_spans is None:
        trained = [True] * len(target)
    else:
        trained = _covered(offsets, example.loss_spans, length)
    kept = list(range(len(target)))
    room = limits.room(len(prompt))
    if room is not None and len(target) > room:
        spans = () if example.answer_span is None else (example.answer_span,)
        protected = _covered(offsets, spans, length) if spans else [False] * len(target)
        kept = _fit(protected, room)
        if not any(trained[i] for i in kept):
            raise DataError(_too_long(example, len(prompt), sum(protected), limits))
    if not any(trained):
        raise DataError(f"example {example.example_id!r}: its loss spans cover no token")
    return TokenizedExample(
        prompt=prompt,
        target=[target[i] for i in kept],
        trained=[trained[i] for i in kept],
        task=example.task,
        weight=example.weight,
        group=example.group,
        truncated=len(kept) < len(target),
        question=example.question_id,
        agreement=_agreement(example, offsets, kept, trained),
        agreement_weight=example.agreement_weight,
        role=example.role,
    )


def _agreement(
    example: Example, offsets: Sequence[tuple[int, int]], kept: list[int], trained: list[bool]
) -> tuple[int, ...]:
    if example.agreement is None or example.agreement_weight == 0:
        return ()
    inside = _covered(offsets, [example.agreement], len(example.target) + 1)
    return tuple(at for at, i in enumerate(kept) if inside[i] and trained[i])


def _check(example: Example, prompt: list[int], target: list[int]) -> None:
    if not prompt or not target:
        side = "target" if prompt else "input"
        raise DataError(f"example {example.example_id!r} has an empty {side}")
    if not (math.isfinite(example.weight) and example.weight >= 0):
        raise DataError(
            f"example {example.example_id!r} has weight {example.weight}: "
            "a weight is a number, zero or more"
        )


def _covered(
    offsets: Sequence[tuple[int, int]], spans: Sequence[tuple[int, int]], length: int
) -> list[bool]:
    """Say which tokens overlap a span; the end token belongs to a span that ends the text."""
    tokens = [any(start < b and a < stop for a, b in spans) for start, stop in offsets]
    return [*tokens, any(b >= length for _, b in spans)]


def _fit(protected: list[bool], room: int) -> list[int]:
    """Return the token positions that are kept: all protected ones, then the first others."""
    spare = room - sum(protected)
    if spare < 0:
        return []
    others = [i for i, is_protected in enumerate(protected) if not is_protected]
    return sorted([i for i, is_protected in enumerate(protected) if is_protected] + others[:spare])


def _too_long(example: Example, prompt: int, answer: int, limits: _Limits) -> str:
    return (
        f"example {example.example_id!r} does not fit {limits}: its prompt has {prompt} tokens and "
        f"its answer {answer}, and neither is ever cut: raise max_length, or drop the example"
    )
