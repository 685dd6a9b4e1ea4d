"""Blocks played one after the other, each from what was played before: a performance in latents.

The same passes and caches as live, for many rows at once, without audio in between: what stage 2 of
training rolls out, and what the evaluation of long performances plays.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import torch

from sideman.models.block_pass import BlockPass
from sideman.models.conditions import Conditions
from sideman.models.transformer import BlockTransformer

__all__ = ["walk"]


def walk(
    network: BlockTransformer,
    clean: torch.Tensor,
    known: torch.Tensor,
    conditions: Conditions,
    play: Callable[[BlockPass, int], torch.Tensor],
    hidden: Callable[[torch.Tensor], torch.Tensor] | None = None,
) -> torch.Tensor:
    """What follows a past clean [B, D, m], known [B, m], m <= window: latents [B, D, R o].

    conditions: of the past and the R blocks to play; with hearing `cutoff` their `heard` is the
    music of its own time and each block is told it up to `lead` frames before itself. play(pass,
    number) denoises one block [B, D, o]; hidden(past [B, D, n]) says which rows [B] shall not see the
    block just played. Later blocks see it detached: no gradient goes from block
    to block, nor through a cache. Keys and values are kept from block to block where
    nothing that is told can change afterwards; otherwise every block has its own prefill.
    """
    config, block = network.config, network.config.block_frames
    past, cache, cached = clean.shape[-1], network.empty_cache(len(clean)), 0
    cache = replace(cache, keys=cache.keys.to(clean.device), values=cache.values.to(clean.device))
    played = []
    for start in range(past, conditions.frames - block + 1, block):
        first = max(cached, start - clean.shape[-1])
        pending = start - first
        one = BlockPass(
            network,
            cache,
            _last(clean, pending),
            _last(known, pending),
            _told(conditions, config.hearing, slice(first, start + block), start),
        )
        latents = play(one, len(played))
        if config.every_block:
            cache, cached = one.settled(pending), start
        played.append(latents)
        clean = _last(torch.cat((clean, latents.detach()), -1), network.window_frames)
        seen = torch.ones(len(known), block, device=known.device)
        if hidden is not None:
            seen[hidden(clean)] = 0
        known = _last(torch.cat((known, seen), -1), network.window_frames)
    return torch.cat(played, -1)


def _last(x: torch.Tensor, frames: int) -> torch.Tensor:
    return x[..., max(0, x.shape[-1] - frames) :]


def _told(conditions: Conditions, hearing: str, frames: slice, start: int) -> Conditions:
    told = conditions.cut(frames)
    if hearing == "delayed":
        return told
    frame = torch.arange(frames.start, frames.stop, device=told.lead.device)
    before = frame[None] < start - told.lead[:, None]
    return replace(told, heard_known=told.heard_known * before)
