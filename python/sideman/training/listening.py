"""The beat of a recording that nobody counted: heard by the tracker that also listens live."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from sideman.data.tempo import TempoMap
from sideman.streaming.controls import Clock
from sideman.streaming.onset_envelope import ENVELOPE_HOP
from sideman.streaming.tracker import BeatTracker

__all__ = ["heard_beat"]

STEP = 16 * ENVELOPE_HOP  # samples between two readings
KNOT_READINGS = 4
UNEVEN = 1.5  # times the tempo that is heard
SURE = 0.25  # mean confidence from which the beat is believed


def heard_beat(audio: np.ndarray, rate: int) -> tuple[TempoMap, int] | None:
    """The beats of music, float32 [samples], and how many a bar has; None where there is no telling.

    Beat 0 is a downbeat, seconds count from the first sample. The music is heard twice: the second
    time its tempo is known from the beginning.
    """
    tracker = BeatTracker(rate)
    whole = audio[: len(audio) // STEP * STEP]
    state, clocks, sure = tracker.start(), [], []
    for second in (False, True):
        for start in range(0, len(whole), STEP):
            state = tracker.hear(state, whole[start : start + STEP])
            if second:
                clocks.append(tracker.clock(state))
                sure.append(state.confidence)
    if len(clocks) <= 2 * KNOT_READINGS or None in clocks or np.mean(sure) < SURE:
        return None
    tempo = _tempo_map(clocks, STEP / rate)
    return tempo and (tempo, clocks[-1].beats_per_bar)


def _tempo_map(clocks: Sequence[Clock], step: float) -> TempoMap | None:
    """One count of beats through readings that are `step` seconds apart, from the bar that most of
    them hear; None where they do not agree at all."""
    total = [clocks[0].beat]
    for clock in clocks[1:]:
        expected = total[-1] + step * clock.bpm / 60
        total.append(expected + (clock.beat - expected + 0.5) % 1.0 - 0.5)
    bar = clocks[-1].beats_per_bar
    heard = Counter(round(beat - clock.beat) % bar for beat, clock in zip(total, clocks))
    first = heard.most_common(1)[0][0]
    beats, seconds = [total[0] - first], [step]
    for index in range(KNOT_READINGS, len(total), KNOT_READINGS):
        moment = step * (index + 1)
        bpm = 60 * (total[index] - first - beats[-1]) / (moment - seconds[-1])
        # Where the count was put right no music was that slow or fast: the line goes on to the next.
        if 1 / UNEVEN < bpm / clocks[index].bpm < UNEVEN:
            beats.append(total[index] - first)
            seconds.append(moment)
    if len(beats) < 2:
        return None
    return TempoMap("heard", tuple(map(float, beats)), tuple(map(float, seconds)))
