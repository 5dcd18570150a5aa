"""The benchmark of all methods: its settings are valid, its numbers are those of its rows."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.methods.__main__ import main
from benchmarks.methods.arms import Arm, accuracy, compare
from benchmarks.methods.cells import MAIN, RECIPES, Cell, Size, config_of, plan
from benchmarks.methods.measure import arrived
from benchmarks.methods.pages import measured
from benchmarks.methods.rows import append, finished, read
from benchmarks.methods.socratic import digest
from benchmarks.methods.table import write_table
from cotkd.evaluation.seeds import compare_seeds
from cotkd.measuring.suites import load_suite
from cotkd.methods.base import Method
from cotkd.types import Prediction

LAS = {"scott": 0.4, "fine_tune_cot": 0.1}


def row(
    variant: str,
    seed: int,
    status: str,
    *,
    explain: str | None = None,
    ids: str = "x",
    form: str = "number",
):
    """Return the row of a cell whose questions were answered as `status` says."""

    def head(letters: str):
        answers = [None if one == "u" else one for one in letters]
        suite = {"ids": ids, "status": letters, "answers": answers, "tokens": 5, "rationale": 4}
        return {"microgsm": suite, "microgsm-steps": suite}

    cell = Cell(variant, "microgsm-student", form, 1.0, seed)
    heads = {"student": head(status)}
    if explain is not None:
        heads["student:explain"] = head(explain)
    return {
        "key": cell.key,
        **cell._asdict(),
        "commit": "c0ffee",
        "size": Size()._asdict(),
        "heads": heads,
        "names": {"student": "answer"},
        "faithfulness": {
            "simulated": {"las": LAS.get(variant), "gain": 0.5, "leak_rate": 0.75, "n": 4},
        },
    }


def test_every_method_is_measured_and_the_settings_of_every_cell_are_valid() -> None:
    cells = list(plan(seeds=(0,)))
    assert len({cell.key for cell in cells}) == len(cells)
    whole = [c for c in cells if c.fraction == 1 and c.student == "microgsm-student"]
    kinds = {config_of(cell, Size()).method.kind for cell in whole}
    own = {
        k for k in Method.kinds() if type(Method.parse({"kind": k})).__module__.startswith("cotkd.")
    }
    assert kinds == own, "other tests may have defined methods of their own"
    schemes = [config_of(c, Size()).method.dump().get("scheme") for c in whole]
    assert set(schemes) == {None, "unified", "iterative", "shared"}
    shares = [cell for cell in cells if cell.fraction < 1]
    assert {(cell.variant, cell.form) for cell in shares} == {(name, "number") for name in MAIN}


def test_only_the_method_differs_between_the_cells_of_a_comparison() -> None:
    """And not even the budget of the student, nor its questions."""
    for student, form in (("microgsm-student", "number"), ("microgsm-student-t5", "choice-course")):
        settings = []
        for variant in RECIPES:
            dump = config_of(Cell(variant, student, form, 1.0, 3), Size()).dump()
            settings.append({k: v for k, v in dump.items() if k not in ("method", "recipe")})
        assert all(one == settings[0] for one in settings)
        assert settings[0]["seed"] == 3
        assert settings[0]["baseline"] is None


def test_what_was_measured_is_not_measured_again(tmp_path: Path) -> None:
    path = tmp_path / "results.jsonl"
    append(path, row("mt_re", 0, "cw"))
    append(path, row("mt_re", 0, "cc"))
    assert finished(path, Size()) == {"mt_re/microgsm-student/number/1/0"}
    assert finished(path, Size(tokens=1)) == set()
    assert [one["heads"]["student"]["microgsm"]["status"] for one in read(path)] == ["cc"]


def test_labels_are_set_against_where_the_rationale_arrives(tmp_path: Path) -> None:
    _, (questions, _) = load_suite("microgsm-choice[:4]")
    gold = [question.rationale or "" for question in questions]
    reasons = [gold[0], gold[1], "So it is <<1+1=2>>2.", "I do not know."]
    said = [Prediction.model_construct(question_id=question.id) for question in questions]
    assert arrived(said, reasons, questions) == "yynu"
    results, table = tmp_path / "results.jsonl", tmp_path / "table.md"
    found = row("fine_tune_cot", 0, "cwcw", form="choice-course")
    found["heads"]["student"] = {"microgsm-choice": found["heads"]["student"]["microgsm"]}
    found["heads"]["student"]["microgsm-choice"]["arrived"] = "yynu"
    found["base"] = {"n": 1000, "yesno": 953, "choice": 812, "digest": "abc"}
    append(results, found)
    main(["table", "--results", str(results), "--table", str(table)])
    line, *_ = [one for one in table.read_text().splitlines() if one.startswith("| fine_tune_cot")]
    assert "| 50.0 | 50.0 (2) |" in line
    assert "953 as yes/no questions and 812 with four options (weights abc)" in table.read_text()


def test_a_head_that_writes_rationales_alone_names_no_label(tmp_path: Path) -> None:
    results, table = tmp_path / "results.jsonl", tmp_path / "table.md"
    for form in ("number", "yesno-course"):
        for variant, template in (("mt_re", "{rationale}"), ("mt_cot", "{rationale} {answer}")):
            found = row(variant, 0, "cwcw", explain="ccuw", form=form)
            append(results, found | {"method": {"explain": {"template": template}}})
        append(results, row("fine_tune_cot", 0, "cccc", form=form))
    main(["table", "--results", str(results), "--table", str(table)])
    lines = [one for one in table.read_text().splitlines() if one.startswith("| mt_re, explain")]
    assert "| 50.0 [" in lines[0]
    assert any(one.startswith("| mt_re, explain | 1 | – | – | – |") for one in lines)
    named = [one for one in table.read_text().splitlines() if one.startswith("| mt_cot, explain")]
    assert all("| 50.0 [" in one for one in named)
    assert ["mt_re, explain", "1", "–", "–"] in [line[2:] for line in measured(results, "mt_re")[1]]


def arm(variant: str, *status: str) -> Arm:
    rows = {seed: row(variant, seed, letters) for seed, letters in enumerate(status)}
    return Arm(variant, "answer", "student", rows)


def test_differences_are_over_questions_and_seeds() -> None:
    one, other = arm("mt_cot", "ccccwwcc", "ccccwucc"), arm("mt_re", "ccwwwwcc", "ccwwwucc")
    found = compare(one, other, ["microgsm"])
    assert found is not None
    assert found.value == pytest.approx(2 / 8)
    assert found.seeds == (2, 2)
    scores = [
        [[float(c == "c") for c in text] for text in texts]
        for texts in (("ccccwwcc", "ccccwucc"), ("ccwwwwcc", "ccwwwucc"))
    ]
    expected = compare_seeds(*scores)
    assert (found.low, found.high, found.p) == (*expected.ci95, expected.p_value)
    same = compare(one, one, ["microgsm"])
    assert same is not None
    assert (same.value, same.p) == (0.0, 1.0)
    assert -1 < same.low < 0 < same.high < 1


def test_seeds_that_scatter_widen_a_difference() -> None:
    steady = [arm("mt_cot", "ccccww", "ccccww"), arm("mt_re", "ccwwww", "ccwwww")]
    scattered = [arm("mt_cot", "cccccc", "ccwwww"), arm("mt_re", "ccwwww", "ccwwww")]
    widths = []
    for one, other in (steady, scattered):
        found = compare(one, other, ["microgsm"])
        assert found is not None
        assert found.value == pytest.approx(1 / 3)
        widths.append(found.high - found.low)
    assert widths[0] < widths[1]


def test_one_may_have_fewer_seeds() -> None:
    found = compare(arm("mt_cot", "ccww", "cccw"), arm("mt_re", "ccww"), ["microgsm"])
    assert found is not None
    assert (found.seeds, found.value) == ((2, 1), pytest.approx(1 / 8))


def test_only_the_questions_that_count_are_compared() -> None:
    one, other = arm("mt_cot", "ccww"), arm("mt_re", "wwcc")
    found = compare(one, other, ["microgsm"], among=[True, False, False, False])
    assert found is not None
    assert found.value == 1.0
    assert compare(one, other, ["microgsm"], among=[False] * 4) is None


def test_other_questions_are_not_compared() -> None:
    rows = {0: row("mt_re", 0, "cw", ids="y")}
    with pytest.raises(AssertionError, match="other questions"):
        compare(arm("mt_cot", "cc"), Arm("mt_re", "answer", "student", rows), ["microgsm"])


def test_unparsed_answers_are_not_correct() -> None:
    assert accuracy(arm("mt_re", "ccuw"), ["microgsm"]).startswith("50.0 [")
    assert accuracy(arm("mt_re", "cc", "cw"), ["microgsm"]).startswith("75.0 [")


def test_the_table_has_a_line_for_every_head(tmp_path: Path) -> None:
    results, table = tmp_path / "results.jsonl", tmp_path / "table.md"
    for seed in (0, 1):
        append(results, row("fine_tune_cot", seed, "ccww"))
        append(results, row("answer_only", seed, "cwww"))
        append(results, row("scott", seed, "ccww"))
        append(results, row("mt_cot", seed, "wwww", explain="cccw"))
    main(["table", "--results", str(results), "--table", str(table)])
    text = table.read_text()
    lines = {line.split(" | ")[0].strip("| ") for line in text.splitlines() if " | " in line}
    assert {"fine_tune_cot", "mt_cot, answer", "mt_cot, explain"} <= lines
    assert "| Ho et al. 2023: rationales above answers alone |" in text
    assert "LAS of SCOTT above that of plain rationales | microgsm-student | number |" in text
    assert "+30.0 [+30.0, +30.0] | reappears |" in text
    assert "c0ffee" in text
    assert "## microgsm-student, number: each shift" in text
    assert "n a seed: microgsm-steps 4." in text
    assert "| scott | 2 | 50.0 [0.0–100.0] |" in text, "seeds that agree are no certainty"
    assert "| scott | 2 | 8 (2) | 40.0 [40.0, 40.0] | 50.0 [50.0, 50.0] |" in text
    write_table(results, table)
    assert table.read_text() == text


def socratic_row(seed: int, right: int) -> dict:
    """Return an answer to each of six questions of MicroGSM, the first `right` of them right."""
    made = row("socratic_iterative", seed, "")
    questions = load_suite("microgsm[:6]")[1].questions
    status = "c" * right + "w" * (6 - right)
    suite = {
        "ids": digest([q.id for q in questions]),
        "status": status,
        "tokens": 5,
        "rationale": 4,
    }
    figures = {"same_number": 0.5, "bleu": 0.25 + 0.5 * seed, "wrong_arithmetic": 0.125}
    return made | {
        "heads": {"student": {"microgsm": suite}, "student:oracle": {"microgsm": suite}},
        "figures": {"student": {"microgsm": figures}},
    }


def test_socratic_arms_are_shown_by_steps_with_what_broke_questions_up(tmp_path: Path) -> None:
    results, table = tmp_path / "results.jsonl", tmp_path / "table.md"
    for seed in (0, 1):
        append(results, socratic_row(seed, right=6 - 6 * seed))
    write_table(results, table)
    lines = [line.strip("| ").split(" | ") for line in table.read_text().splitlines()]
    steps = [len(q.steps or ()) for q in load_suite("microgsm[:6]")[1].questions]
    (heads,) = (line for line in lines if line[0] == "suite")
    assert heads == ["suite", "method", *(f"{count} steps" for count in sorted(set(steps)))]
    found = [line for line in lines if line[:2] == ["microgsm", "socratic_iterative, answer"]]
    shares = [f"50.0 [0.0–100.0] ({steps.count(count)})" for count in sorted(set(steps))]
    assert found == [["microgsm", "socratic_iterative, answer", *shares]]
    assert ["microgsm", "socratic_iterative, oracle"] in [line[:2] for line in lines]
    broken = [line for line in lines if line[:2] == ["socratic_iterative, answer", "2"]]
    same, bleu, arithmetic = "50.0 [50.0–50.0]", "50.0 [0.0–100.0]", "12.5 [12.5–12.5]"
    assert ["socratic_iterative, answer", "2", same, bleu, "–", arithmetic, "–", "–"] in broken
