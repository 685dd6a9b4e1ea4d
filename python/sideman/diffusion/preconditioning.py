"""A network F as a denoiser D(x; sigma) = c_skip x + c_out F(c_in x, c_noise), sigma = noise level.

Sources: Karras et al. 2022 (arXiv 2206.00364, table 1, EDM); Song et al. 2023 (arXiv 2303.01469,
appendix C) for the consistency form, which leaves x as it is at sigma_min.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

__all__ = ["PRECONDITIONINGS", "Scalings", "consistency", "edm", "preconditioned"]

Network = Callable[[torch.Tensor, torch.Tensor, Any], torch.Tensor]


@dataclass(frozen=True)
class Scalings:
    """Of noise levels sigma [B]: skip, out, into [B] scale, noise [B] is what the network is told."""

    skip: torch.Tensor
    out: torch.Tensor
    into: torch.Tensor
    noise: torch.Tensor


def edm(sigma: torch.Tensor, sigma_data: float = 1.0, sigma_min: float = 0.0) -> Scalings:
    """c_skip = s_d^2/(s^2+s_d^2), c_out = s s_d/sqrt(s^2+s_d^2); sigma_min plays no part."""
    total = sigma.square() + sigma_data**2
    return Scalings(
        skip=sigma_data**2 / total,
        out=sigma * sigma_data / total.sqrt(),
        into=total.rsqrt(),
        noise=sigma.log() / 4,
    )


def consistency(
    sigma: torch.Tensor, sigma_data: float = 1.0, sigma_min: float = 1e-4
) -> Scalings:
    """c_skip = s_d^2/((s-s_min)^2+s_d^2), c_out = (s-s_min) s_d/sqrt(s^2+s_d^2)."""
    total = sigma.square() + sigma_data**2
    above = sigma - sigma_min
    return Scalings(
        skip=sigma_data**2 / (above.square() + sigma_data**2),
        out=above * sigma_data / total.sqrt(),
        into=total.rsqrt(),
        noise=sigma.log() / 4,
    )


PRECONDITIONINGS = {"edm": edm, "consistency": consistency}


def preconditioned(
    network: Network, scalings: Callable[..., Scalings], sigma_data: float = 1.0,
    sigma_min: float = 1e-4,
) -> Callable[[torch.Tensor, torch.Tensor, Any], torch.Tensor]:
    """D(x [B, C, H, W], sigma [B], conditions). network(c_in x, c_noise, conditions) is F."""

    def denoise(x: torch.Tensor, sigma: torch.Tensor, conditions: Any) -> torch.Tensor:
        by = scalings(sigma, sigma_data=sigma_data, sigma_min=sigma_min)
        skip, out, into = (each[:, None, None, None] for each in (by.skip, by.out, by.into))
        return skip * x + out * network(into * x, by.noise, conditions)

    return denoise
