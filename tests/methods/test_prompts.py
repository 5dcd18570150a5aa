"""What every head is sent, and how its replies are put together, byte for byte as stored.

`prompts.json` has, for each variant and head, its facts and, for each architecture, question (0, 1)
and script (a, b), the turns [prompt, task, opening] with the transcript, and what concludes.
A change to it is a change of what students are asked: other training data, other answers.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from cotkd.asking import Prompting
from cotkd.methods.base import Method
from cotkd.types import Architecture, Question

FILE = Path(__file__).with_name("prompts.json")
STORED = json.loads(FILE.read_text())
VARIANTS: dict[str, dict[str, Any]] = {
    "answer_only": {},
    "cascod": {},
    "fine_tune_cot": {},
    "fine_tune_cot answer first": {"format": {"order": "answer_first"}},
    "mcc_kd": {},
    "mt_cot": {},
    "mt_ra": {},
    "mt_re": {},
    "mt_re main explain": {"main": "explain"},
    "scott": {},
    "scott without prefix": {"prefix": False},
    "socratic": {},
    "socratic equations": {"guidance": "equations"},
    "socratic most 1": {"most": 1},
    "socratic operators": {"guidance": "operators"},
    "socratic shared steps": {"scheme": "shared", "guidance": "steps"},
    "socratic unified": {"scheme": "unified"},
    "step_by_step": {},
}
ARCHITECTURES: tuple[Architecture, ...] = ("decoder", "encoder-decoder")
STEPS = (
    ("How many boxes has Ann?", "Ann has 2 boxes."),
    ("How many eggs?", "2*3=<<2*3=6>>6 eggs."),
)
QUESTIONS = (
    Question(id="broken up", text="Ann has 2 boxes of 3 eggs.", answer="6", steps=STEPS),
    Question(id="whole", text=" Two lines,\nno steps? ", answer="yes"),
)
SCRIPTS = {
    "a": (" How many boxes?\nHow many eggs? ", " 2 boxes.\n", " 2*3=6 eggs. --> 6", " --> 7", ""),
    "b": (" ", "", "", "", ""),
}
RATIONALES = ("", " 2*3=6 eggs.\n", "Boxes? ** 2 boxes.\nEggs? **  2*3=6 eggs.")
SAID = "[factual] The answer is 6. Explanation: 6 --> 2*3=7 --> 8"
NEEDS_PACKAGES = {"bleu", "rouge_l"}


def dialogue(
    prompting: Prompting, question: Question, script: tuple[str, ...], architecture: Architecture
) -> list[Any]:
    said: list[str] = []
    turns: list[Any] = []
    while (turn := prompting.turn(question, said, architecture)) is not None:
        turns.append(list(turn))
        said.append(script[len(said)])
    return [*turns, prompting.transcript(question, said) if said else None]


def facts(prompting: Prompting) -> dict[str, Any]:
    return {
        "oracle": prompting.oracle,
        "explains": prompting.explains,
        "reads": prompting.answer_part(SAID),
        "asks": [prompting.asks(question) for question in QUESTIONS],
        "figures": [sorted({*prompting.metrics([q])} - NEEDS_PACKAGES) for q in QUESTIONS],
    }


def recorded(variant: str) -> dict[str, Any]:
    """Return what the file should hold of a variant."""
    method = Method.parse({"kind": variant.split()[0], **VARIANTS[variant]})
    found: dict[str, Any] = {}
    for head, prompting in method.heads.items():
        found[f"{variant}/{head}"] = facts(prompting)
        for architecture in ARCHITECTURES:
            key = f"{variant}/{head}/{architecture}"
            for number, question in enumerate(QUESTIONS):
                for name, script in SCRIPTS.items():
                    held = dialogue(prompting, question, script, architecture)
                    found[f"{key}/{number}{name}"] = held
            turns = [
                prompting.conclusion(question, rationale, architecture)
                for question in QUESTIONS
                for rationale in RATIONALES
            ]
            if prompting == method.prompting and any(turns):
                found[f"{key}/concludes"] = [list(turn) for turn in turns if turn is not None]
    return found


@pytest.mark.parametrize("variant", VARIANTS)
def test_what_a_head_is_sent_and_how_it_is_read_is_as_stored(variant: str) -> None:
    stored = {key: value for key, value in STORED.items() if key.split("/")[0] == variant}
    assert recorded(variant) == stored


def test_every_method_and_head_is_stored() -> None:
    ours = {kind for kind in Method.kinds() if Method.of(kind).__module__.startswith("cotkd.")}
    assert {key.split("/")[0].split()[0] for key in STORED} == ours
    assert {key.split("/")[0] for key in STORED} == set(VARIANTS)


def add_missing() -> None:
    """Write what is not stored yet; what is stored stays as it is."""
    rows = dict(STORED)
    for variant in VARIANTS:
        rows = recorded(variant) | rows
    lines = [
        f" {json.dumps(key)}: {json.dumps(rows[key], ensure_ascii=False)}" for key in sorted(rows)
    ]
    FILE.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    add_missing()
