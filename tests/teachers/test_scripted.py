"""The scripted teacher: a function in the place of a model."""

from __future__ import annotations

import pytest

from cotkd.decoding.generation import Generation
from cotkd.decoding.sampling import Sampling
from cotkd.errors import SettingError
from cotkd.teachers.base import Request, Teacher
from cotkd.teachers.scripted import ScriptedTeacher

REQUESTS = [Request(f"prompt {i}", i) for i in range(5)]


def test_the_function_sees_each_request_once_and_in_order():
    seen = []

    def script(request):
        seen.append(request)
        return request.prompt.upper()

    with ScriptedTeacher(answer=script, batch_size=2).open() as engine:
        plan = engine.batches(REQUESTS, Sampling())
        texts = [
            generation.text
            for rows in plan
            for generation in engine.complete([REQUESTS[row] for row in rows], Sampling())
        ]
    assert plan == [[0, 1], [2, 3], [4]]
    assert seen == REQUESTS
    assert texts == [f"PROMPT {i}" for i in range(5)]


def test_a_whole_generation_is_passed_on():
    made = Generation(" 5", (4, 1), "length", 3, -1.0)
    engine = ScriptedTeacher(answer=lambda request: made).open()
    assert engine.complete(REQUESTS[:1], Sampling()) == [made]


def test_without_a_function_it_cannot_open():
    with pytest.raises(SettingError, match="pass answer="):
        Teacher.parse({"kind": "scripted"}).open()


def test_settings_dump_without_the_function():
    assert "answer" not in ScriptedTeacher(answer=lambda request: "").dump()


def test_an_engine_that_cannot_score_says_so():
    with pytest.raises(SettingError, match="'scripted' cannot score"):
        ScriptedTeacher(answer=lambda request: "").open().score(["a"], ["b"])
