"""Clock channels: phases of beat and bar, tempo, known."""

from __future__ import annotations

import numpy as np
import pytest

from sideman.models.clock import clock_channels, unknown_clock
from sideman.models.transformer import CLOCK_CHANNELS


def test_phases_repeat_each_bar_and_differ_within_it():
    now = clock_channels(np.array([1.25]), 120.0, 3)
    a_bar_later = clock_channels(np.array([4.25]), 120.0, 3)
    a_beat_later = clock_channels(np.array([2.25]), 120.0, 3)
    assert now == pytest.approx(a_bar_later, abs=1e-6)
    assert np.abs(now - a_beat_later).max() > 0.5


def test_beat_phase_and_tempo_are_where_the_docstring_says():
    channels = clock_channels(np.array([0.0, 0.25]), 220.0, 4)
    assert channels.shape == (CLOCK_CHANNELS, 2)
    assert channels[4:6, 1] == pytest.approx([1.0, 0.0], abs=1e-6)
    assert channels[10:, 0].tolist() == [1.0, 1.0]


def test_unknown_clock_is_told_apart_from_any_known_one():
    assert not unknown_clock(3).any()
    assert clock_channels(np.array([0.3]), 110.0, 4)[-1] == 1
