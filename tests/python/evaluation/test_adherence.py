"""Measures of control: known answers, and a study over a small model end to end."""

from __future__ import annotations

import numpy as np
import pytest

from sideman.evaluation import adherence
from sideman.evaluation.adherence import (
    Figure,
    loudness_lift,
    octave_centroid,
    rank_correlation,
    shortfalls,
)

RATE = 44100


def tone(hertz: float, seconds: float = 4.0) -> np.ndarray:
    return np.sin(2 * np.pi * hertz * np.arange(round(seconds * RATE)) / RATE).astype(np.float32)


def test_an_octave_is_one_and_silence_is_zero():
    assert octave_centroid(tone(880), RATE) - octave_centroid(tone(440), RATE) == pytest.approx(1)
    assert octave_centroid(np.zeros(1000, np.float32), RATE) == 0


def test_rank_correlation_sees_order_alone():
    assert rank_correlation([0, 1, 2, 3], [1, 10, 11, 500]) == pytest.approx(1)
    assert rank_correlation([0, 1, 2, 3], [4, 3, 2, 1]) == pytest.approx(-1)


def test_what_does_not_change_has_no_order():
    assert rank_correlation([0, 1, 2, 3], [5, 5, 5, 5]) == 0
    assert rank_correlation([0, 1, 2, 3], [5, 5, 5, 6]) == pytest.approx(0.77, abs=0.01)


def test_loudness_lift_is_high_for_the_same_swells_and_none_for_others():
    rng = np.random.default_rng(0)

    def swelling(seed: int) -> np.ndarray:
        gains = np.random.default_rng(seed).uniform(0.01, 1, 80)
        return (np.repeat(gains, 4410) * rng.standard_normal(80 * 4410)).astype(np.float32)

    same = loudness_lift(swelling(1), swelling(1), RATE)
    other = loudness_lift(swelling(1), swelling(2), RATE)
    assert same > 0.7
    assert abs(other) < 0.25
    assert loudness_lift(np.zeros(80 * 4410, np.float32), swelling(1), RATE) == 0


def test_what_is_not_clearly_above_zero_falls_short():
    figures = {
        "bright": Figure(1.0, 0.5, 1.5, 8, "centroid"),
        "busy": Figure(0.2, -0.1, 0.5, 8, "onsets"),
    }
    (line,) = shortfalls(figures)
    assert line.startswith("control busy: onsets: +0.200 [-0.100 +0.500]")
    assert adherence.as_json(figures)["bright"]["pieces"] == 8
