import base64
import dataclasses
import gzip
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cotkd.report.browse import browser_data, embed, growth_limit, is_dialogue, marked
from cotkd.report.load import load_run
from cotkd.report.run import Round
from cotkd.store.rows import read_rows, write_rows
from cotkd.types import Key, Rationale, TokenValues
from tests.report.example_run import HOSTILE, SUITES, add_samples, make_run, make_socratic_run


def joined(text):
    if isinstance(text, str):
        return text
    return "".join(piece if isinstance(piece, str) else piece[0] for piece in text)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return load_run(make_run(tmp_path_factory.mktemp("run"), questions=20, n=10))


def test_a_wrong_step_is_marked_with_what_it_gives():
    assert marked("so 3*4=<<3*4=13>>13 eggs") == ["so 3*4=", ("<<3*4=13>>", "12"), "13 eggs"]
    assert marked("so 3*4=<<3*4=12>>12 eggs") == "so 3*4=<<3*4=12>>12 eggs"


@given(st.text(alphabet="ab<>*=123 \n😀", max_size=60))
def test_marking_loses_no_character(text):
    assert joined(marked(text)) == text


def test_embedding_is_exact_and_cannot_end_a_script(run):
    packed = embed(run)
    assert "<" not in packed
    unpacked = json.loads(gzip.decompress(base64.b64decode(packed)))
    assert unpacked == json.loads(json.dumps(browser_data(run)))
    assert any(HOSTILE in joined(x["t"]) for item in unpacked["items"] for x in item["x"])


def test_the_same_run_embeds_to_the_same_bytes(run):
    assert embed(run) == embed(run)


def test_each_sample_and_each_prediction_is_there_once(run):
    data = browser_data(run)
    titles = [chosen["title"] for chosen in data["sets"]]
    assert titles == ["Samples", *SUITES]
    sampled = [item for item in data["items"] if item["s"] == 0]
    assert [len(item["x"]) for item in sampled] == [4] * 20
    in_suite = [item for item in data["items"] if item["s"] == 1]
    assert [[x["n"] for x in item["x"]] for item in in_suite] == [
        ["student", "baseline", "teacher"]
    ] * 10


def test_a_dropped_sample_says_which_filter_and_why(run):
    answers = [x for item in browser_data(run)["items"] if item["s"] == 0 for x in item["x"]]
    assert len([x for x in answers if "d" in x]) == len(run.rounds[0].drops)
    assert all(x["d"].startswith("correct: ") for x in answers if x["v"] != "c")


def test_majority_is_shown_with_its_verdict(run):
    for item in browser_data(run)["items"]:
        if item["s"] == 0:
            answer, votes, voters, letter = item["m"]
            assert voters == len(item["x"])
            same = [x for x in item["x"] if x.get("e") == answer]
            assert votes == len(same) or answer is None
            assert letter == ("u" if answer is None else same[0]["v"])


def test_several_teachers_are_told_apart(tmp_path):
    add_samples(tmp_path, questions=2, samples=4, teachers=2)
    names = {x["n"] for item in browser_data(load_run(tmp_path))["items"] for x in item["x"]}
    assert names == {f"teacher-{t} · sample {i}" for t in (0, 1) for i in (t + 1, t + 3)}


def test_a_teacher_with_one_sample_is_enough_of_a_name(tmp_path):
    add_samples(tmp_path, questions=2, samples=3, teachers=3)
    names = {x["n"] for item in browser_data(load_run(tmp_path))["items"] for x in item["x"]}
    assert names == {"teacher-0", "teacher-1", "teacher-2"}


def test_missing_questions_and_samples_leave_a_browser_that_works(tmp_path):
    add_samples(tmp_path, questions=2, samples=1)
    (tmp_path / "rounds" / "000" / "questions.jsonl").unlink()
    next((tmp_path / "samples").glob("*")).unlink()
    items = browser_data(load_run(tmp_path))["items"]
    assert items[1]["q"] == items[1]["id"] == "microgsm-train-00001"
    assert "m" not in items[1]


def test_scores_and_token_values_of_filters_are_shown_with_their_sample(tmp_path):
    folder = make_run(tmp_path / "run", questions=5, n=2) / "rounds" / "000"
    rows = list(read_rows(folder / "rationales.jsonl", Rationale))
    weighed = rows[3].model_copy(update={"scores": {"growth": 0.31234}})
    write_rows(folder / "rationales.jsonl", [*rows[:3], weighed, *rows[4:]])
    tokens = TokenValues(**weighed.key._asdict(), tokens=(("3*4", 1.234), ("<script>", -0.5)))
    write_rows(folder / "tokens.jsonl", [tokens])
    shown = [x for item in browser_data(load_run(tmp_path / "run"))["items"] for x in item["x"]]
    (found,) = [x for x in shown if "w" in x]
    assert found["r"] == {"growth": 0.312}
    assert found["w"] == [("3*4", 1.23), ("<script>", -0.5)]


def test_ways_of_asking_are_told_apart_by_what_differs(tmp_path):
    folder = make_run(tmp_path, questions=2, n=2, samples=3) / "rounds" / "000"
    rows = list(read_rows(folder / "rationales.jsonl", Rationale))
    told = [
        row.model_copy(update={"stream": "other", "condition": "-1", "sample_index": 0})
        for row in rows
        if row.sample_index == 0
    ]
    write_rows(folder / "rationales.jsonl", [*rows, *told])
    items = [i for i in browser_data(load_run(tmp_path))["items"] if i["s"] == 0]
    for item in items:
        assert {x["b"] for x in item["x"]} == {"teacher-0", "told a wrong answer"}
        (wrongly,) = [x for x in item["x"] if "c" in x]
        assert (wrongly["n"], wrongly["c"]) == ("told a wrong answer", "-1")
        assert item["m"][2] == 3  # what was told a wrong answer does not vote


def test_a_dialogue_is_a_sub_question_and_a_step_on_every_line():
    assert is_dialogue("How many? ** 3*4=12\nHow many are left? ** 12-5=7 --> 7")
    assert is_dialogue("\n\nHow many? ** 3*4=12\n#### 12")
    assert not is_dialogue("3*4=12\nHow many? ** 7")
    assert not is_dialogue("2 **3 is 8")
    assert not is_dialogue("#### 12")
    assert not is_dialogue("")


def test_who_asks_and_who_answers_is_known_of_two_models(tmp_path):
    data = browser_data(load_run(make_socratic_run(tmp_path)))
    assert data["speakers"] == {"student": ["decomposer", "solver"]}
    assert data["arms"]["baseline"] == "answer_only"
    assert data["arms"]["teacher"] == "microgsm-teacher"


def test_the_full_colour_is_for_one_token_in_a_hundred(tmp_path):
    values = [("a", 0.01 * n) for n in range(1, 101)] + [("b", -9.0)]
    found = Round(0, {}, [], {}, None, {Key("q", "s", 0): tuple(values)}, {})
    assert growth_limit([found]) == 1.0
    assert growth_limit([]) == 1.0


def test_half_a_surrogate_pair_does_not_stop_the_report(run):
    broken = run.rounds[0].rationales[1].model_copy(update={"text": "\ud83d"})
    first = dataclasses.replace(run.rounds[0], rationales=[broken])
    packed = embed(dataclasses.replace(run, rounds=[first], texts={}))
    assert b"\xed\xa0\xbd" in gzip.decompress(base64.b64decode(packed))
