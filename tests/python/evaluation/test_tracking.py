"""Beats told causally against the true ones, and that both trackers are judged alike."""

from __future__ import annotations

from dataclasses import replace

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
    track,
    true_beats,
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


def test_music_that_ends_before_8_seconds_says_nothing_of_a_tracker():
    beats = steady(100, 7.5)
    assert beat_f1(beats, beats) is None
    rows = [
        Tracked("short", "rock", "constant", "sideman", None, None),
        Tracked("long", "rock", "constant", "sideman", 0.8, 0.9),
    ]
    figures = summarise(rows, lambda row: row.style)["rock"]["sideman"]
    assert (figures["f1"], figures["eighth_f1"], figures["takes"]) == (0.8, 0.9, 1)


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


def test_downbeats_need_the_right_metre_and_the_right_one_of_the_beats():
    bars = steady(112 / 4, 20)

    def told(beats_per_bar: int, shift: int = 0) -> np.ndarray:
        clocks = (
            (end, replace(clock, beat=(clock.beat + shift) % beats_per_bar, beats_per_bar=beats_per_bar))
            for end, clock in perfect(112, 20)
        )
        return told_beats(clocks, 20 * RATE, RATE, bars=True)

    assert beat_f1(told(4), bars) == 1.0
    assert beat_f1(told(4, shift=1), bars) == 0.0
    assert beat_f1(told(3), bars) < 0.5


def test_pieces_of_three_have_bars_of_three(pieces, monkeypatch):
    monkeypatch.setattr("sideman.evaluation.tracking.SETTLED_S", 1.0)  # they last 6 s
    piece = replace(pieces[0], beats_per_bar=3)
    downbeats, beats = true_beats(piece, 1 / 3), true_beats(piece, 1)
    assert len(beats) / 3 == pytest.approx(len(downbeats), abs=1)
    assert all(np.abs(beats - moment).min() < 0.005 for moment in downbeats)
    row = track(piece, piece.parts[0])
    assert row[0].bar_f1 is not None and row[1].bar_f1 is None


def test_the_report_groups_by_tempo_and_style(tmp_path):
    rows = [
        Tracked(f"piece-{n}", style, tempo, tracker, f1, f1, 0.5 if tracker == "sideman" else None)
        for n, (style, tempo, f1) in enumerate(
            [("rock", "constant", 0.8), ("rock", "drifting", 0.6), ("jazz", "drifting", 0.4)]
        )
        for tracker in ("sideman", "autocorrelation")
    ]
    by_tempo = summarise(rows, lambda row: row.tempo)
    assert by_tempo["drifting"]["sideman"]["f1"] == pytest.approx(0.5)
    assert by_tempo["drifting"]["sideman"]["takes"] == 2
    table = tracking_report.write(tmp_path, rows)
    assert "jazz" in table and "autocorrelation" in table and "bars 0.50" in table
    assert (tmp_path / "clock.png").stat().st_size > 10_000
