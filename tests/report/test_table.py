from io import StringIO

from rich.console import Console

from cotkd.evaluation.results import Results
from cotkd.evaluation.run import score
from cotkd.report.table import (
    Table,
    difference_table,
    figure_tables,
    results_tables,
    score_table,
)
from tests.evaluation.rows import predictions
from tests.report.example_run import make_run


def printed(*tables, width: int = 80) -> str:
    console = Console(file=StringIO(), width=width)
    for table in tables:
        console.print(table)
    return console.file.getvalue()


def scored(*arms: str, suite: str = "microgsm-distractor") -> Results:
    found = score(predictions([i % 3 == 0 for i in range(500)]))
    return Results(scores={arm: {suite: found} for arm in arms})


def test_a_run_fits_a_terminal_of_80_columns():
    text = printed(*results_tables(scored("student", "baseline", "teacher")))
    assert "microgsm-distractor" in text
    assert text.count("33.4 [29.4–37.6]") == 3


def test_no_accuracy_without_its_denominator_and_interval(tmp_path):
    results = Results.read(make_run(tmp_path, questions=3, n=7))
    for row in score_table(results).rows:
        assert row[1] == "7"
        assert all("[" in cell for cell in row[2:])
    for row in difference_table(results).rows:
        assert row[2] == "7"
        assert "[" in row[3]


def test_a_run_without_scores_has_no_table():
    assert list(results_tables(Results())) == []


def test_markdown_keeps_hostile_cells_in_their_cell():
    table = Table("t", ("a", "b"), (("x|y\n# <script>", "[link](z)"),))
    lines = table.markdown().splitlines()
    assert len(lines) == 3
    assert "<script" not in lines[2]
    assert lines[2].replace("\\|", "").count("|") == 3


def test_terminal_markup_in_names_is_shown_and_not_obeyed():
    assert "[red]m[/red]" in printed(*results_tables(scored("student", suite="[red]m[/red]")))


def socratic() -> Results:
    """Return what a decomposer and a solver come to, and a row that was told the guidance."""
    figures = {
        "same_number": 0.5,
        "bleu": 0.25,
        "accuracy_2_steps": 0.75,
        "questions_2_steps": 4.0,
        "wrong_arithmetic": 0.125,
    }
    results = scored("student", "student:oracle", "student:guided")
    own = results.scores["student"]["microgsm-distractor"]
    found = own.model_copy(update={"metrics": figures})
    scores = {**results.scores, "student": {"microgsm-distractor": found}}
    oracles = ("student:oracle", "student:guided")
    return results.model_copy(update={"scores": scores, "oracles": oracles})


def test_what_was_told_something_gold_is_marked() -> None:
    columns = score_table(socratic(), further=True).columns
    assert set(columns[2:]) == {"student:oracle", "student:guided (oracle)"}


def test_figures_of_a_kind_share_a_table() -> None:
    same, steps, wrong = figure_tables(socratic())
    assert same.columns == ("suite", "who", "bleu", "same number")
    assert same.rows == (("microgsm-distractor", "student", "25.0", "50.0"),)
    assert steps.rows == (("microgsm-distractor", "student", "75.0 of 4"),)
    assert wrong.columns == ("suite", "who", "arithmetic")
    assert "75.0 of 4" in printed(*results_tables(socratic()))
    assert not list(figure_tables(scored("student")))
