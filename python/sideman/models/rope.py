"""Partial rotary positions (Su et al. 2021, RoFormer, eq. 15; only half of each head turns, as LMDM).

Only the first `rotary` channels of a head turn with position; the rest carry content alone.
Scores of turned queries and keys depend on the difference of their positions, which is why a cache
may hold keys unturned and give them window-relative positions whenever they are used.
"""

from __future__ import annotations

import torch

__all__ = ["rotate", "rotate_into", "rotation"]

BASE = 10_000.0


def rotation(positions: torch.Tensor, rotary: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Cosines and sines [n, rotary/2] of the angles at `positions` [n] (frames), in float32."""
    inverse = BASE ** (-torch.arange(0, rotary, 2, device=positions.device) / rotary)
    angles = positions.float()[:, None] * inverse[None, :]
    return angles.cos(), angles.sin()


def rotate(x: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]) -> torch.Tensor:
    """Turn the first 2 * rotary/2 channels of x [..., n, head] by `turn` of the same n."""
    cos, sin = (part.to(x.dtype) for part in turn)
    half = cos.shape[-1]
    first, second, still = x[..., :half], x[..., half : 2 * half], x[..., 2 * half :]
    return torch.cat((first * cos - second * sin, second * cos + first * sin, still), dim=-1)


def rotate_into(
    place: torch.Tensor, x: torch.Tensor, turn: tuple[torch.Tensor, torch.Tensor]
) -> None:
    """Write rotate(x, turn) to `place`, in its type: many keys at once, without a copy of them all."""
    cos, sin = turn
    half = cos.shape[-1]
    first, second = x[..., :half], x[..., half : 2 * half]
    place[..., :half] = first * cos - second * sin
    place[..., half : 2 * half] = second * cos + first * sin
    place[..., 2 * half :] = x[..., 2 * half :]
