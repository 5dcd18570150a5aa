"""Questions with right rationales, and with some to a wrong answer, for the tests of methods."""

from cotkd.types import Question, Rationale, Verdict


def question(number: int) -> Question:
    return Question(
        id=f"q{number}",
        text=f"Ann has {number} boxes of 3 eggs.",
        answer=str(3 * number),
        steps=tuple(pairs(number)),
    )


def pairs(number: int, end: str = "") -> list[tuple[str, str]]:
    """Return two sub-questions with their steps."""
    whole = f"She has {number}*3=<<{number}*3={3 * number}>>{3 * number} eggs{end}."
    return [
        ("How many boxes does Ann have?", f"Ann has {number} boxes."),
        ("How many eggs does she have?", whole),
    ]


def rationale(number: int, sample: int = 0, *, size: int = 3, told: bool = False) -> Rationale:
    """Return the reasoning to `number` boxes of `size` eggs; of 4 it is a counterfactual one."""
    answer, gold = str(size * number), str(3 * number)
    return Rationale(
        question_id=f"q{number}",
        stream=f"s{size}",
        sample_index=sample,
        text=f"She has {number}*{size}=<<{number}*{size}={answer}>>{answer} eggs{'!' * sample}.",
        answer=answer,
        verdict=Verdict(
            status="correct" if answer == gold else "wrong", extracted=answer, expected=gold
        ),
        teacher="t",
        elicitation="plain",
        condition=answer if told else None,
    )


QUESTIONS = {f"q{number}": question(number) for number in range(1, 6)}
RATIONALES = [rationale(number, sample) for number in range(1, 5) for sample in range(2)]
COUNTERFACTUALS = [rationale(number, size=4, told=True) for number in range(1, 4)]
SECOND_TEACHER = [
    row.model_copy(
        update={"teacher": "u", "stream": "u", "text": f"Count them all, box by box. {row.text}"}
    )
    for row in RATIONALES
]
"""Of a teacher of more words."""
BOTH = RATIONALES + COUNTERFACTUALS
SOCRATIC = [
    row.model_copy(
        update={
            "text": "\n".join(
                " ** ".join(each)
                for each in pairs(int(row.question_id[1:]), "!" * row.sample_index)
            )
        }
    )
    for row in RATIONALES
]


def rows_for(kind: str) -> list[Rationale]:
    """Return the rationales that a method is tried with."""
    return SOCRATIC if kind == "socratic" else BOTH
