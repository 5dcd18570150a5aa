"""The rows behind the rationale browser, small enough to embed 20,000 of them in one page.

One item per question, with short keys because they are repeated:

    {"s": 0, "id": "microgsm-train-00007", "q": "Ann has …", "a": "12", "g": "gold solution",
     "m": ["12", 3, "c"],                       majority: answer, votes, verdict
     "x": [{"n": "sample 1", "v": "c", "e": "12", "t": "3*4=<<3*4=12>>12"},
           {"n": "sample 2", "v": "w", "e": "13", "d": "correct: wrong",
            "t": ["3*4=", ["<<3*4=13>>", "12"]]}]}     a wrong step, and what it really gives

A sample may have scores of filters, `"r": {"growth": 0.31}`, and of one of them the value of each
token, `"w": [["3*4", 1.2], …]`.

Verdicts are `c`orrect, `w`rong, `u`nparsed. A text is a string, or pieces where a pair marks a
wrong step: Python and JavaScript count characters differently, so offsets would not survive.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from cotkd.evaluation.vote import majority
from cotkd.report.load import Round, Run
from cotkd.report.wording import by_arm
from cotkd.types import Key, Prediction, Question, Rationale, Verdict
from cotkd.verify.steps import verify_steps

Item = dict[str, Any]


def embed(run: Run) -> str:
    """Return all browser data as base64 of gzipped JSON: no character of it can end a script."""
    text = json.dumps(browser_data(run), ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), 6, mtime=0)).decode()


def browser_data(run: Run) -> dict[str, Any]:
    """Return the sets (the samples of each round, then each suite) and their items."""
    sets: list[dict[str, Any]] = []
    items: list[Item] = []
    for found in run.rounds:
        if found.rationales:
            title = "Samples" if len(run.rounds) == 1 else f"Samples, round {found.number}"
            items += _sampled(found, run.texts, len(sets))
            sets.append({"title": title, "kind": "samples"})
    arms = sorted(run.predictions, key=by_arm)
    for suite in _suites(run, arms):
        items += _predicted(run, suite, arms, len(sets))
        present = [arm for arm in arms if suite in run.predictions[arm]]
        sets.append({"title": suite, "kind": "predictions", "arms": present})
    return {"sets": sets, "items": items}


def _suites(run: Run, arms: list[str]) -> list[str]:
    """Return suites in the order of the results, which is the order they were run in."""
    scored = [suite for scores in run.results.scores.values() for suite in scores]
    found = [suite for arm in arms for suite in run.predictions[arm]]
    present = set(found)
    return list(dict.fromkeys([suite for suite in scored if suite in present] + found))


def _sampled(found: Round, texts: Mapping[Key, str], number: int) -> Iterator[Item]:
    groups: dict[str, list[Rationale]] = {}
    for rationale in found.rationales:
        groups.setdefault(rationale.question_id, []).append(rationale)
    teachers = {rationale.teacher for rationale in found.rationales}
    for question_id, group in groups.items():
        group.sort(key=lambda row: row.key)
        item = _item(number, question_id, found.questions.get(question_id), group[0].verdict)
        if len(group) > 1:
            item["m"] = _majority([row.verdict for row in group])
        item["x"] = [
            _sample(name, row, texts.get(row.key, row.text), found)
            for name, row in zip(_names(group, many=len(teachers) > 1), group, strict=True)
        ]
        yield item


def _names(group: Sequence[Rationale], *, many: bool) -> list[str]:
    """Return what each sample is called: by its teacher where a run has several."""
    by_teacher = Counter(row.teacher for row in group)
    names = []
    for row in group:
        parts = [row.teacher] if many else []
        if not many or by_teacher[row.teacher] > 1:
            parts.append(f"sample {row.sample_index + 1}")
        names.append(" · ".join(parts))
    return names


def _sample(name: str, row: Rationale, text: str, found: Round) -> Item:
    answer = _answer(name, text, row.verdict)
    if drop := found.drops.get(row.key):
        answer["d"] = f"{drop.filter}: {drop.reason}"
    if row.scores:
        answer["r"] = {score: round(value, 3) for score, value in row.scores.items()}
    if tokens := found.tokens.get(row.key):
        answer["w"] = [(token, round(value, 2)) for token, value in tokens]
    return answer


def _predicted(run: Run, suite: str, arms: list[str], number: int) -> Iterator[Item]:
    questions = run.suites.get(suite, {})
    answers: dict[str, list[tuple[str, Prediction]]] = {}
    for arm in arms:
        for row in run.predictions[arm].get(suite, []):
            answers.setdefault(row.question_id, []).append((arm, row))
    for question_id, rows in answers.items():
        item = _item(number, question_id, questions.get(question_id), rows[0][1].verdict)
        item["x"] = [_answer(arm, _transcript(row), row.verdict) for arm, row in rows]
        yield item


def _transcript(row: Prediction) -> str:
    return row.text if not row.trace else "\n⸻\n".join((*row.trace, row.text))


def _item(number: int, question_id: str, question: Question | None, verdict: Verdict) -> Item:
    if question is None:
        return {"s": number, "id": question_id, "q": question_id, "a": verdict.expected or ""}
    item = {"s": number, "id": question_id, "q": question.text, "a": question.answer}
    if question.choices:
        item["o"] = list(question.choices)
    if question.rationale:
        item["g"] = question.rationale
    return item


def _answer(name: str, text: str, verdict: Verdict) -> Item:
    answer: Item = {"n": name, "v": verdict.status[0], "t": marked(text)}
    if verdict.extracted is not None:
        answer["e"] = verdict.extracted
    return answer


def _majority(verdicts: list[Verdict]) -> tuple[str | None, int, str]:
    winner = majority([verdict.extracted for verdict in verdicts])
    agreeing = (v.status for v in verdicts if v.extracted == winner.answer)
    return winner.answer, winner.votes, "u" if winner.answer is None else next(agreeing)[0]


def marked(text: str) -> str | list[str | tuple[str, str]]:
    """Return `text`, cut into pieces where steps are wrong: those are (step, computed value)."""
    wrong = [check for check in verify_steps(text) if check.status == "wrong"]
    if not wrong:
        return text
    pieces: list[str | tuple[str, str]] = []
    at = 0
    for check in wrong:
        pieces += [text[at : check.start], (text[check.start : check.end], check.computed or "")]
        at = check.end
    return [piece for piece in [*pieces, text[at:]] if piece]
