"""Write the figures of the MicroGSM checkpoints: `figures.json`, tables of the README, checksums.

One figure: `{"n": 1000, "correct": 880, "rate": 0.88, "ci95": [0.858, 0.899]}`.
"""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

Figure = dict[str, Any]


def flat(report: Figure, prefix: str = "") -> Iterable[tuple[str, Figure]]:
    """Every rate of a nested report with its dotted name."""
    for name, value in report.items():
        if isinstance(value, dict) and "ci95" in value:
            yield f"{prefix}{name}", value
        elif isinstance(value, dict):
            yield from flat(value, f"{prefix}{name}.")
        elif isinstance(value, list) and value and isinstance(value[0], dict):
            for item in value:
                yield from flat(item, f"{prefix}{name}[seed {item.get('seed')}].")


def table(name: str, report: Figure) -> str:
    """The figures of one checkpoint as a Markdown table, with a line on what is no rate."""
    lines = [
        f"### {name}",
        "",
        "| figure | n | right | rate | 95 % interval |",
        "|---|---|---|---|---|",
    ]
    for title, value in flat(report):
        low, high = value["ci95"]
        shown = f"{value['rate']:.1%} | {low:.1%} – {high:.1%}"
        lines.append(f"| {title} | {value['n']} | {value['correct']} | {shown} |")
    if "copied_digits" in report:
        copied, nats = report["copied_digits"]["digits"], report["copied_digits"]["cross_entropy"]
        lines += ["", f"Cross-entropy of {copied} copied digits: {nats} nats."]
    if "samples" in report:
        drawn = report["samples"]
        texts, equations = drawn["distinct_texts"], drawn["distinct_equation_lists"]
        lines += [
            "",
            f"Four samples a question at temperature {drawn['temperature']}: {texts} distinct texts"
            f" and {equations} distinct lists of equations a question.",
        ]
    return "\n".join(lines)


def files(data: Path) -> list[tuple[str, int, str]]:
    """(path, bytes, sha256) of every file that this report does not write into itself."""
    paths = (p for p in data.rglob("*") if p.is_file())
    kept = sorted(p for p in paths if p.name not in ("README.md", "SHA256SUMS"))
    return [
        (
            p.relative_to(data).as_posix(),
            p.stat().st_size,
            hashlib.sha256(p.read_bytes()).hexdigest(),
        )
        for p in kept
    ]


def between_marks(text: str, mark: str, content: str) -> str:
    """The text with what stands between the marks (`<!-- MARK: begin -->`, `… end`) replaced."""
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    if begin not in text:
        return text
    head, _, rest = text.partition(begin)
    return f"{head}{begin}\n\n{content}\n\n{end}{rest.partition(end)[2]}"


def write_report(figures: Figure, checkpoints: Path) -> None:
    """Write `figures.json`, the tables of the README beside it, and the checksums of every file."""
    data = checkpoints.parent
    (checkpoints / "figures.json").write_text(json.dumps(figures, indent=1) + "\n")
    found = files(data)
    (data / "SHA256SUMS").write_text("".join(f"{digest}  {name}\n" for name, _, digest in found))
    readme = data / "README.md"
    if not readme.exists():
        return
    lines = ["| file | bytes | sha256 |", "|---|---|---|"]
    lines += [f"| `{name}` | {size} | `{digest}` |" for name, size, digest in found]
    text = between_marks(readme.read_text(encoding="utf-8"), "files", "\n".join(lines))
    tables = "\n\n".join(table(name, report) for name, report in figures.items())
    readme.write_text(between_marks(text, "figures", tables), encoding="utf-8")
