"""The denoising of one block from a cache: a fused first step, then short ones.

The first call runs [pending | target | global] in one pass: the clean blocks that the cache does
not hold yet, and the noisy one. What it learns of the pending blocks serves the later steps, which
run [target | global] alone, and becomes the next cache. Under the enc-dec regime everything is
pending for every block, so the same pass is its prefill.
"""

from __future__ import annotations

import torch

from sideman.models.conditions import Conditions
from sideman.models.kv_cache import KVCache
from sideman.models.transformer import BlockTransformer, Prompt

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
        self._conditions = conditions
        self._prompt = prompt or network.prompt(conditions)
        self._told = network.told(conditions.cut(slice(self._pending, None)))
        self._past: tuple[torch.Tensor, torch.Tensor] | None = None
        self._fresh: tuple[torch.Tensor, torch.Tensor] | None = None

    def __call__(self, x: torch.Tensor, t: float, conditions: object = None) -> torch.Tensor:
        """Flow [B, D, o] of x [B, D, o] at time t; `conditions` are those given at the start."""
        times = torch.full((len(x),), t, device=x.device)
        if self._past is None:
            tokens = self._first(x, times)
        else:
            told = self._network.target_tokens(x, times, self._told, self._conditions)
            tokens, _, _ = self._network.trunk(told, self._past, None, self._prompt)
        return self._network.flow(tokens[:, :-1], x, times[:, None])

    def settled(self, frames: int) -> KVCache:
        """The cache with the first `frames` pending frames in it; call it after the first step."""
        if self._fresh is None:
            raise RuntimeError("a pass settles nothing before its first step")
        keys, values = (part[:, :, :, :frames].detach() for part in self._fresh)
        return self._cache.append(keys, values, self._network.window_frames)

    def _first(self, x: torch.Tensor, times: torch.Tensor) -> torch.Tensor:
        network, pending = self._network, self._pending
        tokens = network.fused_tokens(self._clean, self._known, x, times, self._conditions)
        before = None
        if self._cache.frames:
            before = (network.turned(self._cache.keys), self._cache.values)
        mask = network.mask(self._cache.frames, pending)
        tokens, keys, values = network.trunk(tokens, before, mask, self._prompt)
        self._fresh = (keys[:, :, :, :pending], values[:, :, :, :pending])
        window = self._cache.append(*(part.detach() for part in self._fresh), network.window_frames)
        self._past = (network.turned(window.keys), window.values) if window.frames else (
            window.keys, window.values)
        return tokens[:, pending:]
