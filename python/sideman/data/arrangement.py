"""Who plays when and how loud: the form of a piece, the role of each part in each bar, its rests."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

__all__ = ["LIFT", "Section", "arrange", "dynamics", "form"]

_ROLES = {
    "bass": {"bass": 1.0},
    "drums": {"kit": 1.0},
    "guitar": {"comp": 0.55, "broken": 0.2, "line": 0.17, "pad": 0.08},
    "piano": {"comp": 0.5, "broken": 0.18, "line": 0.14, "pad": 0.18},
}
_PITCHED = ("bass", "guitar", "piano")
_CELL_BARS = 2
_REST_SECTION = 0.12
_REST_CELL = 0.12
_REST_BAR = 0.05
_LEAST_SHARE = 0.35
_STOPS = (0.6, 0.3, 0.1)  # how often a piece has none, one, two
_STOP_BARS = (1, 2, 3)
_ALONE = 0.25
_FORMS = (
    ("verse", "chorus"),
    ("verse", "verse", "chorus"),
    ("chorus", "verse"),
    ("verse", "chorus", "bridge", "chorus"),
)
LIFT = "lift"  # the last chorus, in a higher key
_LIFTS = 0.2
_LEVELS = {
    "intro": (0.7, 0.9), "verse": (0.75, 0.95), "chorus": (0.92, 1.08), "bridge": (0.65, 1.0),
    LIFT: (1.0, 1.1),
}  # fmt: skip
_SWELL = 0.25


@dataclass(frozen=True)
class Section:
    """A stretch of bars; sections of the same name share chords and players."""

    name: str
    first_bar: int
    bars: int


def form(rng: np.random.Generator, bars: int) -> list[Section]:
    """An intro (or none), then sections of four or eight bars until the bars are used up."""
    names = _FORMS[int(rng.integers(len(_FORMS)))]
    length = int(rng.choice((4, 8), p=(0.35, 0.65)))
    sections: list[Section] = []
    intro = int(rng.choice((0, 2, 4), p=(0.4, 0.3, 0.3)))
    if 0 < intro < bars:
        sections.append(Section("intro", 0, intro))
    turn = 0
    while (used := sum(s.bars for s in sections)) < bars:
        sections.append(Section(names[turn % len(names)], used, min(length, bars - used)))
        turn += 1
    choruses = [s for s in sections if s.name == "chorus"]
    if len(choruses) > 1 and rng.random() < _LIFTS:
        sections[sections.index(choruses[-1])] = replace(choruses[-1], name=LIFT)
    return sections


def dynamics(rng: np.random.Generator, sections: Sequence[Section]) -> list[float]:
    """How loud each bar is played, as a factor on velocities: a level for each kind of section, and
    now and then a swell over the last two bars of one."""
    levels = {name: float(rng.uniform(*around)) for name, around in _LEVELS.items()}
    loud: list[float] = []
    for section in sections:
        bars = [levels[section.name]] * section.bars
        if section.bars > 2 and rng.random() < _SWELL:
            bars[-2], bars[-1] = bars[-2] * 1.06, bars[-1] * 1.14
        loud.extend(bars)
    return loud


def arrange(
    rng: np.random.Generator, sections: Sequence[Section], present: Sequence[str]
) -> dict[str, list[str | None]]:
    """Role of each present part in each bar, None where it rests.

    Parts sit out whole sections, two-bar cells and single bars; a guard keeps the music going:
    at least two parts, one of them pitched (in the first bars of an intro one may be alone). Then
    some pieces stop: for one to three bars nobody plays, or one part alone. Every part plays in a
    third of the bars or more.
    """
    while True:
        roles = _draw(rng, sections, present)
        _stop(rng, roles)
        if all(_share(bars) >= _LEAST_SHARE for bars in roles.values()):
            return roles


def _share(bars: Sequence[str | None]) -> float:
    return sum(role is not None for role in bars) / len(bars)


def _draw(
    rng: np.random.Generator, sections: Sequence[Section], present: Sequence[str]
) -> dict[str, list[str | None]]:
    bars = sum(section.bars for section in sections)
    roles: dict[str, list[str | None]] = {part: [None] * bars for part in present}
    for section in sections:
        chosen = {part: _role(rng, part) for part in present}
        resting = {part for part in present if rng.random() < _REST_SECTION}
        if section.name == "intro":
            resting |= {part for part in present if rng.random() < 0.45}
        for first in range(section.first_bar, section.first_bar + section.bars, _CELL_BARS):
            silent = resting | {part for part in present if rng.random() < _REST_CELL}
            alone = section.name == "intro" and first == 0
            playing = _guarded(rng, present, silent, 1 if alone else 2)
            for bar in range(first, min(first + _CELL_BARS, section.first_bar + section.bars)):
                for part in _breathing(rng, playing):
                    roles[part][bar] = chosen[part]
    return roles


def _stop(rng: np.random.Generator, roles: dict[str, list[str | None]]) -> None:
    """Let the music stop in the middle, and go on."""
    bars = len(next(iter(roles.values())))
    for _ in range(int(rng.choice(len(_STOPS), p=_STOPS))):
        length = int(rng.choice(_STOP_BARS))
        if bars < length + 6:
            continue
        first = int(rng.integers(3, bars - length - 1))
        pitched = [part for part in _PITCHED if part in roles]
        alone = str(rng.choice(pitched)) if rng.random() < _ALONE else ""
        for part in roles:
            if part != alone:
                roles[part][first : first + length] = [None] * length


def _role(rng: np.random.Generator, part: str) -> str:
    options = _ROLES[part]
    return str(rng.choice(list(options), p=list(options.values())))


def _breathing(rng: np.random.Generator, playing: list[str]) -> list[str]:
    """The playing parts less those that leave out this one bar."""
    if len(playing) < 3:
        return playing
    left = [part for part in playing if rng.random() >= _REST_BAR]
    return left if len(left) >= 2 and set(left) & set(_PITCHED) else playing


def _guarded(
    rng: np.random.Generator, present: Sequence[str], silent: set[str], least: int
) -> list[str]:
    """The playing parts, with resting ones called back until the guard is met."""
    playing = [part for part in present if part not in silent]
    waiting = [str(part) for part in rng.permutation([p for p in present if p in silent])]
    pitched = [part for part in waiting if part in _PITCHED]
    if pitched and not any(part in _PITCHED for part in playing):
        playing.append(pitched[0])
        waiting.remove(pitched[0])
    while len(playing) < least and waiting:
        playing.append(waiting.pop())
    return playing
