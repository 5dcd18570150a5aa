"""Ways of asking that are more than a prompt, through the sampler to the rationale."""

from __future__ import annotations

from cotkd.rationales.parse import parse
from cotkd.teachers.base import load_teacher
from cotkd.teachers.elicitation import AnswerConditioned, ChatCot, Crop, Plain
from cotkd.teachers.sample import sample
from cotkd.teachers.scripted import ScriptedTeacher
from cotkd.types import Question
from cotkd.verify import verifier_of
from tests.teachers.chat_models import chat_model

NUMERIC = verifier_of("numeric")
QUESTIONS = [Question(id=name, text=f"Is {name} it?", answer="7") for name in ("easy", "hard")]


def judge(question, row):
    return row.text if NUMERIC.verify_question(row.text, question).status == "correct" else None


def answer(request):
    """Know the easy question; explain any answer."""
    if "The answer is" in request.prompt:
        return " because it is 7"
    return "#### 7" if "easy" in request.prompt else f"#### {request.sample_index}"


def test_crop_explains_only_what_reasoning_did_not_solve_and_says_so():
    asking = Crop(attempt=Plain(), backoff=AnswerConditioned())
    rows = sample(
        QUESTIONS,
        ScriptedTeacher(answer=answer),
        n=2,
        elicitation=asking,
        judge=judge,
        progress=False,
    )
    asked = [(row.question_id, row.elicitation, row.condition, row.sample_index) for row in rows]
    assert asked == [
        ("easy", "plain", None, 0),
        ("easy", "plain", None, 1),
        ("hard", "plain", None, 0),
        ("hard", "plain", None, 1),
        ("hard", "answer_conditioned", "7", 0),
        ("hard", "answer_conditioned", "7", 1),
    ]
    assert len({row.stream for row in rows}) == 2


def test_a_chat_models_trace_becomes_the_rationale(tmp_path):
    reply = ["<think>", "y", "e", "s", "</think>", "#", "7"]
    asking = ChatCot(thinking=True, rationale="trace")
    with load_teacher(chat_model(tmp_path, "qwen3", reply=reply)) as engine:
        cut, whole = (
            sample(QUESTIONS[:1], engine, n=1, elicitation=asking, max_tokens=m, progress=False)[0]
            for m in (3, 20)
        )
    assert (whole.reasoning, whole.text, whole.finish_reason) == ("yes", "#7", "stop")
    rationale = parse(whole, QUESTIONS[0], verifier=NUMERIC, reasoning=asking.reasoning)
    assert (rationale.text, rationale.verdict.status) == ("yes", "correct")
    assert (cut.text, cut.finish_reason) == ("", "length")
    rationale = parse(cut, QUESTIONS[0], verifier=NUMERIC, reasoning=asking.reasoning)
    assert (rationale.verdict.status, rationale.scores) == ("unparsed", {"truncated": 1.0})
