"""The loss of every method written out once more, from its paper's equation and nothing else.

    loss = reference("mt_cot", learner)        # on QUESTIONS and BOTH of tests.methods.rows
    loss = reference("mt_cot", learner, alpha=0.3)
    loss = reference("mcc_kd", learner, weight=3)      # λ

A term is a weight and its rows (what is read, what is written, how much of its end is trained).
Nothing here imports a method, a format or the trainer.
"""

from __future__ import annotations

from typing import NamedTuple

import torch

from cotkd.students.student import Student
from tests.methods.rows import (
    BOTH,
    COUNTERFACTUALS,
    QUESTIONS,
    RATIONALES,
    SECOND_TEACHER,
    SOCRATIC,
)


class Row(NamedTuple):
    reads: str
    writes: str
    trained: str | None = None
    """The end of the text that is trained; None trains all."""


Terms = list[tuple[float, list[Row]]]


def terms(kind: str, decoder: bool, alpha: float | None = None) -> Terms:
    end = " ###" if decoder else ""
    pairs = [(QUESTIONS[r.question_id], r) for r in RATIONALES]
    answers = [(q.text, q.answer) for q, _ in pairs]
    if kind == "answer_only":
        kept = {row.question_id for row in BOTH}
        return [(1, [Row(q.text + end, q.answer) for q in QUESTIONS.values() if q.id in kept])]
    if kind in ("fine_tune_cot", "mcc_kd"):
        return [(1, [Row(q.text + end, f"{r.text} --> {q.answer}") for q, r in pairs])]
    if kind == "step_by_step":
        label = [Row(f"predict: {text}{end}", answer) for text, answer in answers]
        explain = [Row(f"explain: {q.text}{end}", r.text) for q, r in pairs]
        return [(1, label), (1, explain)] if alpha is None else _balanced(alpha, label, explain)
    if kind == "scott":
        says = " So the answer is "
        f, c = ("", "") if decoder else ("[factual] ", "[counterfactual] ")
        factual = [
            Row(f"[factual] {q.text}{end}", f"{f}{r.text}{says}{q.answer}") for q, r in pairs
        ]
        other = [
            Row(
                f"[counterfactual] {QUESTIONS[r.question_id].text}{end}",
                f"{c}{r.text}{says}{r.condition}",
                r.condition,
            )
            for r in COUNTERFACTUALS
        ]
        return _balanced(0.5 if alpha is None else alpha, other, factual)
    if kind == "cascod":
        reason = [Row(f"{q.text}\nRationale:", r.text) for q, r in pairs]
        conclude = [
            Row(f"{q.text}\nRationale: {r.text}\nTherefore, the answer is", q.answer)
            for q, r in pairs
        ]
        return _balanced(0.1 if alpha is None else alpha, conclude, reason)
    if kind == "socratic":
        return _shridhar(decoder)
    answer, explain = _li(kind, [(q.text, r.text, q.answer) for q, r in pairs])
    return _balanced(0.5 if alpha is None else alpha, answer, explain)


def _balanced(alpha: float, first: list[Row], second: list[Row]) -> Terms:
    """Return α times the mean over the first rows, and the rest of it over the second."""
    return [(alpha, first), (1 - alpha, second)]


def _shridhar(decoder: bool) -> Terms:
    decompose, solve = [], []
    for row in SOCRATIC:
        asked = QUESTIONS[row.question_id]
        (first, one), (second, two) = (line.split(" ** ") for line in row.text.split("\n"))
        decompose.append(Row(f"{asked.text}\n[subquestions]", f"{first}\n{second}"))
        solve.append(Row(f"{asked.text}\n{first} **", one))
        history = f"{first} ** {one}\n{second} **"
        solve.append(Row(f"{asked.text}\n{history}", f"{two} --> {asked.answer}"))
    return [(1, decompose), (1, solve)]


