"""A run directory with realistic rows, made through the row types and the stages themselves."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from cotkd.evaluation.compare import compare_arms
from cotkd.evaluation.results import (
    DataCounts,
    ModelRecord,
    Results,
    Tokens,
    TrainingRecord,
)
from cotkd.evaluation.run import evaluate
from cotkd.evaluation.vote import vote
from cotkd.filters.select import select
from cotkd.store.rows import read_rows, write_json, write_rows
from cotkd.types import Completion, Drop, Key, Prediction, Question, Rationale, TokenValues
from cotkd.verify import verify

HOSTILE = (
    "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">"
    " 😀 {{ 7*7 }} <!--\n"
)
NAMES = ("Ann", "Omar", "Ivy", "Jonas", "Mei", "Nora")
THINGS = ("eggs", "marbles", "stickers", "apples", "pencils")
SKILL = {"student": 0.55, "baseline": 0.18, "teacher": 0.88}
SUITES = {"microgsm": 0.0, "microgsm-steps": 0.35, "microgsm-names": 0.05, "microgsm-numbers": 0.2}


def question(number: int, split: str = "train") -> Question:
    rng = random.Random(f"{split}{number}")
    a, b, c = rng.randint(2, 12), rng.randint(2, 12), rng.randint(1, 20)
    name, thing = rng.choice(NAMES), rng.choice(THINGS)
    return Question(
        id=f"microgsm-{split}-{number:05d}",
        text=f"{name} has {a} boxes with {b} {thing} each. {name} buys {c} more {thing}. "
        f"How many {thing} does {name} have now?",
        answer=str(a * b + c),
        rationale=f"{name} has {a}*{b}=<<{a}*{b}={a * b}>>{a * b} {thing} in boxes.\n"
        f"With {c} more that is {a * b}+{c}=<<{a * b}+{c}={a * b + c}>>{a * b + c}.",
        source="microgsm",
        split=split,
        meta={"a": a, "b": b, "c": c, "name": name, "thing": thing},
    )


def solve(asked: Question, rng: random.Random, *, skill: float) -> str:
    """Return a solution that is right with about this skill, else slips or says nothing."""
    a, b, c, name, thing = (asked.meta[key] for key in ("a", "b", "c", "name", "thing"))
    if rng.random() < 0.03:
        return f"{name} likes {thing} and {name} likes {thing} and"
    product = a * b if rng.random() < skill**0.5 else a * b + rng.choice((-10, -1, 1, 10))
    total = product + c if rng.random() < skill**0.5 else product + c + rng.choice((-1, 1))
    lines = [
        f"{name} has {a}*{b}=<<{a}*{b}={product}>>{product} {thing} in boxes.",
        f"With {c} more that is {product}+{c}=<<{product}+{c}={total}>>{total}.",
    ]
    if rng.random() < 0.3:
        lines[0] = f"In boxes there are {b}*{a}=<<{b}*{a}={product}>>{product} {thing}."
    return "\n".join(lines) + f"\n#### {total}"


def add_samples(run: Path, *, questions: int, samples: int, teachers: int = 1) -> DataCounts:
    """Write samples and the round made of them; the first rationale is hostile."""
    asked = [question(number) for number in range(questions)]
    completions = []
    for asking in asked:
        for index in range(samples):
            rng = random.Random(f"{asking.id}{index}")
            text = solve(asking, rng, skill=0.75)
            if not completions:
                text = HOSTILE + text
            completions.append(_completion(asking, index, text, f"teacher-{index % teachers}"))
    rationales = [_rationale(row, asked) for row in completions]
    chosen = select(rationales, ["correct", "steps_valid", "distinct"], questions=asked)
    folder = run / "rounds" / "000"
    for stream in {row.stream for row in completions}:
        shard = [row for row in completions if row.stream == stream]
        write_rows(run / "samples" / f"{stream}.jsonl", shard)
    write_rows(folder / "questions.jsonl", asked)
    write_rows(folder / "rationales.jsonl", rationales)
    write_rows(folder / "dropped.jsonl", _drops(chosen.dropped))
    write_json(folder / "filter.json", chosen.funnel.as_dict())
    statuses = [row.verdict.status for row in rationales]
    return DataCounts(
        questions=len(asked),
        sampled=len(rationales),
        correct=statuses.count("correct"),
        wrong=statuses.count("wrong"),
        unparsed=statuses.count("unparsed"),
        kept=len(chosen.kept),
        dropped=chosen.funnel.dropped,
        vote=vote(rationales),
    )


def _completion(asked: Question, index: int, text: str, teacher: str) -> Completion:
    return Completion(
        question_id=asked.id,
        stream=teacher.replace("-", ""),
        sample_index=index,
        text=text,
        finish_reason="stop",
        teacher=teacher,
        elicitation="plain",
        prompt_tokens=40,
        completion_tokens=50,
        seed=index,
    )


def _rationale(row: Completion, asked: list[Question]) -> Rationale:
    number = int(row.question_id.rpartition("-")[2])
    verdict = verify(row.text, asked[number].answer)
    return Rationale(
        question_id=row.question_id,
        stream=row.stream,
        sample_index=row.sample_index,
        text=row.text.rpartition("\n####")[0] or row.text,
        answer=verdict.extracted,
        verdict=verdict,
        teacher=row.teacher,
        elicitation=row.elicitation,
    )


def _drops(dropped: dict) -> list[Drop]:
    return [
        Drop(**key._asdict(), filter=name, reason=reason) for key, (name, reason) in dropped.items()
    ]


def add_evaluation(run: Path, *, n: int, seed: int = 0) -> dict:
    """Answer every suite with every arm; returns the scores."""
    suites = {suite: [question(i, suite[9:] or "test") for i in range(n)] for suite in SUITES}
    scores = {}
    for arm, skill in SKILL.items():

        def answer(asked: list[Question], arm: str = arm, skill: float = skill) -> list[str]:
            loss = SUITES["microgsm-" + asked[0].split if asked[0].split != "test" else "microgsm"]
            rngs = [random.Random(f"{arm}{seed}{row.id}") for row in asked]
            texts = [
                solve(row, rng, skill=skill * (1 - loss))
                for row, rng in zip(asked, rngs, strict=True)
            ]
            if arm == "baseline":
                texts = [text.rpartition("\n")[2] if "####" in text else "" for text in texts]
            return texts

        scores[arm] = evaluate(
            answer,
            suites,
            verify=lambda text, asked: verify(text, asked.answer),
            out=run / "evaluation",
            label=arm,
        )
    return scores


def make_run(
    run: Path, *, questions: int = 60, samples: int = 4, n: int = 80, seed: int = 0
) -> Path:
    """Write a whole run: samples, students, evaluation, results, settings, manifest."""
    data = add_samples(run, questions=questions, samples=samples)
    scores = add_evaluation(run, n=n, seed=seed)
    steps = range(0, 301, 10)
    curves = {
        "student": [[s, 3.2 * 0.985**s + 0.31 + 0.02 * (s % 3)] for s in steps],
        "baseline": [[s, 2.9 * 0.97**s + 1.2 + 0.03 * (s % 4)] for s in steps],
    }
    for arm, losses in curves.items():
        (run / "rounds" / "000" / arm).mkdir()
        write_json(run / "rounds" / "000" / arm / "training.json", {"losses": losses})
    record = {"processed_tokens": 601_233, "epochs": 4.7, "steps": 300, "truncated": 0}
    results = Results(
        recipe="fine_tune_cot",
        method="fine_tune_cot",
        seed=seed,
        data=data,
        models={
            "teacher": ModelRecord(name="microgsm-teacher", parameters=2_512_384),
            "student": ModelRecord(name="microgsm-student", parameters=640_512),
        },
        scores=scores,
        training={
            "student": TrainingRecord(supervised_tokens=402_118, **record),
            "baseline": TrainingRecord(supervised_tokens=41_907, **record),
        },
        comparisons=compare_arms(run / "evaluation", suites=list(SUITES), draws=2000),
        seconds={"sample": 41.25, "verify": 0.8, "train": 84.1, "evaluate": 21.6},
        tokens=Tokens(prompt=64_000, completion=81_120),
    )
    write_json(run / "results.json", results.dump())
    settings = {
        "recipe": "fine_tune_cot",
        "teacher": {"kind": "transformers", "model": "microgsm-teacher"},
        "method": {"kind": "fine_tune_cot"},
        "baseline": {"kind": "answer_only"},
        "sampling": {"temperature": 1.0, "top_p": 1.0, "stop": [], "max_tokens": 160},
        "samples": samples,
        "evaluation": {"suites": list(SUITES), "dev": "microgsm:dev[:100]", "max_tokens": 160},
        "training": {"learning_rate": 0.001, "batch_tokens": 4096, "report_to": []},
        "seed": seed,
    }
    (run / "config.yaml").write_text("\n".join(_yaml(settings)) + "\n", encoding="utf-8")
    manifest = {
        "schema": 1,
        "created": "2026-11-21T07:00:00+00:00",
        "cotkd": "0.1.0",
        "python": "3.12.3",
        "platform": "Linux-6.1-x86_64-with-glibc2.36",
        "packages": {"torch": "2.13.0", "transformers": "5.23.0"},
        "git_commit": None,
    }
    write_json(run / "manifest.json", manifest)
    return run


def add_growth(run: Path, *, shown: int = 6) -> None:
    """Weigh the first right rationales: a growth of each, and of each of their tokens."""
    folder = run / "rounds" / "000"
    rows = list(read_rows(folder / "rationales.jsonl", Rationale))
    right = [row for row in rows if row.verdict.status == "correct"][1 : shown + 1]
    values = [
        TokenValues(**row.key._asdict(), tokens=tuple(_weighed(row.text, row.key))) for row in right
    ]
    means = {row.key: sum(value for _, value in row.tokens) / len(row.tokens) for row in values}
    write_rows(
        folder / "rationales.jsonl",
        [
            row.model_copy(update={"scores": {"growth": means[row.key]}})
            if row.key in means
            else row
            for row in rows
        ],
    )
    write_rows(folder / "tokens.jsonl", values)


def _weighed(text: str, key: Key) -> Iterator[tuple[str, float]]:
    rng = random.Random(str(key))
    for word in re.findall(r"\s*\S{1,6}", text):
        yield word, rng.choice((0.0, 0.01, 0.3, 2.5)) * rng.choice((1, 1, -1))


def make_socratic_run(run: Path, *, n: int = 6) -> Path:
    """Write a run of a student that breaks questions up, with the models that it consists of."""
    make_run(run, questions=3, samples=2, n=n)
    for path in (run / "evaluation" / "student").glob("*.jsonl"):
        rows = [
            row.model_copy(update={"text": dialogue(row.text)})
            for row in read_rows(path, Prediction)
        ]
        write_rows(path, rows)
    student = run / "rounds" / "000" / "student"
    write_json(student / "members.json", {"solver": ["solve"], "decomposer": ["decompose"]})
    for member in ("decomposer", "solver"):
        (student / member).mkdir()
        write_json(student / member / "training.json", {"losses": [[1, 2.0], [2, 1.0]]})
    return run


def dialogue(text: str) -> str:
    """Return a solution as sub-questions with their steps, the answer at the end."""
    body, marker, answer = text.partition("\n#### ")
    if not marker:
        return text
    steps = "\n".join(f"What comes next? ** {line}" for line in body.split("\n"))
    return f"{steps} --> {answer}"


def _yaml(settings: dict) -> list[str]:
    import yaml

    return yaml.safe_dump(settings, sort_keys=False).splitlines()
