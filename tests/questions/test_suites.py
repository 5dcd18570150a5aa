"""Small files in the original format of every set; the problems are made up."""

import json
from pathlib import Path
from typing import Any

import pytest

from cotkd.errors import DataError, SettingError
from cotkd.measuring.suites import load_suite, load_suites
from cotkd.questions import QuestionSource, load_questions
from cotkd.questions.tags import seed_cluster, tags_of
from cotkd.types import Question
from cotkd.verify import verifier_of

ASDIV = """<?xml version="1.0" encoding="utf-8"?>
<Machine-Reading-Corpus-File><ProblemSet>
<Problem ID="nluds-0001" Grade="1" Source="http://a.example">
  <Body>Ann has 7 red &amp; 2 green apples.</Body><Question>How many has she?</Question>
  <Solution-Type>Addition</Solution-Type><Answer>9 (apples)</Answer><Formula>7+2=9</Formula>
</Problem>
<Problem ID="nluds-0002" Grade="6" Source="http://a.example">
  <Body>Ann walks from 3 to 5.</Body><Question>When is she halfway?</Question>
  <Solution-Type>Algebra-1</Solution-Type><Answer>4 PM</Answer><Formula>(3+5)/2=4</Formula>
</Problem>
<Problem ID="nluds-0003" Grade="3" Source="http://a.example">
  <Body>There are 12 legs.</Body><Question>How many dogs and birds?</Question>
  <Solution-Type>Algebra-2</Solution-Type><Answer>2 (dogs); 2 (birds)</Answer><Formula>x</Formula>
</Problem>
</ProblemSet></Machine-Reading-Corpus-File>"""

SEED = "Ann has 3 boxes of 4 eggs. How many eggs?"
CODE = f'def solution():\n    """{SEED}"""\n    return -5'
PLUS = [
    {
        "question": "Ann has 30 boxes of 4 eggs. How many eggs?",
        "solution": "She has 30*4=<<30*4=120>>120 eggs.\n#### 120",
        "answer": "120",
        "perturbation_type": "digit expansion",
        "seed_question": SEED,
        "seed_solution": "3*4=<<3*4=12>>12\n#### 12",
        "seed_answer": "12",
    },
    {
        "question": "Ann has some boxes of 4 eggs. How many eggs?",
        "solution": "None",
        "answer": "None",
        "perturbation_type": "critical thinking",
        "seed_question": SEED,
        "seed_solution": "3*4=<<3*4=12>>12\n#### 12",
        "seed_answer": "12",
    },
]
SYMBOLIC = [
    {
        "id": template,
        "instance": instance,
        "question": f"Ann has {instance + 2} boxes of 4 eggs. How many eggs?",
        "answer": f"She has <<{instance + 2}*4={4 * instance + 8}>> eggs.\n#### {4 * instance + 8}",
        "original_id": 907,
        "original_question": SEED,
        "original_answer": "#### 12",
        "canary": "none",
    }
    for template in (0, 12)
    for instance in (0, 1)
]
MATH = {
    "problem": "What is $3/6$ in lowest terms?",
    "solution": "Halve both: $\\boxed{\\frac12}$.",
    "answer": "\\frac12",
    "subject": "Prealgebra",
    "level": 1,
    "unique_id": "test/prealgebra/12.json",
}
CQA = {
    "answerKey": "B",
    "id": "1a2b",
    "question": {
        "question_concept": "bird",
        "choices": [{"label": "A", "text": "fins"}, {"label": "B", "text": "wings"}],
        "stem": "What do birds use to fly?",
    },
}
SVAMP = [
    {
        "ID": f"chal-{number}",
        "Body": f"Ann has {number} pears and eats 1 of them.",
        "Question": "How many are left?",
        "Equation": f"( {number}.0 - 1.0 )",
        "Answer": number - 1.0,
        "Type": "Subtraction",
    }
    for number in (3, 4, 5)
]
BBH = {
    "canary": "none",
    "examples": [
        {"input": "Which floats?\nOptions:\n(A) an anvil\n(B) a cork", "target": "(B)"},
        {"input": "Which is a band?\nOptions:\n(A) Earth\n(B) Wind", "target": "Earth, Wind"},
    ],
}


def _lines(*rows: dict[str, Any]) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


