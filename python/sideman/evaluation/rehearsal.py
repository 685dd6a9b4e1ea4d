"""How far from real music a network plays with few steps, in latents: quick enough to ask in training.

The blocks, caches, steps and rests of live playing, for many rows at once, from silence on.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

from sideman.diffusion.samplers import ping_pong
from sideman.evaluation import distance
from sideman.models.block_pass import BlockPass
from sideman.models.block_walk import walk
from sideman.models.conditions import Conditions
from sideman.models.rests import rests
from sideman.models.transformer import BlockTransformer

__all__ = ["Rehearsal"]

STEPS = (1, 2)


class Rehearsal:
    """Real parts [B, D, n] and what is told about them; every call plays the same with the same
    noise, at the times of `schedule`, so figures of different networks compare."""

    def __init__(
        self,
        real: torch.Tensor,
        told: Conditions,
        codec: nn.Module,
        schedule: Callable[[int], list[float]],
        seed: int = 0,
    ):
        self.real, self.told, self.codec, self.seed = real, told, codec, seed
        self.schedule = schedule
        self._scales: dict[tuple[str, int], tuple[distance.Scale, distance.Moments]] = {}
        for kind, patches in self._patches(real).items():
            for part in self._parts:
                pooled = self._of(part, patches)
                scale = distance.Scale.of(pooled)
                self._scales[kind, part] = scale, distance.moments(scale(pooled))

    def figures(self, network: BlockTransformer) -> dict[str, float]:
        """`latent_1`, `mel_2` and so on: mean over parts of the distance from the real parts after
        so many ping-pong steps; `played`: their geometric mean."""
        found = {}
        for steps in STEPS:
            patches = self._patches(self.played(network, steps))
            for kind in patches:
                found[f"{kind}_{steps}"] = round(self._distance(kind, patches[kind]), 3)
        logs = [math.log(max(value, 1e-9)) for value in found.values()]
        return {**found, "played": round(math.exp(sum(logs) / len(logs)), 4)}

    @torch.no_grad()
    def played(self, network: BlockTransformer, steps: int) -> torch.Tensor:
        """What the network plays for all rows, [B, D, n]."""
        chance = torch.Generator().manual_seed(self.seed)
        rows, channels, _ = self.real.shape
        shape = (rows, channels, network.config.block_frames)

        def fresh(draw: int) -> torch.Tensor:
            return torch.randn(shape, generator=chance).to(self.real.device)

        def play(one: BlockPass, number: int) -> torch.Tensor:
            return ping_pong(one, fresh(0), self.schedule(steps), None, fresh, limit=self.codec.limit)

        nothing = self.real.new_zeros(rows, channels, 0)
        return walk(
            network, nothing, self.real.new_zeros(rows, 0), self.told, play,
            lambda past: rests(past, self.codec),
        )

    @torch.no_grad()
    def _patches(self, latents: torch.Tensor) -> dict[str, list[np.ndarray]]:
        """Patches of each row, of both kinds."""
        audio = self.codec.decode_all(latents).cpu()
        return {
            "latent": [distance.latent_patches(row) for row in latents.cpu()],
            "mel": [distance.mel_patches(row, self.codec.sample_rate) for row in audio],
        }

    def _distance(self, kind: str, patches: list[np.ndarray]) -> float:
        found = []
        for part in self._parts:
            scale, real = self._scales[kind, part]
            found.append(
                distance.frechet(distance.moments(scale(self._of(part, patches))), real)
            )
        return float(np.mean(found))

    @property
    def _parts(self) -> list[int]:
        return self.told.part.unique().tolist()

    def _of(self, part: int, patches: list[np.ndarray]) -> np.ndarray:
        rows = (self.told.part == part).nonzero()[:, 0].tolist()
        return np.concatenate([patches[row] for row in rows])
