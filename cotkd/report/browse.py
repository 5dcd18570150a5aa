"""The rows behind the rationale browser, small enough to embed 20,000 of them in one page.

One item per question, with short keys because they are repeated:

    {"s": 0, "id": "microgsm-train-00007", "q": "Ann has …", "a": "12", "g": "gold solution",
     "m": ["12", 3, 4, "c"],                    majority: answer, votes, of how many, verdict
     "x": [{"n": "sample 1", "v": "c", "e": "12", "t": "3*4=<<3*4=12>>12"},
           {"n": "sample 2", "v": "w", "e": "13", "d": "correct: wrong",
            "t": ["3*4=", ["<<3*4=13>>", "12"]]}]}     a wrong step, and what it really gives

An answer may further have scores of filters, `"r": {"growth": 0.31}`, and of one of them the value
of each token, `"w": [["3*4", 1.2], …]`; what its prompt said that the answer is, `"c": "14"`; who
gave it, `"b"`, where samples are of several teachers or were asked in several ways; `"f": 1` where
it was cut off at the token limit; and `"y": 1` where it is a dialogue, a `sub-question ** step` on
each line.

Verdicts are `c`orrect, `w`rong, `u`nparsed. A text is a string, or pieces where a pair marks a
wrong step: Python and JavaScript count characters differently, so offsets would not survive.
"""

from __future__ import annotations

import base64
import gzip
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import compress
from typing import Any

from cotkd.evaluation.vote import majority
from cotkd.questions.solution import ANSWER_MARKER, SUBQUESTION_MARKER
from cotkd.report.run import Round, Run
from cotkd.report.wording import by_arm
from cotkd.types import Prediction, Question, Rationale, Verdict
from cotkd.verify.steps import verify_steps

Item = dict[str, Any]


def embed(run: Run) -> str:
    """Return all browser data as base64 of gzipped JSON: no character of it can end a script."""
    text = json.dumps(browser_data(run), ensure_ascii=False, separators=(",", ":"))
    # half a surrogate pair has no UTF-8 form: the page shows it as a character that is not known
    packed = gzip.compress(text.encode(errors="surrogatepass"), 6, mtime=0)
    return base64.b64encode(packed).decode()


def browser_data(run: Run) -> dict[str, Any]:
    """Return the sets (the samples of each round, then each suite), their items, and who is who."""
    sets: list[dict[str, Any]] = []
    items: list[Item] = []
    for found in run.rounds:
        if found.rationales:
            items += _sampled(found, run, len(sets))
            title = samples_title(run, found)
            sets.append({"title": title, "kind": "samples", "drops": bool(found.drops)})
    arms = sorted(run.predictions, key=by_arm)
    for suite in _suites(run, arms):
        items += _predicted(run, suite, arms, len(sets))
        present = [arm for arm in arms if suite in run.predictions[arm]]
        sets.append({"title": suite, "kind": "predictions", "arms": present})
    return {
        "sets": sets,
        "items": items,
        "arms": {arm: _description(run, arm) for arm in arms},
        "speakers": {arm: who for arm in arms if (who := _speakers(run, arm))},
        "growth": growth_limit(run.rounds),
    }


def samples_title(run: Run, found: Round) -> str:
    """Return what the samples of a round are called."""
    return "Samples" if len(run.rounds) == 1 else f"Samples, round {found.number}"


def growth_limit(rounds: Iterable[Round]) -> float:
    """Return the token value that gets the full colour: 99 of 100 values are no larger."""
    values = sorted(
        abs(value) for found in rounds for row in found.tokens.values() for _, value in row
    )
    return round(max(values[int(0.99 * (len(values) - 1))], 0.4), 1) if values else 1.0


def _description(run: Run, arm: str) -> str:
    """Return the method of an arm, or the model of the teacher."""
    if arm in run.labels:
        return run.labels[arm]
    role, _, head = arm.partition(":")
    if role == "teacher":
        model = run.results.models.get("teacher")
        return model.name if model else ""
    settings = run.config.get("method" if role == "student" else "baseline")
    kind = settings.get("kind", "") if isinstance(settings, dict) else ""
    return f"{kind}, {head}" if kind and head else str(kind)


