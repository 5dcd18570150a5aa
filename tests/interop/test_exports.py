"""What is exported can be read back: the same questions, right solutions, and true pairs."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from cotkd.cli import main
from cotkd.cli.exporting import rows_of
from cotkd.errors import DataError, SettingError
from cotkd.interop.curated import read_curated
from cotkd.interop.exports.base import Export
from cotkd.verify import verify
from tests.interop.runs import QUESTIONS, write_run

GOLD = {question.text: question.answer for question in QUESTIONS.values()}
PAIRED = ("dpo", "dpo_messages", "alpaca_dpo")


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_run(tmp_path_factory.mktemp("run"))


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line]


def read_back(kind: str, row: dict[str, Any]) -> tuple[str, list[str]]:
    """Return the question and the solutions of a row, the right one first."""
    match kind:
        case "prompt_completion":
            return row["prompt"].rstrip("\n"), [row["completion"]]
        case "messages":
            asked, solved = row["messages"]
            assert (asked["role"], solved["role"]) == ("user", "assistant")
            return asked["content"], [solved["content"]]
        case "alpaca":
            return row["instruction"] + row["input"], [row["output"]]
        case "sharegpt":
            asked, solved = row["conversations"]
            assert (asked["from"], solved["from"]) == ("human", "gpt")
            return asked["value"], [solved["value"]]
        case "dpo":
            return row["prompt"].rstrip("\n"), [row["chosen"], row["rejected"]]
        case "dpo_messages":
            return row["prompt"][0]["content"], [row[k][0]["content"] for k in _SIDES]
        case _:
            return row["instruction"] + row["input"], [row["chosen"], row["rejected"]]


_SIDES = ("chosen", "rejected")


@pytest.mark.parametrize("kind", sorted(Export.kinds()))
def test_a_round_trip_keeps_questions_and_verdicts(kind: str, run: Path, tmp_path: Path) -> None:
    out = tmp_path / "train.jsonl"
    assert main(["export", str(run), "--to", kind, "--out", str(out)]) == 0
    rows = [read_back(kind, row) for row in lines(out)]
    counts = {text: sum(asked == text for asked, _ in rows) for text in GOLD}
    assert list(counts.values()) == ([2, 1, 0, 0] if kind in PAIRED else [2, 1, 1, 0])
    for asked, solutions in rows:
        verdicts = [verify(text, GOLD[asked]).status for text in solutions]
        assert verdicts == ["correct", "wrong"][: len(solutions)]


@pytest.mark.parametrize("kind", sorted(Export.kinds()))
def test_no_rationale_occurs_twice(kind: str, run: Path) -> None:
    rows = rows_of(read_curated(run), Export.parse({"kind": kind}))
    texts = [text for row in rows for text in read_back(kind, row)[1]]
    assert len(set(texts)) == len(texts)


def test_a_wrong_answer_is_written_as_the_teacher_did_a_right_one_as_the_gold(run: Path) -> None:
    rows = rows_of(read_curated(run), Export.parse({"kind": "dpo", "pairs": 1}))
    assert [row["rejected"].rpartition("#### ")[2] for row in rows] == ["4", "5"]
    assert [row["chosen"].rpartition("#### ")[2] for row in rows] == ["3", "6"]


def test_templates_are_settings(run: Path, tmp_path: Path) -> None:
    out = tmp_path / "train.jsonl"
    flags = ["--to", "messages", "--to.system", "Be brief.", "--to.question", "Q: {question}"]
    solution = ["--to.solution", "{rationale} So \\boxed{{{answer}}}"]
    assert main(["export", str(run), *flags, *solution, "--out", str(out)]) == 0
    turns = lines(out)[0]["messages"]
    assert [turn["role"] for turn in turns] == ["system", "user", "assistant"]
    assert turns[1]["content"].startswith("Q: Ann has 1")
    assert turns[2]["content"].endswith("So \\boxed{3}")


def test_llama_factory_finds_each_file_by_its_entry(run: Path, tmp_path: Path) -> None:
    for kind in ("alpaca", "sharegpt", "alpaca_dpo", "messages"):
        assert (
            main(["export", str(run), "--to", kind, "--out", str(tmp_path / f"{kind}.jsonl")]) == 0
        )
    info = json.loads((tmp_path / "dataset_info.json").read_text())
    assert list(info) == ["alpaca", "sharegpt", "alpaca_dpo", "messages"]
    for name, entry in info.items():
        rows = lines(tmp_path / entry["file_name"])
        assert set(entry["columns"].values()) == set(rows[0]), name
    for name in ("sharegpt", "messages"):
        tags = {"role_tag": "from", "content_tag": "value", "user_tag": "human"}
        tags |= {"assistant_tag": "gpt", **info[name].get("tags", {})}
        row = lines(tmp_path / info[name]["file_name"])[0]
        turns = row[info[name]["columns"]["messages"]]
        assert [turn[tags["role_tag"]] for turn in turns] == [
            tags["user_tag"],
            tags["assistant_tag"],
        ]
        assert all(turn[tags["content_tag"]] for turn in turns)
    assert info["alpaca_dpo"]["ranking"] is True


def test_entries_of_others_stay_and_a_damaged_file_is_named(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    info = tmp_path / "dataset_info.json"
    info.write_text('{"mine": {"file_name": "mine.json"}}')
    command = ["export", str(run), "--to", "alpaca", "--out", str(tmp_path / "a.jsonl")]
    assert main(command) == 0
    assert json.loads(info.read_text())["mine"] == {"file_name": "mine.json"}
    info.write_text("[]")
    assert main(command) == 2
    assert "dataset_info.json: expected a JSON object" in capsys.readouterr().err


def test_a_folder_of_datasets_holds_the_rows_and_the_card(run: Path, tmp_path: Path) -> None:
    import datasets

    folder = tmp_path / "pairs"
    command = ["export", str(run), "--to", "dpo_messages", "--datasets", str(folder)]
    assert main(command) == 0
    assert main(command) == 0  # a saved dataset is replaced
    saved = datasets.load_from_disk(str(folder))
    assert saved.to_list() == rows_of(read_curated(run), Export.parse({"kind": "dpo_messages"}))
    assert "Apache-2.0" in (folder / "README.md").read_text()


def test_other_files_are_not_overwritten_by_a_folder(run: Path, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    assert main(["export", str(run), "--to", "dpo", "--datasets", str(tmp_path)]) == 2
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_what_filters_kept_but_is_wrong_is_left_out_and_counted(tmp_path: Path) -> None:
    from cotkd.stages.curate import curate
    from cotkd.verify import verifier_of
    from tests.interop.runs import COMPLETIONS

    part = tmp_path / "rounds" / "000"
    curate(COMPLETIONS, QUESTIONS, verifier=verifier_of("numeric"), filters=[], folder=part)
    found = read_curated(tmp_path)
    assert (found.right, found.left_out) == (5, 4)


@pytest.mark.parametrize(
    ("flags", "part"),
    [
        (["--out", "x.jsonl"], "needs --to FORMAT, one of: alpaca,"),
        (["--to", "alpaca"], "needs --out FILE, --datasets FOLDER or --push"),
        (["--to", "alpacca", "--out", "x"], "did you mean 'alpaca'"),
        (["--to", "messages", "--too", "x", "--out", "x"], "did you mean '--to'"),
        (["--to", "messages", "--to.question", "no gap", "--out", "x"], "{question}"),
        (["--to", "messages", "--push", "no-owner"], "--push takes OWNER/NAME"),
        (["--to", "messages", "--push", "me/data"], "HF_HUB_OFFLINE switches the hub off"),
    ],
)
def test_a_mistake_is_one_line(
    flags: list[str],
    part: str,
    run: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    import huggingface_hub.constants

    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.chdir(tmp_path)
    assert main(["export", str(run), *flags]) == 2
    error = capsys.readouterr().err
    assert part in error
    assert error.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_what_is_no_run_says_what_to_give(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="give a directory of `cotkd run`"):
        read_curated(tmp_path)
    (tmp_path / "seed-0").mkdir()
    with pytest.raises(DataError, match=r"several seeds: export one, such as .*seed-0"):
        read_curated(tmp_path)


def test_a_run_without_a_row_says_what_is_missing(run: Path) -> None:
    found = read_curated(run)
    silent = found._replace(groups=[group._replace(wrong=[]) for group in found.groups])
    with pytest.raises(DataError, match=r"of 4 questions 3 have .* 0 a wrong one"):
        rows_of(silent, Export.parse({"kind": "dpo"}))


def test_every_format_explains_itself() -> None:
    for format in Export.kinds().values():
        assert format.title
        assert format.source
        assert re.search(
            r"^(  +)?\{|^\w+ +\{", __import__(format.__module__, fromlist=["x"]).__doc__, re.M
        )
    with pytest.raises(SettingError, match="unknown export 'trl'"):
        Export.of("trl")
