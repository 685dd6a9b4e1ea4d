"""What the network is told about musical time: where each frame falls in the beat and the bar."""

from __future__ import annotations

import numpy as np

from sideman.models.conditions import CLOCK_CHANNELS

__all__ = ["clock_channels", "unknown_clock"]

REFERENCE_BPM = 110.0
PLACES = 8  # within a frame, as fine as the codec's levels
NEAR_SECONDS = 0.008


def clock_channels(
    beats: np.ndarray,
    bpm: np.ndarray | float,
    beats_per_bar: int,
    frame_seconds: float = 2048 / 44100,
) -> np.ndarray:
    """float32 [CLOCK_CHANNELS, n] for frames whose centres lie at `beats` [n] since a downbeat.

    Twelve rows: sine and cosine of the phase in the bar, half bar, beat, eighth and sixteenth; log2
    of the tempo over 110 bpm; 1 for "known". Then, for beats, eighths and sixteenths, how near each
    of eight places within the frame lies to one: exp(-(seconds / 0.008)^2 / 2). Older models read
    the first twelve.
    """
    beats = np.asarray(beats, dtype=np.float64)
    bpm = np.broadcast_to(np.asarray(bpm, dtype=np.float64), beats.shape)
    periods = (beats_per_bar, beats_per_bar / 2, 1.0, 0.5, 0.25)
    angles = [2 * np.pi * np.mod(beats / period, 1.0) for period in periods]
    tempo = np.log2(bpm / REFERENCE_BPM)
    rows = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    near = [row for period in (1.0, 0.5, 0.25) for row in _near(beats, bpm, period, frame_seconds)]
    return np.stack([*rows, tempo, np.ones_like(beats), *near]).astype(np.float32)


def _near(
    beats: np.ndarray, bpm: np.ndarray, period: float, frame_seconds: float
) -> np.ndarray:
    """How near each place of each frame lies to a line of the grid: [PLACES, n]."""
    places = ((np.arange(PLACES) + 0.5) / PLACES - 0.5)[:, None] * frame_seconds
    phase = np.mod((beats + places * bpm / 60.0) / period + 0.5, 1.0) - 0.5
    return np.exp(-0.5 * np.square(phase * period * 60.0 / bpm / NEAR_SECONDS))


def unknown_clock(frames: int) -> np.ndarray:
    """float32 zeros [CLOCK_CHANNELS, frames]: the network has learnt to do without."""
    return np.zeros((CLOCK_CHANNELS, frames), dtype=np.float32)
