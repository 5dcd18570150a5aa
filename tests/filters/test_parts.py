"""Curating part by part gives what curating all at once gives."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import pytest

from cotkd.cli import main
from cotkd.evaluation.results import Results
from cotkd.filters import Filter, filter_of
from cotkd.filters.select import Funnel
from cotkd.stages.curate import curate, curate_parts, read_kept
from cotkd.store.rows import write_rows
from cotkd.types import Completion, Question
from cotkd.verify import verifier_of
from tests.filters.rows import TEXTS

ASKED = {f"q{at}": Question(id=f"q{at}", text=f"{at} eggs?", answer="12") for at in range(9)}
CHAIN = (
    "steps_valid,consistency,truncated,hint_leak,difficulty,length,distinct,diverse,per_question"
)


def _completions() -> list[Completion]:
    return [
        Completion(
            question_id=name,
            stream="s",
            sample_index=at,
            text=f"{text}\n#### {12 + (at + len(name) * 3) % 2}",
            finish_reason="length" if at == 5 else "stop",
            teacher="t",
            elicitation="plain",
            prompt_tokens=1,
            completion_tokens=2,
        )
        for name in ASKED
        for at, text in enumerate(TEXTS)
    ]


class OnlyOne(Filter):
    """Drops all rationales but the first of all."""

    kind: Literal["only_one_of_all"] = "only_one_of_all"

    def drop(self, rationales: Sequence[Any], questions: Any) -> dict[Any, str]:
        return {row.key: "not the first" for row in rationales[1:]}


@pytest.fixture(autouse=True, scope="module")
def _forget() -> Any:
    yield
    Filter.known.pop("only_one_of_all")


def test_files_and_selections_are_the_same_in_parts(tmp_path: Path) -> None:
    chain = [filter_of(name) for name in CHAIN.split(",")]
    rows = _completions()
    common: Any = {"verifier": verifier_of("numeric"), "filters": chain}
    rationales, selection = curate(rows, ASKED, **common, folder=tmp_path / "whole")
    size = len(TEXTS)
    parts = [rows[at : at + 2 * size] for at in range(0, len(rows), 2 * size)]
    found = list(curate_parts(parts, ASKED, **common, folder=tmp_path / "parts"))
    assert [row for part, _ in found for row in part] == rationales
    assert [row for _, part in found for row in part.kept] == selection.kept
    assert Funnel.total([part.funnel for _, part in found]).as_dict() == selection.funnel.as_dict()
    for name in ("questions.jsonl", "rationales.jsonl", "filter.json"):
        assert (tmp_path / "parts" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    drops = [
        (tmp_path / name / "dropped.jsonl").read_text().splitlines() for name in ("parts", "whole")
    ]
    assert sorted(drops[0]) == sorted(drops[1])
    assert read_kept(tmp_path / "parts")[1] == selection.kept


def test_scores_of_filters_are_written_with_kept_and_dropped_rationales(tmp_path: Path) -> None:
    chain = [filter_of(name) for name in ("correct", "difficulty")]
    rows, selection = curate(
        _completions(), ASKED, verifier=verifier_of("numeric"), filters=chain, folder=tmp_path
    )
    assert selection.dropped
    assert all("pass_rate" in row.scores for row in rows)
    lines = (tmp_path / "rationales.jsonl").read_text().splitlines()
    assert all("pass_rate" in json.loads(line)["scores"] for line in lines)


@pytest.mark.parametrize(("chain", "kept"), [("per_question", 4 * 9), ("only_one_of_all", 1)])
def test_the_command_splits_only_what_its_filters_allow(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, chain: str, kept: int
) -> None:
    monkeypatch.setattr("cotkd.cli.curation.PART", 20)
    write_rows(tmp_path / "samples.jsonl", _completions())
    write_rows(tmp_path / "asked.jsonl", ASKED.values())
    monkeypatch.chdir(tmp_path)
    command = ["filter", "samples.jsonl", "--questions", "asked.jsonl", "--out", "out"]
    assert main([*command, "--filters", chain]) == 0
    data = Results.read(tmp_path / "out").data
    assert (data.sampled, data.kept) == (len(TEXTS) * 9, kept)
    assert data.vote is not None
    assert data.vote.majority.n == 9
    assert data.vote.k == len(TEXTS)


def test_settings_of_filters_are_flags(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_rows(tmp_path / "samples.jsonl", _completions())
    write_rows(tmp_path / "asked.jsonl", ASKED.values())
    monkeypatch.chdir(tmp_path)
    command = ["filter", "samples.jsonl", "--questions", "asked.jsonl", "--out", "out"]
    flags = ["--filters.1.keep", "2", "--filters.0.band", "0.2,3", "--filters.0.least", "0"]
    assert main([*command, "--filters", "length,diverse,decontaminate", *flags]) == 2
    assert not (tmp_path / "out").exists()
    flags += ["--filters.2.suites", "asked.jsonl[:2]"]
    assert main([*command, "--filters", "length,diverse,decontaminate", *flags]) == 0
    kept = read_kept(tmp_path / "out/rounds/000")[1]
    assert {row.question_id for row in kept} == set(ASKED) - {"q0", "q1"}
    assert len(kept) == 2 * 7
