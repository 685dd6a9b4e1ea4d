"""What one training step sees: crops of parts with what is told about them, partly withheld.

A batch depends on (seed, step) alone, so a resumed run sees what an uninterrupted one would.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import nn

from sideman.data.clock_errors import clock_errors
from sideman.data.latents import LatentPiece
from sideman.data.tags import TAGS, Tagger, groups_among
from sideman.errors import DataError
from sideman.models.clock import clock_channels, unknown_clock
from sideman.models.conditions import Conditions
from sideman.models.sketch import without
from sideman.models.transformer import TransformerConfig

__all__ = ["Batch", "Batches", "Withhold"]


@dataclass(frozen=True)
class Withhold:
    """How often something is kept from the model, so that it learns to do without it.

    heard, clock, past, sketch, tags: for whole sequences; heard_pitch: the pitches of the music,
    whose levels are heard; past_block: highest share of single blocks of the own past; past_noise:
    highest standard deviation of noise on it (one's own playing is never quite what was taught);
    past_colour: highest spread of what a band of it may be too loud or too soft throughout, in every
    second sequence (what one plays is off for longer than a frame);
    some: one component of a sketch, one group of tags; clock_errors: share of clocks as a tracker
    hears them.
    """

    heard: float = 0.15
    heard_pitch: float = 0.15
    clock: float = 0.15
    past: float = 0.5
    past_block: float = 0.5
    past_noise: float = 0.5
    past_colour: float = 1.0
    sketch: float = 0.65
    tags: float = 0.3
    some: float = 0.25
    clock_errors: float = 0.4


@dataclass(frozen=True)
class Batch:
    """B sequences of n frames: the part [B, D, n], the own past as shown, and what is told.

    `shown` is the part with noise on it; `known` [B, n] is 1 where it may be seen; `music`
    [B, D, n] is what sounds beside the part, at its own time, and `true_clock` [B, C, n] the clock
    without a tracker's errors.
    """

    part: torch.Tensor
    shown: torch.Tensor
    known: torch.Tensor
    conditions: Conditions
    music: torch.Tensor
    true_clock: torch.Tensor

    def to(self, device: torch.device | str) -> Batch:
        """The same on another device."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        return Batch(**{name: value.to(device) for name, value in named.items()})

    def cut(self, frames: slice) -> Batch:
        """Some of the frames of every sequence."""
        return Batch(
            self.part[..., frames], self.shown[..., frames], self.known[:, frames],
            self.conditions.cut(frames), self.music[..., frames], self.true_clock[..., frames],
        )

    def as_live(self, network: TransformerConfig) -> Batch:
        """Told as who plays the last block is: with hearing `cutoff` nothing of what sounds from
        `lead` frames before it on, wherever the sequence was cut."""
        if network.hearing != "cutoff":
            return self
        frames = torch.arange(self.part.shape[-1], device=self.part.device)
        end = self.part.shape[-1] - network.block_frames - self.conditions.lead[:, None]
        known = self.conditions.heard_known * (frames < end)
        return replace(self, conditions=replace(self.conditions, heard_known=known))

    def told_wrongly(self) -> Batch:
        """The same sequences, each with the music that another one heard."""
        rolled = {
            name: getattr(self.conditions, name).roll(1, 0) for name in ("heard", "heard_known")
        }
        return replace(self, conditions=replace(self.conditions, **rolled))

    def without(self, name: str) -> Batch:
        """The same sequences with one of clock, sketch, tags unknown."""
        unknown = torch.zeros_like(getattr(self.conditions, name))
        return replace(self, conditions=replace(self.conditions, **{name: unknown}))

    def without_past(self) -> Batch:
        """The same sequences with the own past unknown."""
        return replace(self, known=torch.zeros_like(self.known))


class Batches:
    """Draws batches from encoded pieces; every part is drawn equally often.

    hearing: as in TransformerConfig. With `cutoff` the music is known up to `lead` frames before
    the last block of the sequence; with a lead of -block all of it, up to what is played to it.
    Raises DataError when no piece is long enough, and for a lead that would hear what comes after.
    """

    def __init__(
        self,
        pieces: Sequence[LatentPiece],
        parts: Sequence[str],
        codec: nn.Module,
        frames: int,
        block: int,
        leads: tuple[int, int],
        usual_lead: int,
        seed: int,
        hearing: str = "delayed",
        tags: Sequence[str] = TAGS,
    ):
        if leads[0] < -block:
            raise DataError(
                f"cannot train for a lead of {leads[0]} frames: {-block} hears the slot itself; give that "
                "or more"
            )
        self.pieces = [piece for piece in pieces if piece.frames >= frames]
        self.parts = tuple(parts)
        self.codec = codec
        self.silence = codec.silence_latent()
        self.frames = frames
        self.block = block
        self.leads = leads
        self.usual_lead = usual_lead
        self.seed = seed
        self.hearing = hearing
        self.choices = {
            part: [i for i, piece in enumerate(self.pieces) if part in piece.parts]
            for part in self.parts
        }
        self.parts_present = [part for part in self.parts if self.choices[part]]
        if not self.parts_present:
            raise DataError(
                f"nothing to train on: no piece has {frames} frames; make longer pieces"
            )
        self.tagger = Tagger(codec, self.pieces, self.parts, frames, tags)

    def draw(self, step: int, size: int, withhold: Withhold | None) -> Batch:
        """The batch of one step; with `withhold` None all but the sketch is shown, at the usual
        lead."""
        rng = np.random.default_rng([self.seed, step])
        rows = [self._row(rng, withhold) for _ in range(size)]
        part, before, heard, known, clock, tags, index, lead, music, true = zip(*rows, strict=True)
        whole = torch.stack(part).float()
        sketch = self.codec.sketch(whole, torch.stack(before).float())
        conditions = Conditions(
            heard=torch.stack(heard).float(),
            heard_known=torch.from_numpy(np.stack(known)),
            clock=torch.from_numpy(np.stack(clock)),
            sketch=sketch if withhold else torch.zeros_like(sketch),
            tags=torch.from_numpy(np.stack(tags))[..., None].repeat(1, 1, self.frames),
            part=torch.tensor(index),
            lead=torch.tensor(lead),
        )
        beside = torch.stack(music).float()
        true_clock = torch.from_numpy(np.stack(true))
        seen = torch.ones(size, self.frames)
        batch = Batch(whole, whole, seen, conditions, beside, true_clock)
        return batch if withhold is None else self._withheld(batch, withhold, rng)

    def _row(self, rng: np.random.Generator, withhold: Withhold | None) -> tuple:
        name = self.parts_present[rng.integers(len(self.parts_present))]
        piece = self.pieces[self.choices[name][rng.integers(len(self.choices[name]))]]
        start = int(rng.integers(piece.frames - self.frames + 1))
        plain = withhold is None
        lead = self.usual_lead if plain else self._lead(rng)
        crop = slice(start, start + self.frames)
        music = piece.contexts[name][0] if plain else self._music(piece, name, rng)
        latents = piece.parts[name]
        part, before = latents[:, crop], self._at(latents, start - 1, 1)
        if self.hearing == "cutoff":
            heard, known = music[:, crop], np.arange(self.frames) < self.frames - self.block - lead
        else:
            heard = self._at(music, start - lead - self.block, self.frames)
            known = np.ones(self.frames)
        clock, true_clock = self._clocks(piece, crop, rng, withhold)
        tags = self.tagger.tags(piece, name, part)
        index = self.parts.index(name)
        known = known.astype(np.float32)
        return (
            part, before, heard, known, clock, tags, index, lead, music[:, crop], true_clock
        )

    def _clocks(
        self, piece: LatentPiece, crop: slice, rng: np.random.Generator, withhold: Withhold | None
    ) -> tuple[np.ndarray, np.ndarray]:
        """The clock as it is told, and as it is."""
        if piece.bpm == 0:
            return unknown_clock(self.frames), unknown_clock(self.frames)
        beats, confidence = piece.beats[crop], 1.0
        bpm = 60 / self._frame_seconds * np.gradient(beats)  # of this moment, as a host tells it
        true_clock = self._clock(beats, bpm, piece)
        if withhold and rng.random() < withhold.clock_errors:
            beats, bpm, confidence = clock_errors(rng, beats, bpm, piece.beats_per_bar)
        return self._clock(beats, bpm, piece) * np.float32(confidence), true_clock

    def _clock(
        self, beats: np.ndarray, bpm: np.ndarray | float, piece: LatentPiece
    ) -> np.ndarray:
        return clock_channels(beats, bpm, piece.beats_per_bar, self._frame_seconds)

    @property
    def _frame_seconds(self) -> float:
        return self.codec.frame_samples / self.codec.sample_rate

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

    def _at(self, latents: torch.Tensor, start: int, frames: int) -> torch.Tensor:
        """`frames` frames from `start`; silence before the beginning."""
        missing = min(frames, max(0, -start))
        rest = latents[:, max(0, start) : max(0, start + frames)]
        silence = self.silence.to(latents.dtype)[:, None].expand(-1, missing)
        return torch.cat((silence, rest), dim=1)

    def _withheld(self, batch: Batch, withhold: Withhold, rng: np.random.Generator) -> Batch:
        size, blocks = len(batch.part), -(-self.frames // self.block)
        past = rng.random(size) >= withhold.past
        share = rng.uniform(0, withhold.past_block, size) * (rng.random(size) < 0.5)
        seen = past[:, None] & (rng.random((size, blocks)) >= share[:, None])
        # Whole blocks before the last one, of which the first may be cut off.
        known = seen.astype(np.float32).repeat(self.block, axis=1)[:, -self.frames :]
        coloured = self.codec.limit(batch.part + self._colour(size, withhold.past_colour, rng))
        sigma = rng.uniform(0, withhold.past_noise, (size, 1, 1)).astype(np.float32)
        noise = rng.standard_normal(batch.part.shape, dtype=np.float32) * sigma
        told = batch.conditions
        sketched = rng.random(size) >= withhold.sketch
        # With a sketch the music may well be missing: that is what mode delay does.
        heard = _kept(rng.random(size) >= np.where(sketched, 0.5, withhold.heard))
        clock = _kept(rng.random(size) >= withhold.clock)
        pitches = _kept(rng.random(size) >= withhold.heard_pitch)
        return replace(
            batch,
            shown=coloured + torch.from_numpy(noise),
            known=torch.from_numpy(np.ascontiguousarray(known)),
            conditions=replace(
                told,
                heard=_without_pitch(told.heard, self.codec.pitch_channels, pitches),
                heard_known=told.heard_known * heard[:, None],
                clock=told.clock * clock[:, None, None],
                sketch=_some_sketch(told.sketch, sketched, withhold.some, rng),
                tags=_some_tags(told.tags, self.tagger.known, withhold, rng),
            ),
        )

    def _colour(self, size: int, spread: float, rng: np.random.Generator) -> torch.Tensor:
        """What each channel is off by, [B, D, 1]; the channels of one band by the same."""
        bands = self.codec.bands
        scale = rng.uniform(0, spread, (size, 1)) * (rng.random((size, 1)) < 0.5)
        off = rng.laplace(size=(size, max(bands) + 1)) * scale
        return torch.from_numpy(off[:, bands, None].astype(np.float32))


def _kept(chosen: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(chosen.astype(np.float32))


def _without_pitch(heard: torch.Tensor, channels: int, kept: torch.Tensor) -> torch.Tensor:
    pitch = heard[:, :channels] * kept[:, None, None]
    return torch.cat((pitch, heard[:, channels:]), dim=1)


def _some_sketch(
    sketch: torch.Tensor, sketched: np.ndarray, some: float, rng: np.random.Generator
) -> torch.Tensor:
    sketch = sketch * _kept(sketched)[:, None, None]
    for group in ("pitch", "loudness", "onsets"):
        left_out = _kept(rng.random(len(sketch)) < some)[:, None, None]
        sketch = torch.lerp(sketch, without(sketch, group), left_out)
    return sketch


def _some_tags(
    tags: torch.Tensor, known: Sequence[str], withhold: Withhold, rng: np.random.Generator
) -> torch.Tensor:
    kept = np.repeat(rng.random((len(tags), 1)) >= withhold.tags, len(known), axis=1)
    for group in groups_among(known):
        left_out = rng.random(len(tags)) < withhold.some
        first = known.index(group[0])
        kept[left_out, first : first + len(group)] = False
    return tags * _kept(kept)[:, :, None]
