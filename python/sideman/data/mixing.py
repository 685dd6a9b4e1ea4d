"""What a player may hear of the others: which of them, how loud, through what speaker and room."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

__all__ = ["heard_mix"]

GAIN_DB = 6.0
TONE_DB = 6.0
_TONE_HZ = (150.0, 4000.0)
_ROOM = 0.5
_ROOM_SECONDS = (0.12, 0.6)  # until its sound has fallen by 60 dB
_ROOM_DB = (-24.0, -8.0)
_LEAVING = 0.25
_AWAY_SECONDS = (1.0, 5.0)
_FADE_SECONDS = 0.05


def heard_mix(
    rng: np.random.Generator, others: Sequence[np.ndarray], samples: int, rate: int
) -> np.ndarray:
    """One mix of one or more of `others`, float32 [samples] each, as loud as they were together.

    Each at a level within +-6 dB; where there are several, one may be away for some seconds; the
    whole through a shelf of up to +-6 dB; every other time in a room.
    """
    if not others:
        return np.zeros(samples, np.float32)
    size = int(rng.integers(1, len(others) + 1))
    chosen = [others[i] for i in rng.permutation(len(others))[:size]]
    levels = 10 ** (rng.uniform(-GAIN_DB, GAIN_DB, size=size) / 20)
    if size > 1 and rng.random() < _LEAVING:
        chosen[0] = chosen[0] * _absence(rng, samples, rate)
    mix = np.sum([sound * np.float32(level) for sound, level in zip(chosen, levels)], axis=0)
    return _in_a_room(rng, _toned(rng, mix, rate), rate).astype(np.float32)


def _absence(rng: np.random.Generator, samples: int, rate: int) -> np.ndarray:
    """1, but 0 for some seconds, with fades: float32 [samples]."""
    first = int(rng.integers(samples))
    last = first + int(rng.uniform(*_AWAY_SECONDS) * rate)
    fade = max(1, int(_FADE_SECONDS * rate))
    knots = (first - fade, first, last, last + fade)
    return np.interp(np.arange(samples), knots, (1.0, 0.0, 0.0, 1.0)).astype(np.float32)


def _toned(rng: np.random.Generator, audio: np.ndarray, rate: int) -> np.ndarray:
    """Through a shelf of first order, its level kept: brighter or darker."""
    from scipy.signal import lfilter

    gain = 10 ** (rng.uniform(-TONE_DB, TONE_DB) / 20)
    corner = np.exp(rng.uniform(*np.log(_TONE_HZ)))
    pole = np.exp(-2 * np.pi * corner / rate)
    low = lfilter([1 - pole], [1, -pole], audio)
    return _as_loud(low + gain * (audio - low), audio)


def _in_a_room(rng: np.random.Generator, audio: np.ndarray, rate: int) -> np.ndarray:
    """With a tail of decaying noise behind it, or, every other time, as it is."""
    from scipy.signal import fftconvolve

    if rng.random() >= _ROOM:
        return audio
    seconds = rng.uniform(*_ROOM_SECONDS)
    wet = 10 ** (rng.uniform(*_ROOM_DB) / 20)
    time = np.arange(int(seconds * rate)) / rate
    tail = rng.standard_normal(len(time)) * 10 ** (-3 * time / seconds)
    tail *= wet / max(float(np.sqrt(np.square(tail).sum())), 1e-9)
    return _as_loud(audio + fftconvolve(audio, tail)[: len(audio)], audio)


def _as_loud(audio: np.ndarray, like: np.ndarray) -> np.ndarray:
    power = [float(np.square(sound, dtype=np.float64).mean()) for sound in (like, audio)]
    return audio * np.sqrt(power[0] / power[1]) if power[1] > 0 else audio
