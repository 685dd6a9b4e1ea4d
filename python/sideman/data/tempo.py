"""Tempo that moves: where the beats of a piece lie in time, as a broken line through knots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sideman.errors import SettingsError

__all__ = ["TEMPOS", "TempoMap", "draw_tempo"]

TEMPOS = ("constant", "drifting", "changing", "rubato")
_DRIFT = (0.04, 0.08)
_JUMP = (1.08, 1.25)
_ARC = (0.05, 0.1)
_HESITATION = 0.02
_KNOT_BEATS = 0.5


@dataclass(frozen=True)
class TempoMap:
    """Beats and the seconds at which they fall, both from the first downbeat, both rising.

    Between two knots, and beyond the first and last, the tempo is constant.
    """

    kind: str
    beats: tuple[float, ...]
    seconds: tuple[float, ...]

    def __post_init__(self) -> None:
        rising = all(np.all(np.diff(line) > 0) for line in (self.beats, self.seconds))
        if len(self.beats) != len(self.seconds) or len(self.beats) < 2 or not rising:
            raise ValueError("a tempo map needs two or more knots, rising in beats and in seconds")

    def seconds_at(self, beat: np.ndarray | float) -> np.ndarray | float:
        """Seconds since the first downbeat at a beat."""
        return _along(beat, self.beats, self.seconds)

    def beat_at(self, seconds: np.ndarray | float) -> np.ndarray | float:
        """Beat at some seconds since the first downbeat."""
        return _along(seconds, self.seconds, self.beats)

    def bpm_at(self, seconds: np.ndarray | float) -> np.ndarray | float:
        """Tempo at some seconds since the first downbeat."""
        left = _segment(seconds, self.seconds)
        beats, times = np.asarray(self.beats), np.asarray(self.seconds)
        return 60.0 * (beats[left + 1] - beats[left]) / (times[left + 1] - times[left])


def draw_tempo(
    rng: np.random.Generator,
    kind: str,
    bpm: float,
    beats_per_bar: int,
    bars: int,
    section_bars: Sequence[int],
) -> TempoMap | None:
    """A tempo curve of one kind around `bpm`, for a piece of `bars` bars; None for constant.

    drifting: a smooth random walk, 4 to 8 % away at most. changing: jumps of 8 to 25 % at one or
    two of `section_bars`, there and back. rubato: each phrase of four bars leans forward and holds
    back, and no two beats are quite alike. Raises SettingsError for another kind.
    """
    if kind not in TEMPOS:
        raise SettingsError(f"unknown tempo {kind!r}: there are {', '.join(TEMPOS)}; name one")
    if kind == "constant":
        return None
    beats = np.arange(0.0, bars * beats_per_bar + _KNOT_BEATS, _KNOT_BEATS)
    bar = beats[:-1] / beats_per_bar
    if kind == "drifting":
        logs = _walk(rng, bar, bars)
    elif kind == "changing":
        logs = _jumps(rng, bar, bars, section_bars)
    else:
        logs = _phrases(rng, bar)
    seconds = np.cumsum(np.diff(beats) * 60.0 / (bpm * np.exp(logs)))
    knots = np.round(np.concatenate(([0.0], seconds)), 6)
    return TempoMap(kind, tuple(map(float, beats)), tuple(map(float, knots)))


def _walk(rng: np.random.Generator, bar: np.ndarray, bars: int) -> np.ndarray:
    """Log tempo over nominal: a random walk by bars, smoothed over four."""
    steps = np.cumsum(rng.standard_normal(bars + 8))
    smooth = np.convolve(steps, np.hanning(6)[1:-1], mode="valid")[: bars + 1]
    curve = np.interp(bar, np.arange(len(smooth)), smooth)
    curve = curve - (curve.max() + curve.min()) / 2
    return curve / max(float(np.abs(curve).max()), 1e-9) * np.log1p(rng.uniform(*_DRIFT))


def _jumps(
    rng: np.random.Generator, bar: np.ndarray, bars: int, section_bars: Sequence[int]
) -> np.ndarray:
    """Log tempo over nominal: steps at section boundaries, the second one back towards it."""
    inner = [b for b in section_bars if 0 < b < bars] or [max(1, bars // 2)]
    chosen = np.sort(rng.permutation(inner)[: int(rng.integers(1, 3))])
    sign = 1.0 if rng.random() < 0.5 else -1.0
    logs = np.zeros_like(bar)
    for place in chosen:
        logs = logs + np.where(bar >= place, sign * np.log(rng.uniform(*_JUMP)), 0.0)
        sign = -sign
    return logs


def _phrases(rng: np.random.Generator, bar: np.ndarray) -> np.ndarray:
    """Log tempo over nominal: slow, fast, slow in every four bars, with a little hesitation."""
    depth = rng.uniform(*_ARC, int(bar[-1]) // 4 + 1)[(bar // 4).astype(int)]
    return -depth * np.cos(2 * np.pi * bar / 4) + rng.normal(0.0, _HESITATION, len(bar))


def _segment(x: np.ndarray | float, knots: Sequence[float]) -> np.ndarray:
    """Index of the segment that holds x; the first and last reach on for ever."""
    return np.clip(np.searchsorted(knots, x, side="right") - 1, 0, len(knots) - 2)


def _along(
    x: np.ndarray | float, knots: Sequence[float], values: Sequence[float]
) -> np.ndarray | float:
    left = _segment(x, knots)
    at, to = np.asarray(knots), np.asarray(values)
    slope = (to[left + 1] - to[left]) / (at[left + 1] - at[left])
    found = to[left] + (np.asarray(x, dtype=np.float64) - at[left]) * slope
    return float(found) if np.ndim(x) == 0 else found
