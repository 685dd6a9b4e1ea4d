"""What a composed piece is: plain values in beats, no sound and no files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sideman.data.tempo import TempoMap

__all__ = ["FRAME_SAMPLES", "PARTS", "SAMPLE_RATE", "Chord", "Note", "Plan", "Score"]

SAMPLE_RATE = 44100
FRAME_SAMPLES = 2048
PARTS = ("bass", "drums", "guitar", "piano")


@dataclass(frozen=True, slots=True)
class Note:
    """One note; start and length in beats from the first downbeat, MIDI pitch and velocity."""

    start: float
    length: float
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class Chord:
    """A chord that holds from `start` (beats) until the next one; root 0-11, C = 0."""

    start: float
    root: int
    quality: str


@dataclass(frozen=True)
class Plan:
    """What is decided before any note: cheap to make, so that a data set knows its length.

    The tempo is `bpm` throughout, or moves around it where there is a tempo map.
    """

    preset: str
    seed: int
    index: int
    style: str
    bpm: float
    beats_per_bar: int
    bars: int
    downbeat_sample: int
    samples: int
    tempo: TempoMap | None = None

    @property
    def id(self) -> str:
        kind = f"{self.tempo.kind}-" if self.tempo else ""
        return f"{self.preset}-{kind}{self.seed}-{self.index:05d}"

    @property
    def seconds(self) -> float:
        return self.samples / SAMPLE_RATE

    def sample_at(self, beat: float) -> int:
        """Sample position of a beat; beat 0 is the first downbeat."""
        if self.tempo:
            return self.downbeat_sample + round(self.tempo.seconds_at(beat) * SAMPLE_RATE)
        return self.downbeat_sample + round(beat * 60.0 / self.bpm * SAMPLE_RATE)

    def beat_at(self, sample: int) -> float:
        """Beat position of a sample; negative before the first downbeat."""
        if self.tempo:
            return self.tempo.beat_at((sample - self.downbeat_sample) / SAMPLE_RATE)
        return (sample - self.downbeat_sample) * self.bpm / 60.0 / SAMPLE_RATE


@dataclass(frozen=True)
class Score:
    """A composed piece: its plan, harmony, the notes of each part and the instruments."""

    plan: Plan
    key: str
    chords: tuple[Chord, ...]
    parts: Mapping[str, tuple[Note, ...]]
    programs: Mapping[str, int]
