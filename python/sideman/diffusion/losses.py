"""Training of a rectified flow (Liu et al. 2022; times as in Esser et al. 2024, section 3.1)."""

from __future__ import annotations

import torch

__all__ = ["flow_loss", "logit_normal_times", "mix"]


def mix(x0: torch.Tensor, noise: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
    """x_t = (1-t) x0 + t eps; t broadcasts against x0."""
    return (1 - t) * x0 + t * noise


def flow_loss(v: torch.Tensor, x0: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    """Squared error per element, (v - (eps - x0))^2, in the shape of x0."""
    return (v - (noise - x0)).square()


def logit_normal_times(
    shape: tuple[int, ...], generator: torch.Generator, mean: float, spread: float
) -> torch.Tensor:
    """t = sigmoid(n), n ~ N(mean, spread^2), one in eight uniform so that both ends are learnt.

    What a block will be (notes or rest, which chord) is decided near t = 1; a mean above 0 puts the
    weight there.
    """
    t = (torch.randn(shape, generator=generator) * spread + mean).sigmoid()
    uniform = torch.rand(shape, generator=generator)
    chosen = torch.rand(shape, generator=generator) < 1 / 8
    return torch.where(chosen, uniform, t).clamp(1e-3, 1.0)
