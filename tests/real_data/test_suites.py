"""The sets as released: counts, readable golds, splits that fit, nothing of train in test."""

from collections import Counter
from pathlib import Path

import pytest

from cotkd.filters.overlap import words
from cotkd.measuring.suites import load_suite
from cotkd.questions import load_questions
from cotkd.questions.bbh import TASKS
from cotkd.questions.tags import seed_cluster, tags_of
from cotkd.types import Question


@pytest.fixture(autouse=True)
def copies(real_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COTKD_DATA", str(real_data))


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("gsm8k", 1319),
        ("gsm8k-socratic", 1319),
        ("svamp:all", 1000),
        ("addsub", 395),
        ("singleeq", 508),
        ("singleop", 562),
        ("multiarith", 600),
        ("aqua", 254),
        ("aqua:dev", 254),
        ("gsm-hard", 1319),
        ("strategyqa", 229),
        ("bbh", 6511),
    ],
)
def test_every_row_is_a_question_whose_gold_the_verifier_reads(name: str, count: int) -> None:
    found, suite = load_suite(name)
    assert found == name
    assert len(suite.questions) == len({question.id for question in suite.questions}) == count
    stated = [f"So the answer is {question.answer}." for question in suite.questions]
    verdicts = suite.verifier.verify_all(stated, suite.questions)
    assert [verdict.status for verdict in verdicts] == ["correct"] * count
    silent = suite.verifier.verify_all([""] * count, suite.questions)
    assert {verdict.status for verdict in silent} == {"unparsed"}


def test_the_training_split_of_strategyqa_loads_and_shares_nothing_with_dev() -> None:
    train, dev = load_questions("strategyqa:train"), load_questions("strategyqa:dev")
    assert len(train) == 2061
    assert Counter(question.answer for question in train) == {"no": 1097, "yes": 964}
    assert all(question.rationale and "steps" in tags_of(question) for question in train + dev)
    assert not _shared(train, dev)


def test_gsm8k_shares_no_question_between_train_and_test() -> None:
    assert not _shared(load_questions("gsm8k:train"), load_questions("gsm8k:test"))


def test_aqua_shares_no_question_between_dev_and_test() -> None:
    assert not _shared(load_questions("aqua:dev"), load_questions("aqua:test"))


def test_svamp_falls_into_the_800_of_hsieh_and_the_200_others(
    real_data: Path, tmp_path: Path
) -> None:
    for file in ("svamp/SVAMP.json", "dsbs-palm/svamp/svamp_train.json"):
        (tmp_path / Path(file).name).write_bytes((real_data / file).read_bytes())
    train, test = (
        load_questions(f"svamp:{name}", path=tmp_path / "SVAMP.json")
        for name in ("train-800", "test-200")
    )
    assert (len(train), len(test)) == (800, 200)
    assert not _shared(train, test)
    everything = load_questions("svamp:all")
    assert sorted(q.id for q in train + test) == sorted(q.id for q in everything)
    assert {q.tags["type"] for q in everything} == {
        "Addition",
        "Subtraction",
        "Multiplication",
        "Common-Division",
    }
    assert {q.tags["steps"] for q in everything} == {"0", "1", "2"}


def test_commonsenseqa_reads_the_file_of_hsieh(real_data: Path) -> None:
    questions = load_questions("commonsenseqa:train", path=real_data / "dsbs-palm" / "cqa")
    assert len(questions) == 9741
    assert {len(question.choices or ()) for question in questions} == {5}
    assert {question.answer for question in questions} == set("ABCDE")


def test_each_row_of_gsm_hard_is_made_from_a_question_of_gsm8k() -> None:
    originals = {seed_cluster(each.text): each.text for each in load_questions("gsm8k:test")}
    hard = load_questions("gsm-hard")
    assert len({question.cluster for question in hard}) == len(hard) == 1319
    known = [question for question in hard if question.cluster in originals]
    assert len(known) == 1316  # the texts of three are corrected
    for question in known:
        own = set(words(question.text))
        assert len(own & set(words(originals[question.cluster or ""]))) > 0.5 * len(own)
    assert Counter(question.tags["answer"] for question in hard) == {"whole": 1016, "decimal": 303}


def test_each_task_of_bbh_is_its_part_of_the_whole() -> None:
    whole = Counter(question.tags["task"] for question in load_questions("bbh"))
    assert whole.keys() == TASKS.keys()
    assert (
        dict.fromkeys(TASKS, 250)
        | {
            "causal-judgement": 187,
            "penguins-in-a-table": 146,
            "snarks": 178,
        }
        == whole
    )
    assert len(load_questions("bbh:snarks")) == 178


def _shared(some: list[Question], others: list[Question]) -> set[tuple[str, ...]]:
    return {words(question.text) for question in some} & {words(q.text) for q in others}
