"""`cotkd export`: kept rationales as training files of other tools.

prompt_completion   {"prompt": "Ann has …", "completion": "There are …\\n#### 12"}      TRL
messages            {"messages": [{"role": "user", …}, {"role": "assistant", …}]}     TRL
alpaca              {"instruction": "Ann has …", "input": "", "output": "…"}           LLaMA-Factory
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cotkd.config import unknown
from cotkd.errors import SettingError
from cotkd.stages import read_kept
from cotkd.store.atomic import replacing


def _prompt_completion(question: str, solution: str) -> dict[str, Any]:
    return {"prompt": question, "completion": solution}


def _messages(question: str, solution: str) -> dict[str, Any]:
    turns = (("user", question), ("assistant", solution))
    return {"messages": [{"role": role, "content": content} for role, content in turns]}


def _alpaca(question: str, solution: str) -> dict[str, Any]:
    return {"instruction": question, "input": "", "output": solution}


STYLES: dict[str, Callable[[str, str], dict[str, Any]]] = {
    "prompt_completion": _prompt_completion,
    "messages": _messages,
    "alpaca": _alpaca,
}


def export_run(folder: Path, style: str, out: Path) -> int:
    """Write the kept rationales of a run directory and return how many there are."""
    if style.replace("-", "_") not in STYLES:
        raise SettingError(unknown("export format", style, STYLES))
    write = STYLES[style.replace("-", "_")]
    questions, kept = read_kept(folder / "rounds" / "000")
    with replacing(out) as file:
        for row in kept:
            question = questions[row.question_id]
            line = write(question.text, f"{row.text}\n#### {question.answer}")
            file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")
    return len(kept)
