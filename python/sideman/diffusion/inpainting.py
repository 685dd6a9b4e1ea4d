"""Samplers over noise levels that leave what is known as it is (Lugmayr et al. 2022, RePaint).

For any `denoise(x, sigma, conditions) -> x0` with x = x0 + sigma eps. `Known` says what is known: at
the start of a step (`heun`: of each evaluation) it is put in at the step's noise level.
`draw()` gives the next noise, of the shape of x; the order of draws is part of each sampler.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

__all__ = [
    "SAMPLERS",
    "Denoise",
    "Draw",
    "Known",
    "ancestral",
    "churned",
    "consistency",
    "heun",
    "karras",
    "up_down_mid",
]

Denoise = Callable[[torch.Tensor, float, Any], torch.Tensor]
Draw = Callable[[], torch.Tensor]


@dataclass(frozen=True)
class Known:
    """source: the data [B, C, H, W]; mask: 1 (or True) where they are known, broadcast to it."""

    source: torch.Tensor
    mask: torch.Tensor

    def at(self, x: torch.Tensor, sigma: float, noise: torch.Tensor) -> torch.Tensor:
        """x with the known region at noise level sigma."""
        return torch.where(self.mask.bool(), self.source + sigma * noise, x)

    def held(self, x: torch.Tensor) -> torch.Tensor:
        """x with the known region as it is."""
        return torch.where(self.mask.bool(), self.source, x)


def karras(levels: int, sigma_min: float, sigma_max: float, rho: float) -> list[float]:
    """Noise levels from sigma_max to sigma_min (Karras et al. 2022, eq. 5); one level: sigma_max."""
    if levels < 1:
        raise ValueError(f"a schedule needs at least 1 level, got {levels}")
    high, low = sigma_max ** (1 / rho), sigma_min ** (1 / rho)
    return [(high + i / max(levels - 1, 1) * (low - high)) ** rho for i in range(levels)]


def consistency(
    denoise: Denoise,
    sigmas: Sequence[float],
    conditions: Any,
    draw: Draw,
    known: Known | None = None,
    sigma_min: float = 1e-4,
) -> torch.Tensor:
    """Jump to the data from each of `sigmas` in turn (Song et al. 2023, algorithm 1).

    Draws: the start; then for each level what is known, where anything is, and the noise of the next.
    """
    x = sigmas[0] * draw()
    for sigma, following in zip(sigmas, [*sigmas[1:], None]):
        if known is not None:
            x = known.at(x, sigma, draw())
        x = denoise(x, sigma, conditions)
        if following is not None:
            x = x + math.sqrt(following**2 - sigma_min**2) * draw()
    return x if known is None else known.held(x)


def heun(
    denoise: Denoise,
    sigmas: Sequence[float],
    conditions: Any,
    draw: Draw,
    known: Known | None = None,
) -> torch.Tensor:
    """Follow dx/dsigma = (x - D)/sigma by Heun's second-order steps down to 0 (EDM, algorithm 1).

    Draws: the start; then what is known before each evaluation, where anything is.
    """

    def slope(x: torch.Tensor, sigma: float) -> torch.Tensor:
        asked = x if known is None else known.at(x, sigma, draw())
        return (x - denoise(asked, sigma, conditions)) / sigma

    x = sigmas[0] * draw()
    for sigma, following in zip(sigmas, [*sigmas[1:], 0.0]):
        first = slope(x, sigma)
        ahead = x + (following - sigma) * first
        if following > 0:
            ahead = x + (following - sigma) * (first + slope(ahead, following)) / 2
        x = ahead
    return x if known is None else known.held(x)


def up_down_mid(sigma: float, following: float) -> tuple[float, float, float]:
    """How a step of `ancestral` splits: noise added back, level stepped to, level in the middle."""
    up = math.sqrt(following**2 * (sigma**2 - following**2) / sigma**2)
    down = math.sqrt(following**2 - up**2)
    return up, down, (sigma + down) / 2


def ancestral(
    denoise: Denoise,
    sigmas: Sequence[float],
    conditions: Any,
    draw: Draw,
    known: Known | None = None,
    resamples: int = 1,
) -> torch.Tensor:
    """Second-order ancestral steps (ADPM2), each taken `resamples` times from the same level.

    Two evaluations a step, at the level and at the middle; between two takes of an interval the level
    is raised again (RePaint, algorithm 1). Draws: the start; for each interval what is known, where
    anything is, then for each take the noise of the step and, but for the last, that of the raise.
    """
    x = sigmas[0] * draw()
    for sigma, following in zip(sigmas, sigmas[1:]):
        up, down, middle = up_down_mid(sigma, following)
        noise = None if known is None else draw()
        for take in range(resamples):
            if known is not None:
                x = known.at(x, sigma, noise)
            first = (x - denoise(x, sigma, conditions)) / sigma
            ahead = x + (middle - sigma) * first
            second = (ahead - denoise(ahead, middle, conditions)) / middle
            x = x + (down - sigma) * second + up * draw()
            if take < resamples - 1:
                x = x + math.sqrt(sigma**2 - following**2) * draw()
    return x if known is None else known.held(x)


def churned(
    denoise: Denoise,
    sigmas: Sequence[float],
    conditions: Any,
    draw: Draw,
    known: Known | None = None,
    resamples: int = 1,
    churn: float = 20.0,
) -> torch.Tensor:
    """Euler steps from a level raised by churn before each (EDM, algorithm 2), down to 0.

    Draws as `ancestral`, the noise of the step being that of the raise before it.
    """
    gamma = min(churn / len(sigmas), math.sqrt(2) - 1)
    x = sigmas[0] * draw()
    for sigma, following in zip(sigmas, [*sigmas[1:], 0.0]):
        raised = sigma * (1 + gamma)
        noise = None if known is None else draw()
        for take in range(resamples):
            if known is not None:
                x = known.at(x, sigma, noise)
            x = x + math.sqrt(raised**2 - sigma**2) * draw()
            slope = (x - denoise(x, raised, conditions)) / raised
            x = x + (following - raised) * slope
            if take < resamples - 1:
                x = x + math.sqrt(sigma**2 - following**2) * draw()
    return x if known is None else known.held(x)


SAMPLERS = {
    "consistency": consistency, "heun": heun, "ancestral": ancestral, "churned": churned,
}  # fmt: skip
