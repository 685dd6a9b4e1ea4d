"""What a tracked clock does wrong, for training: the network must not trust a clock blindly."""

from __future__ import annotations

import numpy as np

__all__ = ["clock_errors"]

JITTER_SECONDS = 0.012
BIAS_SECONDS = 0.008
JITTER_MEMORY_SECONDS = 1.5
TEMPO_ERROR = 0.01
DOUBLE = 0.05
HALF = 0.05
HALF_BEAT = 0.04
WRONG_DOWNBEAT = 0.3
DROP_OUT = 0.15
CORRECTED = 0.15


def clock_errors(
    rng: np.random.Generator, beats: np.ndarray, bpm: np.ndarray | float, beats_per_bar: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The clock of n frames as a causal beat tracker would report it.

    beats: float64 [n], evenly spaced in time, since a downbeat; bpm: of each, or of all.
    Returns beats float64 [n], bpm float64 [n] and confidence float32 [n] in 0..1. Wrong octave, downbeat or half beat lasts for
    the whole sequence or is put right somewhere inside; phase wavers slowly; in a drop-out the
    confidence falls to 0.
    """
    beats = np.asarray(beats, dtype=np.float64)
    n = len(beats)
    tempo = np.broadcast_to(np.asarray(bpm, dtype=np.float64), n)
    seconds = _frame_seconds(beats, float(np.median(tempo)))
    factor, shift = _mistake(rng, beats_per_bar)
    wrong = _stretch(rng, n, CORRECTED)
    heard = np.where(wrong, beats * factor + shift, beats)
    tempo = np.where(wrong, tempo * factor, tempo)
    heard = heard + _waver(rng, n, seconds) * tempo / 60.0
    tempo = tempo * np.exp(rng.normal(0.0, TEMPO_ERROR))
    mistaken = wrong & ((factor != 1.0) | (shift % 1.0 != 0.0))
    return heard, tempo, _confidence(rng, n, seconds, mistaken)


def _frame_seconds(beats: np.ndarray, bpm: float) -> float:
    step = float(np.median(np.diff(beats))) if len(beats) > 1 else 0.0
    return step * 60.0 / bpm if step > 0 else 0.05


def _mistake(rng: np.random.Generator, beats_per_bar: int) -> tuple[float, float]:
    """Factor on the beats and shift in beats."""
    octave = rng.random()
    factor = 2.0 if octave < DOUBLE else 0.5 if octave < DOUBLE + HALF else 1.0
    shift = 0.5 if rng.random() < HALF_BEAT else 0.0
    if beats_per_bar > 1 and rng.random() < WRONG_DOWNBEAT:
        shift += float(rng.integers(1, beats_per_bar))
    return factor, shift


def _stretch(rng: np.random.Generator, n: int, corrected: float) -> np.ndarray:
    """bool [n]: everything, or everything up to a point."""
    end = int(rng.integers(n + 1)) if rng.random() < corrected else n
    return np.arange(n) < end


def _waver(rng: np.random.Generator, n: int, seconds: float) -> np.ndarray:
    """Phase error in seconds [n]: a constant lag and a slow random walk around it."""
    keep = np.exp(-seconds / JITTER_MEMORY_SECONDS)
    steps = rng.standard_normal(n) * JITTER_SECONDS * np.sqrt(1.0 - keep**2)
    error = np.empty(n)
    now = rng.normal(0.0, JITTER_SECONDS)
    for i in range(n):
        now = keep * now + steps[i]
        error[i] = now
    return error + rng.normal(0.0, BIAS_SECONDS)


def _confidence(
    rng: np.random.Generator, n: int, seconds: float, mistaken: np.ndarray
) -> np.ndarray:
    sure = np.where(mistaken, rng.uniform(0.2, 0.9), rng.uniform(0.5, 1.0))
    if rng.random() < DROP_OUT:
        start = int(rng.integers(n + 1))
        away = np.arange(n) - start
        fall = np.clip(1.0 - away * seconds, 0.0, 1.0)
        length = int(rng.uniform(1.0, 6.0) / seconds)
        rise = np.clip((away - length) * seconds, 0.0, 1.0)
        sure = sure * np.where(away < 0, 1.0, np.maximum(fall, rise))
    return sure.astype(np.float32)
