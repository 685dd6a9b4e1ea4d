"""Classifier-free guidance (Ho and Salimans 2022), with the direction taken where it is clearest."""

from __future__ import annotations

from typing import Any

import torch

from sideman.diffusion.samplers import Denoise

__all__ = ["BRANCHES", "guided"]

BRANCHES = 3


def guided(denoise: Denoise, scale: float) -> Denoise:
    """A denoiser that leans towards what it is told: v = v_a + (scale - 1) (v_b - v_c).

    The conditions given to it describe three times the rows of x: (a) with everything, (b) told but
    without own past, (c) untold and without own past. A model that sees its own past hardly listens
    any more, so (b) - (c) points to the music where (a) minus its untold twin would not; with
    (a) = (b) this is Ho and Salimans's eq. 6. At scale 1 the result is `denoise` itself, and
    conditions describe the rows of x.
    """
    if scale == 1:
        return denoise

    def lean(x: torch.Tensor, t: float, conditions: Any) -> torch.Tensor:
        tripled = denoise(x.repeat(BRANCHES, 1, 1), t, conditions)
        whole, told, untold = tripled.chunk(BRANCHES)
        return whole + (scale - 1) * (told - untold)

    return lean
