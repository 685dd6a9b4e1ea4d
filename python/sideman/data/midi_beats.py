"""The beat of a MIDI file: from its tempo events and time signatures."""

from __future__ import annotations

from typing import Any

import numpy as np

from sideman.data.score import SAMPLE_RATE
from sideman.data.tempo import TempoMap

__all__ = ["beats_of", "seconds_of", "untold"]

_FRAMES_PER_SECOND = {24: 24.0, 25: 25.0, 29: 30000 / 1001, 30: 30.0}  # of SMPTE
_UNKNOWN = {"bpm": 0.0, "beats_per_bar": 4, "downbeat_sample": 0}
_PICKUP_QUARTERS = 8  # so long may come before the first bar: a pickup, or a bar to set things up


def untold(midi: Any) -> str | None:
    """Why nobody can tell when the notes of a file are played, or None where it says so."""
    if midi.type == 2 and len(midi.tracks) > 1:
        return "holds songs that have nothing to do with one another (type 2)"
    if midi.ticks_per_beat > 0 or _smpte_tick(midi):
        return None
    return f"has a time division of {midi.ticks_per_beat}, which means nothing"


def seconds_of(midi: Any, ticks: np.ndarray) -> np.ndarray:
    """When some ticks since the beginning of a file are; untold has to be None."""
    if tick := _smpte_tick(midi):
        return ticks * tick
    return np.asarray(_timing(_messages(midi)).seconds_at(ticks / midi.ticks_per_beat))


def _smpte_tick(midi: Any) -> float | None:
    """Seconds of a tick where a file counts frames of film instead of quarters: a division below 0
    has them per second, negative, in its upper byte, and the ticks of one in the lower."""
    division = midi.ticks_per_beat
    rate, ticks = _FRAMES_PER_SECOND.get(-(division >> 8)), division & 0xFF
    return 1 / (rate * ticks) if rate and ticks else None


def _timing(messages: list[tuple[float, Any]]) -> TempoMap:
    beats, seconds, per_beat = [0.0], [0.0], 0.5
    for beat, message in messages:
        if message.type != "set_tempo":
            continue
        if beat > beats[-1]:
            seconds.append(seconds[-1] + (beat - beats[-1]) * per_beat)
            beats.append(beat)
        per_beat = message.tempo / 1e6
    beats.append(beats[-1] + 1)
    seconds.append(seconds[-1] + per_beat)
    return TempoMap("changing", tuple(beats), tuple(seconds))


def beats_of(midi: Any) -> dict[str, Any]:
    """bpm (the mean), beats_per_bar in quarters, downbeat_sample and, where the tempo moves, its map,
    as piece.json has them. Where the bars change or are no whole quarters, or the file does not
    count quarters, bpm is 0: nobody knows."""
    if midi.ticks_per_beat < 0:
        return dict(_UNKNOWN)
    messages = _messages(midi)
    timing, (quarters, origin) = _timing(messages), _bars(messages)
    if quarters == 0:
        return dict(_UNKNOWN)
    end = max([1.0, *(beat for beat, _ in messages)])
    begin = float(timing.seconds_at(origin))
    told = {
        "bpm": 60 * end / float(timing.seconds_at(end)),
        "beats_per_bar": quarters,
        "downbeat_sample": round(begin * SAMPLE_RATE),
    }
    if len(timing.beats) == 2:
        return told
    beats, seconds = np.array(timing.beats) - origin, np.array(timing.seconds) - begin
    return told | {"tempo": {"kind": "changing", "beats": beats.tolist(), "seconds": seconds.tolist()}}


def _bars(messages: list[tuple[float, Any]]) -> tuple[int, float]:
    """Quarters in a bar, and the quarter at which the first whole one begins; 0 where that changes."""
    found = {0.0: 4.0}
    for beat, message in messages:
        if message.type == "time_signature":
            found[beat] = message.numerator * 4 / message.denominator
    changes = sorted(found.items())
    changes = [one for i, one in enumerate(changes) if i == 0 or one[1] != changes[i - 1][1]]
    start, bar = changes[-1]
    steady = len(changes) == 1 or (len(changes) == 2 and start <= _PICKUP_QUARTERS)
    return (round(bar), start) if steady and bar == round(bar) else (0, 0.0)


def _messages(midi: Any) -> list[tuple[float, Any]]:
    """All messages, each with its quarter."""
    import mido

    found, now = [], 0
    for message in mido.merge_tracks(midi.tracks):
        now += message.time
        found.append((now / midi.ticks_per_beat, message))
    return found
