"""Samplers of a rectified flow, for any `denoise(x, t, conditions) -> v` with v = eps - x0.

x_t = (1-t) x0 + t eps, so x0 = x_t - t v and eps = x_t + (1-t) v. `times` falls from 1 to 0.
`limit` may pull a predicted x0 back into the range of the data (static thresholding, Saharia et al.
2022, section 2.3). x, v and x0 are of one shape, rows first; nothing else is asked of it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import torch

__all__ = ["Denoise", "Fresh", "Limit", "dpm_solver", "euler", "ping_pong", "predicted"]

Denoise = Callable[[torch.Tensor, float, Any], torch.Tensor]
Fresh = Callable[[int], torch.Tensor]
Limit = Callable[[torch.Tensor], torch.Tensor]


def predicted(
    x: torch.Tensor, t: float, v: torch.Tensor, limit: Limit | None = None
) -> torch.Tensor:
    """x0 = x - t v, within `limit`."""
    x0 = x - t * v
    return x0 if limit is None else limit(x0)


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
            v = (x - predicted(x, t, v, limit)) / t
        x = x + (following - t) * v
    return x


def ping_pong(
    denoise: Denoise,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    fresh: Fresh,
    limit: Limit | None = None,
) -> torch.Tensor:
    """Jump to x0 and back out with new noise: x <- (1-t') x0 + t' eps (ARC, arXiv 2505.08175).

    `fresh(k)` gives the noise that step k (from 0) ends with, in the shape of x. With one step the
    result is the x0 that was predicted.
    """
    for k, (t, following) in enumerate(zip(times, times[1:])):
        x0 = predicted(x, t, denoise(x, t, conditions), limit)
        x = (1 - following) * x0 + following * fresh(k) if following > 0 else x0
    return x


def dpm_solver(
    denoise: Denoise,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    limit: Limit | None = None,
) -> torch.Tensor:
    """DPM-Solver++(2M) (Lu et al. 2022, arXiv 2211.01095, algorithm 2).

    With alpha = 1-t, sigma = t its step x <- sigma'/sigma x - alpha' (e^-h - 1) D is
    x <- t'/t x + (1 - t'/t) D, where D continues the line through the last two x0. It is of second
    order but for the first two steps and the last, next to the infinite log SNR of t = 1 and t = 0.
    """
    before = None
    for k, (t, following) in enumerate(zip(times, times[1:])):
        x0 = predicted(x, t, denoise(x, t, conditions), limit)
        ahead = x0
        if before is not None and times[k - 1] < 1 and following > 0:
            ratio = _log_snr_gap(t, following) / _log_snr_gap(times[k - 1], t)
            ahead = x0 + ratio / 2 * (x0 - before)
        x = following / t * x + (1 - following / t) * ahead
        before = x0
    return x


def _log_snr_gap(t: float, following: float) -> float:
    """h = lambda(t') - lambda(t), lambda = log((1-t) / t), for t and t' between 0 and 1."""
    return math.log((1 - following) / following) - math.log((1 - t) / t)
