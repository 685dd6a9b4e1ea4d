"""Encoded pieces whose parts follow what is heard and the beat, so that a tiny model can learn."""

from __future__ import annotations

import numpy as np
import torch

from sideman.data.grooves import STYLES
from sideman.data.latents import LatentPiece


def small_piece(number: int, channels: int = 6, frames: int = 80) -> LatentPiece:
    """A bass that repeats the music 7 frames late, louder on the beat."""
    generator = torch.Generator().manual_seed(number)
    beats = np.arange(frames) / 8 + number / 5
    music = torch.randn(1, channels, frames, generator=generator)
    beat = torch.from_numpy(np.sin(2 * np.pi * beats)).float()
    part = 0.7 * music[0].roll(7, dims=1) + beat
    return LatentPiece(
        id=f"piece-{number}",
        parts={"bass": part.half()},
        contexts={"bass": music.half()},
        beats=beats,
        bpm=120.0,
        beats_per_bar=4,
        style=tuple(STYLES)[number % len(STYLES)],
    )
