"""When requests are asked again, and when no more."""

from __future__ import annotations

import asyncio
import time
from email.utils import formatdate

import pytest

from cotkd.errors import EngineError
from cotkd.teachers.openai.retry import Halt, Pause, Pulse, backoff, retry_after
from cotkd.teachers.openai.trouble import Fatal, Refused, from_status


def test_pauses_double_up_to_a_minute_and_do_not_coincide():
    for failures, longest in ((1, 1), (2, 2), (4, 8), (7, 60), (500, 60)):
        drawn = {backoff(failures, base=1.0) for _ in range(50)}
        assert len(drawn) > 40
        assert all(longest / 2 <= seconds <= longest for seconds in drawn)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "30"}, 30),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "2"}, 1.5),
        ({"retry-after": formatdate(time.time() - 100, usegmt=True)}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "nan"}, None),
    ],
)
def test_every_form_of_retry_after_is_read(headers, seconds):
    assert retry_after(headers) == seconds


def test_a_date_is_counted_from_now():
    then = formatdate(time.time() + 30, usegmt=True)
    assert retry_after({"retry-after": then}) == pytest.approx(30, abs=2)


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_troubles_of_the_server_pass(status):
    trouble = from_status(status, {}, b"")
    assert not isinstance(trouble, Refused | Fatal)
    assert trouble.crowded == (status == 429)


@pytest.mark.parametrize("status", [400, 413, 422])
def test_a_request_is_refused_for_itself(status):
    assert isinstance(from_status(status, {}, b""), Refused)


@pytest.mark.parametrize("status", [301, 401, 402, 403, 404, 405])
def test_some_refusals_are_meant_for_all(status):
    assert isinstance(from_status(status, {}, b""), Fatal)


def test_no_credit_and_hours_of_waiting_end_the_run():
    body = b'{"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}'
    assert isinstance(from_status(429, {}, body), Fatal)
    assert isinstance(from_status(429, {"retry-after": "7200"}, b""), Fatal)


@pytest.mark.parametrize(
    "body",
    [
        b'{"error": {"message": "too\\n long"}}',
        b'{"error": "too long"}',
        b'{"object": "error", "message": "too long", "code": 400}',
        b'{"detail": "too long"}',
        b"too long",
    ],
)
def test_the_servers_own_words_are_shown_in_one_line(body):
    assert str(from_status(400, {}, body)) == "HTTP 400: too long"


def test_a_server_is_gone_by_time_and_not_by_number_of_refused_connections():
    now = [0.0]
    pulse = Pulse(60, clock=lambda: now[0])
    pulse.beat()
    assert not any(pulse.gone() for _ in range(1000))
    now[0] = 59
    assert not pulse.gone()
    now[0] = 61
    assert pulse.gone()
    pulse.beat()
    assert not pulse.gone()


def test_a_server_that_never_answered_is_given_up_sooner():
    now = [0.0]
    pulse = Pulse(60, clock=lambda: now[0])
    assert not pulse.gone()
    now[0] = 6
    assert pulse.gone()


def test_a_pause_holds_everybody_and_lets_them_go_one_by_one():
    async def run():
        pause = Pause(Halt(), spread=0.2)
        pause.extend(0.1)
        pause.extend(0.01)

        async def one():
            await pause.over()
            return time.monotonic()

        begun = time.monotonic()
        return sorted(at - begun for at in await asyncio.gather(*(one() for _ in range(20))))

    waited = asyncio.run(run())
    assert waited[0] >= 0.1
    assert waited[-1] - waited[0] > 0.05


def test_the_end_wakes_all_sleepers_and_is_one_error():
    async def run():
        halt = Halt()
        sleepers = [asyncio.create_task(halt.sleep(100)) for _ in range(5)]
        await asyncio.sleep(0)
        halt.set(EngineError("first"))
        assert str(halt.set(EngineError("second"))) == "first"
        return await asyncio.gather(*sleepers, return_exceptions=True)

    errors = asyncio.run(run())
    assert [str(error) for error in errors] == ["first"] * 5
    assert len(set(map(id, errors))) == 5
