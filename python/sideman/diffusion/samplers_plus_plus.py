"""Samplers that lean towards what they are told without leaving the data: CFG++.

Source: Chung et al. 2024 (arXiv 2406.08070), for a rectified flow. The data are predicted with
guidance, x0_l = x - t v_l, and the noise without, by v_u. With v_u = v_c they are `euler` and
`ping_pong`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch

from sideman.diffusion.samplers import Fresh, Limit, predicted

__all__ = ["Lean", "Pair", "euler_plus_plus", "ping_pong_plus_plus"]

Pair = Callable[[torch.Tensor, float, Any], tuple[torch.Tensor, torch.Tensor]]
Lean = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def euler_plus_plus(
    pair: Pair,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    lean: Lean,
    limit: Limit | None = None,
) -> torch.Tensor:
    """x <- (1 - t') x0_l + t' eps_u with eps_u = x + (1 - t) v_u (Chung, algorithm 2).

    Not LMDM's x0_l + t' v_u, which adds t' (x0_l - x0_u) at every step and so leans by l times the
    sum of the times: with the usual 6 steps further than is told, with 20 to full scale.
    `pair(x, t, conditions)` gives (v_c, v_u); `lean` makes v_l = v_u + l (v_c - v_u) of them.
    """
    for t, following in zip(times, times[1:]):
        v_c, v_u = pair(x, t, conditions)
        x0 = predicted(x, t, lean(v_c, v_u), limit)
        if limit is not None:
            v_u = (x - predicted(x, t, v_u, limit)) / t
        x = (1 - following) * x0 + following * (x + (1 - t) * v_u)
    return x


def ping_pong_plus_plus(
    pair: Pair,
    x: torch.Tensor,
    times: Sequence[float],
    conditions: Any,
    lean: Lean,
    fresh: Fresh,
    limit: Limit | None = None,
) -> torch.Tensor:
    """x <- x0_l + t' (eps - x0_u) with new noise eps = fresh(k) (LMDM, arXiv 2605.22717).

    `pair` and `lean` as for euler_plus_plus, `fresh` as for ping_pong.
    """
    for k, (t, following) in enumerate(zip(times, times[1:])):
        v_c, v_u = pair(x, t, conditions)
        x0 = predicted(x, t, lean(v_c, v_u), limit)
        x = x0 + following * (fresh(k) - predicted(x, t, v_u, limit)) if following > 0 else x0
    return x
