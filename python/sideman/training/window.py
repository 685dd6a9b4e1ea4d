"""Trains the `window` model: a whole window is denoised, told the music up to where it was heard.

Source: Karchkhadze and Dubnov 2026 (arXiv 2604.07612), with the loss of Karras et al. 2022
(arXiv 2206.00364, eq. 108). Whatever lies after the last frame heard is zero in what is told, and a
causal codec has not heard it either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn import functional

from sideman.data.latents import LatentPiece
from sideman.errors import DataError
from sideman.models.unet import UNetConfig
from sideman.models.window import WindowConfig, WindowNetwork
from sideman.streaming.filling import denoiser
from sideman.training.batches import Batches, Withhold
from sideman.training.feeding import Feed
from sideman.training.loop import FREE, Training, begin_with, origin
from sideman.training.model import PARTS
from sideman.training.run_folder import RunFolder

__all__ = [
    "Windows",
    "WindowOptions",
    "WindowTraining",
    "as_student",
    "edm_loss",
    "latents_of",
    "window_batches",
    "window_of",
    "window_preset",
]

CHECKED_LEVELS = (0.1, 0.5, 2.0)
EVERYTHING = Withhold(0, 0, 0, 0, 0, 0, 0, 0, 0)


@dataclass(frozen=True)
class WindowOptions:
    """What a run is. Either `steps` or `minutes` is set: the learning rate ends with it.

    unheard: how many frames at the end of the window are not heard, one of these drawn for each row;
    live playing leaves hop + lead. sigma_mean, sigma_spread: of ln sigma, normal.
    """

    network: WindowConfig
    steps: int = 0
    minutes: float = 0.0
    batch: int = 32
    accumulate: int = 1
    rate: float = 1e-4
    warm_up: int = 150
    average: float = 0.999
    unheard: tuple[int, ...] = (0, 16, 32)
    sigma_mean: float = -1.2
    sigma_spread: float = 1.2
    seed: int = 0
    save_seconds: float = 120.0
    check_steps: int = 500

    @property
    def drawn_frames(self) -> int:
        return self.network.unet.img_resolution


def window_preset(name: str) -> WindowOptions:
    """`paper`: the published size, for a GPU; `tiny`: two cores. Raises DataError for another name."""
    if name == "paper":
        return WindowOptions(WindowConfig(), steps=600_000)
    if name == "tiny":
        unet = UNetConfig(
            img_resolution=32, model_channels=16, channel_mult=(1, 2, 4), num_blocks=1,
            attn_resolutions=(8,), dropout=0.0,
        )  # fmt: skip
        return WindowOptions(
            WindowConfig(unet=unet), minutes=25.0, batch=8, rate=1e-3, average=0.998,
            unheard=(0, 4, 8, 8, 16), sigma_mean=-0.4, sigma_spread=1.4,
        )  # fmt: skip
    raise DataError(f"no preset {name!r}: presets are paper, tiny")


class Windows:
    """Batches of whole windows from encoded pieces; the batch of a step depends on (seed, step)."""

    def __init__(self, batches: Batches, unheard: Sequence[int], seed: int):
        self.batches, self.unheard, self.seed = batches, tuple(unheard), seed

    def draw(self, step: int, size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """The part [B, 1, D, W], the music as heard [B, 1, D, W] and the part's label [B, parts]."""
        batch = self.batches.draw(step, size, EVERYTHING)
        generator = torch.Generator().manual_seed(1_000_003 * self.seed + step)
        chosen = torch.randint(len(self.unheard), (size,), generator=generator)
        frames = batch.part.shape[-1]
        heard = torch.arange(frames) < frames - torch.tensor(self.unheard)[chosen][:, None]
        labels = functional.one_hot(batch.conditions.part, len(PARTS)).float()
        return batch.part[:, None], (batch.music * heard[:, None])[:, None], labels


