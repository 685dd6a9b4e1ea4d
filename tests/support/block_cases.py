"""Random networks of the block family with something to play, for property tests."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from hypothesis import strategies as st
from small_model import random_conditions, small_network

from sideman.models.block_pass import BlockPass
from sideman.models.conditions import Conditions
from sideman.models.kv_cache import KVCache
from sideman.models.transformer import BlockTransformer

__all__ = ["Case", "cases", "hidden_states", "play_block"]


@dataclass(frozen=True)
class Case:
    """A network and a sequence of whole blocks: clean, noisy [B, D, n], known [B, n], t [blocks]."""

    network: BlockTransformer
    clean: torch.Tensor
    noisy: torch.Tensor
    known: torch.Tensor
    t: torch.Tensor
    conditions: Conditions
    seed: int

    @property
    def rows(self) -> int:
        return len(self.clean)

    @property
    def block(self) -> int:
        return self.network.config.block_frames

    @property
    def blocks(self) -> int:
        return len(self.t)

    def other_conditions(self) -> Conditions:
        """The same frames, told something else."""
        frames = self.clean.shape[-1]
        return random_conditions(self.network, self.rows, frames, self.seed + 1)


@st.composite
def cases(
    draw: st.DrawFn, regime: str, hearing: str = "delayed", blocks: tuple[int, int] = (2, 14)
) -> Case:
    """enc_dec contexts need not be whole blocks; everything else is drawn alike."""
    block, band = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    heads = draw(st.integers(1, 3))
    uneven = draw(st.integers(0, block - 1)) if regime == "enc_dec" else 0
    seed = draw(st.integers(0, 10_000))
    network = small_network(
        seed,
        channels=draw(st.integers(1, 6)),
        width=heads * 4 * draw(st.integers(1, 3)),
        heads=heads,
        layers=draw(st.integers(1, 4)),
        block_frames=block,
        context_frames=band * block + uneven,
        regime=regime,
        hearing=hearing,
        tags=draw(st.integers(0, 2)),
        sketch_channels=draw(st.sampled_from([0, 3])),
        text_channels=draw(st.sampled_from([0, 5])),
    )
    return case_of(network, draw(st.integers(1, 4)), draw(st.integers(*blocks)), seed)


def case_of(network: BlockTransformer, rows: int, blocks: int, seed: int) -> Case:
    config, generator = network.config, torch.Generator().manual_seed(seed)
    shape = (rows, config.channels, blocks * config.block_frames)
    clean, noisy = (torch.randn(shape, generator=generator) for _ in range(2))
    known = (torch.rand(rows, shape[-1], generator=generator) > 0.2).float()
    t = torch.rand(blocks, generator=generator) * 0.98 + 0.01
    told = random_conditions(network, rows, shape[-1], seed)
    return Case(network, clean, noisy, known, t, told, seed)


def play_block(
    case: Case,
    cache: KVCache,
    pending: slice,
    index: int,
    conditions: Conditions | None = None,
    settle: int | None = None,
) -> tuple[torch.Tensor, torch.Tensor, KVCache]:
    """Flow of block `index` in the first step of a pass and in a later one, after `pending` frames.

    Between the two, the pass is asked about something else. The third is the cache with the first
    `settle` of the pending frames in it, all of them if not given.
    """
    told = (conditions or case.conditions).cut(slice(pending.start, (index + 1) * case.block))
    x = case.noisy[..., index * case.block : (index + 1) * case.block]
    t = float(case.t[index])
    block = BlockPass(
        case.network, cache, case.clean[..., pending], case.known[:, pending], told
    )
    first = block(x, t)
    block(x * -2, t / 2)
    settle = pending.stop - pending.start if settle is None else settle
    return first, block(x, t), block.settled(settle)


def hidden_states(network: BlockTransformer, call) -> list[torch.Tensor]:
    """The inputs of every layer's attention while `call()` runs, one after the other."""
    seen: list[torch.Tensor] = []
    hooks = [
        layer.norm_attention.register_forward_hook(lambda _, inputs, __: seen.append(inputs[0]))
        for layer in network.layers
    ]
    try:
        call()
    finally:
        for hook in hooks:
            hook.remove()
    return seen
