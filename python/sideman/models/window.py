"""The network of the window family: a U-Net that fills a window of latents, told the music heard.

Source: Karchkhadze and Dubnov 2026 (arXiv 2604.07612). A window is an image of D codec channels by
W frames; the music heard is a second one beside it, zero where nothing is heard yet.

Shapes: P rows (one per part), D codec channels, W frames.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import nn

from sideman.errors import ModelError
from sideman.models.unet import UNet, UNetConfig

__all__ = ["PRECONDITIONINGS", "WindowConfig", "WindowNetwork"]

PRECONDITIONINGS = ("edm", "consistency")


@dataclass(frozen=True)
class WindowConfig:
    """unet: the image's frames are unet.img_resolution. preconditioning: `edm` for a diffusion model,
    `consistency` for one that was distilled from it. sigma_max, sigma_min, rho: its noise levels.

    Raises ModelError for what does not fit.
    """

    unet: UNetConfig = UNetConfig()
    preconditioning: str = "edm"
    sigma_data: float = 1.0
    sigma_min: float = 1e-4
    sigma_max: float = 50.0
    rho: float = 9.0
    resamples: int = 2

    def __post_init__(self) -> None:
        if self.preconditioning not in PRECONDITIONINGS:
            raise ModelError(
                f"no preconditioning {self.preconditioning!r}: give {', '.join(PRECONDITIONINGS)}"
            )
        if not 0 < self.sigma_min < self.sigma_max or self.rho <= 0 or self.resamples < 1:
            raise ModelError(
                f"no noise levels from {self.sigma_max} to {self.sigma_min} with rho {self.rho} and "
                f"{self.resamples} takes: give sigma_max > sigma_min > 0, rho > 0, 1 take or more"
            )

    @staticmethod
    def from_json(values: dict[str, Any]) -> WindowConfig:
        """As `to_json` made it. Raises TypeError, KeyError or ModelError for anything else."""
        if not isinstance(values.get("unet"), dict):
            raise KeyError("unet")
        unet = {k: tuple(v) if isinstance(v, list) else v for k, v in values["unet"].items()}
        rest = {name: value for name, value in values.items() if name != "unet"}
        return WindowConfig(unet=UNetConfig(**unet), **rest)

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class WindowNetwork(nn.Module):
    """F of the preconditioned denoiser (diffusion/preconditioning.py)."""

    def __init__(self, config: WindowConfig = WindowConfig()):
        super().__init__()
        self.config = config
        self.unet = UNet(config.unet)

    @property
    def window_frames(self) -> int:
        return self.config.unet.img_resolution

    def forward(
        self,
        x: torch.Tensor,
        c_noise: torch.Tensor,
        context: torch.Tensor,
        labels: torch.Tensor,
    ) -> torch.Tensor:
        """x, context [P, 1, D, W], c_noise [P], labels [P, parts] (one-hot) -> [P, 1, D, W]."""
        return self.unet(torch.cat((x, context), dim=1), c_noise, labels)
