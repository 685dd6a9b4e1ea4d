"""Noise that is the same whenever the same hop of the same part is played with the same seed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

__all__ = ["noise"]


def noise(
    shape: tuple[int, ...], seed: int, hop: int, parts: Sequence[int], draw: int
) -> torch.Tensor:
    """Standard normal [P, *shape], a row for each part's number; draw: the how-many-th of the hop."""
    rows = []
    for part in parts:
        words = np.random.SeedSequence([seed % 2**64, hop, part, draw])
        own = int(words.generate_state(1, np.uint64)[0] >> np.uint64(1))
        rows.append(torch.randn(shape, generator=torch.Generator().manual_seed(own)))
    return torch.stack(rows)
