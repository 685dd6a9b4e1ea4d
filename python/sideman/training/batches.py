"""What one training step sees: crops of parts with the music around them, partly withheld.

A batch depends on (seed, step) alone, so a resumed run sees what an uninterrupted one would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from sideman.data.latents import LatentPiece
from sideman.models.clock import clock_channels
from sideman.models.transformer import Conditions

__all__ = ["Batch", "Batches", "Withhold"]


@dataclass(frozen=True)
class Withhold:
    """How often something is kept from the model, so that it learns to do without it.

    heard, clock, past: for whole sequences; past_block: highest share of single blocks of the own
    past; past_noise: highest standard deviation of noise on it (one's own playing is never quite
    what was taught).
    """

    heard: float = 0.15
    clock: float = 0.2
    past: float = 0.5
    past_block: float = 0.5
    past_noise: float = 0.5


@dataclass(frozen=True)
class Batch:
    """B sequences of n frames: the part [B, D, n], the own past as shown, and what is told.

    `shown` is the part with noise on it; `known` [B, n] is 1 where it may be seen.
    """

    part: torch.Tensor
    shown: torch.Tensor
    known: torch.Tensor
    conditions: Conditions

    def told_wrongly(self) -> Batch:
        """The same sequences, each with the music that another one heard."""
        rolled = {
            name: getattr(self.conditions, name).roll(1, 0) for name in ("heard", "heard_known")
        }
        return replace(self, conditions=replace(self.conditions, **rolled))

    def without_clock(self) -> Batch:
        """The same sequences with the clock unknown."""
        silent = torch.zeros_like(self.conditions.clock)
        return replace(self, conditions=replace(self.conditions, clock=silent))

    def without_past(self) -> Batch:
        """The same sequences with the own past unknown."""
        return replace(self, known=torch.zeros_like(self.known))


class Batches:
    """Draws batches from encoded pieces; every part is drawn equally often."""

    def __init__(
        self,
        pieces: Sequence[LatentPiece],
        parts: Sequence[str],
        silence: torch.Tensor,
        frames: int,
        block: int,
        leads: tuple[int, int],
        usual_lead: int,
        seed: int,
    ):
        self.pieces = [piece for piece in pieces if piece.frames >= frames]
        self.parts = tuple(parts)
        self.silence = silence
        self.frames = frames
        self.block = block
        self.leads = leads
        self.usual_lead = usual_lead
        self.seed = seed
        self.choices = {
            part: [i for i, piece in enumerate(self.pieces) if part in piece.parts]
            for part in self.parts
        }
        self.parts_present = [part for part in self.parts if self.choices[part]]

    def draw(self, step: int, size: int, withhold: Withhold | None) -> Batch:
        """The batch of one step; with `withhold` None everything is shown, at the usual lead."""
        rng = np.random.default_rng([self.seed, step])
        rows = [self._row(rng, plain=withhold is None) for _ in range(size)]
        part, heard, clock, index, lead = zip(*rows, strict=True)
        whole = torch.stack(part).float()
        conditions = Conditions(
            heard=torch.stack(heard).float(),
            heard_known=torch.ones(size, self.frames),
            clock=torch.from_numpy(np.stack(clock)),
            part=torch.tensor(index),
            lead=torch.tensor(lead),
        )
        batch = Batch(whole, whole, torch.ones(size, self.frames), conditions)
        return batch if withhold is None else self._withheld(batch, withhold, rng)

    def _row(self, rng: np.random.Generator, plain: bool) -> tuple:
        name = self.parts_present[rng.integers(len(self.parts_present))]
        piece = self.pieces[self.choices[name][rng.integers(len(self.choices[name]))]]
        start = int(rng.integers(piece.frames - self.frames + 1))
        lead = self.usual_lead if plain else self._lead(rng)
        crop = slice(start, start + self.frames)
        music = piece.contexts[name][0] if plain else self._music(piece, name, rng)
        heard = self._delayed(music, start - lead - self.block)
        clock = clock_channels(piece.beats[crop], piece.bpm, piece.beats_per_bar)
        return piece.parts[name][:, crop], heard, clock, self.parts.index(name), lead

    def _music(self, piece: LatentPiece, name: str, rng: np.random.Generator) -> torch.Tensor:
        """Everybody else, as encoded; or, three times in ten, one other part alone: a duo."""
        others = [other for other in piece.parts if other != name]
        if others and rng.random() < 0.3:
            return piece.parts[others[rng.integers(len(others))]]
        contexts = piece.contexts[name]
        return contexts[rng.integers(len(contexts))]

    def _lead(self, rng: np.random.Generator) -> int:
        low, high = self.leads
        return self.usual_lead if rng.random() < 0.5 else int(rng.integers(low, high + 1))

    def _delayed(self, context: torch.Tensor, start: int) -> torch.Tensor:
        """`frames` frames of context from `start`; silence before the beginning."""
        missing = max(0, -start)
        rest = context[:, max(0, start) : start + self.frames]
        silence = self.silence.to(context.dtype)[:, None].expand(-1, missing)
        return torch.cat((silence, rest), dim=1)

    def _withheld(self, batch: Batch, withhold: Withhold, rng: np.random.Generator) -> Batch:
        size, blocks = len(batch.part), self.frames // self.block
        past = rng.random(size) >= withhold.past
        share = rng.uniform(0, withhold.past_block, size) * (rng.random(size) < 0.5)
        seen = past[:, None] & (rng.random((size, blocks)) >= share[:, None])
        sigma = rng.uniform(0, withhold.past_noise, (size, 1, 1)).astype(np.float32)
        noise = rng.standard_normal(batch.part.shape, dtype=np.float32) * sigma
        heard = torch.from_numpy((rng.random(size) >= withhold.heard).astype(np.float32))
        clock = torch.from_numpy((rng.random(size) >= withhold.clock).astype(np.float32))
        told = batch.conditions
        return Batch(
            part=batch.part,
            shown=batch.part + torch.from_numpy(noise),
            known=torch.from_numpy(seen.astype(np.float32).repeat(self.block, axis=1)),
            conditions=replace(
                told,
                heard_known=told.heard_known * heard[:, None],
                clock=told.clock * clock[:, None, None],
            ),
        )
