"""MicroGSM: the files are reproducible, disjoint and right, and each shift changes what it says."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.microgsm.base_corpus import base_document, pair_document
from benchmarks.microgsm.corpus import Corpus, bent, held_out, teacher_document
from benchmarks.microgsm.tokenizer import EOS, METHOD_STRINGS, PAD, save, tokenizer, vocabulary
from cotkd.questions.microgsm import words
from cotkd.questions.microgsm.blocks import BLOCKS
from cotkd.questions.microgsm.build import (
    FORM_SIZES,
    SHIFT_SIZE,
    SIZES,
    build,
    normalised,
)
from cotkd.questions.microgsm.forms import corrupted, yes_no
from cotkd.questions.microgsm.problems import SHIFTS, World, draw, stream
from cotkd.store.resources import resource

Rows = dict[str, list[dict[str, Any]]]
EQUATION = re.compile(r"<<(\d+)([-+*/])(\d+)=(\d+)>>(\d+)")
TRAINING = ("train", "dev")


@pytest.fixture(scope="module")
def rows() -> Rows:
    folder = resource("microgsm")
    names = [*SIZES, *SHIFTS, *(f"{form}-{s}" for form in ("yesno", "choice") for s in FORM_SIZES)]
    return {
        name: [json.loads(line) for line in (folder / f"{name}.jsonl").open(encoding="utf-8")]
        for name in names
    }


def work_out(left: int, op: str, right: int) -> float:
    return {"+": left + right, "-": left - right, "*": left * right, "/": left / right}[op]


def test_build_writes_the_bytes_that_are_shipped(tmp_path: Path) -> None:
    shipped = resource("microgsm")
    written = build(tmp_path)
    assert sorted(p.name for p in written) == sorted(p.name for p in shipped.glob("*.jsonl"))
    for path in written:
        assert path.read_bytes() == (shipped / path.name).read_bytes(), path.name


def test_files_have_their_sizes_and_unique_ids(rows: Rows) -> None:
    for name, size in SIZES.items():
        assert len(rows[name]) == size
    assert all(len(rows[name]) == SHIFT_SIZE for name in SHIFTS)
    ids = [row["id"] for lines in rows.values() for row in lines]
    assert len(set(ids)) == len(ids)


def test_no_evaluation_question_occurs_in_training(rows: Rows) -> None:
    train = [row for name in TRAINING for row in rows[name]]
    tests = [row for name in ("test", *SHIFTS) for row in rows[name]]
    for key in (lambda r: normalised(r["text"]), lambda r: r["meta"]["skeleton"]):
        seen = Counter(map(key, [*train, *tests]))
        assert max(seen.values()) == 1


@pytest.mark.parametrize("form", ["yesno", "choice"])
def test_classification_forms_keep_to_their_split(rows: Rows, form: str) -> None:
    for split in FORM_SIZES:
        plain = {row["meta"]["skeleton"] for row in rows[split]}
        assert {row["meta"]["skeleton"] for row in rows[f"{form}-{split}"]} <= plain


def test_training_streams_never_meet_a_held_out_skeleton() -> None:
    skeletons = held_out()
    first = draw(stream(2026, "questions", "test"), World()).skeleton
    assert first in skeletons
    corpus = Corpus(skeletons)
    assert corpus.problem(stream(2026, "questions", "test"), World()).skeleton not in skeletons


def test_every_gold_chain_recomputes_step_by_step(rows: Rows) -> None:
    for lines in rows.values():
        for row in lines:
            assert row["rationale"] == "\n".join(text for _, text in row["steps"])
            known = {int(n) for n in re.findall(r"\d+", row["text"])} | {2, 3, 4}
            for _, text in row["steps"]:
                (found,) = EQUATION.findall(text)
                left, right, result = int(found[0]), int(found[2]), int(found[3])
                assert work_out(left, found[1], right) == result == int(found[4])
                assert {left, right} <= known, row["id"]
                known.add(result)
            assert len(row["steps"]) == row["meta"]["steps"]
            assert int(found[4]) == int(row["meta"].get("number", row["answer"]))


def test_numbers_stay_within_the_worlds_bounds(rows: Rows) -> None:
    for name, world in [("train", World()), ("test", World()), *SHIFTS.items()]:
        for row in rows[name]:
            assert row["meta"]["steps"] in world.steps
            assert all(2 <= n <= world.largest_operand for n in row["meta"]["operands"])
            results = [int(e[3]) for e in EQUATION.findall(row["rationale"])]
            assert max(results) <= world.largest_result


def test_each_shift_changes_what_it_says(rows: Rows) -> None:
    assert {row["meta"]["steps"] for row in rows["test"]} == {2, 3, 4}
    assert {row["meta"]["steps"] for row in rows["steps"]} == {5}
    assert all(max(row["meta"]["operands"]) > 40 for row in rows["numbers"])
    assert {row["meta"]["domain"] for row in rows["domain"]} == {words.NEW_DOMAIN.name}
    usual = re.compile("|".join(words.NAMES))
    assert not any(usual.search(row["text"]) for row in rows["names"])
    new = re.compile(r"\b(" + "|".join(words.UNSEEN_NAMES) + r")\b")
    assert all(new.search(row["text"]) for row in rows["names"])
    distractor = re.compile("once had|in the street|for a hat")
    assert all(len(distractor.findall(row["text"])) == 1 for row in rows["distractor"])
    for name in {"train", "dev", "test", *SHIFTS} - {"distractor"}:
        assert not any(distractor.search(row["text"]) for row in rows[name])


def test_re_worded_questions_use_a_sentence_of_the_shift(rows: Rows) -> None:
    texts = [t for block in BLOCKS for t in (*block.alternatives, block.question_alternative) if t]
    patterns = [re.sub(r"\\\{\w+\\\}", r"[\\w ]+?", re.escape(text)) for text in texts]
    changed = re.compile("|".join(patterns))
    assert all(changed.search(row["text"]) for row in rows["wording"])
    assert not any(changed.search(row["text"]) for row in rows["test"])


def test_yes_no_questions_are_balanced_and_right(rows: Rows) -> None:
    for split in FORM_SIZES:
        lines = rows[f"yesno-{split}"]
        assert sum(row["answer"] == "yes" for row in lines) * 2 == len(lines)
        for row in lines:
            meta = row["meta"]
            assert row["text"].endswith(f" Is the answer {meta['proposed']}?")
            assert (meta["proposed"] == meta["number"]) == (row["answer"] == "yes")


def test_options_are_distinct_and_the_letter_names_the_right_one(rows: Rows) -> None:
    for split in FORM_SIZES:
        for row in rows[f"choice-{split}"]:
            assert len(set(row["choices"])) == 4
            assert row["choices"]["ABCD".index(row["answer"])] == str(row["meta"]["number"])
            shown = " ".join(
                f"({letter}) {c}" for letter, c in zip("ABCD", row["choices"], strict=True)
            )
            assert row["text"].endswith(f" Answer Choices: {shown}")


def test_wrong_solutions_end_in_another_number() -> None:
    rng = stream("test")
    for _ in range(300):
        problem = draw(rng, World())
        steps = corrupted(rng, problem)
        assert steps[-1].result != problem.answer
        for step in steps:
            assert work_out(step.left.number, step.op, step.right.number) == step.result
        assert bent(problem, 7)[-1].text.count("=7>>7") == 1
        assert yes_no(rng, problem, truth=False)[2] != problem.answer


def test_base_texts_hold_no_solution_of_two_steps() -> None:
    rng, corpus = stream("test"), Corpus(frozenset())
    for document in (base_document, pair_document):
        for _ in range(1500):
            prompt, completion = document(rng, corpus)
            if "How many" in prompt or "What " in prompt:
                assert len(EQUATION.findall(completion)) <= 1


def test_templates_are_words_of_the_vocabulary() -> None:
    rng, corpus, encode = stream("test"), Corpus(frozenset()), tokenizer().encode
    for document in (teacher_document, base_document, pair_document):
        for _ in range(300):
            tokens = encode("".join(document(rng, corpus))).tokens
            assert not [t for t in tokens if len(t.strip()) == 1 and t.strip() in "bcdefghijklmno"]
            assert not [t for t in tokens if t.startswith("<0x")]
    for text in METHOD_STRINGS:
        pieces = encode(text).tokens
        assert not [t for t in pieces if t.startswith("<0x")]
        assert len(pieces) <= 2 * len(text.split()) + 3


@given(st.text())
@settings(max_examples=300, deadline=None)
def test_any_text_survives_the_tokenizer(text: str) -> None:
    assert ROUND_TRIP.decode(ROUND_TRIP.encode(text).ids, skip_special_tokens=False) == text


ROUND_TRIP = tokenizer()


def test_tokenizer_is_an_ordinary_transformers_tokenizer(tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    save(tmp_path)
    loaded = AutoTokenizer.from_pretrained(tmp_path)
    text = "Q: Tom has 12  eggs.\nA: <<12*3=36>>36 é 中 \t ####"
    ids = loaded(text)["input_ids"]
    assert ids == tokenizer().encode(text).ids
    assert loaded.decode(ids) == text
    assert (loaded.pad_token, loaded.eos_token) == (PAD, EOS)
    assert len(loaded) == len(vocabulary()) + 256


def test_package_imports_neither_torch_nor_transformers() -> None:
    import subprocess
    import sys

    code = (
        "import sys, cotkd.questions.microgsm.build, benchmarks.microgsm.tokenizer,"
        " benchmarks.microgsm.corpus;"
        " assert not {'torch', 'transformers', 'tokenizers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
