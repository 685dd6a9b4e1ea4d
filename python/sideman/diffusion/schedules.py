"""Times of a rectified flow, from noise (t = 1) to music (t = 0)."""

from __future__ import annotations

from collections.abc import Callable

import torch

__all__ = ["SCHEDULES", "log_snr", "quadratic", "uniform"]


def uniform(steps: int) -> list[float]:
    """steps + 1 equally spaced times from 1 to 0."""
    _check(steps)
    return torch.linspace(1, 0, steps + 1, dtype=torch.float64).tolist()


def quadratic(steps: int) -> list[float]:
    """steps + 1 times t_k = 1 - (k / steps)^2: small steps near the noise.

    There a block with few but large values (notes) is decided; with few steps it matters most.
    """
    _check(steps)
    return (1 - torch.linspace(0, 1, steps + 1, dtype=torch.float64).square()).tolist()


def log_snr(steps: int, low: float = -6.0, high: float = 2.0) -> list[float]:
    """steps + 1 times equally spaced in log SNR: t = sigmoid(-lambda), lambda from low to high.

    The ends are set to exactly 1 and 0. Source: LMDM (arXiv 2605.22717), after
    ARC (arXiv 2505.08175).
    """
    _check(steps)
    times = torch.linspace(low, high, steps + 1, dtype=torch.float64).neg().sigmoid()
    times[0], times[-1] = 1.0, 0.0
    return times.tolist()


SCHEDULES: dict[str, Callable[[int], list[float]]] = {
    "uniform": uniform,
    "quadratic": quadratic,
    "log_snr": log_snr,
}


def _check(steps: int) -> None:
    if steps < 1:
        raise ValueError(f"a schedule needs at least 1 step, got {steps}")
