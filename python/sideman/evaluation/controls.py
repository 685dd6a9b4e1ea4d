"""What a part is compared with: the truth, the codec's ceiling, and three cheap tricks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
import torch

from sideman.data.pieces import Piece
from sideman.errors import DataError

__all__ = ["another_piece", "reconstruction", "repeat_last_bar", "silence"]


class OfflineCodec(Protocol):
    """What is needed of models.codec.Codec here."""

    frame_samples: int

    def encode_all(self, audio: torch.Tensor) -> torch.Tensor: ...

    def decode_all(self, latents: torch.Tensor) -> torch.Tensor: ...


@torch.no_grad()
def reconstruction(codec: OfflineCodec, audio: np.ndarray) -> np.ndarray:
    """The audio after encoding and decoding, float32 [samples]: the best any model can sound."""
    whole = -len(audio) % codec.frame_samples
    padded = torch.from_numpy(np.pad(audio, (0, whole)).astype(np.float32))[None]
    return codec.decode_all(codec.encode_all(padded))[0, : len(audio)].numpy()


def another_piece(pieces: Sequence[Piece], index: int, part: str) -> np.ndarray:
    """The same part of the next piece that has it, repeated to the length of pieces[index].

    Raises DataError when no other piece has the part.
    """
    for step in range(1, len(pieces)):
        other = pieces[(index + step) % len(pieces)]
        if part in other.parts:
            return np.resize(other.audio(part), pieces[index].samples)
    raise DataError(f"cannot compare {part} with another piece: only one piece has it; add pieces")


def repeat_last_bar(piece: Piece, part: str) -> np.ndarray:
    """The true part one bar late: what a looper with a perfect ear would play, who follows a tempo
    that moves. The piece's beat has to be known."""
    audio = piece.audio(part)
    if piece.tempo is None:
        bar = round(piece.beats_per_bar * 60.0 / piece.bpm * piece.sample_rate)
        return np.pad(audio, (bar, 0))[: piece.samples]
    beats = piece.beat_at(np.arange(piece.samples))
    earlier = piece.sample_at(beats - piece.beats_per_bar)
    return np.interp(earlier, np.arange(piece.samples), audio, left=0.0).astype(np.float32)


def silence(piece: Piece) -> np.ndarray:
    """Nothing at all, float32 [samples]."""
    return np.zeros(piece.samples, dtype=np.float32)
