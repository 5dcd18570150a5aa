"""Write the question files of MicroGSM, the same bytes every time.

{"id": "microgsm-test-0000", "text": "Tom has …?", "answer": "41", "choices": null,
 "rationale": "Tom has <<…", "steps": [["How many …?", "Tom has <<…"]], "source": "microgsm",
 "split": "test", "meta": {"steps": 2, "skeleton": "12*3=36;36+5=41|groups-gain-now", …}}
"""

import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from cotkd.questions.microgsm.forms import four_options, yes_no
from cotkd.questions.microgsm.problems import SHIFTS, Problem, World, draw, stream

SEED = 2026
SIZES: Mapping[str, int] = {"test": 1000, "dev": 300, "train": 2000}
SHIFT_SIZE = 500
FORM_SIZES: Mapping[str, int] = {"train": 1000, "dev": 200, "test": 500}
Row = dict[str, Any]


def normalised(text: str) -> str:
    """A text in lower case without punctuation, as duplicates are compared."""
    return " ".join("".join(c if c.isalnum() else " " for c in text.lower()).split())


def problems() -> dict[str, list[Problem]]:
    """The problems of every split and shift; no text and no skeleton occurs twice among all."""
    plan = [("test", World(), SIZES["test"])]
    plan += [(name, world, SHIFT_SIZE) for name, world in SHIFTS.items()]
    plan += [(split, World(), SIZES[split]) for split in ("dev", "train")]
    seen: set[str] = set()
    drawn: dict[str, list[Problem]] = {}
    for name, world, size in plan:
        rng = stream(SEED, "questions", name)
        chosen: list[Problem] = []
        while len(chosen) < size:
            problem = draw(rng, world)
            keys = {problem.skeleton, normalised(problem.text)}
            if not keys & seen:
                seen |= keys
                chosen.append(problem)
        drawn[name] = chosen
    return drawn


def _row(source: str, split: str, index: int, problem: Problem) -> Row:
    return {
        "id": f"{source}-{split}-{index:04d}",
        "text": problem.text,
        "answer": str(problem.answer),
        "choices": None,
        "rationale": problem.rationale,
        "steps": [[step.subquestion, step.text] for step in problem.steps],
        "source": source,
        "split": split,
        "meta": {
            "steps": len(problem.steps),
            "domain": problem.domain,
            "operands": list(problem.operands),
            "skeleton": problem.skeleton,
        },
    }


def _yes_no_row(split: str, index: int, problem: Problem) -> Row:
    rng = stream(SEED, "yesno", split, index)
    text, answer, proposed = yes_no(rng, problem, truth=index % 2 == 0)
    row = _row("microgsm-yesno", split, index, problem)
    return row | {
        "text": text,
        "answer": answer,
        "meta": row["meta"] | {"number": problem.answer, "proposed": proposed},
    }


def _choice_row(split: str, index: int, problem: Problem) -> Row:
    text, answer, options = four_options(stream(SEED, "choice", split, index), problem)
    row = _row("microgsm-choice", split, index, problem)
    meta = row["meta"] | {"number": problem.answer}
    return row | {"text": text, "answer": answer, "choices": list(options), "meta": meta}


def rows() -> Iterator[tuple[str, list[Row]]]:
    """Every file's name (without its ending) and its rows."""
    drawn = problems()
    for split in SIZES:
        yield split, [_row("microgsm", split, i, p) for i, p in enumerate(drawn[split])]
    for name in SHIFTS:
        yield name, [_row(f"microgsm-{name}", "test", i, p) for i, p in enumerate(drawn[name])]
    forms: tuple[tuple[str, Callable[[str, int, Problem], Row]], ...] = (
        ("yesno", _yes_no_row),
        ("choice", _choice_row),
    )
    for name, form in forms:
        for split, size in FORM_SIZES.items():
            yield f"{name}-{split}", [form(split, i, p) for i, p in enumerate(drawn[split][:size])]


def build(out: Path) -> list[Path]:
    """Write every file into a folder and return their paths."""
    out.mkdir(parents=True, exist_ok=True)
    written = []
    for name, lines in rows():
        path = out / f"{name}.jsonl"
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)
        path.write_bytes(text.encode())
        written.append(path)
    return written
