"""Distils a window model: a student jumps in one evaluation to where its teacher leads in many.

Source: Karchkhadze and Dubnov 2026 (arXiv 2604.07612), after Kim et al. 2024 (CTM, arXiv 2310.02279)
and Song et al. 2023 (consistency models, arXiv 2303.01469, algorithm 2): for i + k on a grid of
noise levels, the student at level i is drawn to its own average at level i + k, to which k Heun steps
of the teacher lead; a denoising term keeps it on the data.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sideman.data.latents import LatentPiece
from sideman.diffusion.inpainting import karras
from sideman.errors import DataError
from sideman.models.window import WindowConfig, WindowNetwork
from sideman.streaming.filling import denoiser
from sideman.training.ema import Average
from sideman.training.feeding import Feed
from sideman.training.loop import FREE, Training, averaged_weights, check_codec, origin
from sideman.training.run_folder import RunFolder
from sideman.training.window import as_student, edm_loss, latents_of, window_batches, window_of

__all__ = ["DistillOptions", "Distillation", "distill_preset", "heun_steps", "step_odds"]

Told = tuple[torch.Tensor, torch.Tensor]


@dataclass(frozen=True)
class DistillOptions:
    """network: the student's. scales: of the grid; most_steps: k is drawn from 1 to this, in
    proportion to k; target: decay of the average that the student is drawn to; denoising: weight of
    that term. The rest as WindowOptions."""

    network: WindowConfig
    steps: int = 0
    minutes: float = 0.0
    batch: int = 32
    accumulate: int = 1
    rate: float = 1e-5
    warm_up: int = 150
    average: float = 0.999
    target: float = 0.999
    unheard: tuple[int, ...] = (0, 16, 32)
    scales: int = 18
    most_steps: int = 17
    denoising: float = 1.0
    seed: int = 0
    save_seconds: float = 120.0
    check_steps: int = 500

    @property
    def drawn_frames(self) -> int:
        return self.network.unet.img_resolution


def distill_preset(name: str, teacher: WindowConfig) -> DistillOptions:
    """As `window_preset`, for its student. Raises DataError for another name."""
    student = as_student(teacher)
    if name == "paper":
        return DistillOptions(student, steps=600_000)
    if name == "tiny":
        return DistillOptions(
            student, minutes=30.0, batch=8, rate=3e-4, average=0.998, target=0.95,
            unheard=(0, 4, 8, 8, 16), most_steps=3,
        )  # fmt: skip
    raise DataError(f"no preset {name!r}: presets are paper, tiny")


class Distillation(Training):
    """One run; `begin` is the run of the teacher. Nothing is checked on the way: pieces that were kept
    back for that are trained on."""

    plotted = ("loss", "jump", "denoising")

    def __init__(
        self,
        options: DistillOptions,
        pieces: Sequence[LatentPiece],
        checked: Sequence[LatentPiece],
        codec: nn.Module,
        folder: str | Path,
        begin: str | Path,
        facts: dict[str, Any] | None = None,
        device: torch.device | str = "cpu",
    ):
        torch.manual_seed(options.seed)
        taught = averaged_weights(RunFolder(begin))
        teaches = _teacher(RunFolder(begin), options)
        check_codec(RunFolder(begin), codec, "begin with")
        self.teacher = _network(teaches, taught, device).eval().requires_grad_(False)
        self.network = _network(options.network, taught, device)
        self.target = _network(options.network, taught, device).eval().requires_grad_(False)
        self.targets = Average(self.network, options.target, young=False)
        told = {"family": "window", **origin("begin", RunFolder(begin), taught), **latents_of(codec)}
        config = {**told, **asdict(options), **(facts or {})}
        RunFolder(folder).check_same(config, FREE)  # before a piece is looked at
        self.windows = window_batches(options, [*pieces, *checked], codec, options.seed)
        self._feed = Feed(self._draw, torch.device(device))
        run = RunFolder.open(folder, config, free=FREE)
        optimizer = torch.optim.RAdam(self.network.parameters(), lr=options.rate)
        levels = options.network
        self.grid = torch.tensor(
            karras(options.scales, levels.sigma_min, levels.sigma_max, levels.rho), device=device
        )
        modules = {"network": self.network, "target": self.target}
        super().__init__(options, run, modules, optimizer)
        self.targets.weights = {k: v.clone() for k, v in self.target.state_dict().items()}

    def take_step(self) -> dict[str, float]:
        self.network.train()
        figures = self.descend(self._figures)
        self.targets.update(self.network, self.step)
        self.target.load_state_dict(self.targets.weights)
        return figures

    def _figures(self, local: int) -> dict[str, torch.Tensor]:
        options = self.options
        generator = torch.Generator().manual_seed(3_000_017 * options.seed + self.seed_of(local))
        part, heard, labels = (told.to(self.device) for told in self._feed(local))
        told = (heard, labels)
        jump = self._jump(part, told, generator)
        denoising = self._denoising(part, told, generator)
        return {"loss": jump + options.denoising * denoising, "jump": jump, "denoising": denoising}

    def _draw(self, local: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        return self.windows.draw(self.seed_of(local), self.options.batch)

    def _jump(self, x0: torch.Tensor, told: Told, generator: torch.Generator) -> torch.Tensor:
        """|f(x_i, t_i) - f_target(x_{i+k}, t_{i+k})|^2, with k Heun steps of the teacher between."""
        options, size = self.options, len(x0)
        odds = step_odds(min(options.most_steps, options.scales - 1))
        k = 1 + int(torch.multinomial(odds, 1, generator=generator))
        index = torch.randint(options.scales - k, (size,), generator=generator).to(x0.device)
        noise = torch.randn(x0.shape, generator=generator).to(x0.device)
        start = x0 + self.grid[index][:, None, None, None] * noise
        with torch.no_grad():
            levels = torch.stack([self.grid[index + step] for step in range(k + 1)])
            led = heun_steps(denoiser(self.teacher), start, levels, told)
            wanted = denoiser(self.target)(led, levels[-1], told)
        return (denoiser(self.network)(start, levels[0], told) - wanted).square().mean()

    def _denoising(self, x0: torch.Tensor, told: Told, generator: torch.Generator) -> torch.Tensor:
        """(s^2 + s_d^2) / (s s_d)^2 (f(x0 + s eps, s) - x0)^2, half of the levels lognormal, half
        from the upper part of the grid's curve."""
        size, config = len(x0), self.options.network
        lognormal = (-1.2 + 1.2 * torch.randn(size, generator=generator)).exp()
        share = 0.7 * torch.rand(size, generator=generator)
        high, low = (level ** (1 / config.rho) for level in (config.sigma_max, config.sigma_min))
        upper = (high + share * (low - high)) ** config.rho
        sigma = torch.where(torch.arange(size) < size // 2, lognormal, upper).to(x0.device)
        noise = torch.randn(x0.shape, generator=generator).to(x0.device)
        return edm_loss(self.network, x0, noise, sigma, told).mean()


def heun_steps(
    denoise: Any, x: torch.Tensor, levels: torch.Tensor, told: Told
) -> torch.Tensor:
    """Follow the teacher from levels[0] to levels[-1], each row by its own levels [k + 1, B]."""
    for sigma, following in zip(levels, levels[1:]):
        now, then = (level[:, None, None, None] for level in (sigma, following))
        first = (x - denoise(x, sigma, told)) / now
        ahead = x + (then - now) * first
        second = (ahead - denoise(ahead, following, told)) / then
        x = x + (then - now) * (first + second) / 2
    return x


def step_odds(most: int) -> torch.Tensor:
    """Chance of 1, 2, ... most steps, in proportion to their number."""
    odds = torch.arange(1, most + 1, dtype=torch.float32)
    return odds / odds.sum()


def _teacher(run: RunFolder, options: DistillOptions) -> WindowConfig:
    """The teacher's network. Raises DataError for one that cannot teach these options."""
    config = window_of(run)
    if config.preconditioning != "edm":
        raise DataError(f"{run.path} is a student itself: give --begin the run of `train window`")
    frames = config.unet.img_resolution
    if max(options.unheard) >= frames:
        raise DataError(
            f"the window of {run.path} has {frames} frames, and this preset leaves up to {max(options.unheard)} of "
            "them unheard; give the preset that the teacher was trained with"
        )
    return config


def _network(
    config: WindowConfig, weights: dict[str, torch.Tensor], device: torch.device | str
) -> WindowNetwork:
    network = WindowNetwork(config)
    network.load_state_dict(weights)
    return network.to(device, memory_format=torch.channels_last)
