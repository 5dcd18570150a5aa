"""CommonsenseQA: everyday questions with five options.

    {"id": "1a2b", "answerKey": "B", "question": {"stem": "What do birds use to fly?",
     "choices": [{"label": "A", "text": "fins"}, {"label": "B", "text": "wings"}, …]}}

The golds of the leaderboard's test split are not public, so the suite is `validation` (1221), which
is what papers report; `train` has 9741. The options stand in the text. Besides the release, the
hub's fields and the file of Hsieh et al. 2023 (`choices` and `answer` as texts) are read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar, Literal

from cotkd.questions.fields import BadRow, field_of, text_of
from cotkd.questions.options import LETTERS, with_options
from cotkd.questions.released import Hub, Released, Row


class CommonsenseQA(Released):
    """Everyday questions with five options."""

    title: ClassVar[str] = "everyday questions with five options"
    source: ClassVar[str] = "Talmor et al. 2019, arXiv:1811.00937; MIT; train 9741, validation 1221"
    splits: ClassVar[tuple[str, ...]] = ("train", "validation")
    default_split: ClassVar[str] = "train"
    test_split: ClassVar[str] = "validation"
    verifier: ClassVar[str] = "choice"
    hub: ClassVar[Hub | None] = Hub("tau/commonsense_qa")
    files: ClassVar[dict[str, tuple[str, ...]]] = {
        "train": ("train_rand_split.jsonl", "train.jsonl", "cqa_train.json"),
        "validation": ("dev_rand_split.jsonl", "validation.jsonl"),
    }

    kind: Literal["commonsenseqa"] = "commonsenseqa"

    def question(self, row: Row, number: int, split: str) -> dict[str, Any]:
        """Return a question whose answer is a letter."""
        asked = field_of(row, "question")
        inner: Row = asked if isinstance(asked, Mapping) else {**row, "stem": asked}
        letters, texts = _options(field_of(inner, "choices"))
        answer = _letter(row, letters, texts)
        return {
            "id": f"commonsenseqa-{text_of(row, 'id')}",
            "text": with_options(text_of(inner, "stem"), texts),
            "answer": answer,
            "choices": texts,
        }


def _options(choices: Any) -> tuple[str, tuple[str, ...]]:
    """Return letters and texts of options, in any of the three forms."""
    try:
        if isinstance(choices, Mapping):
            pairs = list(zip(choices["label"], choices["text"], strict=True))
        elif all(isinstance(choice, str) for choice in choices):
            pairs = list(zip(LETTERS, choices, strict=False))
        else:
            pairs = [(choice["label"], choice["text"]) for choice in choices]
    except (KeyError, TypeError, ValueError):
        raise BadRow("field 'choices': expected options with label and text") from None
    letters = "".join(str(label) for label, _ in pairs)
    if letters != LETTERS[: len(pairs)] or len(pairs) < 2:
        raise BadRow(f"field 'choices': expected options A, B, …, found {letters!r}")
    return letters, tuple(str(text).strip() for _, text in pairs)


def _letter(row: Row, letters: str, texts: tuple[str, ...]) -> str:
    if "answerKey" in row:
        answer = text_of(row, "answerKey").strip()
        if answer not in letters or len(answer) != 1:
            raise BadRow(f"field 'answerKey': no option {answer!r}")
        return answer
    answer = text_of(row, "answer").strip()
    if answer not in texts:
        raise BadRow(f"field 'answer': no option reads {answer!r}")
    return letters[texts.index(answer)]
