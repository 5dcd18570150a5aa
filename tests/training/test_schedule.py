"""The learning rate over the steps."""

from __future__ import annotations

import pytest

from cotkd.errors import SettingError
from cotkd.training.schedule import rate_factor
from cotkd.training.settings import Training


def curve(steps: int, **settings: object) -> list[float]:
    values = Training.parse(settings)
    return [rate_factor(step, steps, values) for step in range(steps)]


@pytest.mark.parametrize("schedule", ["linear", "cosine", "constant"])
@pytest.mark.parametrize("steps", [1, 2, 10, 97])
def test_rate_is_positive_at_most_one_and_has_one_peak(schedule: str, steps: int) -> None:
    rates = curve(steps, schedule=schedule, warmup=0.1)
    assert all(0 < rate <= 1 for rate in rates)
    peak = rates.index(max(rates))
    assert rates[: peak + 1] == sorted(rates[: peak + 1])
    assert rates[peak:] == sorted(rates[peak:], reverse=True)


def test_it_stays_level_between_warmup_and_decay() -> None:
    rates = curve(100, warmup=0.1, decay=0.6)
    assert rates[:10] == [pytest.approx((i + 1) / 11) for i in range(10)]
    assert rates[10:40] == [1.0] * 30
    assert rates[-1] == pytest.approx(1 / 61)


def test_constant_without_warmup_is_one_throughout() -> None:
    assert curve(5, schedule="constant", warmup=0) == [1.0] * 5


def test_a_warmup_that_leaves_no_step_is_refused() -> None:
    with pytest.raises(SettingError, match="warmup=1 leaves no step"):
        Training.parse({"warmup": 1})
