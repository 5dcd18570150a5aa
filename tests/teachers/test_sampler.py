"""Waves, pools and what the sampler reports: decisions depend on rows alone."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.decoding.generation import failed
from cotkd.decoding.sampling import sample_seed
from cotkd.errors import SettingError
from cotkd.store.memory import HeldRows
from cotkd.teachers import sampler as sampler_module
from cotkd.teachers.adaptive import Adaptive
from cotkd.teachers.elicitation import AnswerConditioned, Elicitation, Plain
from cotkd.teachers.pool import PoolEngine, PoolTeacher, member_of
from cotkd.teachers.sample import sample
from cotkd.teachers.sampler import Sampler
from cotkd.teachers.scripted import ScriptedEngine
from cotkd.types import Question

QUESTIONS = [Question(id=f"q{i}", text=f"What is {i}+1?", answer=str(i + 1)) for i in range(12)]


def draw(request):
    """Right in every second sample, with one of three ways of reasoning."""
    way = request.seed % 3
    return f" way {way}, {'right' if request.seed % 2 else 'wrong'}"


def judge(question, row):
    return row.text if row.text.endswith("right") else None


def engine(name="scripted", script=draw, batch_size=5):
    return ScriptedEngine(script, name=name, batch_size=batch_size)


def enough_at(question, *, correct, wave, n):
    """How many samples of a question are asked for, worked out one by one."""
    seen = set()
    for index in range(n):
        if index % wave == 0 and len(seen) >= correct:
            return index
        seed = sample_seed(0, question.id, index)
        if seed % 2:
            seen.add(seed % 3)
    return n


@pytest.mark.parametrize(("correct", "wave"), [(1, 1), (2, 2), (3, 4), (9, 3)])
def test_a_question_with_enough_distinct_right_samples_is_asked_no_more(correct, wave):
    rows = sample(
        QUESTIONS, engine(), n=8, adaptive=Adaptive(correct=correct, wave=wave), judge=judge
    )
    counts = Counter(row.question_id for row in rows)
    assert counts == {q.id: enough_at(q, correct=correct, wave=wave, n=8) for q in QUESTIONS}
    everything = {row.key: row for row in sample(QUESTIONS, engine(), n=8)}
    assert all(everything[row.key] == row for row in rows)


class Stops(Exception):
    """Ends the sampling from within."""


@settings(max_examples=25, deadline=None)
@given(at=st.lists(st.integers(1, 60), max_size=4))
def test_interruptions_change_no_decision(at):
    kept = {}
    adaptive = Adaptive(correct=2, wave=2)
    for stop in at:
        calls = iter(range(1, 1000))

        def script(request, stop=stop, calls=calls):
            if next(calls) == stop:
                raise Stops
            return draw(request)

        sampler = sampler_of(engine(script=script), kept, adaptive=adaptive)
        try:
            sampler.run()
        except Stops:
            continue
    last = sampler_of(engine(), kept, adaptive=adaptive)
    last.run()
    whole = sampler_of(engine(), {}, adaptive=adaptive)
    tally = whole.run()
    assert last.rows() == whole.rows()
    assert last.tally.spared == tally.spared == 12 * 8 - len(whole.rows()) > 0


def sampler_of(teacher, kept, *, elicitation=None, **settings):
    return Sampler(
        teacher,
        QUESTIONS,
        n=8,
        rows=lambda name: kept.setdefault(name, HeldRows()),
        elicitation=elicitation or Plain(),
        judge=judge,
        **settings,
    )


class BackOff(Plain):
    """Asks plainly, then tells the answer where no plain sample was right."""

    kind: str = "test_back_off"

    @property
    def stages(self):
        return (Plain(), AnswerConditioned())


def test_batches_are_planned_for_one_stretch_at_a_time_and_never_for_a_finished_one(monkeypatch):
    monkeypatch.setattr(sampler_module, "STRETCH", 16)
    planned = []

    class Planning(ScriptedEngine):
        def batches(self, requests, sampling):
            planned.append([request.question.id for request in requests])
            return super().batches(requests, sampling)

    def asked(questions, rows=None):
        return sample(questions, Planning(draw, batch_size=5), n=4, shard=rows)

    undisturbed = asked(QUESTIONS)
    assert [len(stretch) for stretch in planned] == [16, 16, 16]
    kept = HeldRows()
    kept.append(undisturbed[:21])
    kept.append(undisturbed[40:])
    planned.clear()
    assert asked(QUESTIONS, kept) == undisturbed
    assert [stretch[0] for stretch in planned] == ["q4", "q8"]


def test_a_back_off_is_asked_only_for_questions_without_a_right_sample():
    def script(request):
        return " told, right" if "The answer is" in request.prompt else draw(request)

    rows = sample(QUESTIONS, engine(script=script), n=1, elicitation=BackOff(), judge=judge)
    plain = {row.question_id: row for row in rows if row.elicitation == "plain"}
    told = [row for row in rows if row.elicitation == "answer_conditioned"]
    assert len(plain) == len(QUESTIONS)
    assert {row.question_id for row in told} == {
        name for name, row in plain.items() if row.text.endswith("wrong")
    }
    assert all(row.condition is not None and row.stream != rows[0].stream for row in told)
    assert 0 < len(told) < len(QUESTIONS)


def test_waves_and_back_offs_need_a_judge():
    with pytest.raises(SettingError, match="adaptive sampling needs a judge"):
        sample(QUESTIONS, engine(), adaptive=Adaptive())
    with pytest.raises(SettingError, match="'test_back_off' needs a judge"):
        sample(QUESTIONS, engine(), elicitation=BackOff())


def test_a_pool_shares_the_samples_and_every_row_says_who_wrote_it():
    pool = PoolEngine([engine("a"), engine("b")], [3, 1])
    rows = sample(QUESTIONS, pool, n=8)
    assert len({row.key for row in rows}) == len(rows) == 96
    counts = Counter(row.teacher for row in rows)
    assert counts["a"] + counts["b"] == 96
    assert abs(counts["b"] - 24) <= 2
    for name in "ab":
        own = sample(QUESTIONS, engine(name), n=8)
        keys = {row.key: row for row in own}
        assert all(keys[row.key] == row for row in rows if row.teacher == name)
    assert [(r.question_id, r.sample_index) for r in rows] == [
        (q.id, i) for q in QUESTIONS for i in range(8)
    ]


@given(shares=st.lists(st.floats(0.05, 1), min_size=2, max_size=4))
def test_over_many_samples_each_member_makes_its_share(shares):
    shares = [share / sum(shares) for share in shares]
    counts = Counter(member_of(number, shares) for number in range(2000))
    for member, share in enumerate(shares):
        assert abs(counts[member] - 2000 * share) < 12


def test_a_pool_of_one_teacher_twice_or_with_odd_shares_is_refused():
    twice = [{"kind": "replay", "model": "x"}] * 2
    for shares, message in (((1.0,), "1 shares for 2 teachers"), ((1.0, -1.0), "positive")):
        with pytest.raises(SettingError, match=message):
            PoolTeacher.parse({"teachers": twice, "shares": shares})


def test_the_tally_counts_what_happened():
    def script(request):
        return failed("no luck") if request.sample_index == 1 else draw(request)

    kept = {}
    tally = sampler_of(engine(script=script), kept).run()
    assert (tally.made, tally.failed, tally.there, tally.spared) == (96, 12, 0, 0)
    tally = sampler_of(engine(script=script), kept).run()
    assert (tally.made, tally.there) == (0, 96)


def test_what_an_engine_cannot_do_is_refused_before_it_is_asked():
    class Choosy(ScriptedEngine):
        abilities = frozenset()

    class Chatty(Plain):
        kind: str = "test_chatty"
        needs = frozenset({"chat"})

    with pytest.raises(SettingError, match="knows no top_k"):
        sample(QUESTIONS, Choosy(draw), top_k=5)
    with pytest.raises(SettingError, match="repetition_penalty"):
        sample(QUESTIONS, Choosy(draw), repetition_penalty=1.2)
    with pytest.raises(SettingError, match="has no chat template"):
        sample(QUESTIONS, Choosy(draw), elicitation=Chatty())
    assert Elicitation.kinds()
