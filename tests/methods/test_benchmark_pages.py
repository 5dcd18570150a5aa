"""What README, pages and table say of the methods is what the results say."""

from __future__ import annotations

from pathlib import Path

from benchmarks.methods.__main__ import RESULTS, TABLE
from benchmarks.methods.pages import BEGIN, END, HEADS, measured, write_head
from benchmarks.methods.rows import append
from benchmarks.methods.table import write_table
from tests.methods.test_benchmark import row

README = Path(__file__).parents[2] / "README.md"


def test_the_readme_and_the_table_are_made_from_the_results(tmp_path: Path) -> None:
    copy = tmp_path / "README.md"
    copy.write_text(README.read_text(encoding="utf-8"), encoding="utf-8")
    write_head(RESULTS, copy)
    assert copy.read_text(encoding="utf-8") == README.read_text(encoding="utf-8"), (
        "run `python -m benchmarks.methods table`"
    )
    write_table(RESULTS, tmp_path / "table.md")
    assert (tmp_path / "table.md").read_text(encoding="utf-8") == TABLE.read_text(encoding="utf-8")


def test_the_readme_shows_open_numbers_whatever_else_was_measured(tmp_path: Path) -> None:
    results, readme = tmp_path / "results.jsonl", tmp_path / "README.md"
    for form in ("choice", "number", "yesno"):
        for seed in (0, 1):
            append(results, row("fine_tune_cot", seed, "cccw", form=form))
        append(results, row("scott", 0, "ccww" if form == "number" else "wwww", form=form))
    readme.write_text(f"# It\n\n{BEGIN}{END}\n", encoding="utf-8")
    write_head(results, readme)
    text = readme.read_text(encoding="utf-8")
    assert "microgsm-student, open numbers, in distribution, n = 4 a seed" in text
    assert "| fine_tune_cot | 2 | 75.0 [" in text
    assert "| scott | 1 | 50.0 [" in text


def test_a_page_has_the_heads_of_its_method_and_of_its_variants() -> None:
    heads, rows = measured(RESULTS, "step_by_step")
    assert heads == HEADS
    names = {row[2] for row in rows}
    assert {"step_by_step, predict", "step_by_step_correct, explain"} <= names
    assert not any(name.startswith(("fine_tune_cot", "answer_only")) for name in names)


def test_nothing_measured_is_no_rows(tmp_path: Path) -> None:
    assert measured(tmp_path / "none.jsonl", "scott") == (HEADS, [])
