"""The cache across runs: what is taken over, what is not, and that damage costs nothing."""

from __future__ import annotations

import threading

from cotkd.decoding.generation import failed
from cotkd.teachers.cache import CompletionCache, default_cache
from cotkd.teachers.sample import sample
from cotkd.teachers.scripted import ScriptedEngine
from cotkd.types import Question

QUESTIONS = [Question(id=f"q{i}", text=f"What is {i}+1?", answer=str(i + 1)) for i in range(6)]


class Counted:
    """Answers with the seed, and counts."""

    def __init__(self):
        self.calls = 0

    def __call__(self, request):
        self.calls += 1
        return f" {request.seed}"


def ask(cache, questions=QUESTIONS, **settings):
    script = Counted()
    return sample(questions, ScriptedEngine(script), cache=cache, **settings), script.calls


def test_a_second_run_asks_nothing_and_has_the_same_rows(tmp_path):
    cache = CompletionCache(tmp_path / "cache")
    first, calls = ask(cache, out=tmp_path / "a")
    assert calls == 24
    second, calls = ask(cache, out=tmp_path / "b")
    assert (second, calls) == (first, 0)
    more, calls = ask(cache, n=6)
    assert [row for row in more if row.sample_index < 4] == first
    assert calls == 36, "batches of which a row is missing are made again whole"


def test_another_seed_text_or_setting_is_another_sample(tmp_path):
    cache = CompletionCache(tmp_path)
    ask(cache)
    assert ask(cache, seed=1)[1] == 24
    assert ask(cache, temperature=0.5)[1] == 24
    edited = [q.model_copy(update={"text": q.text + " Why?"}) for q in QUESTIONS]
    rows, calls = ask(cache, edited)
    assert calls == 24
    assert ask(cache, edited) == (rows, 0)


def test_failed_samples_are_asked_again(tmp_path):
    cache = CompletionCache(tmp_path)
    sample(QUESTIONS, ScriptedEngine(lambda request: failed("gone")), n=1, cache=cache)
    rows, calls = ask(cache, n=1)
    assert calls == 6
    assert all(row.error is None for row in rows)


def test_damaged_lines_are_passed_over(tmp_path):
    cache = CompletionCache(tmp_path)
    rows, _ = ask(cache)
    (path,) = tmp_path.glob("*.jsonl")
    with path.open("ab") as file:
        file.write(b'{"prompt": "x", "row": {"question_id"')
    path.write_bytes(b"\x00\xff\n" + path.read_bytes())
    assert ask(cache) == (rows, 0)
    other = [Question(id="new", text="What?", answer="1")]
    assert ask(cache, other)[1] == 4
    assert ask(cache, other)[1] == 0, "a half line does not swallow the next row"


def test_an_unusable_folder_is_a_warning(tmp_path, caplog):
    (tmp_path / "file").write_text("")
    rows, calls = ask(CompletionCache(tmp_path / "file"))
    assert (len(rows), calls) == (24, 24)
    assert "completion cache" in caplog.text


def test_several_runs_may_write_at_a_time(tmp_path):
    cache = CompletionCache(tmp_path)
    groups = [
        [Question(id=f"{k}-{i}", text=f"{k}+{i}?", answer="1") for i in range(20)] for k in range(4)
    ]
    threads = [threading.Thread(target=ask, args=(cache, group)) for group in groups]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [ask(cache, group)[1] for group in groups] == [0] * 4


def test_the_environment_moves_the_cache_or_switches_it_off(monkeypatch, tmp_path):
    monkeypatch.setenv("COTKD_CACHE", "off")
    assert default_cache() is None
    for name, value in (("COTKD_CACHE", tmp_path / "x"), ("XDG_CACHE_HOME", tmp_path / "y")):
        monkeypatch.delenv("COTKD_CACHE", raising=False)
        monkeypatch.setenv(name, str(value))
        cache = default_cache()
        assert cache is not None
        ask(cache)
        assert list(value.rglob("*.jsonl"))
