"""From what the filter believes to a clock that runs evenly: counts beats, keeps to a bar."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sideman.streaming.bar_pointer import METRES, Reading

__all__ = ["BeatCount"]

PHASE_GAIN = 0.35  # of the error, per reading
TEMPO_GAIN = 0.15
TEMPO_JUMP = 0.09  # log ratio from which a tempo is another one
EVIDENCE_SECONDS = 1.0
SWITCH = 0.25  # by how much another downbeat, or bars of three, must be more probable


@dataclass(frozen=True)
class BeatCount:
    """beat: beats counted so far; bpm: 0 before the first reading; downbeat: the count of one.

    evidence[metre][k]: how probable it is that counts k, k + metre, ... are downbeats.
    """

    beat: float = 0.0
    bpm: float = 0.0
    downbeat: int = 0
    beats_per_bar: int = 4
    evidence: tuple[float, ...] = (0.0,) * sum(METRES)

    @property
    def bar_beat(self) -> float:
        """Beats since the latest downbeat."""
        return (self.beat - self.downbeat) % self.beats_per_bar

    def moved(self, seconds: float) -> BeatCount:
        """The same count, `seconds` later, with nothing new heard."""
        return self._with(beat=self.beat + seconds * self.bpm / 60.0)

    def corrected(self, reading: Reading, seconds: float) -> BeatCount:
        """The count brought towards a reading of this moment, `seconds` after the one before."""
        error = (reading.phase - self.beat + 0.5) % 1.0 - 0.5
        if self.bpm == 0.0:
            return self._with(bpm=reading.bpm, beat=reading.phase)._in_bars(reading, 1.0)
        ratio = np.log(reading.bpm / self.bpm)
        if abs(ratio) > TEMPO_JUMP:
            told = self._with(bpm=reading.bpm, beat=self.beat + error)
        else:
            told = self._with(
                bpm=self.bpm * float(np.exp(TEMPO_GAIN * ratio)),
                beat=self.beat + error * (PHASE_GAIN if abs(error) < 0.25 else 1.0),
            )
        return told._in_bars(reading, 1.0 - float(np.exp(-seconds / EVIDENCE_SECONDS)))

    def _in_bars(self, reading: Reading, share: float) -> BeatCount:
        """Takes in what the reading says of the bar; changes its mind only for a good reason."""
        count = round(self.beat - reading.phase)
        fresh = [
            reading.bars[metre][(count - k) % metre] for metre in METRES for k in range(metre)
        ]
        evidence = (1.0 - share) * np.array(self.evidence) + share * np.array(fresh)
        four, three = evidence[: METRES[0]], evidence[METRES[0] :]
        threes = three.sum() > 0.5 + (SWITCH if self.beats_per_bar == 4 else -SWITCH)
        metre, downbeats = (3, three) if threes else (4, four)
        best, kept = int(downbeats.argmax()), self.downbeat % metre
        if metre == self.beats_per_bar and downbeats[best] < downbeats[kept] + SWITCH:
            best = kept
        return BeatCount(self.beat, self.bpm, best, metre, tuple(map(float, evidence)))

    def _with(self, **changes: float) -> BeatCount:
        return BeatCount(**(vars(self) | changes))
