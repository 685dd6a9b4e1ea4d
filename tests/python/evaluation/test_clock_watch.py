"""A heard clock counts as right where it is, and seldom where its phase is a guess."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from note_pieces import write_piece

from sideman.evaluation.clock_watch import SETTLED_S, ClockWatch
from sideman.evaluation.thresholds import RIGHT_OFTEN, TRACKER_RIGHT
from sideman.streaming.controls import Clock

LEAD_S = 0.25


@pytest.fixture(scope="module")
def piece(tmp_path_factory):
    return write_piece(tmp_path_factory.mktemp("piece"), 0)


def at(piece, bpm: float):
    """The piece as far as its beat goes, at another tempo."""
    beat_at = lambda sample: bpm / 60 * (np.asarray(sample) - 1000) / 44100  # noqa: E731
    return SimpleNamespace(sample_rate=44100, beat_known=True, beat_at=beat_at)


def share_right(
    piece, bpm: float, beats_off: float, tempo: float = 1.0, sure: float = 1.0,
    seconds: float = SETTLED_S + 5,
) -> float | None:
    """Of a clock that is as far off throughout; the state of the session is the slot."""

    def heard_clock(slot):
        beat = float(piece.beat_at(slot)) + beats_off
        return Clock(tempo * bpm, beat, confidence=sure).moved(-LEAD_S)

    session = SimpleNamespace(heard_clock=heard_clock, lead_frames=1, frame_seconds=LEAD_S)
    watch = ClockWatch(session, piece)
    for slot in range(0, round(seconds * 44100), 8192):
        watch(slot, slot)
    return watch.share_right


@pytest.mark.parametrize("bpm", [60, 90, 120, 150, 200])
def test_who_guesses_the_phase_is_right_in_a_quarter_of_the_takes_at_any_tempo(piece, bpm):
    phases = (np.arange(200) + 0.5) / 200
    right = [share_right(at(piece, bpm), bpm, off) >= TRACKER_RIGHT for off in phases]
    assert np.mean(right) == pytest.approx(0.25, abs=0.02)
    assert np.mean(right) < RIGHT_OFTEN - 0.05


def test_who_is_off_by_less_is_right_on_beat_and_offbeat(piece):
    for off in (0.0, 0.05, -0.05, 0.5, 0.55, 3.0):
        assert share_right(at(piece, 120), 120, off) == 1
    for off in (0.07, -0.07, 0.25, 0.43):
        assert share_right(at(piece, 120), 120, off) == 0


def test_slow_eighths_allow_70_ms_and_no_more(piece):
    assert share_right(at(piece, 40), 40, 0.045) == 1
    assert share_right(at(piece, 40), 40, 0.05) == 0


def test_another_tempo_and_an_unsure_clock_are_not_right(piece):
    assert share_right(at(piece, 120), 120, 0.0, tempo=1.1) == 0
    assert share_right(at(piece, 120), 120, 0.0, sure=0.4) == 0


def test_music_that_ends_before_8_seconds_says_nothing_of_the_clock(piece):
    assert share_right(at(piece, 120), 120, 0.0, seconds=SETTLED_S - 0.5) is None
