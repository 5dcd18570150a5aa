"""Batches one after the other and several at a time."""

from __future__ import annotations

import threading
import time

import pytest

from cotkd.teachers.dispatch import finished


def never():
    return False


@pytest.mark.parametrize("workers", [1, 3, 50])
def test_every_batch_is_done_once(workers):
    groups = list(finished(lambda x: x * x, range(40), workers=workers, stop=never))
    assert sorted(x for group in groups for x in group) == [x * x for x in range(40)]


def test_no_more_are_under_way_than_workers_and_batches_are_taken_late():
    under_way, most, taken = set(), [], []
    lock = threading.Lock()

    def batches():
        for number in range(30):
            taken.append(number)
            yield number

    def work(number):
        with lock:
            under_way.add(number)
            most.append(len(under_way))
        time.sleep(0.002)
        with lock:
            under_way.discard(number)
        return number

    done = 0
    for group in finished(work, batches(), workers=4, stop=never):
        done += len(group)
        assert len(taken) <= done + 4
    assert (done, max(most)) == (30, 4)


@pytest.mark.parametrize("workers", [1, 4])
def test_after_stop_what_was_begun_is_finished(workers):
    begun, got = [], []
    for group in finished(
        lambda x: begun.append(x) or x, range(100), workers=workers, stop=lambda: len(got) >= 10
    ):
        got.extend(group)
    assert sorted(got) == sorted(begun)
    assert 10 <= len(got) < 10 + 2 * workers


@pytest.mark.parametrize("workers", [1, 4])
def test_an_error_is_raised_after_the_others_were_handed_over(workers):
    ready = threading.Barrier(workers)

    def work(number):
        if number < workers:
            ready.wait(5)
        if number == 0:
            raise ValueError("zero")
        time.sleep(0.02)
        return number

    got: list[int] = []
    groups = finished(work, range(100), workers=workers, stop=never)
    with pytest.raises(ValueError, match="zero"):
        got.extend(x for group in groups for x in group)
    assert len(got) < 100
    assert workers == 1 or set(range(1, workers)) <= set(got)
