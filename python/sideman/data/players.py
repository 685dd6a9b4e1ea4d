"""The players: each turns one bar of a groove and its chords into notes.

A player keeps what it needs from bar to bar (the last voicing, the last pitch) and nothing else.
Times are beats from the first downbeat of the piece, before humanisation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from sideman.data.harmony import QUALITIES, chord_pitch_classes
from sideman.data.score import Chord, Note

__all__ = ["Bar", "BassPlayer", "ChordPlayer", "DrumPlayer", "LinePlayer", "Player", "read_pattern"]

_DRUM_PITCH = {
    "kick": 36,
    "stick": 37,
    "snare": 38,
    "clap": 39,
    "hat": 42,
    "pedal": 44,
    "open": 46,
    "crash": 49,
    "ride": 51,
    "conga": 63,
    "shaker": 70,
    "clave": 75,
}
_TOMS = (50, 48, 47, 45, 43, 41)
_VELOCITY = {"X": 108, "x": 88, "o": 58}


@dataclass(frozen=True)
class Bar:
    """One bar as the players see it; `swing` is where an off-beat eighth falls within a beat."""

    start: float
    beats: int
    chords: tuple[Chord, ...]
    next_root: int
    scale: frozenset[int]
    swing: float
    opens_section: bool
    closes_section: bool

    def chord_at(self, beat: float) -> Chord:
        return [c for c in self.chords if c.start <= beat + 1e-6][-1]

    def time(self, step: int) -> float:
        """Beat of a sixteenth step, swung when the bar swings."""
        beat, rest = divmod(step, 4)
        within = (0.0, self.swing / 2, self.swing, (1.0 + self.swing) / 2)[rest]
        return self.start + beat + within


class Player(Protocol):
    """Who turns bars into notes, one bar after the other."""

    def play(self, bar: Bar) -> list[Note]:
        """Notes that start within the bar."""


def read_pattern(pattern: str, steps: int) -> list[tuple[int, int, str]]:
    """(step, length in steps, symbol) of each note in the first `steps` characters."""
    pattern = pattern[:steps]
    events = []
    for step, symbol in enumerate(pattern):
        if symbol in ".-":
            continue
        end = step + 1
        while end < steps and pattern[end] == "-":
            end += 1
        events.append((step, end - step, symbol))
    return events


def _with_changes(
    events: list[tuple[int, int, str]], bar: Bar, symbol: str
) -> list[tuple[int, int, str]]:
    """Cut notes that would ring into the next chord and strike that chord instead."""
    result = list(events)
    for chord in bar.chords:
        change = round((chord.start - bar.start) * 4)
        for i, (step, length, old) in enumerate(result):
            if step < change < step + length:
                result[i] = (step, change - step, old)
                result.append((change, step + length - change, symbol))
                break
    return sorted(result)


def _note(rng: np.random.Generator, start: float, end: float, pitch: int, velocity: float) -> Note:
    level = int(np.clip(round(velocity + rng.normal(0.0, 5.0)), 20, 124))
    return Note(start, max(end - start, 0.05), int(pitch), level)


class BassPlayer:
    """Roots on chord changes, fifths and octaves between, approaches into the next chord."""

    low, high = 28, 52

    def __init__(self, rng: np.random.Generator, pattern: str, detached: float):
        self._rng = rng
        self._pattern = pattern
        self._detached = detached
        self._last = int(rng.integers(31, 41))

    def play(self, bar: Bar) -> list[Note]:
        events = _with_changes(read_pattern(self._pattern, bar.beats * 4), bar, "R")
        notes = []
        for step, length, symbol in events:
            start = bar.time(step)
            end = bar.time(step + length)
            chord = bar.chord_at(start)
            if abs(chord.start - start) < 1e-6 and symbol != "R" and self._rng.random() < 0.95:
                symbol = "R"
            pitch = self._pitch(symbol, chord, bar)
            self._last = pitch
            velocity = 104 if step == 0 else 90
            notes.append(
                _note(self._rng, start, start + (end - start) * self._detached, pitch, velocity)
            )
        return notes

    def _pitch(self, symbol: str, chord: Chord, bar: Bar) -> int:
        shape = QUALITIES[chord.quality]
        root = self._near(chord.root, 28, 42)
        if symbol == "R":
            return root
        if symbol == "8":
            return root + 12 if root + 12 <= self.high else root
        if symbol == "3":
            return root + shape[1]
        if symbol == "7":
            return root + (shape[3] if len(shape) > 3 else 12)
        if symbol == "5":
            return root + shape[2] if root + shape[2] <= 46 else root + shape[2] - 12
        if symbol == "A":
            target = self._near(bar.next_root, 29, 43)
            return target + int(self._rng.choice((-1, -2, 2, 1), p=(0.45, 0.2, 0.2, 0.15)))
        tones = chord_pitch_classes(chord)
        return self._near(int(self._rng.choice(tones)), self.low, 46)

    def _near(self, pitch_class: int, low: int, high: int) -> int:
        """The pitch of that class within [low, high] that is nearest to the last one played."""
        options = [p for p in range(low, high + 1) if p % 12 == pitch_class]
        return min(options, key=lambda p: (abs(p - self._last), p))


class ChordPlayer:
    """Comping: struck, strummed, broken or held chords, voiced close to the last ones."""

    def __init__(
        self, rng: np.random.Generator, role: str, pattern: str, low: int, high: int, spread: float
    ):
        self._rng = rng
        self._role = role
        self._pattern = "X---------------" if role == "pad" else pattern
        self._low, self._high = low, high
        self._spread = spread
        self._size = int(rng.integers(3, 6))
        self._centre = float(rng.uniform(low + 8, high - 8))
        self._direction = int(rng.integers(0, 3))

    def play(self, bar: Bar) -> list[Note]:
        if self._role == "broken":
            return self._broken(bar)
        events = _with_changes(read_pattern(self._pattern, bar.beats * 4), bar, "x")
        notes = []
        for step, length, symbol in events:
            start, end = bar.time(step), bar.time(step + length)
            level = _VELOCITY[symbol] - (16 if self._role == "pad" else 4)
            pitches = self._voicing(bar.chord_at(start))
            for i, pitch in enumerate(pitches):
                notes.append(_note(self._rng, start + i * self._spread, end, pitch, level))
        return notes

    def _broken(self, bar: Bar) -> list[Note]:
        notes: list[Note] = []
        chord: Chord | None = None
        order: list[int] = []
        place = 0
        for step in range(0, bar.beats * 4, 2):
            start = bar.time(step)
            if bar.chord_at(start) is not chord:
                chord = bar.chord_at(start)
                order = self._order(self._voicing(chord))
                place = 0
            velocity = 92 if step == 0 else 76
            ring = min(bar.time(step + 2 * len(order)), bar.start + bar.beats)
            if self._pattern[step] != "." or self._rng.random() < 0.6:
                notes.append(_note(self._rng, start, ring, order[place % len(order)], velocity))
            place += 1
        return notes

    def _order(self, voicing: list[int]) -> list[int]:
        if self._direction == 0:
            return voicing
        if self._direction == 1:
            return voicing + voicing[-2:0:-1]
        return [voicing[0], voicing[-1], *voicing[1:-1], voicing[-1]]

    def _voicing(self, chord: Chord) -> list[int]:
        """Chord tones stacked upwards in the inversion whose mean is nearest to the last one's."""
        tones = sorted(chord_pitch_classes(chord))
        best: list[int] = []
        for bottom in range(self._low, self._low + 14):
            if bottom % 12 not in tones:
                continue
            stack = [p for p in range(bottom, self._high + 1) if p % 12 in tones][: self._size]
            if len(stack) < 3:
                continue
            if not best or self._distance(stack) < self._distance(best):
                best = stack
        self._centre = 0.8 * float(np.mean(best)) + 0.2 * (self._low + self._high) / 2
        return best

    def _distance(self, stack: list[int]) -> float:
        return abs(float(np.mean(stack)) - self._centre)


