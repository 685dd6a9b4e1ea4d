"""Partial rotary positions (Su et al. 2021, RoFormer, eq. 15; only half of each head turns, as LMDM).

The first half of a head turns with position; the rest carries content alone. Scores of turned
queries and keys depend on the difference of their positions: a sliding window may number its
frames from wherever it likes, and keys that were turned once stay as they are.
"""

from __future__ import annotations

from functools import lru_cache

import torch

__all__ = ["Turn", "in_layers", "rotate", "rotation", "swapped", "turn_between"]

BASE = 10_000.0
Turn = tuple[torch.Tensor, torch.Tensor]


def rotation(positions: torch.Tensor, rotary: int) -> Turn:
    """What turns heads of 2 * rotary channels to `positions` [n] (frames): two factors [n, head],
    of a channel and of its partner. The angles are float64: positions may be large."""
    device = positions.device
    there = torch.device("cpu") if device.type == "mps" else device  # Metal has no float64
    inverse = BASE ** (-torch.arange(0, rotary, 2, device=there) / rotary)
    angles = positions.to(there).double()[:, None] * inverse.double()[None, :]
    cos, sin = angles.cos().float().to(device), angles.sin().float().to(device)
    still = cos.new_zeros(len(cos), rotary)
    return torch.cat((cos, cos, still + 1), -1), torch.cat((-sin, sin, still), -1)


def rotate(x: torch.Tensor, turn: Turn) -> torch.Tensor:
    """x [..., n, head] turned to the positions of `turn`, in float32."""
    own, partners = turn
    return torch.addcmul(x * own, swapped(x), partners)


def swapped(x: torch.Tensor) -> torch.Tensor:
    """Each channel's partner in its place: x [..., head]. What does not turn stays."""
    quarter = x.shape[-1] // 4
    first, second, still = x.split((quarter, quarter, 2 * quarter), dim=-1)
    return torch.cat((second, first, still), -1)


@lru_cache(maxsize=1024)
@torch.inference_mode(False)  # what is kept may meet a gradient later
def turn_between(first: int, end: int, rotary: int, device: torch.device) -> Turn:
    """What turns heads of 2 * rotary channels to the positions from `first` to before `end`."""
    return rotation(torch.arange(first, end, device=device), rotary)


def in_layers(turns: Turn) -> list[Turn]:
    """The turns of all layers, [L, ...] each, layer by layer."""
    own, partners = turns
    return list(zip(own.unbind(0), partners.unbind(0), strict=True))
