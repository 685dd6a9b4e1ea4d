"""Beats told causally against the true ones, and that both trackers are judged alike."""

from __future__ import annotations

import numpy as np
import pytest
from clicks import RATE, drums, steady

from sideman.evaluation import tracking_report
from sideman.evaluation.tracking import (
    HOP_SAMPLES,
    Tracked,
    autocorrelated,
    beat_f1,
    listened,
    summarise,
    told_beats,
)
from sideman.streaming.controls import Clock


def perfect(bpm: float, seconds: float):
    """A tracker that knows."""
    for end in range(HOP_SAMPLES, round(seconds * RATE), HOP_SAMPLES):
        yield end, Clock(bpm, (end / RATE - 0.3) * bpm / 60)


def test_a_perfect_clock_tells_every_beat_once():
    beats = steady(113, 20)
    told = told_beats(perfect(113, 20), 20 * RATE, RATE)
    assert beat_f1(told, beats) == 1.0
    assert np.diff(told).min() > 0.5


def test_beats_count_within_70_ms_after_8_seconds():
    beats = steady(100, 20)
    assert beat_f1(beats + 0.069, beats) == 1.0
    assert beat_f1(beats + 0.071, beats) == 0.0
    early_wrong = beats + np.where(beats < 8, 0.2, 0.0)
    assert beat_f1(early_wrong, beats) == 1.0


def test_half_and_double_tempo_cost_what_they_miss():
    beats = steady(100, 20)
    assert beat_f1(beats[::2], beats) == pytest.approx(2 / 3, abs=0.05)
    assert beat_f1(np.array([]), beats) == 0.0


def test_of_eighths_either_half_may_be_told():
    beats = steady(100, 20)
    eighths = np.sort(np.concatenate((beats, beats + 0.3)))
    assert beat_f1(beats + 0.3, beats) == 0.0
    assert beat_f1(beats + 0.3, eighths, 2) > 0.9


@pytest.mark.parametrize("tracker", [listened, autocorrelated])
def test_both_trackers_follow_plain_beats(tracker):
    beats = steady(108, 16)
    heard = drums(beats, 16)
    told = told_beats(tracker(heard, RATE), len(heard), RATE)
    assert beat_f1(told, beats) > 0.9


def test_a_silent_inlet_tells_no_beat_of_the_plain_tracker():
    silence = np.zeros(9 * RATE, np.float32)
    assert not len(told_beats(autocorrelated(silence, RATE), len(silence), RATE))


def test_the_report_groups_by_tempo_and_style(tmp_path):
    rows = [
        Tracked(f"piece-{n}", style, tempo, tracker, f1, f1)
        for n, (style, tempo, f1) in enumerate(
            [("rock", "constant", 0.8), ("rock", "drifting", 0.6), ("jazz", "drifting", 0.4)]
        )
        for tracker in ("sideman", "autocorrelation")
    ]
    by_tempo = summarise(rows, lambda row: row.tempo)
    assert by_tempo["drifting"]["sideman"]["f1"] == pytest.approx(0.5)
    assert by_tempo["drifting"]["sideman"]["takes"] == 2
    table = tracking_report.write(tmp_path, rows)
    assert "jazz" in table and "autocorrelation" in table
    assert (tmp_path / "clock.png").stat().st_size > 10_000
