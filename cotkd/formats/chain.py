r"""Turns of a dialogue as one row: what each reads again of those before it is read once.

    prompt  P q1     target  s1 </s>                     prompt  P q1
    prompt  P q1 s1 q2     target  s2 </s>       ->      read    s1 q2 s2
                                                         labels  s1 </s> _ s2 </s>

Of a decoder the states of a turn depend on what stands before it alone, so that every trained token
is predicted from the ids that a row of its own would hold: the loss is the same. Where s1 ends, the
row goes on with q2 while the end token is what is trained. Turns whose ids do not begin with those
before, because the tokenizer joins text across turns, or which were cut, stay rows of their own.
"""

from __future__ import annotations

from collections.abc import Sequence

from cotkd.formats.tokenize import TokenizedExample
from cotkd.types import Example


def chained(
    examples: Sequence[Example], rows: Sequence[TokenizedExample]
) -> list[TokenizedExample]:
    """Return the rows of a decoder, turns of a dialogue that follow each other joined.

    Args:
        examples: Which say by `dialogue` whose turns they are.
        rows: The same as ids.
    """
    result: list[TokenizedExample] = []
    before: Example | None = None
    for example, row in zip(examples, rows, strict=True):
        if before is not None and _of_one(before, example) and _goes_on(result[-1], row):
            result[-1] = _joined(result[-1], row)
        else:
            result.append(row)
        before = example
    return result


def _of_one(one: Example, other: Example) -> bool:
    named = one.dialogue is not None and one.dialogue == other.dialogue
    alike = _shared(one) == _shared(other)
    free = all(each.group is None and each.agreement is None for each in (one, other))
    return named and alike and free


def _shared(example: Example) -> tuple[object, ...]:
    return example.question_id, example.task, example.role, example.weight


def _goes_on(before: TokenizedExample, row: TokenizedExample) -> bool:
    read = before.prompt + before.target[:-1]
    longer = len(row.prompt) > len(read) and row.prompt[: len(read)] == read
    return longer and not before.truncated and not row.truncated


def _joined(before: TokenizedExample, row: TokenizedExample) -> TokenizedExample:
    between = row.prompt[len(before.prompt) + len(before.target) - 1 :]
    return before._replace(
        target=before.target[:-1] + between + row.target,
        labels=(*before.predicted, *between[1:], *row.predicted),
        trained=before.trained + [False] * (len(between) - 1) + row.trained,
    )
