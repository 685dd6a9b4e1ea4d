"""Classifier-free guidance (Ho and Salimans 2022), its direction taken where it is clearest."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch

from sideman.diffusion.samplers import Denoise
from sideman.diffusion.samplers_plus_plus import Pair
from sideman.errors import SettingsError

__all__ = ["BRANCHES", "Guidance", "apart", "guided", "paired"]

BRANCHES = 3


@dataclass(frozen=True)
class Guidance:
    """How far to lean towards what is told. At scale 1 not at all: the model is asked once.

    scale: 1 and more for `euler`, `ping_pong`, `dpm_solver`; between 0 and 1 for the ++ samplers,
    whose noise stays untold for every scale but exactly 1. rescale: share in which the result gets
    the spread of what was told (Lin et al. 2024, arXiv 2305.08891, section 3.4). interval: guidance
    acts for low < t <= high (Kynkaanniemi et al. 2024, arXiv 2404.07724). listening: share in which
    the last frame of a block goes by the music alone, without the own past; the first goes by both,
    those between follow on a line. growing: share in which the leaning itself grows within a block;
    with 1 from none at the first frame to twice as much at the last, with 0 all lean alike. At scale
    1 there is none of it.

    Raises SettingsError for a value out of its range.
    """

    scale: float
    rescale: float = 0.0
    interval: tuple[float, float] = (0.0, 1.0)
    listening: float = 0.0
    growing: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.scale):
            raise SettingsError(f"cannot guide: scale is {self.scale}; give a finite number")
        if not 0 <= self.rescale <= 1:
            raise SettingsError(f"cannot guide: rescale is {self.rescale}; give 0 to 1")
        for name in ("listening", "growing"):
            if not 0 <= getattr(self, name) <= 1:
                raise SettingsError(f"cannot guide: {name} is {getattr(self, name)}; give 0 to 1")
        low, high = self.interval
        if not 0 <= low <= high <= 1:
            raise SettingsError(
                f"cannot guide: interval is {low} to {high}; give rising times from 0 to 1"
            )

    @property
    def branches(self) -> int:
        """How many times the rows of x the conditions must describe."""
        return 1 if self.scale == 1 else BRANCHES

    def acts(self, t: float) -> bool:
        """Whether t lies in the interval."""
        low, high = self.interval
        return low < t <= high

    def lean(self, v_c: torch.Tensor, v_u: torch.Tensor) -> torch.Tensor:
        """v = v_u + scale (v_c - v_u), then the spread of each row mixed back (Lin, eq. 15-16)."""
        v = v_u + self.scale * (v_c - v_u)
        if self.rescale == 0:
            return v
        told, leant = _spread(v_c), _spread(v)
        ratio = torch.where(leant > 0, told / leant, torch.ones_like(leant))
        return self.rescale * (v * ratio) + (1 - self.rescale) * v


def paired(denoise: Denoise, listening: float = 0.0, growing: float = 0.0) -> Pair:
    """A function that gives (v_c, v_u), told and untold, in one call of `denoise`.

    The conditions given to it describe three times the rows of x: whole, with everything; told, but
    without own past; untold, and without own past. A model that sees its own past hardly listens
    any more, so told - untold points to the music where whole minus its untold twin would not:
    v_c = whole, v_u = whole - (told - untold). With whole = told, v_u is the untold flow. With
    `listening` v_c goes from whole at the first frame to whole + listening (told - whole) at the
    last: a block begins where its past ended, and the further it goes, the more the music counts.
    With `growing` told - untold is weighed alike, from 1 - growing to 1 + growing.
    """

    def pair(x: torch.Tensor, t: float, conditions: Any) -> tuple[torch.Tensor, torch.Tensor]:
        tripled = denoise(torch.cat([x] * BRANCHES), t, conditions)
        whole, told, untold = tripled.chunk(BRANCHES)
        if listening:
            whole = torch.lerp(whole, told, _line(0.0, listening, x))
        towards = told - untold
        if growing and x.shape[-1] > 1:  # in a block of one frame there is nowhere to grow
            towards = towards * _line(1 - growing, 1 + growing, x)
        return whole, whole - towards

    return pair


def apart(denoise: Denoise, guidance: Guidance) -> Pair:
    """(v_c, v_u) where guidance acts, (v_c, v_c) where it does not.

    Outside the interval all branches are computed nevertheless: the conditions describe them.
    """
    pair = paired(denoise, guidance.listening, guidance.growing)

    def once(x: torch.Tensor, t: float, conditions: Any) -> tuple[torch.Tensor, torch.Tensor]:
        v = denoise(x, t, conditions)
        return v, v

    def gated(x: torch.Tensor, t: float, conditions: Any) -> tuple[torch.Tensor, torch.Tensor]:
        v_c, v_u = pair(x, t, conditions)
        return (v_c, v_u) if guidance.acts(t) else (v_c, v_c)

    return once if guidance.branches == 1 else gated


def guided(denoise: Denoise, guidance: Guidance) -> Denoise:
    """A denoiser that leans; at scale 1 it is `denoise` itself."""
    if guidance.branches == 1:
        return denoise
    pair = apart(denoise, guidance)

    def lean(x: torch.Tensor, t: float, conditions: Any) -> torch.Tensor:
        return guidance.lean(*pair(x, t, conditions))

    return lean


def _line(first: float, last: float, x: torch.Tensor) -> torch.Tensor:
    """One weight for each frame of x; a single frame gets the first."""
    return torch.linspace(first, last, x.shape[-1], device=x.device)


def _spread(v: torch.Tensor) -> torch.Tensor:
    """Standard deviation of each row, broadcasting against v."""
    return v.std(dim=tuple(range(1, v.ndim)), correction=0, keepdim=True)