class LinePlayer:
    """A melody: chord tones on the beat, steps of the scale between, with breaths."""

    _cells = (
        "X---x-x-",
        "X-x-x-x-",
        "X-------",
        "..x-x---",
        "X-----x-",
        "x-x-....",
        "........",
        "....x-x-",
        "X---x---",
    )

    def __init__(self, rng: np.random.Generator, low: int, high: int):
        self._rng = rng
        self._low, self._high = low, high
        self._last = int(rng.integers(low + 6, high - 6))
        self._motif = [str(c) for c in rng.choice(self._cells, size=3)]

    def play(self, bar: Bar) -> list[Note]:
        cells = self._rng.choice(self._motif, size=2)
        notes = []
        for step, length, symbol in read_pattern("".join(cells), bar.beats * 4):
            start, end = bar.time(step), bar.time(step + length)
            chord = bar.chord_at(start)
            tones = set(chord_pitch_classes(chord))
            pool = tones if step % 4 == 0 or length > 2 else tones | bar.scale
            self._last = self._step(pool)
            notes.append(_note(self._rng, start, end, self._last, _VELOCITY[symbol]))
        return notes

    def _step(self, pool: set[int] | frozenset[int]) -> int:
        goal = self._last + self._rng.normal(0.0, 3.0)
        goal += 0.15 * ((self._low + self._high) / 2 - self._last)
        options = [p for p in range(self._low, self._high + 1) if p % 12 in pool]
        others = [p for p in options if p != self._last] or options
        return min(others, key=lambda p: abs(p - goal))


class DrumPlayer:
    """A kit pattern, a crash now and then where a section opens, a fill where it closes."""

    def __init__(self, rng: np.random.Generator, kit: dict[str, str]):
        self._rng = rng
        self._kit = kit

    def play(self, bar: Bar) -> list[Note]:
        steps = bar.beats * 4
        fill_from = steps
        if bar.closes_section and self._rng.random() < 0.7:
            fill_from = steps - int(self._rng.choice((4, 8)))
        notes = []
        for name, pattern in self._kit.items():
            for step, _, symbol in read_pattern(pattern, steps):
                if step < fill_from and not (symbol == "o" and self._rng.random() < 0.15):
                    notes.append(self._hit(bar, step, _DRUM_PITCH[name], _VELOCITY[symbol]))
        if bar.opens_section and self._rng.random() < 0.45:
            notes.append(self._hit(bar, 0, _DRUM_PITCH["crash"], 98))
        return notes + self._fill(bar, fill_from, steps)

    def _fill(self, bar: Bar, first: int, steps: int) -> list[Note]:
        stride = 2 if bar.swing != 0.5 or self._rng.random() < 0.7 else 1
        notes = []
        for step in range(first, steps, stride):
            if step % 4 != 0 and self._rng.random() < 0.25:
                continue
            place = (step - first) / max(steps - first, 1)
            pitch = 38 if self._rng.random() < 0.35 else _TOMS[int(place * len(_TOMS))]
            notes.append(self._hit(bar, step, pitch, 78 + 26 * place if step % 4 else 100))
        return notes

    def _hit(self, bar: Bar, step: int, pitch: int, velocity: float) -> Note:
        start = bar.time(step)
        return _note(self._rng, start, start + 0.2, pitch, velocity)
