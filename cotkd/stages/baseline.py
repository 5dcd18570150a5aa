"""Which rationales a baseline is trained on: those that its own filters let through as well.

A method that keeps what another would drop (`step_by_step` drops nothing) must not decide what its
baseline reads, or the baseline is not its paper's method.
"""

from __future__ import annotations

from collections.abc import Mapping

from cotkd.errors import DataError
from cotkd.filters.select import Selection, select
from cotkd.methods.base import Method
from cotkd.types import Question, Rationale


def rationales_of_baseline(
    method: Method, selection: Selection, questions: Mapping[str, Question]
) -> list[Rationale]:
    """Return the rationales of `selection` that pass the filters of a baseline.

    Raises:
        DataError: there were rationales, and none is left for a method that trains on them.
        SettingError: a filter needs a model that weighs rationales, and they carry no scores.
    """
    own = method.filters if method.uses_teacher else ()
    kept = select(selection.kept, own, questions=questions).kept
    sampled = selection.funnel.input  # none: a baseline is trained on gold text beside another
    if sampled and method.is_left_without(len(kept), sampled):
        raise DataError(
            f"none of {sampled} rationales is left for the baseline {method.kind}: "
            "relax method.filters or baseline.filters, or train it on gold text by "
            "baseline.trained_on all"
        )
    return kept
