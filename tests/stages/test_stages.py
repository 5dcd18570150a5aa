"""The stages alone: suites by name, what curation leaves behind."""

import json
from pathlib import Path

import pytest

from cotkd.decoding.sampling import Sampling
from cotkd.errors import DataError, SettingError
from cotkd.filters.correct import Correct
from cotkd.measuring.scores import measure
from cotkd.measuring.suites import Suite, load_suite
from cotkd.questions import load_questions
from cotkd.stages.collect import collect, judge_of, wrong_answers
from cotkd.stages.curate import curate, read_kept
from cotkd.store.run import RunDirectory
from cotkd.teachers.adaptive import Adaptive
from cotkd.teachers.elicitation.plain import Plain
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.types import Completion, Question
from cotkd.verify import verifier_of


def test_a_suite_without_a_split_is_the_test_split() -> None:
    name, suite = load_suite("microgsm[:7]")
    assert name == "microgsm"
    assert len(suite.questions) == 7
    assert {question.split for question in suite.questions} == {"test"}
    assert load_suite("microgsm:test[:7]") == (name, suite)


def test_gsm8k_also_has_the_figures_that_lm_eval_reports(tmp_path: Path) -> None:
    (tmp_path / "test.jsonl").write_text('{"question": "3*6?", "answer": "#### 18"}\n')
    questions = load_questions("gsm8k:test", path=tmp_path)
    suites = {"gsm8k": Suite(questions, verifier_of("numeric"))}
    score = measure(lambda asked: ["A: $18.00"] * len(asked), suites)["gsm8k"]
    assert score.accuracy == 1
    assert score.metrics["strict_match"] == score.metrics["flexible_extract"] == 0
    score = measure(lambda asked: ["#### 18"] * len(asked), suites)["gsm8k"]
    assert score.metrics["strict_match"] == score.metrics["flexible_extract"] == 1


def test_a_split_can_be_named() -> None:
    name, suite = load_suite("microgsm:dev")
    assert name == "microgsm:dev"
    assert {question.split for question in suite.questions} == {"dev"}


def test_a_suite_brings_its_verifier() -> None:
    kinds = [
        load_suite(f"microgsm{form}[:1]")[1].verifier.kind for form in ("", "-yesno", "_choice")
    ]
    assert kinds == ["numeric", "boolean", "choice"]


def test_a_file_is_a_suite(tmp_path: Path) -> None:
    path = tmp_path / "mine.jsonl"
    path.write_text("".join(json.dumps({"text": f"{n}?", "answer": "1"}) + "\n" for n in range(3)))
    assert len(load_suite(f"{path}[:2]")[1].questions) == 2


@pytest.mark.parametrize("spec", ["microgsm[5]", "microgsm[:x]", "[:5]", "microgsm:tset"])
def test_a_misspelt_suite_is_refused(spec: str) -> None:
    with pytest.raises(SettingError):
        load_suite(spec)


def test_kept_rationales_need_a_curated_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cotkd filter"):
        read_kept(tmp_path)


def test_the_first_wrong_answer_of_each_question_is_found(tmp_path: Path) -> None:
    questions = {f"q{n}": Question(id=f"q{n}", text="?", answer=str(n)) for n in range(3)}
    texts = {"q0": ["#### 0", "#### 7", "#### 8"], "q1": ["#### 1"], "q2": ["no idea", "#### 5"]}
    with RunDirectory.open(tmp_path / "run", {}) as run:
        for name, said in texts.items():
            run.samples("abc").append([completion(name, i, text) for i, text in enumerate(said)])
    verifier = verifier_of("numeric")
    assert wrong_answers(tmp_path / "run", questions, verifier) == {"q0": "7", "q2": "5"}
    with pytest.raises(DataError, match="no samples there"):
        wrong_answers(tmp_path, questions, verifier)


def test_the_judge_names_the_reasoning_of_right_samples_only() -> None:
    question = Question(id="q", text="?", answer="12")
    judge = judge_of(verifier_of("numeric"))
    first = judge(question, completion("q", 0, "3*4=<<3*4=12>>12\n#### 12"))
    assert first is not None
    assert judge(question, completion("q", 1, "So 3*4=<<3*4=12>>12.\n#### 12")) == first
    assert judge(question, completion("q", 2, "6+6=<<6+6=12>>12\n#### 12")) not in (None, first)
    assert judge(question, completion("q", 3, "3*5=<<3*5=15>>15\n#### 15")) is None
    assert judge(question, completion("q", 4, "Who knows.")) is None


def test_who_was_told_a_wrong_answer_is_right_to_arrive_there() -> None:
    question = Question(id="q", text="?", answer="12")
    judge = judge_of(verifier_of("numeric"))
    told = completion("q", 0, "3*5=<<3*5=15>>15\n#### 15").model_copy(update={"condition": "15"})
    astray = completion("q", 1, "3*4=<<3*4=12>>12\n#### 12").model_copy(update={"condition": "15"})
    assert judge(question, told) is not None
    assert judge(question, astray) is None


def test_what_each_way_of_asking_spared_counts_once_however_often_a_run_is_started(
    tmp_path: Path,
) -> None:
    questions = [Question(id=f"q{n}", text=f"{n} and {n}?", answer="12") for n in range(5)]
    for _ in range(2):
        with RunDirectory.open(tmp_path / "run", {}) as run:
            for template in ("Q: {question}\nA:", "What is {question}\nA:"):
                collect(
                    questions,
                    ScriptedTeacher(answer=lambda request: "#### 12").open(),
                    run,
                    samples=4,
                    sampling=Sampling(),
                    elicitation=Plain(template=template),
                    seed=0,
                    verifier=verifier_of("numeric"),
                    adaptive=Adaptive(correct=1, wave=1),
                    cache=False,
                )
            assert run.manifest["sampling"]["spared"] == 2 * 5 * 3
            assert run.manifest["sampling"]["made"] == 2 * 5


def test_the_thinking_trace_can_become_the_rationale(tmp_path: Path) -> None:
    row = completion("q", 0, "It is 12.\n#### 12").model_copy(update={"reasoning": "3*4=12"})
    for wanted, text in (("answer", "It is 12."), ("trace", "3*4=12")):
        rationales, _ = curate(
            [row],
            {"q": Question(id="q", text="?", answer="12")},
            verifier=verifier_of("numeric"),
            filters=[Correct()],
            folder=tmp_path,
            reasoning=wanted,
        )
        assert (rationales[0].text, rationales[0].answer) == (text, "12")


def completion(question_id: str, index: int, text: str) -> Completion:
    return Completion(
        question_id=question_id,
        stream="abc",
        sample_index=index,
        text=text,
        finish_reason="stop",
        teacher="t",
        elicitation="plain",
        prompt_tokens=1,
        completion_tokens=1,
    )
