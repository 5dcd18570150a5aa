"""The thread that drives a vLLM engine: takes batches from others, and steps until all are done.

    loop = EngineLoop(llm)
    loop.run_batch([[1, 5, 9], [1, 7]], parameters)      # from as many threads as one likes

vLLM's engine belongs to one thread, and is at its fastest while requests wait: a batch that comes
in while another is under way fills the places that become free.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from queue import SimpleQueue
from threading import Lock, Thread
from typing import Any, NamedTuple

from cotkd.errors import EngineError, first_line


class Refusal(NamedTuple):
    """What vLLM finds wrong with a request."""

    reason: str


class _Batch:
    """The requests of one call, and the outputs that have come in for them."""

    def __init__(self, prompts: Sequence[Sequence[int]], parameters: Sequence[Any]) -> None:
        self.prompts = prompts
        self.parameters = parameters
        self.outputs: list[Any] = [None] * len(prompts)
        self.missing = len(prompts)
        self.future: Future[list[Any]] = Future()

    def add(self, place: int, output: Any) -> None:
        self.outputs[place] = output
        self.missing -= 1
        if not self.missing:
            self.future.set_result(self.outputs)


class EngineLoop:
    """Runs batches of requests on `llm.llm_engine`."""

    def __init__(self, llm: Any) -> None:
        self._engine: Any = llm.llm_engine
        self._inbox: SimpleQueue[_Batch | None] = SimpleQueue()
        self._open: set[_Batch] = set()
        self._under_way: dict[str, tuple[_Batch, int]] = {}
        self._started = 0
        self._gate = Lock()
        self._end: str | None = None
        self._thread = Thread(target=self._run, name="cotkd-vllm", daemon=True)
        self._thread.start()

    def run_batch(self, prompts: Sequence[Sequence[int]], parameters: Sequence[Any]) -> list[Any]:
        """Return one finished `RequestOutput` for each prompt, given as token ids.

        In place of one that vLLM refuses stands a `Refusal`.

        Raises:
            EngineError: the engine has stopped.
        """
        if not prompts:
            return []
        batch = _Batch(prompts, parameters)
        with self._gate:
            if self._end is not None:
                raise EngineError(self._end)
            self._inbox.put(batch)
        return batch.future.result()

    def close(self) -> None:
        """End the thread; batches that are under way are given up."""
        self._inbox.put(None)
        self._thread.join()

    def _run(self) -> None:
        reason = "vllm: the engine was closed"
        try:
            while self._receive():
                for output in self._engine.step():
                    if output.finished:
                        batch, place = self._under_way.pop(output.request_id)
                        batch.add(place, output)
                        if not batch.missing:
                            self._open.discard(batch)
        except Exception as error:  # noqa: BLE001  (whatever it died of)
            reason = f"vllm: the engine died: {first_line(error)}"
        self._give_up(reason)

    def _receive(self) -> bool:
        """Start the batches that have come in; wait for one if nothing is under way."""
        for batch in self._waiting():
            if batch is None:
                return False
            self._open.add(batch)
            for place in range(len(batch.prompts)):
                self._begin(batch, place)
        return True

    def _begin(self, batch: _Batch, place: int) -> None:
        name = str(self._started)
        self._started += 1
        inputs = {"type": "token", "prompt_token_ids": batch.prompts[place]}
        try:
            own_name = self._engine.add_request(name, inputs, batch.parameters[place])
        except Exception as error:
            if not _is_refusal(error):
                raise
            batch.add(place, Refusal(first_line(error)))
        else:
            self._under_way[name] = (batch, place)
            self._spare(own_name)

    def _spare(self, own_name: str) -> None:
        """Keep vLLM from decoding each token a second time, for log-probabilities that we only sum.

        There is no setting for it; a vLLM that keeps its books otherwise decodes them.
        """
        states = getattr(getattr(self._engine, "output_processor", None), "request_states", {})
        processor = getattr(states.get(own_name), "logprobs_processor", None)
        if processor is not None:
            processor.tokenizer = None

    def _waiting(self) -> Iterator[_Batch | None]:
        while not self._under_way or not self._inbox.empty():
            yield self._inbox.get()

    def _give_up(self, reason: str) -> None:
        self._engine = None  # so that its memory is free
        with self._gate:
            self._end = reason
            while not self._inbox.empty():
                if (batch := self._inbox.get()) is not None:
                    self._open.add(batch)
        for batch in self._open:
            if not batch.future.done():
                batch.future.set_exception(EngineError(reason))
        self._open.clear()


def _is_refusal(error: Exception) -> bool:
    """Tell whether vLLM found fault with a request, rather than broke."""
    names = {parent.__name__ for parent in type(error).__mro__}
    return isinstance(error, ValueError) or "VLLMClientError" in names
