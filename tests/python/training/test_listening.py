"""The beat of a recording: heard from its first bar, or said to be unknown."""

from __future__ import annotations

import numpy as np
import pytest
from own_takes import RATE, played

from sideman.streaming.controls import Clock
from sideman.training.listening import _tempo_map, heard_beat


@pytest.mark.parametrize("bpm", [92.0, 120.0, 133.0])
def test_an_even_beat_is_found_from_the_start_to_the_end(bpm):
    part, around = played(20.0, 1, bpm)
    tempo, bar = heard_beat(part + around, RATE)
    moments = np.arange(1.0, 19.0, 60 / bpm / 2)
    apart = (np.asarray(tempo.beat_at(moments)) - moments * bpm / 60 + 0.25) % 0.5 - 0.25
    assert np.median(np.abs(apart)) < 0.06  # beats or offbeats, not in between
    assert bar in (3, 4)


def test_noise_and_silence_have_no_beat():
    noise = np.random.default_rng(0).standard_normal(20 * RATE).astype(np.float32) / 10
    assert heard_beat(np.zeros(20 * RATE, np.float32), RATE) is None
    assert heard_beat(noise * np.linspace(1, 0.2, len(noise), dtype=np.float32), RATE) is None


def test_a_recording_of_a_second_is_too_short_to_tell():
    assert heard_beat(played(1.0, 0)[0], RATE) is None


def test_where_the_count_is_put_right_the_tempo_stays_one_that_music_has():
    clocks = [Clock(120.0, (0.37 * k) % 4) for k in range(40)]
    clocks[20:] = [Clock(120.0, (0.37 * k - 0.49) % 4) for k in range(20, 40)]
    tempo = _tempo_map(clocks, 0.185)
    told = tempo.bpm_at(np.arange(0.0, 7.4, 0.1))
    assert 80 < told.min() and told.max() < 180
