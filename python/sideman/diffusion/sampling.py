"""The one entry to sampling: a sampler by name, guidance, and a model that denoises."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from sideman.diffusion.guidance import Guidance, apart, guided
from sideman.diffusion.samplers import Denoise, Fresh, Limit, dpm_solver, euler, ping_pong
from sideman.diffusion.samplers_plus_plus import euler_plus_plus, ping_pong_plus_plus
from sideman.errors import SettingsError

__all__ = ["SAMPLERS", "Sampler", "run"]


@dataclass(frozen=True)
class Sampler:
    """walk: the sampler; draws: it takes new noise; pairs: it keeps v_c and v_u apart."""

    walk: Callable[..., torch.Tensor]
    draws: bool = False
    pairs: bool = False


SAMPLERS = {
    "euler": Sampler(euler),
    "ping-pong": Sampler(ping_pong, draws=True),
    "dpm++": Sampler(dpm_solver),
    "euler++": Sampler(euler_plus_plus, pairs=True),
    "ping-pong++": Sampler(ping_pong_plus_plus, draws=True, pairs=True),
}


def run(
    sampler: str,
    denoise: Denoise,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    guidance: Guidance,
    fresh: Fresh,
    limit: Limit | None = None,
) -> torch.Tensor:
    """x0 [B, ...] from noise x [B, ...], over `times` that fall from 1 to 0.

    denoise(x, t, conditions) -> v is asked about guidance.branches times the rows of x, which the
    conditions describe in the order of `guidance.paired`. For the ++ samplers guidance.scale is the
    l of CFG++. fresh(k) gives noise of the shape of x for step k, the same whenever it is asked if
    the result is to be the same; limit as in `samplers`. Raises SettingsError for an unknown name.
    """
    if sampler not in SAMPLERS:
        raise SettingsError(f"no sampler {sampler!r}: give one of {', '.join(SAMPLERS)}")
    chosen = SAMPLERS[sampler]
    drawn = {"fresh": fresh} if chosen.draws else {}
    if chosen.pairs:
        pair = apart(denoise, guidance)
        return chosen.walk(pair, x, times, conditions, lean=guidance.lean, limit=limit, **drawn)
    leaning = guided(denoise, guidance)
    return chosen.walk(leaning, x, times, conditions, limit=limit, **drawn)
