"""How strongly something begins, frame by frame, in three bands; causal."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

__all__ = ["BANDS", "ENVELOPE_HOP", "envelope_tail", "hann", "onset_envelope"]

ENVELOPE_HOP = 512
BANDS = ("low", "mid", "high")
_EDGES_HZ = (30.0, 180.0, 1500.0, 12000.0)
_SUBBANDS = (3, 10, 10)
_WINDOW_SECONDS = 1024 / 44100
_GAIN = 1000.0  # what is 60 dB below full scale counts as silence


def envelope_tail(sample_rate: int) -> int:
    """How many samples before the first new one the envelope needs."""
    return len(hann(_WINDOW_SECONDS, sample_rate))


def onset_envelope(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Log spectral flux float32 [frames, bands] of audio float32 [tail + frames * ENVELOPE_HOP].

    Frame i ends with sample tail + (i + 1) * ENVELOPE_HOP. Rise of the log magnitude since the
    frame before, summed over the subbands of each band (Bello et al. 2005, eq. 5; Böck and Widmer
    2013, section 2).
    """
    window, bank, groups = _tools(sample_rate)
    size = len(window)
    frames = np.lib.stride_tricks.sliding_window_view(audio, size)[::ENVELOPE_HOP]
    magnitude = np.abs(np.fft.rfft(frames * window, axis=1)).astype(np.float32)
    level = np.log1p(_GAIN * (magnitude @ bank))
    rise = np.maximum(np.diff(level, axis=0), 0.0)
    return rise @ groups


@lru_cache(maxsize=8)
def hann(seconds: float, sample_rate: int) -> np.ndarray:
    """A window of about so many seconds, float32 [a power of two], that leaves a sine its amplitude."""
    window = np.hanning((1 << round(np.log2(seconds * sample_rate))) + 1)[:-1].astype(np.float32)
    return window * np.float32(2.0 / window.sum())


@lru_cache(maxsize=4)
def _tools(sample_rate: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Window [size], subbands [bins, subbands], which subband counts for which band."""
    window = hann(_WINDOW_SECONDS, sample_rate)
    bins = np.fft.rfftfreq(len(window), 1.0 / sample_rate)
    columns, groups = [], []
    for band, count in enumerate(_SUBBANDS):
        edges = np.geomspace(_EDGES_HZ[band], _EDGES_HZ[band + 1], count + 1)
        for low, high in zip(edges[:-1], edges[1:], strict=True):
            inside = (bins >= low) & (bins < high)
            if not inside.any():
                inside[np.argmin(np.abs(bins - (low + high) / 2))] = True
            columns.append(inside / np.sqrt(inside.sum()))
            groups.append(np.eye(len(_SUBBANDS))[band] / count)
    bank = np.stack(columns, axis=1).astype(np.float32)
    return window, bank, np.stack(groups).astype(np.float32)
