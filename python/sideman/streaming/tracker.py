"""The clock that is heard: tempo, beat and bar of the music at the inlet, as it comes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import torch

from sideman.errors import SettingsError
from sideman.streaming.bar_pointer import BarPointer
from sideman.streaming.beat_count import BeatCount
from sideman.streaming.controls import Clock
from sideman.streaming.harmony_change import (
    CLASSES,
    chroma,
    chroma_frames,
    chroma_tail,
    harmony_change,
)
from sideman.streaming.onset_envelope import BANDS, ENVELOPE_HOP, envelope_tail, onset_envelope

__all__ = ["BeatTracker", "TrackerState", "tracker_at"]

READ_FRAMES = 8  # envelope frames between two readings
# Of the onsets' bands, and of the change of harmony.
USUAL_STRENGTH = (0.12, 0.12, 0.12, 0.2)
LEAST_STRENGTH = np.array((0.02, 0.02, 0.02, 0.05), np.float32)
STRONGEST = np.array((8.0, 8.0, 8.0, 4.0), np.float32)  # times the mean
MEAN_SECONDS = 5.0
ONSET_STRENGTH = 0.1  # of all bands together: something has begun
TRUST_SECONDS = (0.2, 0.4)  # without an onset: from here to there the filter stops to listen, or a
# stop of a bar would refute the tempo
QUIET_SECONDS = (1.5, 3.0)  # and the confidence falls to 0
CONFIDENCE_SECONDS = 1.0


@dataclass(frozen=True)
class TrackerState:
    """Everything a tracker remembers; tensors of constant size.

    tail: the latest samples; classes [frames, 12]: the latest chroma; mean: running mean of the
    strength [bands] of onsets and of the change of harmony; belief [states]: of the filter; evidence
    [beats]: for each downbeat (BeatCount); frames: envelope frames heard;
    quiet: seconds since something began. beat, bpm, downbeat and beats_per_bar as of the end.
    """

    tail: torch.Tensor
    classes: torch.Tensor
    mean: torch.Tensor
    belief: torch.Tensor
    evidence: torch.Tensor
    frames: int
    quiet: float
    beat: float
    bpm: float
    downbeat: int
    beats_per_bar: int
    confidence: float


class BeatTracker:
    """Follows the beat of music at one sample rate, causally. It holds no memory of its own."""

    def __init__(self, sample_rate: int):
        self.sample_rate = sample_rate
        self.seconds = ENVELOPE_HOP / sample_rate
        self.tail = max(envelope_tail(sample_rate), chroma_tail(sample_rate))
        self.pointer = BarPointer(1.0 / self.seconds)

    def start(self) -> TrackerState:
        """The state of one who has heard nothing."""
        count = BeatCount()
        return TrackerState(
            tail=torch.zeros(self.tail),
            classes=torch.zeros(chroma_frames(self.sample_rate), CLASSES),
            mean=torch.tensor(USUAL_STRENGTH),
            belief=torch.from_numpy(self.pointer.prior.copy()),
            evidence=torch.tensor(count.evidence, dtype=torch.float64),
            frames=0,
            quiet=QUIET_SECONDS[1],
            beat=count.beat,
            bpm=count.bpm,
            downbeat=count.downbeat,
            beats_per_bar=count.beats_per_bar,
            confidence=0.0,
        )

    def hear(self, state: TrackerState, audio: np.ndarray) -> TrackerState:
        """The state after some more audio, float32 [n], n a multiple of ENVELOPE_HOP.

        Raises SettingsError for another length.
        """
        if audio.ndim != 1 or len(audio) % ENVELOPE_HOP:
            raise SettingsError(
                f"cannot track the beat in audio of shape {audio.shape}: "
                f"give one channel, a multiple of {ENVELOPE_HOP} samples"
            )
        if not len(audio):
            return state
        heard = np.concatenate((state.tail.numpy(), audio.astype(np.float32, copy=False)))
        state, strength = self._strength(state, heard, len(audio) // ENVELOPE_HOP)
        while len(strength):
            size = READ_FRAMES - state.frames % READ_FRAMES
            state = self._follow(state, strength[:size])
            strength = strength[size:]
        return state

    def clock(self, state: TrackerState) -> Clock | None:
        """Musical time at the end of what was heard; None where there is nothing to go by."""
        if state.bpm == 0.0:
            return None
        return Clock(
            state.bpm, _count(state).bar_beat, state.beats_per_bar, state.confidence
        )

    def _strength(
        self, state: TrackerState, heard: np.ndarray, frames: int
    ) -> tuple[TrackerState, np.ndarray]:
        """Onsets and change of harmony [frames, bands], of audio [tail + frames * ENVELOPE_HOP]."""
        rate, tail = self.sample_rate, self.tail
        onsets = onset_envelope(heard[tail - envelope_tail(rate) :], rate)
        fresh = chroma(heard[tail - chroma_tail(rate) :], rate)
        classes = np.concatenate((state.classes.numpy(), fresh))
        state = replace(
            state,
            tail=torch.from_numpy(heard[len(heard) - tail :].copy()),
            classes=torch.from_numpy(classes[frames:].copy()),
        )
        return state, np.column_stack((onsets, harmony_change(classes, rate)))

    def _follow(self, state: TrackerState, strength: np.ndarray) -> TrackerState:
        """Some frames more of strength [frames, bands], up to the next reading."""
        mean, quiet = state.mean.numpy(), state.quiet
        onsets, trust = np.empty_like(strength), np.empty(len(strength))
        for i, now in enumerate(strength):
            begins = now[: len(BANDS)].sum() > ONSET_STRENGTH
            quiet = 0.0 if begins else quiet + self.seconds
            trust[i] = _fading(quiet, TRUST_SECONDS)
            mean = mean + np.float32(trust[i] * self.seconds / MEAN_SECONDS) * (now - mean)
            onsets[i] = np.minimum(now / np.maximum(mean, LEAST_STRENGTH), STRONGEST)
        belief = self.pointer.step(state.belief.numpy(), onsets, trust)
        frames = state.frames + len(strength)
        count = _count(state).moved(len(strength) * self.seconds)
        confidence = state.confidence
        if frames % READ_FRAMES == 0:
            seconds = READ_FRAMES * self.seconds
            reading = self.pointer.read(belief, count.bpm)
            if trust[-1] > 0:
                count = count.corrected(reading, seconds)
            sure = reading.mass * reading.focus
            confidence += (sure - confidence) * min(1.0, seconds / CONFIDENCE_SECONDS)
            confidence = min(confidence, _fading(quiet, QUIET_SECONDS))
        return replace(
            state,
            mean=torch.from_numpy(mean),
            belief=torch.from_numpy(belief),
            evidence=torch.tensor(count.evidence, dtype=torch.float64),
            frames=frames,
            quiet=min(quiet, 60.0),
            beat=count.beat,
            bpm=count.bpm,
            downbeat=count.downbeat,
            beats_per_bar=count.beats_per_bar,
            confidence=float(confidence),
        )


@lru_cache(maxsize=4)
def tracker_at(sample_rate: int) -> BeatTracker:
    """The one that all sessions at a rate share, on any thread: making its tables takes 40 ms, in
    which no other thread plays."""
    return BeatTracker(sample_rate)


def _count(state: TrackerState) -> BeatCount:
    return BeatCount(
        state.beat, state.bpm, state.downbeat, state.beats_per_bar, tuple(state.evidence.tolist())
    )


def _fading(seconds: float, between: tuple[float, float]) -> float:
    """1 up to the first of two times, 0 from the second on."""
    start, end = between
    return float(np.clip((end - seconds) / (end - start), 0.0, 1.0))
