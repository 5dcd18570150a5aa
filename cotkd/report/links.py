"""Where a number of the report leads: the browser, filtered to the rows that it counts.

    browse({"in": "microgsm", "a": "student", "b": "baseline", "how": "only-a"})
    -> "#browse?in=microgsm&a=student&b=baseline&how=only-a"

The filters are those of `templates/js/browser.js`.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode

from cotkd.report.browse import samples_title
from cotkd.report.run import Run


class Links:
    """The links of one run; None where it has no such rows."""

    def __init__(self, run: Run) -> None:
        self._suites = {suite for suites in run.predictions.values() for suite in suites}
        self._arms = run.predictions
        self._pooled = run.results.seeds is not None
        """Whether counts are over seeds, of which the page holds the rows of one."""
        last = run.rounds[-1] if run.rounds else None
        self._samples = samples_title(run, last) if last and last.rationales else None
        self._reasons: dict[str, set[str]] = {}
        for drop in last.drops.values() if last else ():
            self._reasons.setdefault(drop.filter, set()).add(drop.reason)

    def suite(self, suite: str) -> str | None:
        """Return the way to the answers on a suite."""
        return browse({"in": suite}) if suite in self._suites else None

    def outcome(self, suite: str, a: str, b: str, how: str) -> str | None:
        """Return the way to the questions of a suite that tell two arms apart in one way."""
        if self._pooled or not all(suite in self._arms.get(arm, {}) for arm in (a, b)):
            return None
        return browse({"in": suite, "a": a, "b": b, "how": how})

    def verdict(self, letter: str) -> str | None:
        """Return the way to the samples with a verdict."""
        return browse({"in": self._samples, "verdict": letter}) if self._samples else None

    def kept(self) -> str | None:
        """Return the way to the samples that became data."""
        return browse({"in": self._samples, "why": "kept"}) if self._samples else None

    def drop(self, filter_name: str, reason: str) -> str | None:
        """Return the way to the samples that a filter dropped for a reason."""
        if self._samples is None or reason not in self._reasons.get(filter_name, ()):
            return None
        return browse({"in": self._samples, "why": f"{filter_name}: {reason}"})


def browse(filters: Mapping[str, str]) -> str:
    """Return the address of the browser with these filters."""
    return f"#browse?{urlencode(filters)}"
