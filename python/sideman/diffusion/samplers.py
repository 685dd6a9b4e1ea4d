"""Samplers of a rectified flow, for any `denoise(x, t, conditions) -> v` with v = eps - x0.

x_t = (1-t) x0 + t eps, so x0 = x_t - t v and eps = x_t + (1-t) v. `times` falls from 1 to 0.
`limit` may pull a predicted x0 back into the range of the data (static thresholding, Saharia et al.
2022, section 2.3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

__all__ = ["Denoise", "Limit", "euler", "ping_pong"]

Denoise = Callable[[torch.Tensor, float, Any], torch.Tensor]
Limit = Callable[[torch.Tensor], torch.Tensor]


def euler(
    denoise: Denoise,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    limit: Limit | None = None,
) -> torch.Tensor:
    """Follow dx/dt = v from noise x to data: x <- x + (t' - t) v (Liu et al. 2022, section 2.1)."""
    for t, following in zip(times, times[1:]):
        v = denoise(x, t, conditions)
        if limit is not None:
            v = (x - limit(x - t * v)) / t
        x = x + (following - t) * v
    return x


def ping_pong(
    denoise: Denoise,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    fresh: Callable[[], torch.Tensor],
    limit: Limit | None = None,
) -> torch.Tensor:
    """Jump to x0 and back out with new noise: x <- (1-t') x0 + t' eps (ARC, arXiv 2505.08175).

    `fresh()` gives noise of the shape of x; with one step the result is the x0 that was predicted.
    """
    for t, following in zip(times, times[1:]):
        x0 = x - t * denoise(x, t, conditions)
        if limit is not None:
            x0 = limit(x0)
        x = (1 - following) * x0 + following * fresh() if following > 0 else x0
    return x
