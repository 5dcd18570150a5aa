from cotkd.evaluation.breakdown import MOST, breakdown
from cotkd.evaluation.run import Answer, evaluate
from cotkd.evaluation.statistics import proportion
from cotkd.types import Question
from tests.evaluation.rows import judge, predictions

SOLUTIONS = [
    "<<1+1=2>>2",
    "<<2*3=6>>6, <<6-1=5>>5",
    "<<2*3=6>>6, <<6+1=7>>7",
    "no equation",
]


def asked(**tags: list[str]) -> list[Question]:
    return [
        Question(
            id=f"q{i}",
            text="?",
            answer=str(i),
            rationale=text,
            tags={name: values[i] for name, values in tags.items()},
        )
        for i, text in enumerate(SOLUTIONS)
    ]


def test_parts_are_those_of_the_gold_solution():
    found = breakdown(predictions([1, 0, 1, 1]), asked())
    assert found == {
        "steps": {"1": proportion(1, 1), "2": proportion(1, 2)},
        "operation": {"+": proportion(2, 2), "*": proportion(1, 2), "-": proportion(0, 1)},
    }


def test_disjoint_parts_add_up_to_the_whole():
    found = breakdown(predictions([1, 0, 1, 1]), asked(perturbation=["a", "b", "a", "b"]))
    parts = found["perturbation"].values()
    assert (sum(p.n for p in parts), sum(p.correct for p in parts)) == (4, 3)
    assert found["perturbation"]["a"].accuracy == 1


def test_a_part_that_is_the_whole_or_a_single_question_is_none():
    assert "level" not in breakdown(predictions([1, 0, 1, 1]), asked(level=["x"] * 4))
    many = [Question(id=f"q{i}", text="?", answer=str(i), tags={"t": str(i)}) for i in range(60)]
    assert breakdown(predictions([1] * 60), many) == {}
    assert len(breakdown(predictions([1] * MOST), many[:MOST])["t"]) == MOST
    assert list(breakdown(predictions([1] * 12), many[:12])["t"]) == [str(i) for i in range(12)]


def test_a_score_holds_parts_tokens_and_cut_answers(tmp_path):
    def answer(questions):
        ends = ["stop", "length", "stop", "stop"]
        return [
            Answer(q.answer, tokens=10 * i, finish_reason=end)
            for i, (q, end) in enumerate(zip(questions, ends, strict=True))
        ]

    first, again = (
        evaluate(answer, {"s": asked()}, verify=judge, out=tmp_path)["s"] for _ in range(2)
    )
    assert first == again
    assert (first.truncated, first.metrics) == (1, {"tokens_per_answer": 15})
    assert first.by["steps"]["2"].n == 2
    bare = evaluate(lambda rows: [q.answer for q in rows], {"s": asked()}, verify=judge)["s"]
    assert (bare.truncated, bare.metrics) == (None, {})
