"""One table over several runs, in every format, and the plot of accuracy against cost."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest

from cotkd.cli import main
from cotkd.evaluation.results import ModelRecord, Results, TrainingRecord
from cotkd.evaluation.run import Answer, evaluate
from cotkd.evaluation.runs import RunComparison, compare_runs
from cotkd.report.comparison import comparison_table, rendered
from cotkd.report.pareto import Point, draw_pareto, pareto_front, pareto_svg
from cotkd.store.rows import write_json
from tests.evaluation.rows import judge, questions

HOSTILE = r"<b>$x_1$ & 50%|\n"


def make(path: Path, right: int, *, tokens: int | None, parameters: int | None = 860_000) -> Path:
    def answer(asked):
        texts = [q.answer if i < right else "no" for i, q in enumerate(asked)]
        return [Answer(text, tokens=tokens, finish_reason="stop") for text in texts]

    suites = {suite: questions(20, suite) for suite in ("in", "out")}
    scores = evaluate(answer, suites, verify=judge, out=path / "evaluation")
    results = Results(
        method="fine_tune_cot",
        scores={"student": scores},
        models={"student": ModelRecord(name="m", parameters=parameters)},
        training={
            "student": TrainingRecord(
                processed_tokens=601_233, supervised_tokens=1, epochs=1, steps=1
            )
        },
    )
    write_json(path / "results.json", results.dump())
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory) -> list[Path]:
    root = tmp_path_factory.mktemp("runs")
    return [
        make(root / "direct", 5, tokens=3),
        make(root / HOSTILE, 14, tokens=50),
        make(root / "large", 15, tokens=52, parameters=4_000_000),
        make(root / "old", 9, tokens=None, parameters=None),
    ]


@pytest.fixture(scope="module")
def found(runs) -> RunComparison:
    return compare_runs(*runs[:3], draws=200)


def test_runs_and_suites_stand_side_by_side(found):
    table = comparison_table(found)
    assert table.columns == ("suite", "direct", HOSTILE, "large")
    rows = {row[0].split("\n")[0]: row for row in table.rows}
    assert rows["in"][0].startswith("in\nn 20, detects ")
    assert rows["in"][1] == "25.0 [11.2–46.9]"
    accuracy, difference, p = rows["in"][2].split("\n")
    assert accuracy == "70.0 [48.1–85.5]"
    assert difference.startswith("+45.0 [+")
    assert p == "p = 0.008"  # 2 / 2^9, twice: two suites
    assert rows["mean of 2 suites"][2].startswith("70.0 [5")
    assert rows["trained tokens"][1:] == ("601,233",) * 3
    assert rows["parameters"][3] == "4 M"
    assert rows["tokens per answer"][1:] == ("3.0", "50.0", "52.0")
    assert "Holm" in table.caption
    assert "one seed each" in table.caption


def test_what_was_not_recorded_is_not_said_to_be_nothing(runs, found, tmp_path):
    rows = {row[0]: row for row in comparison_table(found).rows}
    assert rows["time"] == ("time", *"–––")
    assert rows["teacher tokens"] == ("teacher tokens", *"–––")
    results = Results.read(runs[0])
    models = {**results.models, "teacher": ModelRecord(name="t")}
    whole = make(tmp_path / "whole", 5, tokens=3)
    more = results.model_copy(update={"seconds": {"train": 61.0}, "models": models})
    write_json(whole / "results.json", more.dump())
    rows = {row[0]: row for row in comparison_table(compare_runs(whole, runs[1], draws=100)).rows}
    assert rows["time"][1:] == ("1 min 01 s", "–")
    assert rows["teacher tokens"][1:] == ("0", "–")


def test_many_runs_are_rows(runs, tmp_path):
    more = [*runs, make(tmp_path / "fifth", 2, tokens=4)]
    table = comparison_table(compare_runs(*more, draws=200))
    assert [row[0] for row in table.rows] == ["direct", HOSTILE, "large", "old", "fifth"]
    assert table.columns[0] == "run"
    assert {len(row) for row in table.rows} == {len(table.columns)}


def test_csv_has_every_number_once_and_in_full(found):
    lines = list(csv.DictReader(io.StringIO(rendered(found, "csv"))))
    assert [(line["run"], line["suite"]) for line in lines] == [
        (run, suite) for run in ("direct", HOSTILE, "large") for suite in ("in", "out")
    ]
    row = found.comparisons[0]
    line = lines[2]
    assert float(line["difference"]) == row.difference
    assert float(line["difference_low"]) == row.ci95.low
    assert float(line["p_holm"]) == row.p_holm == 2 * float(line["p"])
    assert (line["compared_with"], line["test"]) == ("direct", "mcnemar_exact")
    assert (line["truncated"], line["tokens_per_answer"]) == ("0", "50.0")
    assert lines[0]["difference"] == ""


def test_markdown_rows_have_as_many_cells_as_the_head(found):
    text = rendered(found, "markdown")
    lines = [line for line in text.splitlines() if line.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in lines} == {5}
    assert "<b>" not in text


def test_latex_rows_have_as_many_cells_as_the_head_and_names_are_text(found):
    text = rendered(found, "latex")
    body = text[text.index(r"\toprule") : text.index(r"\bottomrule")]
    rows = [line for line in body.splitlines() if line.endswith(r"\\")]
    assert {len(re.findall(r"(?<!\\)&", row)) for row in rows} == {3}
    assert r"\textless{}b\textgreater{}\$x\_1\$ \& 50\%|\textbackslash{}n" in rows[0]
    assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")
    assert not re.search(r"[–−×]", text)


def test_html_escapes_names_loads_nothing_and_holds_the_plot(found):
    text = rendered(found, "html", plot=pareto_svg(found))
    tags: list[str] = []

    class Tags(HTMLParser):
        def handle_starttag(self, tag, attrs):
            tags.append(tag)
            for name, value in attrs:
                assert name not in ("src", "onload", "onclick")
                assert not (name.endswith("href") and not value.startswith("#"))

    Tags().feed(text)
    assert "b" not in tags
    assert not {"script", "link", "img"} & set(tags)
    assert tags.count("svg") == 1
    assert tags.count("td") == 4 * len(comparison_table(found).rows)


def test_the_front_holds_whoever_no_one_beats():
    points = [Point(name, cost, share, 0, 100) for name, cost, share in (
        ("cheap", 1, 20), ("worse", 1, 10), ("dear", 9, 60), ("beaten", 10, 60), ("mid", 5, 40),
        ("dominated", 6, 39),
    )]  # fmt: skip
    assert [point.name for point in pareto_front(points)] == ["cheap", "mid", "dear"]
    for point in points:
        beaten = any(
            o.cost <= point.cost and o.accuracy >= point.accuracy and o != point for o in points
        )
        assert (point in pareto_front(points)) == (not beaten)


@pytest.mark.parametrize(("suffix", "magic"), [(".png", b"\x89PNG"), (".pdf", b"%PDF")])
def test_a_plot_is_drawn_in_the_format_of_its_name(found, tmp_path, suffix, magic):
    path = draw_pareto(found, tmp_path / "new" / f"plot{suffix}")
    assert path.read_bytes().startswith(magic)


def test_the_drawing_is_the_same_each_time_and_needs_no_font(found):
    first = pareto_svg(found)
    assert ET.fromstring(first).tag.endswith("svg")
    assert "<text" not in first
    assert first == pareto_svg(found)


def test_runs_without_costs_are_left_out_of_the_plot(runs):
    assert pareto_svg(compare_runs(runs[3], runs[0], draws=100))


def test_from_the_command_line(runs, tmp_path, capsys):
    names = [str(path) for path in runs]
    assert main(["compare", *names[:2]]) == 0
    assert "below: difference to direct" in capsys.readouterr().out.replace("\n", " ")
    out, plot = tmp_path / "t.tex", tmp_path / "p.svg"
    flags = ["--format", "latex", "--out", str(out), "--plot", str(plot), "--suites", "out"]
    assert main(["compare", *names[:2], *flags, "--draws", "200"]) == 0
    assert r"\begin{tabular}" in out.read_text()
    assert "mean of" not in out.read_text()
    assert plot.read_text().count("<svg") == 1
    capsys.readouterr()
    assert main(["compare", *names[:2], "--format", "csv", "--draws", "200"]) == 0
    assert capsys.readouterr().out.startswith("run,method,")
    assert main(["compare", *names, "--format", "html", "--out", str(tmp_path / "t.html")]) == 0


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (["--formt", "csv"], "did you mean '--format'"),
        (["--format", "xls"], "format: Input should be 'text', 'markdown'"),
        (["--out", "x"], "--out needs a --format"),
        (["--plot", "x.gif"], "must end in .png, .svg, .pdf"),
        (["--arm", "teacher"], "holds no answers of the teacher"),
    ],
)
def test_a_mistake_is_one_line(runs, flags, part, capsys):
    assert main(["compare", *map(str, runs[:2]), *flags]) == 2
    error = capsys.readouterr().err
    assert part in error
    assert error.count("\n") == 1


def test_nothing_is_drawn_where_no_cost_is_known(runs, tmp_path):
    (other,) = [make(tmp_path / "other", 3, tokens=None, parameters=None)]
    command = ["compare", str(runs[3]), str(other), "--plot", str(tmp_path / "p.png")]
    assert main(command) == 2
    out = tmp_path / "t.html"
    assert main([*command[:3], "--format", "html", "--out", str(out)]) == 0
    assert "<svg" not in out.read_text()
