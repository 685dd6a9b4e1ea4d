"""The denoising of one block from a cache: a fused first step, then short ones.

The first call runs [pending | target | global] in one pass: the clean blocks that the cache does
not hold yet, and the noisy one. What it learns of the pending blocks serves the later steps, which
run [target | global] alone, and becomes the next cache. Under the enc-dec regime everything is
pending for every block, so the same pass is its prefill.
"""

from __future__ import annotations

import torch

from sideman.models.conditions import Conditions
from sideman.models.kv_cache import KVCache, Sight
from sideman.models.transformer import BlockTransformer, Prompt, Told

__all__ = ["BlockPass"]


class BlockPass:
    """`denoise(x, t)` for one block; make a new one for every block.

    clean [B, D, m], known [B, m]: the pending blocks (m may be 0); conditions: of pending and
    target frames, m + o in all; cache: the blocks before, of the same B rows; prompt: what
    `network.prompt` made of the conditions, where that is known already.
    """

    def __init__(
        self,
        network: BlockTransformer,
        cache: KVCache,
        clean: torch.Tensor,
        known: torch.Tensor,
        conditions: Conditions,
        prompt: Prompt = None,
    ):
        self._network = network
        self._cache = cache
        self._clean, self._known = clean, known
        self._pending = clean.shape[-1]
        self._prompt = prompt or network.prompt(conditions)
        self._told = network.told(conditions)
        self._whole: Sight | None = None  # what the first step saw and added

    def __call__(self, x: torch.Tensor, t: float, conditions: object = None) -> torch.Tensor:
        """Flow [B, D, o] of x [B, D, o] at time t; `conditions` are those given at the start."""
        t = float(t)
        if self._whole is None:
            tokens = self._first(x, t)
        else:
            told = Told(self._told.frames[:, self._pending :], self._told.end)
            tokens = self._network.target_tokens(x, t, told)
            tokens = self._network.trunk(tokens, self._turns, self._sight, None, self._prompt)
        return self._network.flow(tokens[:, :-1], x, t)

    def start_over(self) -> None:
        """The next step is a first one again: what it makes of the pending blocks has a gradient of
        its own, where the steps before had none."""
        self._whole = None

    def settled(self, frames: int) -> KVCache:
        """The cache with the first `frames` pending frames in it; call it after the first step."""
        if self._whole is None:
            raise RuntimeError("a pass settles nothing before its first step")
        new = slice(self._cache.frames, self._cache.frames + frames)
        keys, values = self._whole.keys[:, :, :, new], self._whole.values[:, :, :, new]
        return self._cache.append(keys, values, self._network.window_frames)

    def _first(self, x: torch.Tensor, t: float) -> torch.Tensor:
        network, pending = self._network, self._pending
        tokens = network.fused_tokens(self._clean, self._known, x, t, self._told)
        own = tokens.shape[1] - pending  # the target and its global token
        sight = network.sight(self._cache, tokens.shape[1])
        turns = network.own_turns(sight)
        mask = network.mask(self._cache.frames, pending)
        unasked = pending if network.config.caches else 0  # enc-dec is run as its paper counts it
        tokens = network.trunk(tokens, turns, sight, mask, self._prompt, unasked)
        # Positions matter by their difference alone, so later steps leave the past where it is.
        past = min(network.window_frames, self._cache.frames + pending)
        self._whole, self._sight = sight, sight.newest(past + own, own)
        self._turns = turns[0][:, pending:], turns[1][:, pending:]
        return tokens[:, -own:]
