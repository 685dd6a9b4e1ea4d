"""Drums whose beats are known, a bare metronome, and chords that change when they are told to."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

RATE = 44100


def clicks(beats: np.ndarray, seconds: float, seed: int = 0) -> np.ndarray:
    """A metronome: a bright click on every beat, float32 [samples]."""
    rng = np.random.default_rng(seed)
    return _placed([(beat, _noise(rng, 0.3, 0.008)) for beat in beats], seconds, rng)


def drums(beats: np.ndarray, seconds: float, seed: int = 0) -> np.ndarray:
    """Bass drum on 1 and 3, snare on 2 and 4, hi-hat in eighths: float32 [samples]."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(0.12 * RATE)) / RATE
    bass = 0.7 * np.sin(2 * np.pi * 55 * t) * np.exp(-t / 0.04)
    sounds = []
    for number, beat in enumerate(beats):
        sounds.append((beat, bass if number % 2 == 0 else _noise(rng, 0.25, 0.05)))
        sounds.append((beat, _noise(rng, 0.08, 0.01)))
        if number + 1 < len(beats):
            sounds.append(((beat + beats[number + 1]) / 2, _noise(rng, 0.08, 0.01)))
    return _placed(sounds, seconds, rng)


def chords(
    changes: Sequence[tuple[float, Sequence[int]]], seconds: float, rate: int = RATE
) -> np.ndarray:
    """Chords of MIDI pitches, each held from its moment to the next one's, float32 [samples]."""
    audio = np.zeros(round(seconds * rate))
    ends = [moment for moment, _ in changes[1:]] + [seconds]
    for (start, pitches), end in zip(changes, ends, strict=True):
        t = np.arange(round((end - start) * rate)) / rate
        ramp = np.minimum(1.0, np.minimum(t, t[::-1]) / 0.005)
        first = round(start * rate)
        for pitch in pitches:
            sound = 0.1 * ramp * np.sin(2 * np.pi * 440 * 2 ** ((pitch - 69) / 12) * t)
            audio[first : first + len(t)] += sound[: len(audio) - first]
    return audio.astype(np.float32)


def steady(bpm: float, seconds: float, first: float = 0.3) -> np.ndarray:
    """Beats in seconds."""
    return np.arange(first, seconds, 60 / bpm)


def _noise(rng: np.random.Generator, gain: float, fall: float) -> np.ndarray:
    t = np.arange(round(4 * fall * RATE)) / RATE
    return gain * rng.standard_normal(len(t)) * np.exp(-t / fall)


def _placed(
    sounds: list[tuple[float, np.ndarray]], seconds: float, rng: np.random.Generator
) -> np.ndarray:
    audio = 1e-4 * rng.standard_normal(round(seconds * RATE))
    for moment, sound in sounds:
        start = round(moment * RATE)
        end = min(len(audio), start + len(sound))
        if start < len(audio):
            audio[start:end] += sound[: end - start]
    return audio.astype(np.float32)
