"""Clock channels: phases of beat and bar, tempo, known."""

from __future__ import annotations

import numpy as np
import pytest

from sideman.models.clock import PLACES, clock_channels, unknown_clock
from sideman.models.conditions import CLOCK_CHANNELS


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
    assert channels[10:12, 0].tolist() == [1.0, 1.0]


def test_nearness_peaks_in_the_place_of_the_frame_where_the_line_falls():
    frame = 2048 / 44100
    for place in range(PLACES):
        offset = ((place + 0.5) / PLACES - 0.5) * frame * 120 / 60
        near = clock_channels(np.array([3.0 - offset]), 120.0, 4)[12:, 0].reshape(3, PLACES)
        assert near.argmax(axis=1).tolist() == [place] * 3
        assert near[:, place] == pytest.approx([1.0] * 3, abs=1e-6)
    eighth = clock_channels(np.array([3.5]), 120.0, 4)[12:, 0].reshape(3, PLACES)
    assert eighth[0].max() < 1e-6 and eighth[1].max() > 0.9 and eighth[2].max() > 0.9

def test_unknown_clock_is_told_apart_from_any_known_one():
    assert not unknown_clock(3).any()
    assert clock_channels(np.array([0.3]), 110.0, 4)[11] == 1
