"""Classifier-free guidance (Ho and Salimans 2022, eq. 6)."""

from __future__ import annotations

from typing import Any

import torch

from sideman.diffusion.samplers import Denoise

__all__ = ["guided"]


def guided(denoise: Denoise, scale: float) -> Denoise:
    """A denoiser that leans towards its conditions: v = v_u + scale (v_c - v_u).

    The conditions given to it describe twice the rows of x: first told, then untold. At scale 1
    nothing is doubled: the result is `denoise` itself, and conditions describe the rows of x.
    """
    if scale == 1:
        return denoise

    def lean(x: torch.Tensor, t: float, conditions: Any) -> torch.Tensor:
        told, untold = denoise(torch.cat((x, x)), t, conditions).chunk(2)
        return untold + scale * (told - untold)

    return lean
