"""Tells the sound of real parts from that of rollouts: convolutions over cepstra.

Ours. The discriminator of latents (ARC-Forcing) weighs every channel alike, whether it can be
heard or not; what is below the codec's gate is silence to the ear and any number in latents.
"""

from __future__ import annotations

import math

import torch
from torch import nn
from torch.nn import functional

from sideman.models.discriminator import PatchHead

__all__ = ["SoundDiscriminator"]

SLOWEST = 0.01  # how much of what it knows of real sound a batch replaces, once it knows some
LEAST_SPREAD = 0.05  # natural log; a coefficient that never moves shall not count for all


class SoundDiscriminator(nn.Module):
    """Scores of log-mel levels, knowing which part they shall be of.

    Neighbouring bands rise and fall together, so the levels themselves show little but loudness:
    their cosine transform over bands, each coefficient in units of its spread in real parts, shows
    colour as large. bands: of the levels; parts: how many there are; head: channels of the first
    stage.
    """

    def __init__(self, bands: int, parts: int, head: int = 32):
        super().__init__()
        self.part = nn.Embedding(parts, 2 * head)
        self.coefficients = nn.Conv1d(bands, 2 * head, 1)
        self.head = PatchHead(2 * head, head)
        self.register_buffer("transform", _cosines(bands), persistent=False)
        self.register_buffer("mean", torch.zeros(parts, bands))
        self.register_buffer("square", torch.ones(parts, bands))
        self.register_buffer("batches", torch.zeros(parts))

    def forward(self, levels: torch.Tensor, part: torch.Tensor) -> torch.Tensor:
        """Levels [B, bands, n] of parts [B] -> scores [B, about n / 4]."""
        mean, square = self.mean[part], self.square[part]
        spread = (square - mean.square()).clamp(min=0).sqrt() + LEAST_SPREAD
        whitened = (self.transform @ levels - mean[..., None]) / spread[..., None]
        return self.head(self.coefficients(whitened) + self.part(part)[..., None])

    @property
    def known(self) -> list[torch.Tensor]:
        """What it knows of real parts: changed in place by whoever got to know others beside it."""
        return [self.mean, self.square, self.batches]

    @torch.no_grad()
    def get_to_know(self, levels: torch.Tensor, part: torch.Tensor) -> None:
        """Mean and spread of the coefficients of real parts, from levels as in `forward`."""
        coefficients = self.transform @ levels
        belongs = functional.one_hot(part, len(self.batches)).T.to(levels.dtype)
        rows = belongs.sum(1)
        met = (rows > 0).to(levels.dtype)
        share = (met * (1 / (self.batches + 1)).clamp(min=SLOWEST))[:, None]
        belongs = belongs / rows.clamp(min=1)[:, None]
        self.mean += share * (belongs @ coefficients.mean(2) - self.mean)
        self.square += share * (belongs @ coefficients.square().mean(2) - self.square)
        self.batches += met


def _cosines(size: int) -> torch.Tensor:
    """The orthonormal discrete cosine transform (DCT-II) as a matrix [size, size]."""
    place = torch.arange(size) + 0.5
    order = torch.arange(size)[:, None]
    cosines = torch.cos(math.pi / size * order * place) * math.sqrt(2 / size)
    cosines[0] /= math.sqrt(2)
    return cosines
