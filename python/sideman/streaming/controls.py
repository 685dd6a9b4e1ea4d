"""What a player may change at any hop."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sideman.errors import SettingsError
from sideman.models.clock import clock_channels, unknown_clock

__all__ = ["Clock", "Controls", "Slot", "clock_of"]


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

    def __post_init__(self) -> None:
        if not (math.isfinite(self.bpm) and 10 <= self.bpm <= 1000):
            raise SettingsError(f"cannot use clock: tempo is {self.bpm} bpm; give 10 to 1000")
        if not math.isfinite(self.beat):
            raise SettingsError(f"cannot use clock: beat is {self.beat}; give a finite number")
        if not 1 <= self.beats_per_bar <= 32:
            raise SettingsError(
                f"cannot use clock: {self.beats_per_bar} beats per bar; give 1 to 32"
            )

    def moved(self, seconds: float) -> Clock:
        """The same clock, read `seconds` later."""
        return Clock(self.bpm, self.beat + seconds * self.bpm / 60, self.beats_per_bar)


@dataclass(frozen=True)
class Controls:
    """Denoising steps, guidance on the heard music (1 = none), and the clock where one is known."""

    steps: int
    guidance: float
    clock: Clock | None = None

    def __post_init__(self) -> None:
        if not 1 <= self.steps <= 50:
            raise SettingsError(f"cannot use steps {self.steps}: give 1 to 50")
        if not (math.isfinite(self.guidance) and 0 <= self.guidance <= 20):
            raise SettingsError(f"cannot use guidance {self.guidance}: give 0 to 20")


def clock_of(clock: Clock | None, frames: int, frame_seconds: float) -> np.ndarray:
    """Clock channels, float32 [channels, frames], at the centres of the frames of a slot."""
    if clock is None:
        return unknown_clock(frames)
    seconds = (np.arange(frames) + 0.5) * frame_seconds
    beats = clock.beat + seconds * clock.bpm / 60
    return clock_channels(beats, clock.bpm, clock.beats_per_bar)
