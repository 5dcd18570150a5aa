"""Every verifier answers hostile text with a verdict in time, and runs none of it."""

from __future__ import annotations

import ast
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import cotkd
from cotkd.types import Question
from cotkd.verify import verifier_of, verify_steps
from cotkd.verify.math_pool import close_pools
from tests.verify.fuzz import fuzz
from tests.verify.hostile import HOSTILE

QUESTION = Question(id="q", text="?", answer="B", choices=("18", "an anvil", "a hat"))


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_has_a_verdict_within_a_second(name: str) -> None:
    text = HOSTILE[name]
    for kind in ("numeric", "choice", "boolean", "text"):
        start = time.process_time()
        verdict = verifier_of(kind).verify_question(text, QUESTION)
        assert time.process_time() - start < 1, kind
        assert verdict.to_json()
        assert verdict.status in ("wrong", "unparsed")
    start = time.process_time()
    verify_steps(text)
    assert time.process_time() - start < 1


@pytest.fixture(scope="module")
def seconds() -> Iterator[float]:
    yield 0.5
    close_pools()


def test_hostile_mathematics_has_a_verdict_within_the_limit(seconds: float) -> None:
    verifier = verifier_of({"kind": "math", "workers": 2, "seconds": seconds})
    verifier.verify(r"\boxed{\sqrt{4}}", "2")
    for name, text in HOSTILE.items():
        start = time.perf_counter()
        verdict = verifier.verify(text, "4711")
        assert time.perf_counter() - start < seconds + 2, name
        assert verdict.status in ("wrong", "unparsed"), name
        assert verdict.to_json()


def test_a_short_run_of_the_fuzzer_finds_nothing() -> None:
    found = fuzz(texts=1500, seed=20261121)
    assert found.texts == 1500
    assert found.slowest < 1


FORBIDDEN = {"eval", "exec", "compile", "sympify", "parse_expr", "__import__"}
MODULES = {"pickle", "marshal", "shelve", "dill", "cloudpickle"}
RUNS = {"runpy": {"verify/program_runner.py"}, "subprocess": {"verify/program.py",
        "verify/math_pool.py"}}  # fmt: skip
PACKAGE = Path(cotkd.__file__).parent


def _trees() -> Iterator[tuple[str, ast.AST]]:
    for part in ("verify", "rationales", "filters"):
        for path in sorted((PACKAGE / part).rglob("*.py")):
            yield str(path.relative_to(PACKAGE)), ast.parse(path.read_text("utf-8"))


def test_what_reads_model_text_evaluates_nothing_unpickles_nothing_and_has_no_shell() -> None:
    for name, tree in _trees():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func
                word = getattr(called, "id", None) or getattr(called, "attr", "")
                of = getattr(getattr(called, "value", None), "id", "")
                assert word not in FORBIDDEN or of == "re", f"{name}:{node.lineno} calls {word}"
                assert (of, word) != ("os", "system"), f"{name}:{node.lineno}"
                assert not any(k.arg == "shell" for k in node.keywords), f"{name}:{node.lineno}"
            if isinstance(node, ast.Import | ast.ImportFrom):
                modules = {getattr(node, "module", "") or "", *(a.name for a in node.names)}
                assert not modules & MODULES, f"{name}:{node.lineno}"
                for module, allowed in RUNS.items():
                    assert module not in modules or name in allowed, f"{name}:{node.lineno}"


def test_code_in_model_text_is_not_run(tmp_path: Path) -> None:
    trace = tmp_path / "trace"
    code = f"__import__('pathlib').Path({str(trace)!r}).touch()"
    texts = [code, f"#### {code}", f"\\boxed{{{code}}}", f"<<{code}=1>>", f"3 * {code} = 3",
             f'{{"answer": "{code}"}}', f"${code}$", f"!!python/object/apply:{code}"]  # fmt: skip
    kinds = ["numeric", "choice", "boolean", "text", "math", "program"]
    for text in texts:
        for kind in kinds:
            verifier_of(kind).verify(text, code)
        verify_steps(text)
    assert not trace.exists()
