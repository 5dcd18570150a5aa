"""What evaluation costs beside generation, and statistics of many runs; CPU time, one thread.

Generation is that of the embedded teacher, which stands in for a student of its size: its answers
have the lengths of real ones. Statistics are those of `cotkd compare`: every run against the first
on every suite, differences with intervals, p-values, Holm, smallest detectable differences.
"""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pytest
import torch

from cotkd.decoding.sampling import Sampling
from cotkd.evaluation.compare import compare_over_seeds, corrected
from cotkd.evaluation.results import Results
from cotkd.evaluation.run import score, suite_file
from cotkd.evaluation.runs import compare_runs
from cotkd.evaluation.statistics import resampled_means
from cotkd.measuring.answers import teacher_answers
from cotkd.measuring.scores import measure, measure_head
from cotkd.measuring.suites import load_suite
from cotkd.methods.base import Method
from cotkd.store.rows import write_json, write_rows
from cotkd.students.load import load_student
from cotkd.students.student import Student
from cotkd.teachers.elicitation import Plain
from cotkd.teachers.transformers import TransformersTeacher
from cotkd.types import Prediction, Question, Verdict

MODEL, QUESTIONS, MOST = "microgsm-teacher", 128, 128
ASKED = {"prefix": "Q: ", "separator": "\nA:", "template": "{rationale}\n#### {answer}"}
METHOD = Method.parse({"kind": "mt_cot", "main": "explain", "explain": ASKED})
RUNS, SUITES, SIZE, DRAWS = 20, 10, 1000, 10_000


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def _seconds(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


class Share:
    """What part of the evaluation's time is spent inside the generation that it calls.

    Timed inside one another, so that a busy machine slows both: two runs one after the other differ
    by more than what is measured.
    """

    def __init__(self) -> None:
        self.inside, self.called = 0.0, 0

    def timed(self, generate: Callable[..., Any]) -> Callable[..., Any]:
        """Return `generate`, its time counted."""

        def call(*given: Any, **named: Any) -> Any:
            start = time.process_time()
            try:
                return generate(*given, **named)
            finally:
                self.inside += time.process_time() - start
                self.called += 1

        return call


def _compare(
    benchmark: Any,
    what: str,
    evaluation: Callable[[], object],
    bare: Callable[[], object],
    share: Share,
) -> float:
    """Return the share of generation in evaluation; print what two runs by turns say as well."""
    bare()
    spent: dict[str, list[float]] = {"bare": [], "evaluation": []}

    def one_round() -> None:
        sides = [("bare", bare), ("evaluation", evaluation)]
        for name, work in sides if len(spent["bare"]) % 2 else sides[::-1]:
            spent[name].append(_seconds(work))

    benchmark.pedantic(one_round, rounds=4)
    found = share.inside / sum(spent["evaluation"])
    turns = median(spent["bare"]) / median(spent["evaluation"])
    benchmark.extra_info |= {"share": found, "by_turns": turns}
    print(
        f"\n{what}: {found:.3f} of the time is generation; bare ÷ evaluation by turns {turns:.2f}"
    )
    return found


def test_student_evaluation_against_bare_generation(benchmark, tmp_path: Path) -> None:
    student, share = load_student(MODEL), Share()
    suites = dict([load_suite(f"microgsm[:{QUESTIONS}]")])
    (suite,) = suites.values()
    prompts = [METHOD.prompting.prompt(question, "decoder") for question in suite.questions]
    asked: list[list[str]] = []
    places = iter(range(100))

    class Timed(Student):
        def generate(self, prompts: Sequence[str], **how: Any) -> Any:
            asked.append(list(prompts))
            return share.timed(super().generate)(prompts, **how)

    watched = Timed(student.name, student.model, student.tokenizer)

    def evaluation() -> None:
        out = tmp_path / str(next(places))  # answers that are there would not be made again
        measure_head(watched, METHOD.prompting, suites, MOST, out=out)

    def bare() -> None:
        student.generate(prompts, max_tokens=MOST)

    found = _compare(benchmark, "student", evaluation, bare, share)
    assert all(each == prompts for each in asked), "the same prompts, all of them at once"
    assert found >= 0.95


def test_teacher_evaluation_against_bare_generation(benchmark, tmp_path: Path) -> None:
    engine, share = TransformersTeacher(model=MODEL).open(), Share()
    suites = dict([load_suite(f"microgsm[:{QUESTIONS}]")])
    (suite,) = suites.values()
    answer = teacher_answers(engine, Plain(), MOST)
    requests = [Plain().request(question, seed=0) for question in suite.questions]
    greedy, complete = Sampling(temperature=0.0, max_tokens=MOST), engine.complete
    places = iter(range(100))

    def bare() -> None:
        for rows in engine.batches(requests, greedy):
            complete([requests[row] for row in rows], greedy)

    def evaluation() -> None:
        engine.complete = share.timed(complete)
        measure(answer, suites, out=tmp_path / str(next(places)), label="teacher")

    found = _compare(benchmark, "teacher", evaluation, bare, share)
    assert share.called == 4 * len(list(engine.batches(requests, greedy))), "no smaller batches"
    assert found >= 0.95


def _questions(suite: int) -> list[Question]:
    """Return a suite; every third one is made from templates, ten questions from each."""
    return [
        Question(
            id=f"{suite}-{number}",
            text=f"What is {number}?",
            answer="1",
            cluster=f"template {number // 10}" if suite % 3 == 0 else None,
        )
        for number in range(SIZE)
    ]


def _answers(asked: list[Question], skill: float, seed: int) -> list[Prediction]:
    ease = np.random.default_rng(len(asked)).normal(size=len(asked))
    right = np.random.default_rng(seed).normal(size=len(asked)) < ease + skill
    verdicts = [
        Verdict(status="correct" if ok else "wrong", extracted="1" if ok else "2", expected="1")
        for ok in right
    ]
    return [
        Prediction(question_id=q.id, text="#### 1", verdict=verdict, suite="s", tokens=40)
        for q, verdict in zip(asked, verdicts, strict=True)
    ]


@pytest.mark.parametrize("seeds", [1, 3])
def test_statistics_of_twenty_runs(benchmark, seeds: int) -> None:
    suites = {f"suite-{number}": _questions(number) for number in range(SUITES)}
    rows = {
        (run, name): [_answers(asked, run / 40, 100 * run + seed) for seed in range(seeds)]
        for run in range(RUNS)
        for name, asked in suites.items()
    }
    clusters = {name: {q.id: q.cluster for q in each if q.cluster} for name, each in suites.items()}

    def statistics() -> None:
        corrected(
            [
                compare_over_seeds(
                    rows[run, name],
                    rows[0, name],
                    names=(f"run {run}", "run 0"),
                    suite=name,
                    draws=DRAWS,
                    clusters=clusters[name],
                )
                for run in range(1, RUNS)
                for name in suites
            ]
        )

    seconds = _seconds(lambda: benchmark.pedantic(statistics, rounds=1))
    print(f"\n{RUNS} runs of {seeds} seeds x {SUITES} suites x {DRAWS} draws: {seconds:.1f} s")
    benchmark.extra_info["cpu_seconds"] = seconds
    assert seconds < 10


def test_comparing_twenty_run_directories(benchmark, tmp_path: Path) -> None:
    """Reading 200,000 answers and their questions included."""
    for run in range(RUNS):
        folder = tmp_path / f"run-{run}"
        scores = {}
        for number in range(SUITES):
            asked, name = _questions(number), f"suite-{number}"
            answers = [
                row.model_copy(update={"suite": name}) for row in _answers(asked, run / 40, run)
            ]
            write_rows(suite_file(folder / "evaluation", "questions", name), asked)
            write_rows(suite_file(folder / "evaluation", "student", name), answers)
            scores[name] = score(answers)
        write_json(folder / "results.json", Results(scores={"student": scores}).dump())
    folders = [tmp_path / f"run-{run}" for run in range(RUNS)]
    seconds = _seconds(
        lambda: benchmark.pedantic(lambda: compare_runs(*folders, draws=DRAWS), rounds=1)
    )
    print(f"\ncotkd compare of {RUNS} directories: {seconds:.1f} s")
    benchmark.extra_info["cpu_seconds"] = seconds


def test_memory_of_a_bootstrap_is_bounded(benchmark) -> None:
    """10,552 different values, as many as GSM-Plus has questions: 844 MB if held at once."""
    values = np.random.default_rng(0).normal(size=10_552)
    tracemalloc.start()
    seconds = _seconds(
        lambda: benchmark.pedantic(lambda: resampled_means(values, draws=DRAWS), rounds=1)
    )
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    print(f"\nbootstrap of {len(values)} values, {DRAWS} draws: {peak:.0f} MB, {seconds:.1f} s")
    assert peak < 150
