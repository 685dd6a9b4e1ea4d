"""Denoises the blocks of several sessions as one batch, where they share a model and a shape."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch

from sideman.diffusion import sampling
from sideman.diffusion.guidance import Guidance
from sideman.diffusion.schedules import SCHEDULES
from sideman.errors import Cancelled
from sideman.models.block_pass import BlockPass
from sideman.models.checkpoint import LoadedModel
from sideman.models.conditions import Conditions
from sideman.models.kv_cache import KVCache
from sideman.streaming.controls import Controls
from sideman.streaming.noise import noise
from sideman.streaming.state import SessionState

__all__ = ["Work", "denoise"]

Played = tuple[torch.Tensor, KVCache]


@dataclass(frozen=True)
class Work:
    """One session's block: its state with room for the block at the end of the memory.

    part_rows, lead_rows [P]; open_frames: frames that stay open after the block. The rows of the
    cache are the parts, once per branch of guidance: with everything, told but without own past,
    untold without own past.
    """

    model: LoadedModel
    part_rows: torch.Tensor
    lead_rows: torch.Tensor
    hop_frames: int
    open_frames: int
    state: SessionState
    controls: Controls
    text: torch.Tensor | None

    @property
    def likeness(self) -> tuple:
        """Works that are equal in this can share a batch."""
        state, controls = self.state, self.controls
        return (
            id(self.model.network), state.cache.frames, state.open_frames, self.open_frames,
            self.hop_frames, controls.steps, controls.guidance, controls.sampler, self.listening,
            None if self.text is None else self.text.shape, self.model.spec.schedule,
            self.model.spec.growing,
        )

    @property
    def listening(self) -> float:
        """How far the block goes by the music alone, in mode delay by the sketch alone: not at all
        where neither is told."""
        return 0.0 if self.controls.mode == "continue" else self.model.spec.listening

    def told(self) -> Conditions:
        """What the open frames and the block are told, one row per part."""
        open_memory = self.state.memory.last(self.state.open_frames)
        rows = (rows.to(self.model.device) for rows in (self.part_rows, self.lead_rows))
        return open_memory.conditions(*rows, self.text)

    def noise(self, draw: int) -> torch.Tensor:
        """Noise [P, D, hop] that depends on seed, hop, part and the number of the draw alone, but for
        the temperature."""
        shape = (self.model.codec.channels, self.hop_frames)
        parts = self.part_rows.tolist()
        drawn = noise(shape, self.state.seed, self.state.next_hop, parts, draw)
        return (self.controls.temperature * drawn).to(self.model.device)


def denoise(works: Sequence[Work], cancelled: Callable[[], bool]) -> list[Played]:
    """What each work plays [P, D, hop], and its cache afterwards, in the order of `works`.

    Raises Cancelled between two steps when the caller withdrew.
    """
    groups: dict[tuple, list[int]] = {}
    for index, work in enumerate(works):
        groups.setdefault(work.likeness, []).append(index)
    played: dict[int, Played] = {}
    for members in groups.values():
        together = _denoise_alike([works[index] for index in members], cancelled)
        played.update(zip(members, together, strict=True))
    return [played[index] for index in range(len(works))]


def _denoise_alike(works: Sequence[Work], cancelled: Callable[[], bool]) -> list[Played]:
    first = works[0]
    model, hop = first.model, first.hop_frames
    spec = model.spec
    guidance = Guidance(first.controls.guidance, listening=first.listening, growing=spec.growing)
    branches = guidance.branches
    pending = first.state.open_frames - hop
    told = [work.told() for work in works]
    clean = torch.cat([_past(work)[0] for work in works])
    known = torch.cat([_past(work)[1] for work in works])
    conditions = Conditions.joined(told)
    if branches > 1:
        conditions = Conditions.joined([conditions, conditions, conditions.untold()])
        clean = clean.repeat(branches, 1, 1)
        known = torch.cat((known, torch.zeros_like(known).repeat(branches - 1, 1)))
    block = BlockPass(
        model.network, _joined_caches(works, branches), clean, known, conditions
    )

    def step(x: torch.Tensor, t: float, ignored: object) -> torch.Tensor:
        if cancelled():
            raise Cancelled(f"hop {first.state.next_hop} was withdrawn")
        return block(x, t)

    latents = sampling.run(
        first.controls.sampler,
        step,
        torch.cat([work.noise(0) for work in works]),
        SCHEDULES[model.spec.schedule](first.controls.steps),
        None,
        guidance,
        lambda draw: torch.cat([work.noise(1 + draw) for work in works]),
        model.codec.limit,
    )
    closing = pending + hop - first.open_frames
    cache = block.settled(max(0, closing) if model.network.config.caches else 0)
    rows = [len(work.part_rows) for work in works]
    return list(zip(latents.split(rows), _split_caches(cache, rows, branches), strict=True))


def _past(work: Work) -> tuple[torch.Tensor, torch.Tensor]:
    """The open frames before the block: played [P, D, m] and known [P, m]."""
    memory = work.state.memory.last(work.state.open_frames)
    before = memory.frames - work.hop_frames
    return memory.played[..., :before], memory.known[:, :before]


def _joined_caches(works: Sequence[Work], branches: int) -> KVCache:
    """Caches of works, rows ordered by branch first."""
    if len(works) == 1:
        return works[0].state.cache
    rows = [len(work.part_rows) for work in works]
    return KVCache.joined(
        [
            work.state.cache.cut(slice(branch * count, (branch + 1) * count))
            for branch in range(branches)
            for work, count in zip(works, rows, strict=True)
        ]
    )


def _split_caches(cache: KVCache, rows: Sequence[int], branches: int) -> list[KVCache]:
    if len(rows) == 1:
        return [cache]
    whole, starts = sum(rows), [sum(rows[:index]) for index in range(len(rows))]
    return [
        KVCache.joined(
            [
                cache.cut(slice(branch * whole + start, branch * whole + start + count))
                for branch in range(branches)
            ]
        )
        for start, count in zip(starts, rows, strict=True)
    ]
