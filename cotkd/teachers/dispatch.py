"""Runs batches, one after the other or several at a time, and hands over what is finished.

for results in finished(work, batches, workers=32, stop=lambda: False):
shard.append(results)
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from typing import TypeVar

B = TypeVar("B")
R = TypeVar("R")


def finished(
    work: Callable[[B], R], batches: Iterable[B], *, workers: int, stop: Callable[[], bool]
) -> Iterator[list[R]]:
    """Yield the results of batches as they are finished, in whatever order that is.

    `stop` is asked before each batch; batches under way are then finished and handed over. If one
    raises, so does this, after the others under way were handed over.

    Args:
        work: Called from `workers` threads; from this one if that is 1.
        batches: Taken one by one, `workers` of them under way at most.
        workers: Batches at a time.
        stop: Whether to begin no more batches.
    """
    if workers > 1:
        yield from _threaded(work, iter(batches), workers=workers, stop=stop)
        return
    for batch in batches:
        if stop():
            return
        yield [work(batch)]


def _threaded(
    work: Callable[[B], R], batches: Iterator[B], *, workers: int, stop: Callable[[], bool]
) -> Iterator[list[R]]:
    pool = ThreadPoolExecutor(workers, thread_name_prefix="cotkd-batch")
    under_way: set[Future[R]] = set()
    error: BaseException | None = None
    try:
        while True:
            while len(under_way) < workers and error is None and not stop():
                try:
                    batch = next(batches)
                except StopIteration:
                    break
                under_way.add(pool.submit(work, batch))
            if not under_way:
                break
            done, under_way = wait(under_way, return_when=FIRST_COMPLETED)
            results = []
            for future in done:
                failure = future.exception()
                if failure is None:
                    results.append(future.result())
                else:
                    error = error or failure
            if results:
                yield results
    finally:
        # after an interrupt the requests under way are not waited for
        pool.shutdown(wait=False, cancel_futures=True)
    if error is not None:
        raise error
