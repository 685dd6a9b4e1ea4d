"""Fills the end of a window of latents: what was played before it is pinned, the music is told.

Shapes: P rows (one per part), D codec channels, W frames, of which the last `hop` are to be filled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from sideman.diffusion import inpainting
from sideman.diffusion.inpainting import Known, karras
from sideman.diffusion.preconditioning import PRECONDITIONINGS, preconditioned
from sideman.errors import SettingsError
from sideman.models.window import WindowConfig, WindowNetwork

__all__ = ["FILLERS", "denoiser", "evaluations", "fill"]

Draw = Callable[[], torch.Tensor]
Fill = Callable[..., torch.Tensor]


def _consistency(config: WindowConfig, steps: int) -> tuple[list[float], dict[str, Any]]:
    levels = karras(steps + 1, config.sigma_min, config.sigma_max, config.rho)[:steps]
    return levels, {"sigma_min": config.sigma_min}


def _levels(config: WindowConfig, steps: int) -> list[float]:
    return karras(max(2, steps), config.sigma_min, config.sigma_max, config.rho)


# name -> the sampler, and its levels and options for a number of steps.
FILLERS: dict[str, tuple[Fill, Callable[[WindowConfig, int], tuple[list[float], dict]]]] = {
    "consistency": (inpainting.consistency, _consistency),
    "heun": (inpainting.heun, lambda config, steps: (_levels(config, steps), {})),
    "ancestral": (
        inpainting.ancestral,
        lambda config, steps: (_levels(config, steps), {"resamples": config.resamples}),
    ),
    "churned": (
        inpainting.churned,
        lambda config, steps: (_levels(config, steps), {"resamples": config.resamples}),
    ),
}


def evaluations(network: WindowNetwork, sampler: str, steps: int) -> int:
    """How often a hop asks the network."""
    levels, options = FILLERS[sampler][1](network.config, steps)
    takes, count = options.get("resamples", 1), len(levels)
    return {
        "consistency": count, "heun": 2 * count - 1, "ancestral": 2 * (count - 1) * takes,
        "churned": count * takes,
    }[sampler]  # fmt: skip


def denoiser(network: WindowNetwork) -> Callable[..., torch.Tensor]:
    """D(x [P, 1, D, W], sigma [P], (context [P, 1, D, W], labels [P, parts]))."""
    config = network.config

    def scaled(x: torch.Tensor, c_noise: torch.Tensor, told: Any) -> torch.Tensor:
        return network(x, c_noise, *told)

    scalings = PRECONDITIONINGS[config.preconditioning]
    return preconditioned(scaled, scalings, config.sigma_data, config.sigma_min)


def fill(
    network: WindowNetwork,
    sampler: str,
    steps: int,
    context: torch.Tensor,
    labels: torch.Tensor,
    played: torch.Tensor,
    hop: int,
    draw: Draw,
    asked: Callable[[], None] = lambda: None,
) -> torch.Tensor:
    """The last `hop` frames [P, D, hop] after played [P, D, W], whose last ones are not looked at.

    context [P, D, W], zero where nothing is heard yet; labels [P, parts], one-hot; draw() gives
    noise [P, 1, D, W]; asked() is called before each evaluation and may raise. Raises SettingsError
    for a sampler that this family has not.
    """
    if sampler not in FILLERS:
        raise SettingsError(
            f"cannot use sampler {sampler}: a window is filled by {', '.join(FILLERS)}; "
            "set sampler to auto"
        )
    walk, levels_of = FILLERS[sampler]
    levels, options = levels_of(network.config, steps)
    told = (context[:, None], labels)
    inner = denoiser(network)

    def denoise(x: torch.Tensor, sigma: float, ignored: object) -> torch.Tensor:
        asked()
        return inner(x, x.new_full((len(x),), sigma), told)

    known = Known(played[:, None], torch.arange(played.shape[-1]) < played.shape[-1] - hop)
    filled = walk(denoise, levels, None, draw, known, **options)
    return filled[:, 0, :, played.shape[-1] - hop :]