class WindowTraining(Training):
    """One run of the diffusion model; its network may be distilled afterwards."""

    plotted = ("loss", "checked", "checked_wrong_music")

    def __init__(
        self,
        options: WindowOptions,
        pieces: Sequence[LatentPiece],
        checked: Sequence[LatentPiece],
        codec: nn.Module,
        folder: str | Path,
        facts: dict[str, Any] | None = None,
        begin: str | Path | None = None,
        device: torch.device | str = "cpu",
    ):
        torch.manual_seed(options.seed)
        network = WindowNetwork(options.network)
        config = {"family": "window", **latents_of(codec), **asdict(options), **(facts or {})}
        if begin is not None:
            begun = begin_with(network, RunFolder(begin), codec)
            config |= origin("begin", RunFolder(begin), begun)
        RunFolder(folder).check_same(config, FREE)  # before a piece is looked at
        self.network = network.to(device, memory_format=torch.channels_last)
        self.windows = window_batches(options, pieces, codec, options.seed)
        self.checks = window_batches(options, checked, codec, options.seed + 1) if checked else None
        self._feed = Feed(self._draw, torch.device(device))
        run = RunFolder.open(folder, config, free=FREE)
        optimizer = torch.optim.Adam(network.parameters(), lr=options.rate, betas=(0.9, 0.99))
        super().__init__(options, run, {"network": self.network}, optimizer)

    def take_step(self) -> dict[str, float]:
        self.network.train()
        return self.descend(self._figures)

    def _figures(self, local: int) -> dict[str, torch.Tensor]:
        options = self.options
        part, heard, labels = (told.to(self.device) for told in self._feed(local))
        generator = torch.Generator().manual_seed(2_000_003 * options.seed + self.seed_of(local))
        normal = torch.randn(len(part), generator=generator).to(self.device)
        sigma = (options.sigma_mean + options.sigma_spread * normal).exp()
        noise = torch.randn(part.shape, generator=generator).to(self.device)
        return {"loss": edm_loss(self.network, part, noise, sigma, (heard, labels)).mean()}

    def _draw(self, local: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.windows.draw(self.seed_of(local), self.options.batch)

    @torch.no_grad()
    def check(self, size: int = 24) -> dict[str, float]:
        """Loss of the averaged weights on pieces never trained on, rightly and wrongly told."""
        if self.checks is None:
            return {}
        judge = WindowNetwork(self.options.network).to(self.device).eval()
        judge.load_state_dict(self.average.weights)
        part, heard, labels = (told.to(self.device) for told in self.checks.draw(0, size))
        noise = torch.randn(part.shape, generator=torch.Generator().manual_seed(7))
        noise = noise.to(self.device)

        def mean(music: torch.Tensor) -> float:
            losses = [
                edm_loss(judge, part, noise, noise.new_full((size,), level), (music, labels)).mean()
                for level in CHECKED_LEVELS
            ]
            return round(float(sum(losses)) / len(losses), 5)

        return {"checked": mean(heard), "checked_wrong_music": mean(heard.roll(1, 0))}


def edm_loss(
    network: WindowNetwork,
    x0: torch.Tensor,
    noise: torch.Tensor,
    sigma: torch.Tensor,
    told: tuple[torch.Tensor, torch.Tensor],
) -> torch.Tensor:
    """(s^2 + s_d^2) / (s s_d)^2 (D(x0 + s eps; s) - x0)^2 for sigma [B], in the shape of x0."""
    data = network.config.sigma_data
    weight = (sigma.square() + data**2) / (sigma * data).square()
    level = sigma[:, None, None, None]
    denoised = denoiser(network)(x0 + level * noise, sigma, told)
    return weight[:, None, None, None] * (denoised - x0).square()


def window_batches(
    options: Any, pieces: Sequence[LatentPiece], codec: nn.Module, seed: int
) -> Windows:
    """Raises DataError for a codec that hears the future: its latents could not be masked after."""
    if not getattr(codec, "is_causal", True):
        raise DataError(
            "cannot train on latents of a codec that looks ahead: what is masked would have been "
            "heard; use Sideman's own codec"
        )
    frames = options.network.unet.img_resolution
    batches = Batches(pieces, PARTS, codec, frames, frames, (0, 0), 0, seed)
    return Windows(batches, options.unheard, seed)


def latents_of(codec: nn.Module) -> dict[str, int]:
    """What a run has to know of the codec that its latents are of."""
    return {"latent_channels": codec.channels, "frame_samples": codec.frame_samples}


def window_of(run: RunFolder) -> WindowConfig:
    """The network of a run. Raises DataError when the run trained something else."""
    config = run.config()
    if config.get("family") != "window":
        raise DataError(f"cannot use run {run.path}: it is none of `train window` or `distill`")
    return WindowConfig.from_json(config["network"])


def as_student(config: WindowConfig) -> WindowConfig:
    """The same network as a consistency model, from the highest level of the distillation."""
    return replace(config, preconditioning="consistency", sigma_max=80.0)