FILES = {
    "asdiv": {"ASDiv.xml": ASDIV},
    "gsm-plus": {"test.jsonl": _lines(*PLUS)},
    "gsm-symbolic": {"main/test.jsonl": _lines(*SYMBOLIC), "p2/test.jsonl": _lines(SYMBOLIC[0])},
    "math500": {"test.jsonl": _lines(MATH)},
    "commonsenseqa": {"dev_rand_split.jsonl": _lines(CQA)},
    "svamp": {
        "SVAMP.json": json.dumps(SVAMP),
        "svamp_train.json": _lines(
            {
                "input": "Ann has 4 pears and eats 1 of them\nHow many are left?",
                "label": "( 4 - 1 )",
            }
        ),
    },
    "bbh": {"movie_recommendation.json": json.dumps(BBH)},
    "pal": {
        "gsmhardv2.jsonl": _lines(
            {"input": "Ann has 70000 eggs.", "code": CODE, "target": -5.0},
            {"input": "Ann shares them.", "code": "", "target": 3244047.0999999996},
        ),
        "mawpssingleeq.jsonl": _lines({"input": "Share 2 by 3 .", "target": 0.6666666667}),
    },
    "aqua": {
        "test.json": _lines(
            {
                "question": "How far?",
                "options": ["A)80", "B) 90 km"],
                "correct": "B",
                "rationale": "",
            }
        )
    },
    "strategyqa": {
        "dev.json": json.dumps(
            [
                {
                    "qid": "e0",
                    "question": "Do llamas vote?",
                    "answer": False,
                    "facts": ["Llamas are animals.", "Animals do not vote."],
                    "decomposition": ["What are llamas?", "Does #1 vote?"],
                }
            ]
        )
    },
}


