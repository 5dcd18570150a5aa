"""Mathematical answers are compared as mathematics; hanging ones cost a limit and nobody else."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cotkd.types import Question
from cotkd.verify import Verifier, verifier_of
from cotkd.verify.math_pool import PATIENCE, SAFETY, close_pools

HANGS = r"\boxed{9^{9^{9^{9}}}}"


@pytest.fixture(scope="module")
def math() -> Iterator[Verifier]:
    yield verifier_of({"kind": "math", "workers": 2, "seconds": 0.6})
    close_pools()


RIGHT = [
    (r"so $x = \boxed{\frac{\sqrt{12}}{2}}$.", r"\sqrt{3}"),
    (r"The answer is $(x+1)^2$.", "x^2 + 2x + 1"),
    ("The answer is 18 eggs, because 20 - 2 = 18", "18"),
    (r"\boxed{18\text{ eggs}}", "18 eggs"),
    (r"\boxed{0.333333}", r"\frac13"),
    (r"\boxed{(1,2)}", "(1, 2)"),
    (r"\boxed{\{2,1\}}", r"\{1,2\}"),
    ("The answer is $x = 3$ or $x = 5$.", "3, 5"),
    (r"\boxed{x=3}", "3"),
    (r"\boxed{3}", "x=3"),
    (r"\boxed{3+2i}", "2i+3"),
    (r"\boxed{90^\circ}", "90"),
    (r"\boxed{\begin{pmatrix}1\\2\end{pmatrix}}", r"\begin{pmatrix}1\\2\end{pmatrix}"),
    (r"We get \[ x = \frac{7}{2} \]", "7/2"),
    ("so 5 and then 7", "7"),
    (r"\boxed{2 \sin x \cos x}", r"\sin 2x"),
    (r'{"answer": "\\frac{3}{4}"}', "0.75"),
    (r"The final answer is $\boxed{\frac{14}{3}}$. I hope it is correct.", r"\frac{14}{3}"),
    ("Answer: 2√3", r"2\sqrt{3}"),
    ("Answer: 2*sqrt(3)", r"\sqrt{12}"),
    ("Answer: x**2 - 1", "(x-1)(x+1)"),
    ("The answer is $5 million.", "5,000,000"),
    (r"\boxed{10\%}", "0.1"),
    (r"\boxed{7}. Thus \boxed{8}", "8"),
    (r"\boxed{\text{Evelyn}}", "Evelyn"),
    ("The answer is Evelyn.", r"\text{Evelyn}"),
    (r"\boxed{\text{(A)}}", "A"),
    ("#### None", "None"),
    ("…\n#### 7\n\nQuestion: how many\n#### 9", "7"),
]
WRONG = [
    (r"The answer is $(x+1)^2$.", "x^2 + 2x"),
    (r"\boxed{0.33}", r"\frac13"),
    (r"\boxed{[1,2)}", "(1, 2)"),
    ("The answer is $x = 3$ or $x = 4$.", "3, 5"),
    (r"\boxed{y=2x+2}", "y=2x+1"),
    ("The answer is Mary.", "Evelyn"),
    ("The answer is: cannot be determined", "7"),
    ("The answer is 5.", "None"),
    (r"\boxed{-\sqrt{3}}", r"\sqrt{3}"),
    ("1,000", "0"),
]


@pytest.mark.parametrize(("text", "gold"), RIGHT)
def test_equal_expressions_are_right_in_any_form(math: Verifier, text: str, gold: str) -> None:
    assert math.verify(text, gold).status == "correct"


@pytest.mark.parametrize(("text", "gold"), WRONG)
def test_different_expressions_are_wrong(math: Verifier, text: str, gold: str) -> None:
    assert math.verify(text, gold).status == "wrong"


@pytest.mark.parametrize(("text", "gold"), [("no idea", "7"), ("", ""), ("#### 5", "\\frac{")])
def test_what_cannot_be_read_is_never_equal(math: Verifier, text: str, gold: str) -> None:
    assert math.verify(text, gold).status == "unparsed"


def test_a_verdict_on_broken_unicode_is_valid_json(math: Verifier) -> None:
    for text, gold in (
        ("\\boxed{x\ud800}", "x\ud800"),
        ("\\boxed{1}", "x^2\ud800"),
        ("", "\ud800"),
    ):
        assert math.verify(text, gold).to_json()


def test_right_answers_in_different_spelling_vote_together(math: Verifier) -> None:
    texts = [r"\boxed{\frac{2}{4}}", r"\boxed{0.5}", r"The answer is $\frac12$."]
    assert {math.verify(text, r"\frac{1}{2}").extracted for text in texts} == {"0.5"}
    assert math.verify(r"\boxed{\sqrt{4}}", "2").extracted == "2"


def test_a_hanging_input_is_unparsed_after_its_limit(math: Verifier) -> None:
    texts = [HANGS, r"\boxed{\sqrt{4}}", HANGS, *[r"\boxed{\frac{\sqrt{12}}{2}}"] * 40, HANGS]
    questions = [Question(id=str(n), text="", answer="2") for n in range(len(texts))]
    start = time.perf_counter()
    verdicts = math.verify_all(texts, questions)
    seconds = time.perf_counter() - start
    hung = [n for n, verdict in enumerate(verdicts) if verdict.reason == "time limit"]
    assert hung == [0, 2, len(texts) - 1]
    assert verdicts[1].status == "correct"
    assert {verdict.status for verdict in verdicts[3:-1]} == {"wrong"}
    assert seconds < PATIENCE * 0.6 + SAFETY


def test_hanging_inputs_delay_no_other() -> None:
    """As many as there are workers hang, and another question is answered while they do."""
    patient = verifier_of({"kind": "math", "workers": 2, "seconds": 4})
    hanging = [threading.Thread(target=patient.verify, args=(HANGS, "2")) for _ in range(2)]
    for one in hanging:
        one.start()
    time.sleep(0.1)
    verdicts = [patient.verify(r"\boxed{\sqrt{4}}", "2").status for _ in range(5)]
    waiting = [one.is_alive() for one in hanging]
    for one in hanging:
        one.join()
    assert (verdicts, waiting) == (["correct"] * 5, [True, True])


def test_the_limit_counts_computing_and_not_the_clock(math: Verifier) -> None:
    """A process that is kept from computing for longer than the limit still answers."""
    assert math.verify(r"\boxed{2 + 1}", "3").status == "correct"
    servers = [one for one in children(os.getpid()) if "math_worker" in command(one)]
    workers = [worker for server in servers for worker in children(server)]
    assert workers
    for worker in workers:
        os.kill(worker, signal.SIGSTOP)
    resume = threading.Timer(1.5, lambda: [os.kill(one, signal.SIGCONT) for one in workers])
    resume.start()
    verdict = math.verify(r"\boxed{2 \sin x \cos x}", r"\sin 2x")
    resume.join()
    assert verdict.status == "correct"


def children(parent: int) -> list[int]:
    tasks = Path(f"/proc/{parent}/task")
    return [int(p) for one in tasks.iterdir() for p in (one / "children").read_text().split()]


def command(process: int) -> str:
    return Path(f"/proc/{process}/cmdline").read_text()


@pytest.mark.parametrize(
    "text",
    [
        r"\boxed{(10^8)!}",
        r"\boxed{10^{10^{10}}}",
        r"\boxed{" + "9" * 290 + "!}",
        r"\boxed{" + r"\frac{1}" * 35 + "}",
        r"\boxed{" + "{" * 140 + "}" * 140 + "}",
        r"\boxed{\sum_{n=1}^{10^{9}} \frac{1}{n^2}}",
        r"\boxed{\int_0^{10} x^{x^{x}} dx}",
        r"\boxed{" + "(" * 290 + "}",
        r"\boxed{" + r"\sqrt{" * 40 + "2" + "}" * 40 + "}",
        r"\boxed{\begin{pmatrix}" + "1&" * 140 + r"\end{pmatrix}}",
        "$" + "x^" * 10**5 + "$",
        r"\boxed{\def\a{\a\a}\a}",
        "\\boxed{\x00\ud800\u202e}",
        r"\boxed{__import__('os').system('true')}",
        "9" * 10**6,
        r"\frac" * 10**6,
    ],
)
def test_hostile_mathematics_has_a_verdict_within_the_limit(math: Verifier, text: str) -> None:
    start = time.perf_counter()
    verdict = math.verify(text, "3")
    assert time.perf_counter() - start < PATIENCE * 0.6 + SAFETY
    assert verdict.status in ("wrong", "unparsed")
    assert verdict.to_json()


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from(list("0123x+-*/^(){}\\,=$ ")), max_size=20), st.text(max_size=20))
def test_any_two_texts_have_a_verdict_that_survives_json(text: str, gold: str) -> None:
    verifier = verifier_of({"kind": "math", "workers": 2, "seconds": 0.6})
    assert verifier.verify(f"\\boxed{{{text}}}", gold).to_json()
    assert verifier.verify(gold, text).to_json()
