"""The words by which the composed music can be asked for: its styles, and how a part sounds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import nn

from sideman.data.grooves import STYLES
from sideman.data.latents import LatentPiece

__all__ = ["TAGS", "Tagger", "groups_among"]

GROUPS: tuple[tuple[str, ...], ...] = (tuple(STYLES), ("dark", "bright"), ("sparse", "busy"))
TAGS = tuple(tag for group in GROUPS for tag in group)
MANY = 400  # crops from which the outer thirds of each part are found


def groups_among(known: Sequence[str]) -> list[list[str]]:
    """The tags of `known` in groups of which one tag holds at a time."""
    grouped = ([tag for tag in group if tag in known] for group in GROUPS)
    return [group for group in grouped if group]


class Tagger:
    """Finds the tags of a crop among those `known`; "bright" is the upper third of its own part,
    and so on.

    The thirds are measured on random crops of `pieces` of `frames` frames. Raises nothing: a part
    that no piece has gets no tags of sound.
    """

    def __init__(
        self,
        codec: nn.Module,
        pieces: Sequence[LatentPiece],
        parts: Sequence[str],
        frames: int,
        known: Sequence[str] = TAGS,
    ):
        self.codec = codec
        self.known = tuple(known)
        rng = np.random.default_rng(0)
        self.thirds: dict[str, np.ndarray] = {}
        for part in parts:
            having = [p for p in pieces if part in p.parts and p.frames >= frames]
            crops = []
            for piece in rng.permutation(np.arange(len(having)))[:MANY]:
                latents = having[piece].parts[part]
                start = int(rng.integers(latents.shape[-1] - frames + 1))
                crops.append(latents[:, start : start + frames])
            if crops:
                measures = [m for crop in crops if (m := self.measure(crop)) is not None]
                if measures:
                    self.thirds[part] = np.quantile(np.stack(measures), (1 / 3, 2 / 3), axis=0)

    @torch.no_grad()
    def measure(self, latents: torch.Tensor) -> np.ndarray | None:
        """(brightness, onsets per frame) of latents [D, n]; None for silence.

        Brightness: mean index of the band, weighted by level. An onset is a rise of the log level
        by at least 0.7 from one sub-frame to the next two.
        """
        levels = self.codec.band_levels(latents[None].float())[0]
        weight = levels.sum((0, 2))
        if float(weight.sum()) < 1e-2:
            return None
        index = torch.arange(len(weight), dtype=weight.dtype)
        flat = self.codec.loudness(latents[None].float())[0].T.flatten()
        rise = flat[2:] - flat[:-2] > 0.7
        starts = rise[1:] & ~rise[:-1]
        return np.array(
            [float((index * weight).sum() / weight.sum()), float(starts.sum()) / levels.shape[-1]]
        )

    def tags(self, piece: LatentPiece, part: str, latents: torch.Tensor) -> np.ndarray:
        """float32 [known], 1 where a tag holds for a crop [D, n] of `part`."""
        holding = {piece.style}
        measured = self.measure(latents) if part in self.thirds else None
        if measured is not None:
            for place, (low, high) in enumerate((("dark", "bright"), ("sparse", "busy"))):
                lower, upper = self.thirds[part][:, place]
                if measured[place] < lower:
                    holding.add(low)
                elif measured[place] > upper:
                    holding.add(high)
        return np.array([tag in holding for tag in self.known], np.float32)
