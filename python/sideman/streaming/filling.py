"""Fills the end of a window of latents: what was played before it is pinned, the music is told.

Shapes: P rows (one per part), D codec channels, W frames, of which the last `hop` are to be filled.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch

from sideman.diffusion import inpainting
from sideman.diffusion.inpainting import Known, karras
from sideman.diffusion.preconditioning import PRECONDITIONINGS, preconditioned
from sideman.errors import SettingsError
from sideman.models.window import WindowConfig, WindowNetwork

__all__ = ["FILLERS", "denoiser", "evaluations", "fill", "levels_of"]

Draw = Callable[[], torch.Tensor]


@dataclass(frozen=True)
class _Filler:
    """options: for the sampler; calls(levels, takes): evaluations of the network."""

    options: Callable[[WindowConfig], dict[str, Any]]
    calls: Callable[[int, int], int]


FILLERS = {
    "consistency": _Filler(lambda config: {"sigma_min": config.sigma_min}, lambda n, takes: n),
    "heun": _Filler(lambda config: {}, lambda n, takes: 2 * n - 1),
    "ancestral": _Filler(
        lambda config: {"resamples": config.resamples}, lambda n, takes: 2 * (n - 1) * takes
    ),
    "churned": _Filler(lambda config: {"resamples": config.resamples}, lambda n, takes: n * takes),
}


def levels_of(config: WindowConfig, sampler: str, steps: int) -> list[float]:
    """The noise levels of a hop. A consistency model stops one short of the lowest."""
    if sampler == "consistency":
        return karras(steps + 1, config.sigma_min, config.sigma_max, config.rho)[:steps]
    return karras(max(2, steps), config.sigma_min, config.sigma_max, config.rho)


def evaluations(network: WindowNetwork, sampler: str, steps: int) -> int:
    """How often a hop asks the network."""
    config, filler = network.config, FILLERS[sampler]
    takes = filler.options(config).get("resamples", 1)
    return filler.calls(len(levels_of(config, sampler, steps)), takes)


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
    own: torch.Tensor | None = None,
) -> torch.Tensor:
    """The last `hop` frames [P, D, hop] after played [P, D, W], whose last ones are not looked at, nor
    those that `own` [P, W] denies; None: all are pinned.

    context [P, D, W], zero where nothing is heard yet; labels [P, parts], one-hot; draw() gives
    noise [P, 1, D, W]; asked() is called before each evaluation and may raise. Raises SettingsError
    for a sampler that this family has not.
    """
    if sampler not in FILLERS:
        raise SettingsError(
            f"cannot use sampler {sampler}: a window is filled by {', '.join(FILLERS)}; "
            "set sampler to auto"
        )
    levels = levels_of(network.config, sampler, steps)
    told = (context[:, None], labels)
    inner = denoiser(network)

    def denoise(x: torch.Tensor, sigma: float, ignored: object) -> torch.Tensor:
        asked()
        return inner(x, x.new_full((len(x),), sigma), told)

    frames = torch.arange(played.shape[-1], device=played.device)
    pinned = frames < played.shape[-1] - hop
    if own is not None:
        pinned = (pinned & own)[:, None, None]
    known = Known(played[:, None], pinned)
    options = FILLERS[sampler].options(network.config)
    filled = inpainting.SAMPLERS[sampler](denoise, levels, None, draw, known, **options)
    return filled[:, 0, :, played.shape[-1] - hop :]
