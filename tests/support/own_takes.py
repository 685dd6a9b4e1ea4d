"""Recordings as a musician would leave them in a folder: a part and what is played around it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from note_pieces import RATE, notes

from sideman.audio import save


def played(seconds: float, seed: int, bpm: float = 120.0) -> tuple[np.ndarray, np.ndarray]:
    """A line in eighths and the bass and clicks around it, float32 [samples]."""
    rng = np.random.default_rng(seed)
    beats = np.arange(0, seconds - 0.5, 60 / bpm)
    eighths = np.arange(0, seconds - 0.5, 30 / bpm)
    part = notes(eighths, 60 + rng.integers(0, 12, len(eighths)), seconds)
    bass = notes(beats, 36 + rng.integers(0, 12, len(beats)), seconds, length_s=0.4)
    clicks = notes(eighths, [96] * len(eighths), seconds, length_s=0.03)
    return part, bass + clicks


def write_take(
    folder: Path, name: str, seconds: float = 8.0, seed: int = 0, mixed: bool = False, rate: int = RATE
) -> None:
    """`name part.wav` and, beside it, its context or its mix."""
    part, context = played(seconds, seed)
    save(folder / f"{name} part.wav", part, rate)
    kind, beside = ("mix", part + context) if mixed else ("context", context)
    save(folder / f"{name} {kind}.wav", beside, rate)
