"""BLEU and ROUGE-L: one of equal texts, and on a case that is counted by hand."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable

import pytest

from cotkd.errors import MissingDependency
from cotkd.evaluation.overlap import bleu, rouge_l

TEXTS = ["How many eggs has Ann in all boxes?", "How many are left after the sale?"]


@pytest.mark.parametrize("measure", [bleu, rouge_l])
def test_equal_texts_are_one_and_strangers_are_nearly_zero(measure: Callable) -> None:
    assert measure(TEXTS, TEXTS) == pytest.approx(1.0)
    assert measure(["x y z u v w"] * 2, TEXTS) < 0.1
    assert measure(["", ""], TEXTS) == 0.0


def test_a_case_by_hand() -> None:
    """Three of four words, in order: precisions 3/4, 2/3, 1/2 and, smoothed, 1/2; F1 3/4."""
    written, gold = ["one two three five"], ["one two three four"]
    assert bleu(written, gold) == pytest.approx(math.prod((3 / 4, 2 / 3, 1 / 2, 1 / 2)) ** 0.25)
    assert rouge_l(written, gold) == pytest.approx(3 / 4)


@pytest.mark.parametrize(
    ("measure", "package"), [(bleu, "sacrebleu"), (rouge_l, "rouge_score.rouge_scorer")]
)
def test_a_missing_package_is_one_line(measure: Callable, package: str, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingDependency, match=r"needs .*: pip install 'cotkd\[overlap\]'"):
        measure(TEXTS, TEXTS)
