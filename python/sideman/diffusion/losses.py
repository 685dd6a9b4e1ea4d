"""Training of a rectified flow (Liu et al. 2022): loss, and how noise levels are drawn."""

from __future__ import annotations

import math

import torch

__all__ = [
    "flow_loss",
    "length_shifted",
    "length_shifted_times",
    "logit_normal_times",
    "mix",
    "stratified_times",
]


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
    weight there (Esser et al. 2024, section 3.1).
    """
    t = (torch.randn(shape, generator=generator) * spread + mean).sigmoid()
    uniform = torch.rand(shape, generator=generator)
    chosen = torch.rand(shape, generator=generator) < 1 / 8
    return torch.where(chosen, uniform, t).clamp(1e-3, 1.0)


def stratified_times(shape: tuple[int, ...], generator: torch.Generator) -> torch.Tensor:
    """Uniform on [0, 1), one draw in each of as many equal strata as there are, in random order.

    Each t alone is uniform; together they cover the range, which lowers the variance of the loss
    (Kingma et al. 2021, arXiv 2107.00630).
    """
    count = math.prod(shape)
    strata = torch.randperm(count, generator=generator)
    t = (strata + torch.rand(count, generator=generator)) / max(count, 1)
    return t.reshape(shape)


def length_shifted(t: torch.Tensor, frames: int) -> torch.Tensor:
    """Move t towards noise, more so for longer windows: t <- 1 - e^mu / (e^mu + 1/(1-t) - 1).

    mu = -(0.5 + 0.65 (clip(frames, 256, 4096) - 256) / 3840). Source: LMDM (arXiv 2605.22717); the
    map is Esser et al. 2024, eq. 23, with ratio e^-mu, here in the form t / (t + e^mu (1-t)).
    """
    mu = -(0.5 + 0.65 * (min(max(frames, 256), 4096) - 256) / 3840)
    return t / (t + math.exp(mu) * (1 - t))


def length_shifted_times(
    shape: tuple[int, ...], generator: torch.Generator, frames: int
) -> torch.Tensor:
    """Stratified times, shifted for a window of `frames`."""
    return length_shifted(stratified_times(shape, generator), frames)
