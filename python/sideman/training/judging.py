"""The losses of ARC-Forcing: relativistic between real and played, contrastive between prompts.

Source: LMDM (arXiv 2605.22717), after ARC (arXiv 2505.08175); f is softplus. Scores [B, patches].
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch.nn.functional import softplus

from sideman.models.conditions import Conditions

__all__ = ["TOLD", "both_told", "contrastive", "rolled", "won", "relativistic"]

TOLD = ("heard", "clock", "tags")


def relativistic(better: torch.Tensor, worse: torch.Tensor) -> torch.Tensor:
    """mean f(-(better - worse)): small when each patch of `better` outdoes that of `worse`.

    The discriminator wants it of (real, played), the generator of (played, real), row by row.
    """
    return softplus(worse - better).mean()


def contrastive(
    right: torch.Tensor, wrong: torch.Tensor, counted: torch.Tensor
) -> torch.Tensor:
    """mean f(-(right - wrong)) over the rows where counted [B] is 1; 0 where there is none.

    right, wrong: scores of the same real music, told what belongs to it and what another row has.
    """
    per_row = softplus(wrong - right).mean(1)
    return (per_row * counted).sum() / counted.sum().clamp(min=1)


def won(better: torch.Tensor, worse: torch.Tensor, counted: torch.Tensor) -> float:
    """Share of the counted rows whose mean score is higher; 0.5 where none is counted."""
    if not counted.any():
        return 0.5
    more = (better.mean(1) > worse.mean(1)).float()
    return float((more * counted).sum() / counted.sum())


def rolled(conditions: Conditions, name: str) -> Conditions:
    """New conditions in which every row is told the `name` (of TOLD) of the row before it."""
    names = ("heard", "heard_known") if name == "heard" else (name,)
    return replace(conditions, **{n: getattr(conditions, n).roll(1, 0) for n in names})


def both_told(conditions: Conditions, name: str) -> torch.Tensor:
    """float [B]: 1 where a row and the one before it are told `name` at all, and differently;
    0 for a network that has no such channels."""
    value = conditions.heard_known if name == "heard" else getattr(conditions, name).abs()
    told = (value.flatten(1) > 0).any(1)
    full = getattr(conditions, name).flatten(1)
    return (told & told.roll(1, 0) & (full != full.roll(1, 0)).any(1)).float()
