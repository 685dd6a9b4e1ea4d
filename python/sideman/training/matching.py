"""The model learns to play what the first stage would have played in its place (distribution matching).

Two flows look at what was played, each block with noise on it and after the model's own past: the
first stage's, and that of a copy which learns nothing but what the model plays. Where they part, the
model is off: too sure of one thing, or where the first stage never is. Regressing to where the first
stage's flow ends, as in the warm-up, has few steps end in the mean of what could come; here they
keep its variety.

Source: Yin et al. 2024 (DMD, arXiv 2311.18828), section 3.2; over rollouts Huang et al. 2025
(Self-Forcing, arXiv 2506.08009), section 3.3. Ours: a causal first stage, asked for every block of a
rollout in one pass.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import torch
from torch import nn

from sideman.diffusion.losses import flow_loss, logit_normal_times, mix
from sideman.models.rests import without_rests
from sideman.models.transformer import BlockTransformer
from sideman.training import block_flow
from sideman.training.batches import Batch

__all__ = ["Matching"]

LEVELS = (0.0, 1.3)  # mean and spread of the logit of t at which the flows are compared
LEAST = 0.02  # of what a block is off is divided by, or a rest would weigh without bound


class Matching:
    """`teacher` is the first stage, `fake` the flow of what the model plays (DMD's fake score).

    past: frames of a rollout that were not played, and that nobody learns from; on_beat: guidance of
    the teacher on the clock (1: none), as DMD guides its own on the text.
    """

    def __init__(
        self, teacher: BlockTransformer, codec: nn.Module, past: int, on_beat: float = 1.0
    ):
        self.teacher, self.codec, self.past, self.on_beat = teacher, codec, past, on_beat
        self.fake = copy.deepcopy(teacher).requires_grad_(True)

    def own(self, batch: Batch, played: torch.Tensor) -> Batch:
        """`batch` with what was played [B, D, n] as the part and its own past, its rests hidden as in
        live playing; no gradient."""
        played, block = played.detach(), self.fake.config.block_frames
        known = without_rests(played, batch.known, block, self.codec)
        return replace(batch, part=played, shown=played, known=known)

    def loss(self, own: Batch, chance: torch.Generator) -> torch.Tensor:
        """What the fake learns by: the flow loss of the blocks that were played."""
        noise, level, noisy = self._noised(own, chance)
        found = block_flow.flow(self.fake, own, noisy, level)
        aimed = (block_flow.aimed(self.fake, x) for x in (own.part, noise))
        return flow_loss(found, *aimed)[..., self._skipped :].mean()

    def pull(self, own: Batch, played: torch.Tensor, chance: torch.Generator) -> torch.Tensor:
        """Scalar whose gradient with respect to `played` [B, D, n] is the difference of what the two
        flows make of it (DMD, eq. 7 and 8), over the mean of how far the teacher's is, by block."""
        _, level, noisy = self._noised(own, chance)
        t = block_flow.per_frame(self.fake, level)
        with torch.no_grad():
            real = noisy - t * self._taught(own, noisy, level)
            fake = noisy - t * block_flow.flow(self.fake, own, noisy, level)
            clean = block_flow.aimed(self.fake, own.part)
            away, off = (self._blocks(x) for x in (fake - real, (clean - real).abs()))
            away = away / off.mean((1, 3), keepdim=True).clamp(min=LEAST)
        return (self._blocks(block_flow.aimed(self.fake, played)) * away).mean()

    def _taught(self, own: Batch, noisy: torch.Tensor, level: torch.Tensor) -> torch.Tensor:
        """The teacher's flow, guided."""
        told = block_flow.flow(self.teacher, own, noisy, level)
        if self.on_beat == 1.0:
            return told
        untold = block_flow.flow(self.teacher, own.without("clock"), noisy, level)
        return untold + self.on_beat * (told - untold)

    def _noised(
        self, own: Batch, chance: torch.Generator
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Noise as own.part, a level for each target [B, targets], and the noisy targets."""
        noise = torch.randn(own.part.shape, generator=chance).to(own.part.device)
        targets = block_flow.targets(self.fake.config, own.part.shape[-1])
        level = logit_normal_times((len(noise), targets), chance, *LEVELS).to(noise.device)
        part, fresh = (block_flow.aimed(self.fake, x) for x in (own.part, noise))
        return noise, level, mix(part, fresh, block_flow.per_frame(self.fake, level))

    def _blocks(self, x: torch.Tensor) -> torch.Tensor:
        """Targets [B, D, n] -> the played blocks of them, [B, D, blocks, o]."""
        return x[..., self._skipped :].unflatten(-1, (-1, self.fake.config.block_frames))

    @property
    def _skipped(self) -> int:
        """How many frames of the targets were not played."""
        return self.past if self.fake.config.every_block else 0
