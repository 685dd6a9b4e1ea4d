"""How much the harmony changes, frame by frame; causal.

What sounds now is compared with what sounded before, by pitch class: chords change where a bar
begins rather than elsewhere (cf. Goto 2001, whose beat tracker knows the bar by them), which the
onsets alone hardly tell.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from sideman.streaming.onset_envelope import ENVELOPE_HOP, hann

__all__ = ["CLASSES", "chroma", "chroma_frames", "chroma_tail", "harmony_change"]

CLASSES = 12
_WINDOW_SECONDS = 8192 / 44100
_RANGE_HZ = (100.0, 2500.0)
_GAIN = 300.0  # what is 50 dB below full scale counts as silence
_NOW_SECONDS, _BEFORE_SECONDS = 0.2, 0.4
_TONAL = 0.25  # a chroma's share that is not common to all pitch classes; drums have less
_LEAST = 1e-3  # of a product of two lengths: less is silence


def chroma_tail(sample_rate: int) -> int:
    """How many samples before the first new one `chroma` needs."""
    return len(hann(_WINDOW_SECONDS, sample_rate)) - ENVELOPE_HOP


def chroma_frames(sample_rate: int) -> int:
    """How many frames before the first new one `harmony_change` needs."""
    now, before = _spans(sample_rate)
    return now + before - 1


def chroma(audio: np.ndarray, sample_rate: int) -> np.ndarray:
    """Log magnitude by pitch class, float32 [frames, 12], of audio float32 [tail + frames *
    ENVELOPE_HOP]. Frame i ends with sample tail + (i + 1) * ENVELOPE_HOP."""
    window, inside, bank = _tools(sample_rate)
    if not audio.any():  # many hops of silence may have to be heard at once
        return np.zeros(((len(audio) - len(window)) // ENVELOPE_HOP + 1, CLASSES), np.float32)
    frames = np.lib.stride_tricks.sliding_window_view(audio, len(window))[::ENVELOPE_HOP]
    heard = np.fft.rfft(frames * window, axis=1)[:, inside]
    return np.log1p(_GAIN * np.abs(heard).astype(np.float32)) @ bank


def harmony_change(classes: np.ndarray, sample_rate: int) -> np.ndarray:
    """Chroma float32 [before + frames, 12] -> change float32 [frames], 0 (none) to 2.

    One minus the cosine of the mean chroma of the last .2 s and of the .4 s before. What all pitch
    classes have in common, noise that is, counts in neither, and where that is nearly all, or
    nothing sounds, there is no change.
    """
    now, before = _spans(sample_rate)
    frames = len(classes) - chroma_frames(sample_rate)
    sums = np.cumsum(np.pad(classes, ((1, 0), (0, 0))), axis=0, dtype=np.float64)
    end = np.arange(frames) + now + before
    recent = (sums[end] - sums[end - now]) / now
    earlier = (sums[end - now] - sums[end - now - before]) / before
    least = _LEAST + _TONAL**2 * _lengths(recent, earlier)
    recent, earlier = (each - each.mean(axis=1, keepdims=True) for each in (recent, earlier))
    alike = ((recent * earlier).sum(axis=1) + least) / (_lengths(recent, earlier) + least)
    return np.clip(1.0 - alike, 0.0, 2.0).astype(np.float32)


def _lengths(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """Product of the lengths of rows."""
    return np.linalg.norm(one, axis=1) * np.linalg.norm(other, axis=1)


def _spans(sample_rate: int) -> tuple[int, int]:
    """Frames of now and of before."""
    per_second = sample_rate / ENVELOPE_HOP
    return round(_NOW_SECONDS * per_second), round(_BEFORE_SECONDS * per_second)


@lru_cache(maxsize=4)
def _tools(sample_rate: int) -> tuple[np.ndarray, slice, np.ndarray]:
    """Window [size], the bins that count, the share of each in the nearest pitch class [bins, 12]."""
    window = hann(_WINDOW_SECONDS, sample_rate)
    bins = np.fft.rfftfreq(len(window), 1.0 / sample_rate)
    inside = slice(*np.searchsorted(bins, _RANGE_HZ))
    semitones = 69 + 12 * np.log2(bins[inside] / 440.0)
    nearest = np.round(semitones).astype(int)
    bank = np.zeros((len(semitones), CLASSES), np.float32)
    bank[np.arange(len(bank)), nearest % CLASSES] = 1.0 - 2.0 * np.abs(semitones - nearest)
    return window, inside, bank
