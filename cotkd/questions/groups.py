"""Names for several suites at once.

expand(["gsm8k[:100]", "math-ood[:50]"])
("gsm8k[:100]", "svamp:all[:50]", "asdiv[:50]", …)
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from cotkd.config import plain
from cotkd.questions.bbh import TASKS

_SPEC = re.compile(r"(?P<name>[^\[\]:]+)(?P<slice>\[:\d+\])?")


class Group(NamedTuple):
    """Suites that are asked for together."""

    title: str
    suites: tuple[str, ...]


_MAWPS = ("addsub", "singleeq", "singleop", "multiarith")
_SHIFTS = ("steps", "numbers", "names", "wording", "domain", "distractor")

GROUPS = {
    "bbh-tasks": Group("each task of BIG-Bench Hard", tuple(f"bbh:{task}" for task in TASKS)),
    "commonsense": Group("questions about the world", ("strategyqa", "commonsenseqa")),
    "gsm8k-family": Group(
        "GSM8K and what was made from its test split",
        ("gsm8k", "gsm-hard", "gsm-plus", "gsm-symbolic"),
    ),
    "math-ood": Group(
        "arithmetic for students of GSM8K: other sets, and GSM8K perturbed",
        ("svamp:all", "asdiv", *_MAWPS, "gsm-hard", "gsm-plus", "gsm-symbolic"),
    ),
    "mawps": Group("four sets of one format", _MAWPS),
    "microgsm-shifts": Group(
        "MicroGSM with one thing changed", tuple(f"microgsm-{shift}" for shift in _SHIFTS)
    ),
}


def expand(specs: Iterable[str]) -> tuple[str, ...]:
    """Return suites for specs of which some are groups, each suite once, in order.

    A slice of a group is taken of each of its suites; underscores are taken for hyphens.
    """
    groups = {plain(name): group for name, group in GROUPS.items()}
    suites: list[str] = []
    for spec in specs:
        match = _SPEC.fullmatch(spec.strip())
        group = groups.get(plain(match["name"])) if match else None
        if match is None or group is None:
            suites.append(spec)
        else:
            suites += [suite + (match["slice"] or "") for suite in group.suites]
    return tuple(dict.fromkeys(suites))
