"""Flows that are known exactly, as `denoise(x, t, conditions)`, for tests of samplers."""

from __future__ import annotations

from dataclasses import dataclass

import torch

__all__ = ["GAUSSIAN", "MIXTURE", "Mixture", "exact_noise", "point"]


@dataclass(frozen=True)
class Mixture:
    """Data on a line: component k has share weights[k], mean means[k], deviation spreads[k]."""

    weights: tuple[float, ...]
    means: tuple[float, ...]
    spreads: tuple[float, ...]

    @property
    def mean(self) -> float:
        return sum(w * m for w, m in zip(self.weights, self.means))

    @property
    def variance(self) -> float:
        square = zip(self.weights, self.means, self.spreads)
        return sum(w * (m**2 + s**2) for w, m, s in square) - self.mean**2

    def flow(self, x: torch.Tensor, t: float, conditions: object = None) -> torch.Tensor:
        """E[eps - x0 | x_t]: each component's own, weighed by its chance given x_t."""
        logs, flows = [], []
        for weight, mean, spread in zip(self.weights, self.means, self.spreads):
            variance = (1 - t) ** 2 * spread**2 + t**2
            surprise = (x - (1 - t) * mean) / variance
            flows.append(t * surprise - (mean + (1 - t) * spread**2 * surprise))
            scale = torch.tensor(weight / variance**0.5).log()
            logs.append(scale - 0.5 * surprise**2 * variance)
        chance = torch.stack(logs).softmax(0)
        return (chance * torch.stack(flows)).sum(0)

    def jump(self, x: torch.Tensor, t: float, conditions: object = None) -> torch.Tensor:
        """The v whose x0 = x - t v is a sample, where the exact flow through (x, t) ends.

        That is what distillation teaches, and what ping-pong needs. Heun's method, 60 steps.
        """
        here, level = x, t
        for k in range(60):
            below = t * (1 - (k + 1) / 60)
            first = self.flow(here, level)
            ahead = here + (below - level) * first
            here = here + (below - level) / 2 * (first + self.flow(ahead, below))
            level = below
        return (x - here) / t


MIXTURE = Mixture((0.3, 0.7), (-1.2, 1.5), (0.3, 0.4))
GAUSSIAN = Mixture((1.0,), (1.5,), (0.4,))


def exact_noise(count: int) -> torch.Tensor:
    """The quantiles of a standard normal, float64 [count]: its moments without chance."""
    return torch.special.ndtri((torch.arange(count, dtype=torch.float64) + 0.5) / count)


def point(x: torch.Tensor, t: float, data: torch.Tensor) -> torch.Tensor:
    """The flow whose predicted x0 is `data`, always."""
    return (x - data) / t
