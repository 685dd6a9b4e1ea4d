"""Short pieces on disk with known beats, and signals made of notes at known times."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sideman.audio import save
from sideman.data.pieces import Piece, load_piece

RATE = 44100
DOWNBEAT = 1000


def notes(times_s, pitches, seconds: float, length_s: float = 0.2) -> np.ndarray:
    """Decaying tones with four harmonics, MIDI `pitches` at `times_s`: float32 [samples]."""
    audio = np.zeros(int(seconds * RATE), dtype=np.float32)
    clock = np.arange(int(length_s * RATE)) / RATE
    fade = np.exp(-3 * clock / length_s) * np.minimum(1, (length_s - clock) / 0.01)
    for time_s, pitch in zip(times_s, pitches):
        hertz = 440 * 2 ** ((pitch - 69) / 12)
        tone = sum(np.sin(2 * np.pi * k * hertz * clock) / k for k in (1, 2, 3, 4))
        start = int(time_s * RATE)
        audio[start : start + len(tone)] += 0.2 * (fade * tone)[: len(audio) - start]
    return audio


def write_piece(folder: Path, number: int, seconds: float = 6.0) -> Piece:
    """A piece of bass and drums at 110 + 10 * number bpm, every note on an eighth."""
    bpm = 110.0 + 10 * number
    rng = np.random.default_rng(number)
    home = folder / f"piece-{number}"
    eighths = DOWNBEAT / RATE + np.arange(int(seconds * bpm / 30) - 1) * 30 / bpm
    bass = notes(eighths, 36 + rng.integers(0, 12, len(eighths)), seconds)
    drums = notes(eighths, [90] * len(eighths), seconds, length_s=0.05)
    save(home / "bass.flac", bass, RATE)
    save(home / "drums.flac", drums, RATE)
    card = {
        "id": home.name, "style": "test", "key": "C", "bpm": bpm, "beats_per_bar": 4,
        "downbeat_sample": DOWNBEAT, "samples": len(bass), "parts": ["bass", "drums"],
        "chords": [[0.0, 0, "maj"]],
    }
    (home / "piece.json").write_text(json.dumps(card))
    return load_piece(home)
