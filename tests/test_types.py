import pytest

from cotkd.types import Completion, Example, Prediction, Question, Rationale, Verdict

UNPARSED = Verdict(status="unparsed", expected="12", reason="no number found")


@pytest.mark.parametrize(
    "row",
    [
        Question(id="q", text="Why?", answer="12"),
        Completion(
            question_id="q",
            stream="s",
            sample_index=0,
            text="",
            finish_reason="error",
            teacher="t",
            elicitation="plain",
            prompt_tokens=3,
            completion_tokens=0,
            error="timeout",
        ),
        Rationale(
            question_id="q",
            stream="s",
            sample_index=0,
            text="",
            answer=None,
            verdict=UNPARSED,
            teacher="t",
            elicitation="plain",
        ),
        Example(example_id="e", question_id="q", input="Why?", target="12"),
        Prediction(question_id="q", text="\u2028 😀", verdict=UNPARSED, suite="s"),
    ],
    ids=lambda row: type(row).__name__,
)
def test_a_row_without_its_optional_fields_round_trips_through_one_line(row):
    line = row.to_json()
    assert "\n" not in line
    assert type(row).model_validate_json(line) == row
