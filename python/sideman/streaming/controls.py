"""What a player may change at any hop."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from sideman.diffusion import inpainting
from sideman.diffusion.guidance import Guidance
from sideman.diffusion.sampling import SAMPLERS
from sideman.errors import SettingsError
from sideman.models.checkpoint import ModelSpec
from sideman.models.clock import clock_channels, unknown_clock

__all__ = ["MODES", "Clock", "Controls", "Slot", "clock_of", "controls_for", "usual_controls"]

MODES = ("accompany", "continue", "delay")
LEANING = 0.7  # of the ++ samplers, as LMDM (arXiv 2605.22717) plays


@dataclass(frozen=True)
class Slot:
    """Which hop is to be answered; hops count from 0 at the start of the session."""

    hop_id: int


@dataclass(frozen=True)
class Clock:
    """Musical time at the start of a slot: `beat` counts from a downbeat, in beats of `bpm`."""

    bpm: float
    beat: float
    beats_per_bar: int = 4
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if not (math.isfinite(self.bpm) and 10 <= self.bpm <= 1000):
            raise SettingsError(f"cannot use clock: tempo is {self.bpm} bpm; give 10 to 1000")
        if not math.isfinite(self.beat):
            raise SettingsError(f"cannot use clock: beat is {self.beat}; give a finite number")
        if not 1 <= self.beats_per_bar <= 32:
            raise SettingsError(
                f"cannot use clock: {self.beats_per_bar} beats per bar; give 1 to 32"
            )
        if not 0 <= self.confidence <= 1:
            raise SettingsError(
                f"cannot use clock: confidence is {self.confidence}; give 0 to 1"
            )

    def moved(self, seconds: float) -> Clock:
        """The same clock, read `seconds` later."""
        return replace(self, beat=self.beat + seconds * self.bpm / 60)


@dataclass(frozen=True)
class Controls:
    """What the player wants of a hop.

    steps, guidance (1 = none), sampler: how it is denoised. temperature: factor on the noise that a
    block is made from: below 1 the likelier is played, at 1 what the model has learnt. clock: where
    one is known; with `track` and none given, the session listens for one. tags: names the model
    knows with weights 0 to 1, or prompts for a model that reads text. inertia: share of the own past
    that is kept when the dominant tags change. feedback and mix belong to mode delay: how much of what is played back is
    heard again, and how much of it is the model's rather than a plain echo. patience belongs to mode
    accompany: beats of silence until the part rests too, and before the first sound; 0 plays on.
    """

    steps: int
    guidance: float
    clock: Clock | None = None
    tags: tuple[tuple[str, float], ...] = ()
    mode: str = "accompany"
    inertia: float = 0.5
    sampler: str = "euler"
    feedback: float = 0.0
    mix: float = 1.0
    track: bool = False
    patience: float = 0.0
    temperature: float = 1.0

    def __post_init__(self) -> None:
        _within("steps", self.steps, 1, 50)
        _within("guidance", self.guidance, 0, 20)
        _within("temperature", self.temperature, 0, 2)
        _within("patience", self.patience, 0, 64)
        for name in ("inertia", "feedback", "mix"):
            _within(name, getattr(self, name), 0, 1)
        for tag, weight in self.tags:
            _within(f"tag {tag}", weight, 0, 1)
        for name, value, known in (
            ("mode", self.mode, MODES), ("sampler", self.sampler, (*SAMPLERS, *inpainting.SAMPLERS))
        ):
            if value not in known:
                raise SettingsError(f"cannot use {name} {value!r}: give {', '.join(known)}")

    @property
    def branches(self) -> int:
        """Rows that guidance needs per part."""
        return Guidance(self.guidance).branches

    @property
    def dominant(self) -> str:
        """The tags that weigh at least half of the heaviest, as one line: what the part is about."""
        heaviest = max((weight for _, weight in self.tags), default=0.0)
        heavy = {tag for tag, weight in self.tags if weight >= heaviest / 2 and weight > 0}
        return "\n".join(sorted(heavy))


def usual_controls(spec: ModelSpec, **told: Any) -> Controls:
    """As the model is played by default, but for what is told."""
    own = {name: getattr(spec, name) for name in ("steps", "guidance", "sampler", "temperature")}
    values = {**own, **told}
    if "guidance" not in told:
        values["guidance"] = _usual_guidance(spec, values["sampler"])
    return Controls(**values)


def controls_for(spec: ModelSpec, asked: Mapping[str, Any]) -> Controls:
    """Controls as an engine asks for them: steps, guidance and temperature below zero and the sampler
    "auto" mean the model's own (guidance with the ++ samplers: .7), clock is (bpm, beat, beats per
    bar) or None. Raises SettingsError."""
    values = dict(asked)
    if values["steps"] <= 0:
        values["steps"] = spec.steps
    if values["sampler"] == "auto":
        values["sampler"] = spec.sampler
    if values["guidance"] < 0:
        values["guidance"] = _usual_guidance(spec, values["sampler"])
    if values["temperature"] < 0:
        values["temperature"] = spec.temperature
    if values["clock"] is not None:
        values["clock"] = Clock(*values["clock"])
    values["tags"] = tuple((str(name), float(weight)) for name, weight in values["tags"])
    return Controls(**values)


def _within(name: str, value: float, low: float, high: float) -> None:
    if not (math.isfinite(value) and low <= value <= high):
        raise SettingsError(f"cannot use {name} {value}: give {low} to {high}")


def clock_of(clock: Clock | None, frames: int, frame_seconds: float) -> np.ndarray:
    """Clock channels, float32 [channels, frames], at the centres of the frames of a slot."""
    if clock is None:
        return unknown_clock(frames)
    seconds = (np.arange(frames) + 0.5) * frame_seconds
    beats = clock.beat + seconds * clock.bpm / 60
    told = clock_channels(beats, clock.bpm, clock.beats_per_bar, frame_seconds)
    return told * np.float32(clock.confidence)


def _usual_guidance(spec: ModelSpec, sampler: str) -> float:
    """The model's own, where it plays with a sampler of this kind: the scale of the ++ ones is another
    (Guidance), and without them nothing is leant on."""
    asked, own = (name in SAMPLERS and SAMPLERS[name].pairs for name in (sampler, spec.sampler))
    return spec.guidance if asked == own else LEANING if asked else 1.0
