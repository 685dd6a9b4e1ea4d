"""What the network is told about musical time: where each frame falls in the beat and the bar."""

from __future__ import annotations

import numpy as np

from sideman.models.conditions import CLOCK_CHANNELS

__all__ = ["clock_channels", "unknown_clock"]

REFERENCE_BPM = 110.0


def clock_channels(
    beats: np.ndarray, bpm: np.ndarray | float, beats_per_bar: int
) -> np.ndarray:
    """float32 [CLOCK_CHANNELS, n] for frames whose centres lie at `beats` [n] since a downbeat.

    Sine and cosine of the phase in the bar, half bar, beat, eighth and sixteenth; log2 of the tempo
    over 110 bpm; 1 for "known".
    """
    beats = np.asarray(beats, dtype=np.float64)
    periods = (beats_per_bar, beats_per_bar / 2, 1.0, 0.5, 0.25)
    angles = [2 * np.pi * np.mod(beats / period, 1.0) for period in periods]
    tempo = np.broadcast_to(np.log2(np.asarray(bpm, dtype=np.float64) / REFERENCE_BPM), beats.shape)
    rows = [wave(angle) for angle in angles for wave in (np.sin, np.cos)]
    return np.stack([*rows, tempo, np.ones_like(beats)]).astype(np.float32)


def unknown_clock(frames: int) -> np.ndarray:
    """float32 zeros [CLOCK_CHANNELS, frames]: the network has learnt to do without."""
    return np.zeros((CLOCK_CHANNELS, frames), dtype=np.float32)
