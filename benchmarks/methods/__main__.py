"""`python -m benchmarks.methods course | plan | run | table`: see the package."""

from __future__ import annotations

import argparse
import logging
from collections.abc import Sequence
from pathlib import Path

from benchmarks.methods.cells import FORMS, FRACTIONS, PLANNED, RECIPES, STUDENTS, Cell, Size, plan
from benchmarks.methods.rows import append, finished

HERE = Path(__file__).parent
RESULTS = HERE / "results.jsonl"
TABLE = HERE / "table.md"


def main(words: Sequence[str] | None = None) -> None:
    """Do what the command line asks for."""
    given = _parser().parse_args(words)
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    for name in ("cotkd", "benchmarks"):
        logging.getLogger(name).setLevel(logging.INFO)
    if given.command == "table":
        from benchmarks.methods.pages import write_head
        from benchmarks.methods.table import write_table

        write_table(given.results, given.table)
        if given.results == RESULTS:
            write_head(RESULTS, HERE.parents[1] / "README.md")
        print(given.table)
        return
    if given.command == "course":
        from benchmarks.methods.course import take_course

        for student in given.students:
            print(take_course(student, given.work))
        return
    size = Size(given.tokens, given.questions, given.samples, given.limit)
    cells = plan(given.methods, given.students, given.forms, given.fractions, given.seeds)
    done = finished(given.results, size)
    open_cells = [cell for cell in cells if cell.key not in done]
    print(f"{len(done)} cells done, {len(open_cells)} to do")
    if given.command == "plan":
        for cell in open_cells:
            print(cell.key)
        return
    _run(open_cells, size, given)


def _run(cells: Sequence[Cell], size: Size, given: argparse.Namespace) -> None:
    from benchmarks.methods.course import base_of
    from benchmarks.methods.measure import measure_cell

    for student in {cell.student for cell in cells if cell.course}:
        base_of(student)  # said now rather than hours later
    for number, cell in enumerate(cells, start=1):
        if given.cells is not None and number > given.cells:
            break
        row = measure_cell(cell, size, work=given.work, keep=given.keep)
        append(given.results, row)
        print(f"{number}/{len(cells)} {cell.key}: {row['seconds']:.0f} s", flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.methods")
    parser.add_argument("command", choices=("course", "plan", "run", "table"))
    parser.add_argument("--methods", type=_words(RECIPES), default=tuple(RECIPES))
    parser.add_argument("--students", type=_words(STUDENTS), default=STUDENTS)
    parser.add_argument("--forms", type=_words(FORMS), default=PLANNED)
    parser.add_argument("--fractions", type=_numbers, default=FRACTIONS)
    parser.add_argument("--seeds", type=_seeds, default=(0, 1, 2))
    parser.add_argument("--tokens", type=int, default=Size().tokens, help="of a decoder's training")
    parser.add_argument("--questions", type=int, default=Size().questions)
    parser.add_argument("--samples", type=int, default=Size().samples, help="rationales a question")
    parser.add_argument("--limit", type=int, help="questions of each suite, to try things out")
    parser.add_argument("--cells", type=int, help="stop after so many")
    parser.add_argument("--work", type=Path, default=Path("runs/benchmark-methods"))
    parser.add_argument("--keep", action="store_true", help="leave the folders of finished runs")
    parser.add_argument("--results", type=Path, default=RESULTS)
    parser.add_argument("--table", type=Path, default=TABLE)
    return parser


def _words(known: Sequence[str] | dict[str, str]):
    def parse(text: str) -> tuple[str, ...]:
        words = tuple(word.strip() for word in text.split(","))
        for word in words:
            if word not in known:
                raise argparse.ArgumentTypeError(f"{word!r} is none of {', '.join(known)}")
        return words

    return parse


def _numbers(text: str) -> tuple[float, ...]:
    return tuple(float(word) for word in text.split(","))


def _seeds(text: str) -> tuple[int, ...]:
    return tuple(int(word) for word in text.split(","))


if __name__ == "__main__":
    main()
