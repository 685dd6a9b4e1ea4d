"""The normalisation of the codec's latents, measured on music."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import torch

from sideman.data.pieces import Piece
from sideman.errors import DataError
from sideman.models.codec import Codec
from sideman.models.codec_analysis import COARSE_BANDS, HISTORY_SAMPLES, SEMITONES

__all__ = ["measure_statistics"]

AUDIBLE = 0.5  # a frame counts when some compressed channel exceeds this
SPARSE_FLOOR = 0.5  # least scale of a channel, as a share of its group's


@torch.no_grad()
def measure_statistics(
    codec: Codec,
    pieces: Sequence[Piece],
    done: Callable[[int, int], None] = lambda count, total: None,
) -> None:
    """Set codec.mean and codec.scale from the parts and the mixes of the pieces.

    Every semitone has its own mean; its scale is at least half of what semitones have on average,
    so that pitches that are hardly ever played are not blown up. The levels of one band share one
    mean and one scale: they are the same thing at successive times.

    Raises DataError when the pieces hold no sound.
    """
    total, squares = np.zeros(codec.channels), np.zeros(codec.channels)
    frames = 0
    for count, piece in enumerate(pieces, start=1):
        samples = piece.samples // codec.frame_samples * codec.frame_samples
        parts = [piece.audio(part)[:samples] for part in piece.parts]
        audio = torch.from_numpy(np.stack([*parts, np.sum(parts, axis=0)]))
        values = codec.measure(torch.nn.functional.pad(audio, (HISTORY_SAMPLES, 0)))
        heard = values[values.amax(dim=-1) > AUDIBLE].double().numpy()
        total, squares = total + heard.sum(axis=0), squares + np.square(heard).sum(axis=0)
        frames += len(heard)
        done(count, len(pieces))
    if not frames:
        raise DataError("cannot measure statistics: the pieces are silent; synthesise others")
    mean, power = total / frames, squares / frames
    mean, power = _shared(mean, SEMITONES), _shared(power, SEMITONES)
    deviation = np.sqrt(np.maximum(power - mean**2, 0.0))
    notes = deviation[:SEMITONES]
    notes[:] = np.maximum(notes, SPARSE_FLOOR * np.sqrt(np.mean(np.square(notes))))
    codec.mean.copy_(torch.from_numpy(mean))
    codec.scale.copy_(torch.from_numpy(np.maximum(deviation, 1e-2)))


def _shared(values: np.ndarray, notes: int) -> np.ndarray:
    """The same with every band's levels replaced by their average."""
    coarse = values[notes : notes + 4 * COARSE_BANDS].reshape(4, -1)
    fine = values[notes + 4 * COARSE_BANDS :].reshape(8, -1)
    levels = [np.broadcast_to(group.mean(axis=0), group.shape).ravel() for group in (coarse, fine)]
    return np.concatenate([values[:notes], *levels])
