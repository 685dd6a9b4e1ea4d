"""Keys, chords and progressions: random walks over scale degrees with cadences and colours."""

from __future__ import annotations

import numpy as np

from sideman.data.score import Chord

__all__ = ["QUALITIES", "Key", "chord_pitch_classes", "section_chords"]

QUALITIES: dict[str, tuple[int, ...]] = {
    "maj": (0, 4, 7),
    "min": (0, 3, 7),
    "dim": (0, 3, 6),
    "sus4": (0, 5, 7),
    "7": (0, 4, 7, 10),
    "maj7": (0, 4, 7, 11),
    "min7": (0, 3, 7, 10),
    "m7b5": (0, 3, 6, 10),
}
_SEVENTH = {"maj": "maj7", "min": "min7", "dim": "m7b5", "sus4": "sus4"}
_NAMES = ("C", "Db", "D", "Eb", "E", "F", "F#", "G", "Ab", "A", "Bb", "B")

# Degree -> (semitones above the tonic, triad) and the weights of what may follow.
_MAJOR = {
    "I": (0, "maj", {"IV": 3, "V": 2, "vi": 3, "ii": 2, "iii": 1.5}),
    "ii": (2, "min", {"V": 4, "IV": 1, "vi": 1, "iii": 1}),
    "iii": (4, "min", {"vi": 3, "IV": 3, "ii": 1}),
    "IV": (5, "maj", {"V": 3, "I": 3, "ii": 1.5, "vi": 1.5}),
    "V": (7, "maj", {"I": 3, "vi": 3, "IV": 1.5, "iii": 1}),
    "vi": (9, "min", {"IV": 3, "ii": 3, "V": 2, "iii": 1.5}),
}
_MINOR = {
    "i": (0, "min", {"VI": 3, "VII": 3, "iv": 2, "v": 1.5, "III": 2}),
    "ii": (2, "dim", {"v": 4, "VII": 1}),
    "III": (3, "maj", {"VI": 3, "VII": 2, "iv": 2, "i": 1}),
    "iv": (5, "min", {"v": 3, "VII": 3, "i": 2, "ii": 1}),
    "v": (7, "min", {"i": 3, "VI": 3, "iv": 1}),
    "VI": (8, "maj", {"VII": 3, "III": 2, "iv": 2, "v": 1, "ii": 1}),
    "VII": (10, "maj", {"i": 3, "III": 3, "VI": 2}),
}
_TABLES = {"major": _MAJOR, "minor": _MINOR}
_CADENCE = {"major": ("V", "IV", "ii"), "minor": ("v", "VII", "iv")}
_SCALES = {"major": (0, 2, 4, 5, 7, 9, 11), "minor": (0, 2, 3, 5, 7, 8, 10)}


class Key:
    """A tonic (0-11) and a mode, "major" or "minor"."""

    def __init__(self, tonic: int, mode: str):
        self.tonic = tonic % 12
        self.mode = mode

    def __str__(self) -> str:
        return f"{_NAMES[self.tonic]} {self.mode}"

    @property
    def scale(self) -> frozenset[int]:
        """The seven pitch classes of the key."""
        return frozenset((self.tonic + step) % 12 for step in _SCALES[self.mode])

    def moved(self, semitones: int) -> Key:
        return Key(self.tonic + semitones, self.mode)


def chord_pitch_classes(chord: Chord) -> tuple[int, ...]:
    """Pitch classes of a chord, root first."""
    return tuple((chord.root + step) % 12 for step in QUALITIES[chord.quality])


def section_chords(
    rng: np.random.Generator, key: Key, bars: int, beats_per_bar: int, sevenths: float, busy: float
) -> list[Chord]:
    """Chords of one section, `start` in beats from the section's first downbeat.

    sevenths: share of chords that carry a seventh; busy: share of bars with two chords.
    """
    slots = _slots(rng, bars, beats_per_bar, busy)
    degrees = _walk(rng, key.mode, slots, beats_per_bar)
    table = _TABLES[key.mode]
    chords = []
    for slot, degree in zip(slots, degrees, strict=True):
        step, triad, _ = table[degree]
        chords.append(Chord(slot, (key.tonic + step) % 12, _quality(rng, degree, triad, sevenths)))
    return _coloured(rng, chords, key)


def _slots(rng: np.random.Generator, bars: int, beats_per_bar: int, busy: float) -> list[float]:
    """Starts of chords: one in most bars, two in some, one over two bars now and then."""
    slots: list[float] = []
    bar = 0
    while bar < bars:
        start = float(bar * beats_per_bar)
        slots.append(start)
        chance = rng.random()
        if chance < busy:
            slots.append(start + 2.0)
        elif chance > 0.93 and bar % 2 == 0:
            bar += 1
        bar += 1
    return slots


def _walk(rng: np.random.Generator, mode: str, slots: list[float], beats_per_bar: int) -> list[str]:
    """A weighted walk over degrees; every fourth bar opens a phrase, the bar before closes it."""
    table = _TABLES[mode]
    names = list(table)
    phrase = 4 * beats_per_bar
    degrees: list[str] = []
    for slot in slots:
        previous = degrees[-1] if degrees else None
        options = dict(table[previous][2]) if previous else {names[0]: 4.0, names[-1]: 1.0}
        if slot % phrase == 0:
            options[names[0]] = options.get(names[0], 0.0) + 3.0
        if slot % phrase >= phrase - beats_per_bar:
            for degree in _CADENCE[mode]:
                options[degree] = options.get(degree, 0.0) + 2.0
        options.pop(previous or "", None)
        weights = np.array(list(options.values()))
        degrees.append(str(rng.choice(list(options), p=weights / weights.sum())))
    return degrees


def _quality(rng: np.random.Generator, degree: str, triad: str, sevenths: float) -> str:
    if degree in ("V", "VII") and rng.random() < max(sevenths, 0.2):
        return "7"
    if degree == "v" and rng.random() < 0.5:
        return "7" if rng.random() < sevenths else "maj"
    if rng.random() < sevenths:
        return _SEVENTH[triad]
    return "sus4" if triad == "maj" and rng.random() < 0.06 else triad


def _coloured(rng: np.random.Generator, chords: list[Chord], key: Key) -> list[Chord]:
    """Now and then a dominant of the next chord, or a chord borrowed from the parallel key."""
    coloured = list(chords)
    for i in range(1, len(chords) - 1):
        chance = rng.random()
        if chance < 0.10:
            root, quality = (chords[i + 1].root + 7) % 12, "7"
        elif chance < 0.16 and key.mode == "major":
            step, quality = (10, "maj") if chance < 0.13 else (5, "min")
            root = (key.tonic + step) % 12
        else:
            continue
        if root not in (coloured[i - 1].root, chords[i + 1].root):
            coloured[i] = Chord(chords[i].start, root, quality)
    return coloured
