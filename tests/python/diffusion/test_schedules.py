"""Schedules: the published values, and what any schedule must keep."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sideman.diffusion.schedules import SCHEDULES, log_snr, quadratic, uniform

KNOWN_LOG_SNR = {
    1: [1, 0],
    2: [1, 0.8808, 0],
    6: [1, 0.9907, 0.9656, 0.8808, 0.6608, 0.3392, 0],
    8: [1, 0.9933, 0.9820, 0.9526, 0.8808, 0.7311, 0.5, 0.2689, 0],
}


@pytest.mark.parametrize("steps", KNOWN_LOG_SNR)
def test_log_snr_has_the_published_values(steps):
    assert log_snr(steps) == pytest.approx(KNOWN_LOG_SNR[steps], abs=5e-5)


def test_quadratic_and_uniform_values():
    assert quadratic(4) == [1, 0.9375, 0.75, 0.4375, 0]
    assert uniform(4) == [1, 0.75, 0.5, 0.25, 0]


@pytest.mark.parametrize("name", SCHEDULES)
@given(steps=st.integers(1, 50))
def test_times_fall_from_one_to_zero(name, steps):
    times = SCHEDULES[name](steps)
    assert len(times) == steps + 1
    assert times[0] == 1 and times[-1] == 0
    assert all(after < before for before, after in zip(times, times[1:]))


def test_names_stand_for_their_schedules():
    assert SCHEDULES == {"uniform": uniform, "quadratic": quadratic, "log_snr": log_snr}


@pytest.mark.parametrize("schedule", SCHEDULES.values())
def test_schedule_without_steps_is_refused(schedule):
    with pytest.raises(ValueError, match="at least 1 step, got 0"):
        schedule(0)
