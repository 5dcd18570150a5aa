"""What a run has found out so far."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from cotkd.evaluation.results import Leak, SuiteScore
from cotkd.filters.select import Selection
from cotkd.measuring.suites import verifier_for
from cotkd.stages.fit import Arm
from cotkd.stages.settings import RunConfig
from cotkd.store.run import RunDirectory
from cotkd.types import Completion, Question, Rationale
from cotkd.verify import Verifier

log = logging.getLogger(__name__)


@dataclass
class State:
    """What a run has found out so far; each stage below adds its part."""

    config: RunConfig
    directory: RunDirectory
    questions: dict[str, Question]
    completions: list[Completion] = field(default_factory=list)
    streams: dict[str, frozenset[str]] = field(default_factory=dict)
    """Streams on disk by the method's name for them."""
    rationales: list[Rationale] = field(default_factory=list)
    selection: Selection | None = None
    arms: list[Arm] = field(default_factory=list)
    scores: dict[str, dict[str, SuiteScore]] = field(default_factory=dict)
    leaks: dict[str, Leak] | None = None

    @property
    def verifier(self) -> Verifier:
        """What decides right or wrong."""
        return self.config.verifier or verifier_for(self.config.questions)

    @contextmanager
    def timed(self, stage: str, what: str) -> Iterator[None]:
        """Log one line for the block and add its wall-clock time to the run's `seconds[stage]`."""
        log.info("%s: %s", stage, what)
        start = time.monotonic()
        try:
            yield
        finally:
            self.directory.add_seconds(stage, time.monotonic() - start)