def _li(kind: str, rows: list[tuple[str, str, str]]) -> tuple[list[Row], list[Row]]:
    ask, explain = {
        "mt_re": ("\nAnswer:", "\nRationale:"),
        "mt_ra": ("\n[Answer Prediction]:", "\n[Explanation Generation]:"),
        "mt_cot": ("\n[Answer Prediction]:", "\n[Explanation Generation]:"),
    }[kind]
    written = {
        "mt_re": "{r}",
        "mt_ra": "The answer is {a}. Explanation: {r}",
        "mt_cot": "{r} The answer is {a}.",
    }[kind]
    answers = [Row(q + ask, a) for q, _, a in rows]
    return answers, [Row(q + explain, written.format(r=r, a=a)) for q, r, a in rows]


def reference(
    kind: str, learner: Student, *, alpha: float | None = None, weight: float = 1.0
) -> float:
    """Return the sum of weighted means over each term's own trained tokens.

    Args:
        kind: Of the method.
        learner: What is asked; its weights stay as they are.
        alpha: Of the methods that have one; None is the published value.
        weight: λ of MCC-KD.
    """
    decoder = learner.architecture == "decoder"
    means = _weighted(terms(kind, decoder, alpha), learner)
    return means + (weight * _divergence(learner, decoder) if kind == "mcc_kd" else 0.0)


def two_teachers(learner: Student, weight: float) -> float:
    """Return the loss of TinyLLM: CE(a) + λ [CE(r_1) + CE(r_2)], each teacher's a mean apart."""
    end = " ###" if learner.architecture == "decoder" else ""
    asked = [QUESTIONS[row.question_id] for row in RATIONALES]
    label = [Row(f"predict: {q.text}{end}", q.answer) for q in asked]
    each = [
        [Row(f"explain: {QUESTIONS[r.question_id].text}{end}", r.text) for r in rows]
        for rows in (RATIONALES, SECOND_TEACHER)
    ]
    return _weighted([(1, label), *((weight, rows) for rows in each)], learner)


def _weighted(terms: Terms, learner: Student) -> float:
    return sum(weight * _mean([_losses(row, learner) for row in rows]) for weight, rows in terms)


def _divergence(learner: Student, decoder: bool) -> float:
    """Return the mean divergence of the answer's tokens after both rationales of each question."""
    after: dict[str, list[torch.Tensor]] = {}
    for rationale in RATIONALES:
        asked = QUESTIONS[rationale.question_id]
        reads = asked.text + (" ###" if decoder else "")
        row = Row(reads, f"{rationale.text} --> {asked.answer}", asked.answer)
        after.setdefault(asked.id, []).append(_logits(row, learner)[0][:-1].log_softmax(-1))
    both = [torch.cat(sides).double() for sides in zip(*after.values(), strict=True)]
    p, q = both
    there = (p.exp() * (p - q)).sum(-1)
    back = (q.exp() * (q - p)).sum(-1)
    return float((there + back).mean() / 2)


def _mean(losses: list[torch.Tensor]) -> float:
    return float(torch.cat(losses).double().mean())


def _losses(row: Row, learner: Student) -> torch.Tensor:
    logits, ids = _logits(row, learner)
    return -logits.log_softmax(-1).gather(-1, ids.unsqueeze(-1))[:, 0]


@torch.no_grad()
def _logits(row: Row, learner: Student) -> tuple[torch.Tensor, torch.Tensor]:
    """Return the predictions of the trained tokens, and these tokens."""
    tokenizer, decoder = learner.tokenizer, learner.architecture == "decoder"
    text = " " + row.writes if decoder else row.writes
    encoded = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
    target = torch.tensor([[*encoded["input_ids"], tokenizer.eos_token_id]])
    prompt = torch.tensor([tokenizer(row.reads)["input_ids"]])
    if decoder:
        logits = learner.model(torch.cat([prompt, target], dim=1)).logits
        logits = logits[:, prompt.shape[1] - 1 : -1]
    else:
        logits = learner.model(input_ids=prompt, labels=target).logits
    start = 0 if row.trained is None else len(text) - len(row.trained)
    trained = [stop > start for _, stop in encoded["offset_mapping"]] + [True]
    return logits[0, trained], target[0, trained]
