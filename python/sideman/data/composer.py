"""Composes a piece from a seed: form, harmony, arrangement, notes. No files, no sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from sideman.data.arrangement import LIFT, Section, arrange, dynamics, form
from sideman.data.grooves import STYLES, UNSEEN
from sideman.data.harmony import Key, section_chords
from sideman.data.players import Bar, BassPlayer, ChordPlayer, DrumPlayer, LinePlayer, Player
from sideman.data.score import FRAME_SAMPLES, PARTS, SAMPLE_RATE, Chord, Note, Plan, Score
from sideman.data.style import Style
from sideman.data.tempo import draw_tempo
from sideman.errors import SettingsError

__all__ = ["PRESETS", "compose", "plan_piece", "rng_for"]

# The preset is part of the entropy, so no held-out piece can ever be a training piece.
PRESETS = {"train": 1, "heldout": 2}
_STYLES = {"train": STYLES, "heldout": {**STYLES, **UNSEEN}}
_TAIL_SECONDS = 0.9
_SECONDS = (20.5, 39.0)
_MOVING_SECONDS = (32.0, 60.0)  # time to lose the tempo and to find it again
_PROGRAMS = {
    "bass": range(32, 40),
    "guitar": range(24, 29),
    "piano": range(0, 6),
    "drums": (0, 8, 16, 24, 25, 32, 40),
}


def rng_for(preset: str, seed: int, index: int, stage: int) -> np.random.Generator:
    """The random stream of one stage of one piece (0 plan, 1 notes, 2 sound, 3 style, 4 tempo)."""
    if preset not in PRESETS:
        raise SettingsError(f"unknown preset {preset!r}: there are {', '.join(PRESETS)}; name one")
    return np.random.default_rng([PRESETS[preset], seed, index, stage])


def plan_piece(preset: str, seed: int, index: int, tempo: str = "constant") -> Plan:
    """Style, tempo, metre and length of piece `index` of a set; cheap. Tempo: data.tempo.TEMPOS."""
    rng = rng_for(preset, seed, index, 0)
    # Each run of as many pieces as there are styles holds every style once.
    styles = _STYLES[preset]
    turn, place = divmod(index, len(styles))
    style = str(rng_for(preset, seed, turn, 3).permutation(list(styles))[place])
    taste = styles[style]
    bpm = round(float(rng.uniform(*taste.bpm)), 1)
    beats_per_bar = 3 if rng.random() < taste.triple else 4
    downbeat = int(rng.integers(2205, 22050))
    bar_seconds = beats_per_bar * 60.0 / bpm
    seconds = float(rng.uniform(*(_SECONDS if tempo == "constant" else _MOVING_SECONDS)))
    bars = max(1, int((seconds - downbeat / SAMPLE_RATE - _TAIL_SECONDS) / bar_seconds))
    sections = _opening(rng_for(preset, seed, index, 1), bars)[1]
    curve = draw_tempo(
        rng_for(preset, seed, index, 4), tempo, bpm, beats_per_bar, bars,
        [section.first_bar for section in sections],
    )
    length = curve.seconds_at(bars * beats_per_bar) if curve else bars * bar_seconds
    used = downbeat + round((length + _TAIL_SECONDS) * SAMPLE_RATE)
    samples = -(-used // FRAME_SAMPLES) * FRAME_SAMPLES
    return Plan(preset, seed, index, style, bpm, beats_per_bar, bars, downbeat, samples, curve)


def _opening(rng: np.random.Generator, bars: int) -> tuple[Key, list[Section]]:
    """What the notes of a piece begin with: its key and form."""
    key = Key(int(rng.integers(12)), str(rng.choice(("major", "minor"), p=(0.6, 0.4))))
    return key, form(rng, bars)


def compose(plan: Plan) -> Score:
    """The whole piece as notes. The same plan gives the same piece."""
    rng = rng_for(plan.preset, plan.seed, plan.index, 1)
    style = _STYLES[plan.preset][plan.style]
    key, sections = _opening(rng, plan.bars)
    chords, keys = _harmony(rng, plan, style, key, sections)
    present = _present_parts(rng, plan)
    roles = arrange(rng, sections, present)
    swing = float(rng.uniform(0.6, 0.667)) if style.swing else 0.5
    bars = _bars(plan, sections, chords, keys, swing)
    loud = dynamics(rng, sections)
    notes = {
        part: _played(rng, part, plan, style, bars, sections, roles[part], loud) for part in present
    }
    _ending(rng, plan, notes)
    finished = {part: _finish(rng, plan, notes[part]) for part in present}
    finished = {part: part_notes for part, part_notes in finished.items() if part_notes}
    programs = {part: int(rng.choice(_PROGRAMS[part])) for part in PARTS}
    return Score(plan, str(key), tuple(chords), finished, {p: programs[p] for p in finished})


def _played(
    rng: np.random.Generator,
    part: str,
    plan: Plan,
    style: Style,
    bars: list[Bar],
    sections: list[Section],
    roles: list[str | None],
    loud: list[float],
) -> list[Note]:
    """The notes of one part. A section that comes back is played by the same player: that makes it
    a refrain."""
    players: dict[str, Player] = {}
    notes: list[Note] = []
    for bar, section, role, level in zip(
        bars, _section_of_bars(sections), roles, loud, strict=True
    ):
        if role is None:
            continue
        slot = f"{section.name}/{role}"
        if slot not in players:
            players[slot] = _player(rng, part, role, style, plan)
        notes.extend(
            replace(note, velocity=int(np.clip(round(note.velocity * level), 15, 124)))
            for note in players[slot].play(bar)
        )
    return notes


def _present_parts(rng: np.random.Generator, plan: Plan) -> list[str]:
    """Mostly all four; held-out pieces always have all, so that each can be judged."""
    missing = 0 if plan.preset == "heldout" else int(rng.choice((0, 1, 2), p=(0.7, 0.22, 0.08)))
    gone = set(rng.choice(PARTS, size=missing, replace=False))
    return [part for part in PARTS if part not in gone]


def _harmony(
    rng: np.random.Generator, plan: Plan, style: Style, key: Key, sections: list[Section]
) -> tuple[list[Chord], dict[str, Key]]:
    """Chords of the piece; sections of one name share theirs, a chorus may leave the key, and a
    last one may be lifted."""
    written: dict[str, list[Chord]] = {}
    keys: dict[str, Key] = {}
    chords: list[Chord] = []
    for section in sections:
        if section.name == LIFT:
            up = int(rng.integers(1, 3))
            keys[LIFT] = keys["chorus"].moved(up)
            written[LIFT] = [replace(c, root=(c.root + up) % 12) for c in written["chorus"]]
        elif section.name not in written:
            move = int(rng.choice((0, 2, 3, 5, -2, -3), p=(0.5, 0.1, 0.1, 0.1, 0.1, 0.1)))
            keys[section.name] = key if section.name == "verse" else key.moved(move)
            written[section.name] = section_chords(
                rng, keys[section.name], 8, plan.beats_per_bar, style.sevenths, style.busy
            )
        offset = float(section.first_bar * plan.beats_per_bar)
        length = section.bars * plan.beats_per_bar
        chords.extend(
            Chord(offset + c.start, c.root, c.quality)
            for c in written[section.name]
            if c.start < length
        )
    return chords, keys


def _section_of_bars(sections: list[Section]) -> list[Section]:
    return [section for section in sections for _ in range(section.bars)]


def _bars(
    plan: Plan, sections: list[Section], chords: list[Chord], keys: dict[str, Key], swing: float
) -> list[Bar]:
    bars = []
    for number, section in enumerate(_section_of_bars(sections)):
        start = float(number * plan.beats_per_bar)
        end = start + plan.beats_per_bar
        sounding = [c for c in chords if c.start <= start][-1:]
        inside = [c for c in chords if start < c.start < end]
        later = [c for c in chords if c.start >= end]
        bars.append(
            Bar(
                start,
                plan.beats_per_bar,
                tuple(sounding + inside),
                (later or inside or sounding)[0].root,
                keys[section.name].scale,
                swing,
                number == section.first_bar,
                number == section.first_bar + section.bars - 1,
            )
        )
    return bars


def _player(rng: np.random.Generator, part: str, role: str, style: Style, plan: Plan) -> Player:
    if part == "bass":
        return BassPlayer(rng, str(rng.choice(style.bass)), float(rng.uniform(0.7, 0.98)))
    if part == "drums":
        return DrumPlayer(rng, style.drums[int(rng.integers(len(style.drums)))])
    low, high = (50, 74) if part == "guitar" else (52, 79)
    if role == "line":
        return LinePlayer(rng, low + 8, high + 6)
    patterns = style.strum if part == "guitar" else style.comp
    spread_seconds = 0.012 if part == "guitar" and role == "comp" else 0.002
    spread = spread_seconds * plan.bpm / 60.0
    return ChordPlayer(rng, role, str(rng.choice(patterns)), low, high, spread)


def _ending(rng: np.random.Generator, plan: Plan, notes: dict[str, list[Note]]) -> None:
    """Half of the pieces stop on the last downbeat: nothing starts after it."""
    if rng.random() < 0.5:
        last = (plan.bars - 1) * plan.beats_per_bar
        for part in notes:
            notes[part] = [n for n in notes[part] if n.start < last + 0.25]


def _finish(rng: np.random.Generator, plan: Plan, notes: list[Note]) -> tuple[Note, ...]:
    """Humanise, keep inside the piece, and let no pitch overlap itself."""
    per_second = plan.bpm / 60.0
    lean, tightness = float(rng.normal(0.0, 0.003)), float(rng.uniform(0.002, 0.006))
    end = plan.bars * plan.beats_per_bar
    moved = []
    for note in sorted(notes, key=lambda n: (n.start, n.pitch)):
        jitter = float(np.clip(lean + rng.normal(0.0, tightness), -0.015, 0.015)) * per_second
        start = note.start + jitter
        stop = min(note.start + note.length, end)
        moved.append([start, max(stop, start + 0.05), note.pitch, note.velocity])
    moved.sort(key=lambda n: (n[0], n[2]))
    last: dict[int, list] = {}
    kept = []
    for item in moved:
        before = last.get(item[2])
        if before is not None:
            if item[0] - before[0] < 0.04:
                continue
            before[1] = min(before[1], item[0] - 0.01)
        last[item[2]] = item
        kept.append(item)
    return tuple(Note(s, e - s, p, v) for s, e, p, v in kept)
