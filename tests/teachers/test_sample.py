"""Properties of the sampling stage, with a scripted teacher."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.decoding.generation import Generation, failed
from cotkd.decoding.sampling import Sampling, sample_seed
from cotkd.errors import DataError, EngineError, SettingError, SettingsChanged
from cotkd.store.rows import read_rows
from cotkd.store.run import RunDirectory
from cotkd.store.shard import Shard
from cotkd.teachers.elicitation import AnswerConditioned, Elicitation
from cotkd.teachers.sample import sample, stream_of
from cotkd.teachers.scripted import ScriptedEngine
from cotkd.types import Completion, Question
from tests.store.test_shard import files_limited_to

QUESTIONS = [Question(id=f"q{i}", text=f"What is {i}+1?", answer=str(i + 1)) for i in range(7)]


def echo(request):
    return f" sample {request.sample_index} of {request.question.id}, seed {request.seed}"


class Stops(Exception):
    """Ends the sampling from within, as a signal would."""


class Fails:
    """Answers like `echo`, but stops at the given call."""

    def __init__(self, at):
        self.calls, self.at = 0, at

    def __call__(self, request):
        self.calls += 1
        if self.calls == self.at:
            raise Stops
        return echo(request)


def teacher(script=echo, batch_size=4):
    return ScriptedEngine(script, batch_size=batch_size)


def test_rows_come_by_question_then_by_sample_number():
    rows = sample(QUESTIONS, teacher(), n=3)
    assert [(r.question_id, r.sample_index) for r in rows] == [
        (q.id, i) for q in QUESTIONS for i in range(3)
    ]
    assert all(row.text.startswith(f" sample {row.sample_index} of") for row in rows)
    assert len({row.stream for row in rows}) == 1


def test_each_sample_is_drawn_from_its_own_seed():
    rows = sample(QUESTIONS, teacher(), n=3, seed=5)
    assert [row.seed for row in rows] == [
        sample_seed(5, row.question_id, row.sample_index) for row in rows
    ]
    assert all(f"seed {row.seed}" in row.text for row in rows)


@pytest.mark.parametrize("batch_size", [1, 5, 100])
def test_the_batch_size_changes_no_row(batch_size):
    assert sample(QUESTIONS, teacher(batch_size=batch_size)) == sample(QUESTIONS, teacher())


@settings(max_examples=25, deadline=None)
@given(at=st.integers(1, 29), again=st.integers(1, 29))
def test_an_interrupted_run_ends_with_the_rows_of_an_undisturbed_one(tmp_path_factory, at, again):
    folder = tmp_path_factory.mktemp("runs")
    for stop in (at, again):
        with Shard(folder / "rows.jsonl", Completion) as shard:
            try:
                sample(QUESTIONS, teacher(Fails(stop)), shard=shard)
            except Stops:
                assert len(shard) < 28
    with Shard(folder / "rows.jsonl", Completion) as shard:
        rows = sample(QUESTIONS, teacher(), shard=shard)
        stored = sorted(shard.rows(), key=lambda row: row.key)
    assert rows == sample(QUESTIONS, teacher())
    assert stored == sorted(rows, key=lambda row: row.key)


def test_finished_batches_are_kept_and_not_asked_again(tmp_path):
    with Shard(tmp_path / "rows.jsonl", Completion) as shard:
        with pytest.raises(Stops):
            sample(QUESTIONS, teacher(Fails(10)), shard=shard)
        assert len(shard) == 8
        rest = Fails(at=None)
        sample(QUESTIONS, teacher(rest), shard=shard)
        assert rest.calls == 28 - 8


def test_a_full_disk_ends_the_run_with_one_line_and_it_goes_on_when_there_is_room(tmp_path):
    undisturbed = sample(QUESTIONS, teacher(), n=4)
    with pytest.raises(DataError, match="free some space") as error, files_limited_to(2_000):
        sample(QUESTIONS, teacher(), n=4, out=tmp_path / "run")
    assert "\n" not in str(error.value)
    (path,) = (tmp_path / "run" / "samples").glob("*.jsonl")
    kept = list(read_rows(path, Completion))
    assert 0 < len(kept) < len(undisturbed)
    assert sample(QUESTIONS, teacher(), n=4, out=tmp_path / "run") == undisturbed
    assert len(list(read_rows(path, Completion))) == len(undisturbed)


def test_a_batch_of_which_some_rows_are_there_is_made_again_whole(tmp_path):
    whole = sample(QUESTIONS, teacher())
    with Shard(tmp_path / "rows.jsonl", Completion) as shard:
        shard.append(whole[:4] + whole[8:9])
        script = Fails(at=None)
        assert sample(QUESTIONS, teacher(script), shard=shard) == whole
        assert script.calls == 28 - 4
        assert len(shard) == 28


def test_more_samples_extend_a_stream(tmp_path):
    with Shard(tmp_path / "rows.jsonl", Completion) as shard:
        few = sample(QUESTIONS, teacher(), n=2, shard=shard)
        many = sample(QUESTIONS, teacher(), n=4, shard=shard)
    assert [row for row in many if row.sample_index < 2] == few


def test_a_failed_sample_is_a_row():
    def script(request):
        return failed("no luck") if request.sample_index == 1 else echo(request)

    rows = sample(QUESTIONS, teacher(script), n=2, elicitation="zero_shot_cot")
    for row in rows:
        assert (row.finish_reason == "error") == (row.sample_index == 1)
        assert (row.error == "no luck") == (row.sample_index == 1)
    assert len(rows) == 14


def test_an_engine_that_stops_answering_ends_the_stage(tmp_path):
    def script(request):
        raise EngineError("the server is gone")

    with pytest.raises(EngineError, match="the server is gone"):
        sample(QUESTIONS, teacher(script))


def test_zero_shot_cot_asks_twice_and_joins_what_was_said():
    prompts = []

    def script(request):
        prompts.append(request.prompt)
        if request.prompt.endswith("answer is"):
            return Generation(" 8.", completion_tokens=2, prompt_tokens=20, logprob=-0.25)
        return Generation(" seven", completion_tokens=5, prompt_tokens=10, logprob=-1.0)

    (row,) = sample(QUESTIONS[:1], teacher(script), n=1, elicitation="zero_shot_cot")
    first = "Q: What is 0+1?\nA: Let's think step by step."
    assert prompts == [first, first + " seven\nTherefore, the answer is"]
    assert row.text == " seven\nTherefore, the answer is 8."
    assert (row.prompt_tokens, row.completion_tokens, row.logprob) == (30, 7, -1.25)


def test_a_failed_second_call_is_an_error_that_keeps_the_reasoning():
    def script(request):
        return failed("full") if request.prompt.endswith("answer is") else " seven"

    (row,) = sample(QUESTIONS[:1], teacher(script), n=1, elicitation="zero_shot_cot")
    assert (row.text, row.finish_reason, row.error) == (" seven", "error", "full")


def test_stop_strings_of_sampling_and_elicitation_both_count():
    class Notes(ScriptedEngine):
        def complete(self, requests, sampling):
            seen.append(sampling)
            return super().complete(requests, sampling)

    seen = []
    sampling = Sampling(temperature=0.5, stop=("END",))
    sample(QUESTIONS[:1], Notes(echo), n=1, sampling=sampling, elicitation="zero_shot_cot")
    assert seen[0] == sampling.model_copy(update={"stop": ("END", "\n\nQ:")})
    assert (seen[1].temperature, seen[1].max_tokens) == (0, 32)


def test_the_condition_is_the_gold_answer_unless_another_is_given():
    def script(request):
        return request.prompt.splitlines()[-1]

    gold = sample(QUESTIONS, teacher(script), n=1, elicitation="answer_conditioned")
    assert [row.condition for row in gold] == [question.answer for question in QUESTIONS]
    wrong = {"q1": "99"}
    told = sample(
        QUESTIONS, teacher(script), n=1, elicitation="answer_conditioned", conditions=wrong
    )
    assert told[1].condition == "99"
    assert told[1].text == "A: The answer is 99."
    assert told[0].condition == QUESTIONS[0].answer
    assert told[0].stream != gold[0].stream


def test_an_unconditioned_elicitation_takes_no_conditions():
    assert sample(QUESTIONS, teacher(), n=1)[0].condition is None
    with pytest.raises(SettingError, match="drop `conditions`"):
        sample(QUESTIONS, teacher(), conditions={"q1": "9"})


def test_streams_differ_by_everything_that_changes_the_samples():
    plain, told = Elicitation.parse({"kind": "plain"}), AnswerConditioned()
    streams = [
        stream_of(teacher(), plain, Sampling()),
        stream_of(ScriptedEngine(echo, name="other"), plain, Sampling()),
        stream_of(teacher(), plain, Sampling(temperature=0.7)),
        stream_of(teacher(), plain.model_copy(update={"template": "{question}"}), Sampling()),
        stream_of(teacher(), told, Sampling()),
        stream_of(teacher(), told, Sampling(), conditions={"q1": "9"}),
        stream_of(teacher(), told, Sampling(), conditions={"q1": "8"}),
    ]
    assert len(set(streams)) == len(streams)
    assert stream_of(teacher(batch_size=1), plain, Sampling()) == streams[0]


def test_a_run_directory_holds_the_stream_and_refuses_other_settings(tmp_path):
    rows = sample(QUESTIONS, teacher(), out=tmp_path / "run")
    script = Fails(at=1)
    assert sample(QUESTIONS, teacher(script), out=tmp_path / "run") == rows
    assert script.calls == 0
    with Shard(tmp_path / "run" / "samples" / f"{rows[0].stream}.jsonl", Completion) as shard:
        assert len(shard) == 28
    with pytest.raises(SettingsChanged, match="seed"):
        sample(QUESTIONS, teacher(), out=tmp_path / "run", seed=1)


def test_an_open_run_directory_is_written_to_and_left_open(tmp_path):
    with RunDirectory.open(tmp_path / "run", {"any": 1}) as run:
        rows = sample(QUESTIONS, teacher(), out=run)
        assert len(run.samples(rows[0].stream)) == 28


def test_repeated_ids_are_refused():
    with pytest.raises(DataError, match="1 question ids occur twice, the first is 'q0'"):
        sample([*QUESTIONS, QUESTIONS[0]], teacher())


def test_fewer_than_one_sample_is_refused():
    with pytest.raises(SettingError, match="n must be at least 1, got 0"):
        sample(QUESTIONS, teacher(), n=0)


def test_no_questions_give_no_rows():
    assert sample([], teacher()) == []


def test_the_bar_shows_counts_on_a_terminal_and_nothing_elsewhere(monkeypatch):
    class Terminal(io.StringIO):
        def isatty(self):
            return True

    for stream, silent in ((Terminal(), False), (io.StringIO(), True)):
        monkeypatch.setattr("sys.stderr", stream)
        sample(QUESTIONS, teacher(), n=2)
        assert (stream.getvalue() == "") == silent
        assert silent or "14/14" in stream.getvalue()
    monkeypatch.setattr("sys.stderr", Terminal())
    sample(QUESTIONS, teacher(), n=2, progress=False)
