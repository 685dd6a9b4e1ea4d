"""What a part sees of its own rests: nothing, once they last.

Who sees nothing but his own rest goes on resting, whatever he hears. Live playing and the rollouts
of training follow the same rule, or training would teach a player who sees what ours does not.
"""

from __future__ import annotations

import torch
from torch import nn

__all__ = ["REST_FRAMES", "without_rests", "rests"]

REST_FRAMES = 8
LOUDNESS = 0.5  # as the codec tells it; about -64 dB full scale


def rests(latents: torch.Tensor, codec: nn.Module) -> torch.Tensor:
    """Which rows of what was played [B, D, n] end in a rest that lasts: bool [B]."""
    recent = latents[..., -REST_FRAMES:]
    if recent.shape[-1] < REST_FRAMES:
        return torch.zeros(len(latents), dtype=torch.bool, device=latents.device)
    return codec.loudness(recent).amax((1, 2)) < LOUDNESS


def without_rests(
    latents: torch.Tensor, known: torch.Tensor, block: int, codec: nn.Module
) -> torch.Tensor:
    """known [B, n] of a past [B, D, n], without the blocks at whose end a rest had lasted."""
    seen = known.clone()
    for end in range(block, latents.shape[-1] + 1, block):
        seen[rests(latents[..., :end], codec), end - block : end] = 0
    return seen