def _speakers(run: Run, arm: str) -> list[str] | None:
    """Return who asks the sub-questions and who answers them, where these are two models."""
    role, _, head = arm.partition(":")
    members = run.members.get(role, ())
    if not {"decomposer", "solver"} <= set(members):
        return None
    return ["gold" if head == "oracle" else "decomposer", "solver"]


def _suites(run: Run, arms: list[str]) -> list[str]:
    """Return suites in the order of the results, which is the order they were run in."""
    scored = [suite for scores in run.results.scores.values() for suite in scores]
    found = [suite for arm in arms for suite in run.predictions[arm]]
    present = set(found)
    return list(dict.fromkeys([suite for suite in scored if suite in present] + found))


def _sampled(found: Round, run: Run, number: int) -> Iterator[Item]:
    groups: dict[str, list[Rationale]] = {}
    for rationale in found.rationales:
        groups.setdefault(rationale.question_id, []).append(rationale)
    ways = _ways(found)
    for question_id, group in groups.items():
        group.sort(key=lambda row: row.key)
        item = _item(number, question_id, found.questions.get(question_id), group[0].verdict)
        votes = [row.verdict for row in group if not _told_wrong(row, found)]
        if len(votes) > 1:
            item["m"] = _majority(votes)
        names = _names(group, ways)
        item["x"] = [_sample(*each, run, found) for each in zip(names, group, strict=True)]
        if len(set(ways.values())) > 1:
            for answer, row in zip(item["x"], group, strict=True):
                answer["b"] = ways[row.stream]
        yield item


def _told_wrong(row: Rationale, found: Round) -> bool:
    """Whether the prompt stated another answer than gold: then the answer is no vote."""
    question = found.questions.get(row.question_id)
    if row.condition is None or question is None:
        return False
    return row.condition.strip() != question.answer.strip()


def _ways(found: Round) -> dict[str, str]:
    """Return by stream who was asked, and how and told what where that differs."""
    streams: dict[str, tuple[str, str, str]] = {}
    for row in found.rationales:
        if row.stream not in streams:
            told = "" if row.condition is None else "told the answer"
            told = "told a wrong answer" if _told_wrong(row, found) else told
            streams[row.stream] = (row.teacher, row.elicitation, told)
    differ = [len(set(parts)) > 1 for parts in zip(*streams.values(), strict=True)]
    return {
        stream: " · ".join(filter(None, compress(parts, differ))) or parts[0]
        for stream, parts in streams.items()
    }


def _names(group: Sequence[Rationale], ways: Mapping[str, str]) -> list[str]:
    """Return what each sample is called, by the way it was asked for where there are several."""
    many = len(set(ways.values())) > 1
    by_way = Counter(ways[row.stream] for row in group)
    taken: Counter[str] = Counter()
    names = []
    for row in group:
        way = ways[row.stream]
        parts = [way] if many else []
        if not many or by_way[way] > 1:
            parts.append(f"sample {row.sample_index + 1}")
        name = " · ".join(parts)
        taken[name] += 1  # streams of other sampling settings share all of their name
        names.append(name if taken[name] == 1 else f"{name} ({taken[name]})")
    return names


def _sample(name: str, row: Rationale, run: Run, found: Round) -> Item:
    answer = _answer(name, run.texts.get(row.key, row.text), row.verdict)
    if drop := found.drops.get(row.key):
        answer["d"] = f"{drop.filter}: {drop.reason}"
    if row.key in run.cut:
        answer["f"] = 1
    if row.condition is not None:
        answer["c"] = row.condition
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
        item["x"] = [_answer(arm, row.text, row.verdict) for arm, row in rows]
        for answer, (_, row) in zip(item["x"], rows, strict=True):
            if row.finish_reason == "length":
                answer["f"] = 1
        yield item


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
    if is_dialogue(text):
        answer["y"] = 1
    return answer


def is_dialogue(text: str) -> bool:
    """Whether every line of `text` is a sub-question with its step, but for the answer's."""
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and lines[-1].lstrip().startswith(ANSWER_MARKER):
        lines.pop()
    return bool(lines) and all(SUBQUESTION_MARKER in line for line in lines)


def _majority(verdicts: list[Verdict]) -> tuple[str | None, float, int, str]:
    winner = majority([verdict.extracted for verdict in verdicts])
    agreeing = (v.status for v in verdicts if v.extracted == winner.answer)
    letter = "u" if winner.answer is None else next(agreeing)[0]
    return winner.answer, winner.votes, len(verdicts), letter


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
