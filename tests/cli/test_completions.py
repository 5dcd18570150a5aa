"""Completions are read question by question, whatever files they lie in, and none is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cotkd.cli.completions import Completions
from cotkd.errors import DataError
from cotkd.store.rows import write_rows
from cotkd.types import Completion


def _completion(question: str, stream: str, index: int) -> Completion:
    return Completion(
        question_id=question,
        stream=stream,
        sample_index=index,
        text=f"{question} — {index}\u2028#### 12",
        finish_reason="stop",
        teacher="t",
        elicitation="plain",
        prompt_tokens=3,
        completion_tokens=5,
    )


ASKED = st.lists(st.sampled_from("abcde"), min_size=1, max_size=20)


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=30
)
@given(first=ASKED, second=ASKED, rows=st.integers(1, 12))
def test_parts_hold_whole_questions_in_the_order_of_first_mention(
    tmp_path: Path, first: list[str], second: list[str], rows: int
) -> None:
    files = {"x": first, "y": second}
    written = {
        stream: [_completion(name, stream, at) for at, name in enumerate(asked)]
        for stream, asked in files.items()
    }
    for stream, found in written.items():
        write_rows(tmp_path / "samples" / f"{stream}.jsonl", found)
    completions = Completions([tmp_path])
    parts = list(completions.parts(rows))
    names = list(dict.fromkeys(first + second))
    expected = [
        row for name in names for row in (*written["x"], *written["y"]) if row.question_id == name
    ]
    assert [row for part in parts for row in part] == expected
    assert len(completions) == len(expected)
    seen: set[str] = set()
    for at, part in enumerate(parts):
        inside = {row.question_id for row in part}
        assert not inside & seen
        seen |= inside
        last = part[-1].question_id
        assert sum(row.question_id != last for row in part) < rows
        assert len(part) >= rows or at == len(parts) - 1
    assert completions.questions == {name: (first + second).count(name) for name in names}
    assert completions.prompt_tokens == 3 * len(expected)
    assert completions.completion_tokens == 5 * len(expected)


def test_recorded_texts_are_numbered_per_question_and_read_despite_mark_and_blank_lines(
    tmp_path: Path,
) -> None:
    path = tmp_path / "texts.jsonl"
    lines = [
        {"id": 7, "text": "one"},
        {"question_id": "b", "text": "zwö"},
        {"id": "7", "text": "2"},
    ]
    text = "\ufeff" + "\n\n".join(json.dumps(line, ensure_ascii=False) for line in lines) + "\n"
    path.write_text(text, encoding="utf-8")
    (part,) = Completions([path]).parts(10)
    assert [(row.question_id, row.sample_index, row.text) for row in part] == [
        ("7", 0, "one"),
        ("7", 1, "2"),
        ("b", 0, "zwö"),
    ]
    assert {(row.stream, row.teacher) for row in part} == {("recorded", "texts")}


def test_a_bad_line_is_named_before_anything_is_done(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    row = _completion("a", "x", 0).to_json()
    path.write_text(f"{row}\n\n{row[:-9]}\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"rows\.jsonl:3: "):
        Completions([path])


def test_sources_without_completions_are_named(tmp_path: Path) -> None:
    (tmp_path / "none.jsonl").write_text("\n")
    for source in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(DataError, match="holds no completions"):
            Completions([source])
    with pytest.raises(DataError, match="cannot read"):
        Completions([tmp_path / "missing.jsonl"])


@pytest.mark.parametrize(
    "row",
    [
        {"text": "<thinking>3*4</thinking>\n12"},
        {"text": "12", "reasoning_content": "3*4"},
        {"text": [{"type": "thinking", "thinking": "3*4"}, {"type": "text", "text": "12"}]},
    ],
)
def test_recorded_texts_come_with_their_trace_apart(row: dict, tmp_path: Path) -> None:
    path = tmp_path / "recorded.jsonl"
    path.write_text(json.dumps({"id": "q", **row}), encoding="utf-8")
    ((found,),) = Completions([path]).parts(1)
    assert (found.reasoning, found.text, found.finish_reason) == ("3*4", "12", "stop")


def test_recorded_texts_may_say_that_they_were_cut_off(tmp_path: Path) -> None:
    path = tmp_path / "recorded.jsonl"
    path.write_text(json.dumps({"id": "q", "text": "3*4", "finish_reason": "max_tokens"}))
    ((found,),) = Completions([path]).parts(1)
    assert found.finish_reason == "length"
