"""Sample logs of the LM Evaluation Harness: `samples_TASK_DATE.jsonl` of `--log_samples`.

    {"doc_id": 0, "doc": {"question": "Janet’s ducks …", "answer": "… #### 18"},
     "target": "… #### 18", "arguments": {"gen_args_0": {"arg_0": "Q: …", "arg_1": {…}}},
     "resps": [["Janet sells … The answer is 18."]], "filtered_resps": ["18"],
     "filter": "strict-match", "exact_match": 1.0, …}

A task with several filters logs each text once for every filter; it is taken once. The model is
the name of the folder. Tasks that only compare probabilities have no texts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal

from cotkd.errors import DataError
from cotkd.interop.imports.base import (
    Import,
    Line,
    Recorded,
    field,
    first_of,
    gold_of,
    object_at,
    text_at,
)

_QUESTIONS = ("question", "Question", "problem", "Problem", "input", "text", "prompt")


class LmEval(Import):
    """Sample logs of the LM Evaluation Harness."""

    title: ClassVar[str] = "samples_TASK_DATE.jsonl of --log_samples"
    source: ClassVar[str] = "lm-eval 0.4"

    kind: Literal["lm_eval"] = "lm_eval"
    question_field: str | None = None
    """Field of the question in `doc`; null takes `question`, `problem` or the like, else the whole
    prompt."""
    answer_field: str = "target"
    """Field of the gold answer or gold solution, such as `target` or `doc.answer`."""

    def files(self, path: Path) -> list[Path]:
        """Return the logs of a folder, in order of their names."""
        if not path.is_dir():
            return [path]
        found = sorted(path.rglob("samples_*.jsonl"))
        if not found:
            raise DataError(f"{path} holds no samples_*.jsonl: run lm_eval with --log_samples")
        return found

    def recorded(self, file: Path, lines: Iterator[Line]) -> Iterator[Recorded]:
        """Yield the samples on the lines of a log."""
        teacher = self.teacher or file.resolve().parent.name.replace("__", "/")
        taken = None
        for where, row in lines:
            named = row.get("filter")
            taken = named if taken is None else taken
            if named != taken:
                continue
            question = self._question(row, where)
            for text in _texts(row, where):
                gold = gold_of(row, self.answer_field)
                yield Recorded(where, question, text, teacher, gold)

    def _question(self, row: Mapping[str, Any], where: str) -> str:
        doc = field(row, "doc", where)
        if self.question_field is not None:
            return text_at(object_at(row, "doc", where), self.question_field, where)
        found = first_of(doc, _QUESTIONS) if isinstance(doc, Mapping) else None
        return found or str(_argument(row, 0, where))


def _argument(row: Mapping[str, Any], number: int, where: str) -> Any:
    """Return an argument of the first request: 0 is the prompt, 1 how it is continued.

    Logs have `{"gen_args_0": {"arg_0": …}}`, those of older versions lists of lists.
    """
    asked = field(row, "arguments", where)
    try:
        first = next(iter(asked.values())) if isinstance(asked, Mapping) else asked[0]
        return first[f"arg_{number}"] if isinstance(first, Mapping) else first[number]
    except (StopIteration, LookupError, TypeError):
        raise DataError(f"{where}: `arguments` is none that lm_eval logs") from None


def _texts(row: Mapping[str, Any], where: str) -> Iterator[str]:
    """Yield the texts of a document; `resps` has a list for each request."""
    if not isinstance(_argument(row, 1, where), Mapping):
        raise DataError(
            f"{where}: this task compares probabilities and has no texts: log one of the kind "
            "generate_until"
        )
    answers = field(row, "resps", where)
    for request in answers if isinstance(answers, list) else [answers]:
        for text in request if isinstance(request, list) else [request]:
            yield str(text)