@pytest.fixture
def copies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of local copies, as `COTKD_DATA` names it."""
    for folder, files in FILES.items():
        for name, text in files.items():
            (tmp_path / folder / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / folder / name).write_text(text)
    monkeypatch.setenv("COTKD_DATA", str(tmp_path))
    return tmp_path


SUITES = ["asdiv", "gsm-plus", "gsm-symbolic", "math500", "commonsenseqa", "svamp:all", "gsm-hard"]
SUITES += ["singleeq", "aqua", "strategyqa", "bbh:movie-recommendation"]


@pytest.mark.parametrize("name", SUITES)
def test_the_gold_answer_of_every_row_is_right_and_no_text_is_unparsed(
    copies: Path, name: str
) -> None:
    found, suite = load_suite(name)
    assert found == name
    assert len({question.id for question in suite.questions}) == len(suite.questions) > 0
    for question in suite.questions:
        stated = suite.verifier.verify_question(f"So the answer is {question.answer}.", question)
        assert stated.status == "correct", question
        assert suite.verifier.verify_question("", question).status == "unparsed"


def test_asdiv_tests_on_problems_with_one_number(copies: Path) -> None:
    (one,) = load_questions("asdiv")
    assert (one.id, one.text) == (
        "asdiv-nluds-0001",
        "Ann has 7 red & 2 green apples. How many has she?",
    )
    assert one.answer == "9"
    assert tags_of(one) == {"type": "Addition", "grade": "1", "operations": "+", "steps": "1"}
    every = load_questions("asdiv:all")
    assert [question.answer for question in every] == ["9", "4 PM", "2 (dogs); 2"]


def test_an_xml_file_with_entities_is_refused(copies: Path) -> None:
    file = copies / "asdiv" / "ASDiv.xml"
    file.write_text('<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>')
    with pytest.raises(DataError, match="declares entities"):
        load_questions("asdiv")


def test_gsm_plus_clusters_by_seed_question_and_takes_an_abstention(copies: Path) -> None:
    expansion, critical = load_questions("gsm-plus")
    assert expansion.cluster == critical.cluster
    assert tags_of(expansion) == {
        "perturbation": "digit expansion",
        "steps": "1",
        "operations": "*",
    }
    assert critical.tags == {"perturbation": "critical thinking"}
    judge = verifier_of("numeric").verify_question
    assert judge("It cannot be determined.", critical).status == "correct"
    assert judge("The answer is 12.", critical).status == "wrong"


def test_gsm_symbolic_clusters_by_template(copies: Path) -> None:
    questions = load_questions("gsm-symbolic")
    assert [question.cluster for question in questions] == [
        *["gsm-symbolic-0000"] * 2,
        *["gsm-symbolic-0012"] * 2,
    ]
    assert questions[3].id == "gsm-symbolic-test-0012-01"
    (harder,) = load_questions("gsm-symbolic:p2")
    assert harder.id == "gsm-symbolic-p2-0000-00"


def test_math_compares_symbolically(copies: Path) -> None:
    (one,) = load_questions("math500")
    assert one.tags == {"subject": "Prealgebra", "level": "1"}
    assert verifier_of("math").verify_question("It is $\\boxed{0.5}$.", one).status == "correct"


def test_svamp_has_three_splits_that_go_together(copies: Path) -> None:
    every = [question.id for question in load_questions("svamp:all")]
    train, test = (load_questions(f"svamp:{name}") for name in ("train-800", "test-200"))
    assert [question.id for question in train] == ["svamp-chal-4"]
    assert sorted([q.id for q in train] + [q.id for q in test]) == sorted(every)
    assert train[0].answer == "3"
    assert train[0].tags == {"type": "Subtraction", "steps": "1", "operations": "-"}


def test_a_split_that_the_copy_lacks_names_its_file(copies: Path) -> None:
    with pytest.raises(
        DataError, match=r"no split test of svamp \(test\.json or .* take train-800"
    ):
        load_questions("svamp:test")
    with pytest.raises(DataError, match="holds all 1000 problems, not the hub's test"):
        load_questions("svamp:test", path=copies / "svamp" / "SVAMP.json")
    with pytest.raises(DataError, match="give another folder"):
        load_questions("gsm-plus", path=copies / "svamp")
    (copies / "svamp" / "svamp_train.json").unlink()
    with pytest.raises(DataError, match="800 training problems of Hsieh"):
        load_questions("svamp:test-200")


def test_what_is_not_on_the_hub_asks_for_a_local_copy() -> None:
    where = r"strategyqa:dev is not on the hub: put a local copy into COTKD_DATA/strategyqa"
    with pytest.raises(DataError, match=f"{where}$"):
        load_suite("strategyqa")  # a suite has no --questions.path
    with pytest.raises(DataError, match=f"{where}, or name it with --questions.path$"):
        load_questions("strategyqa:dev")


def test_a_suite_of_no_questions_is_refused() -> None:
    with pytest.raises(SettingError, match=r"suite 'microgsm\[:0\]': write NAME"):
        load_suite("microgsm[:0]")


def test_a_suite_is_named_twice_only_with_the_same_questions() -> None:
    suites = load_suites(["microgsm_names[:2]", "microgsm-names:test[:2]"])
    assert [len(suite.questions) for suite in suites.values()] == [2]
    with pytest.raises(SettingError, match=r"'microgsm\[:2\]' and 'microgsm' are different"):
        load_suites(["microgsm[:2]", "microgsm"])


def test_a_suite_without_public_golds_means_the_split_that_papers_report(copies: Path) -> None:
    name, suite = load_suite("strategyqa")
    assert name == "strategyqa"
    (question,) = suite.questions
    assert (question.split, question.answer) == ("dev", "no")
    assert question.rationale == "Llamas are animals. Animals do not vote."
    assert tags_of(question) == {"steps": "2"}
    assert {question.split for question in load_suite("commonsenseqa")[1].questions} == {
        "validation"
    }


@pytest.mark.parametrize(
    "row",
    [
        CQA,
        {
            "id": "1a2b",
            "question": "What do birds use to fly?",
            "choices": {"label": ["A", "B"], "text": ["fins", "wings"]},
            "answerKey": "B",
        },
        {
            "id": "1a2b",
            "question": "What do birds use to fly?",
            "choices": ["fins", "wings"],
            "answer": "wings",
        },
    ],
)
def test_all_forms_of_commonsenseqa_are_one_question(tmp_path: Path, row: dict[str, Any]) -> None:
    (tmp_path / "x.jsonl").write_text(_lines(row))
    (question,) = load_questions("commonsenseqa:validation", path=tmp_path / "x.jsonl")
    assert question == Question(
        id="commonsenseqa-1a2b",
        text="What do birds use to fly? Answer Choices: (A) fins (B) wings",
        answer="B",
        choices=("fins", "wings"),
        source="commonsenseqa",
        split="validation",
    )


def test_gsm_hard_wants_whole_numbers_exactly_and_others_to_the_cent(copies: Path) -> None:
    whole, decimal = load_questions("gsm-hard")
    judge = verifier_of(QuestionSource.kinds()["gsm-hard"].verifier).verify_question
    assert (whole.answer, whole.cluster) == ("-5", seed_cluster(SEED))
    assert judge("#### 5", whole).status == "wrong"
    assert judge("#### 3244047.10", decimal).status == "correct"
    assert judge("#### 3244047.11", decimal).status == "wrong"
    assert "def" not in whole.to_json()


def test_mawps_takes_a_third_for_its_ten_digits(copies: Path) -> None:
    _, suite = load_suite("singleeq")
    (question,) = suite.questions
    assert suite.verifier.verify_question("The answer is 2/3.", question).status == "correct"
    assert suite.verifier.verify_question("The answer is 0.667.", question).status == "wrong"


def test_options_stand_in_the_text_and_lose_their_letters(copies: Path) -> None:
    (question,) = load_questions("aqua:test")
    assert question.choices == ("80", "90 km")
    assert question.text == "How far? Answer Choices: (A) 80 (B) 90 km"
    assert question.rationale is None


def test_a_gold_that_is_no_option_is_compared_as_words(copies: Path) -> None:
    cork, band = load_questions("bbh:movie_recommendation")
    assert (cork.answer, cork.choices) == ("B", ("an anvil", "a cork"))
    assert (band.answer, band.choices) == ("Earth, Wind", None)
    judge = verifier_of("by_question").verify_question
    assert judge("So the answer is a cork.", cork).status == "correct"
    assert judge("So the answer is Wind.", band).status == "wrong"


def test_one_file_is_not_all_tasks_of_bbh(copies: Path) -> None:
    file = copies / "bbh" / "movie_recommendation.json"
    assert len(load_questions("bbh:movie-recommendation", path=file)) == 2
    with pytest.raises(DataError, match="is one file and bbh 27 tasks"):
        load_questions("bbh", path=file)


def test_a_task_that_bbh_has_not_is_pointed_out() -> None:
    with pytest.raises(SettingError, match="did you mean 'navigate'"):
        load_questions("bbh:navigat")
