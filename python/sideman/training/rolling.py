"""Rollouts with a gradient at the last step of every block (ARC-Forcing; Self-Forcing, Huang et al.
2025, section 3.2): a generator learns from what it plays on top of what it played."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import nn

from sideman.models.block_pass import BlockPass
from sideman.models.block_walk import walk
from sideman.models.conditions import Conditions
from sideman.models.rests import rests, without_rests
from sideman.models.transformer import BlockTransformer

__all__ = ["draw_counts", "roll_out"]


def draw_counts(blocks: int, most_steps: int, chance: torch.Generator) -> list[int]:
    """Steps of each block: the same in a whole rollout, as live, uniform on 1 to most_steps.

    LMDM draws for every block. But where blocks of one step come between those of two, nobody
    learns from what two steps alone run into. Processes that train together give the same chance
    (LMDM tells them the first one's): by the number of steps it hangs what has a gradient.
    """
    return [int(torch.randint(1, most_steps + 1, (), generator=chance))] * blocks


def roll_out(
    network: BlockTransformer,
    clean: torch.Tensor,
    known: torch.Tensor,
    conditions: Conditions,
    counts: Sequence[int],
    schedule: Callable[[int], list[float]],
    codec: nn.Module,
    chance: torch.Generator,
    free: int = 0,
) -> torch.Tensor:
    """What follows clean [B, D, m], known [B, m]: [B, D, R o], block r after counts[r] steps.

    Ping-pong over schedule(counts[r]), the very steps of live playing (LMDM cuts the chain of the
    longest schedule off instead). All steps but the last of a block are without gradient, and the
    last one's x0 is the block, limited as in live playing; the gradient passes the limit as if it
    were not there. Without it nobody would know that all below silence is silence. The first `free`
    blocks have no gradient at all.
    """
    shape = (len(clean), clean.shape[1], network.config.block_frames)

    def fresh() -> torch.Tensor:
        return torch.randn(shape, generator=chance).to(clean.device)

    def play(one: BlockPass, number: int) -> torch.Tensor:
        *early, last, _ = schedule(counts[number])
        x = fresh()
        with torch.no_grad():
            for t, following in zip(early, [*early[1:], last]):
                x0 = codec.limit(x - t * one(x, t))
                x = (1 - following) * x0 + following * fresh()
        learns = torch.is_grad_enabled() and number >= free
        if early and learns:
            one.start_over()  # or what the past is read as would learn from single steps alone
        with torch.set_grad_enabled(learns):
            x0 = x - last * one(x, last)
        return x0 + (codec.limit(x0) - x0).detach()

    seen = without_rests(clean, known, network.config.block_frames, codec)
    return walk(network, clean, seen, conditions, play, lambda past: rests(past, codec))
