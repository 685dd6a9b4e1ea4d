"""A sketch: what a musician shows of how a part shall go, frame by frame, without its sound.

Pitch salience (the strongest semitones of the codec's constant-Q analysis, after the top-k CQT
control of LMDM's section on sketches), loudness, and onsets. A component that is not given is zero
together with its flag.
"""

from __future__ import annotations

import torch

__all__ = ["ONSETS", "SKETCH_CHANNELS", "sketch_of", "without"]

PITCHES = 72
TOP = 4
ONSETS = 4
SKETCH_CHANNELS = PITCHES + 1 + ONSETS + 3
GROUPS = {
    "pitch": (slice(0, PITCHES), PITCHES + 1 + ONSETS),
    "loudness": (slice(PITCHES, PITCHES + 1), PITCHES + 2 + ONSETS),
    "onsets": (slice(PITCHES + 1, PITCHES + 1 + ONSETS), PITCHES + 3 + ONSETS),
}
SILENT_NOTE = 0.7


def sketch_of(notes: torch.Tensor, levels: torch.Tensor, before: torch.Tensor) -> torch.Tensor:
    """[B, PITCHES, n] log amplitudes and [B, 8, n] log levels of sub-frames -> [B, SKETCH_CHANNELS, n].

    before [B, 8, 1]: the levels of the frame before the first, so that no onset falls between hops.
    """
    flat = torch.cat((before[:, -1], levels.transpose(1, 2).flatten(1)), dim=1)
    rises = (flat[:, 1:] - flat[:, :-1]).clamp(0.0, 2.0) / 2
    rises = rises.unflatten(1, (-1, ONSETS, 2)).amax(-1).transpose(1, 2)
    loudness = (levels.mean(dim=1, keepdim=True) - 2.0) / 2
    return torch.cat((_salience(notes), loudness, rises, torch.ones_like(rises[:, :3])), dim=1)


def without(sketch: torch.Tensor, group: str) -> torch.Tensor:
    """The sketch [..., SKETCH_CHANNELS, n] with one of pitch, loudness, onsets not given."""
    channels, flag = GROUPS[group]
    left = sketch.clone()
    left[..., channels, :] = 0
    left[..., flag, :] = 0
    return left


def _salience(notes: torch.Tensor) -> torch.Tensor:
    """The TOP local peaks of each frame, relative to the highest; nothing in silence."""
    padded = torch.nn.functional.pad(notes, (0, 0, 1, 1), value=0.0)
    peak = (notes >= padded[:, :-2]) & (notes > padded[:, 2:]) & (notes > SILENT_NOTE)
    peaks = torch.where(peak, notes, torch.zeros_like(notes))
    strongest = peaks.topk(TOP, dim=1).values
    kept = torch.where(peaks >= strongest[:, -1:], peaks, torch.zeros_like(peaks))
    return kept / strongest[:, :1].clamp(min=1e-6)
