"""MIDI files as pieces: notes by part of General MIDI programs, the beat from the tempo events.

Programs count from 0: pianos 0 to 7, guitars 24 to 31, basses 32 to 39, drums on channel 10; what
else a file has is left out.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sideman.data.fluid import Event, Synth
from sideman.data.midi_beats import beats_of, timing_of
from sideman.data.pieces import save_piece
from sideman.data.render import mixed
from sideman.data.score import FRAME_SAMPLES, PARTS, SAMPLE_RATE
from sideman.errors import DataError

__all__ = ["Song", "read_song", "render_songs"]

_DRUM_CHANNEL = 9
_FAMILIES = {"piano": range(0, 8), "guitar": range(24, 32), "bass": range(32, 40)}
_SHORTEST_SECONDS = 6.1
_LONGEST_SECONDS = 3600.0
_TAIL_SECONDS = 0.9
_MOST_BYTES = 16 << 20


@dataclass(frozen=True)
class Song:
    """voices[part]: (program, events) of each of its instruments; beats: as beats_of tells them."""

    voices: dict[str, list[tuple[int, list[Event]]]]
    samples: int
    beats: dict[str, Any]


def read_song(path: Path) -> Song:
    """Raises DataError for a file that is no MIDI, or that lasts for more than an hour."""
    import mido

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{path.name} has {path.stat().st_size} bytes: no MIDI file has so many")
        midi = mido.MidiFile(file=io.BytesIO(path.read_bytes()))
        return _song(midi, path.name)
    except DataError:
        raise
    except Exception as error:  # mido has errors of its own kinds for what is no MIDI
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{path.name} is no MIDI file ({first})") from error


def render_songs(
    source: Path,
    out: Path,
    fonts: Sequence[Path],
    seed: int = 0,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, list[str]]:
    """Pieces of all MIDI files below `source`; what `out` has is not rendered again.

    report(done, total) is called after each file. Gives the number of pieces and a line about each
    file that became none. Raises DataError when there is no file, or a piece cannot be written.
    """
    files = sorted(p for p in source.rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    if not files:
        raise DataError(f"no MIDI files in {source}: none ends in .mid or .midi")
    left_out: list[str] = []
    for done, path in enumerate(files, start=1):
        name = "-".join(path.relative_to(source).with_suffix("").parts).lstrip(".")
        if not (out / name / "piece.json").is_file():
            try:
                song = _playable(read_song(path), name)
            except DataError as error:
                left_out.append(str(error))
            else:
                _render(song, out / name, fonts, np.random.default_rng([seed, done]))
        report(done, len(files))
    return len(files) - len(left_out), left_out


def _playable(song: Song, name: str) -> Song:
    if len(song.voices) < 2 or song.samples < _SHORTEST_SECONDS * SAMPLE_RATE:
        raise DataError(f"{name}: fewer than two of bass, drums, guitar, piano, or shorter than 6 s")
    return song


def _song(midi: Any, name: str) -> Song:
    import mido

    seconds_at = timing_of(midi).seconds_at
    voices: dict[tuple[str, int], list[Event]] = {}
    sounding: dict[tuple[int, int], list[tuple[tuple[str, int] | None, int]]] = {}
    programs = [0] * 16
    ticks, end = 0, 0.0
    for message in mido.merge_tracks(midi.tracks):
        ticks += message.time
        seconds = float(seconds_at(ticks / midi.ticks_per_beat))
        if seconds > _LONGEST_SECONDS:
            raise DataError(f"{name} lasts for more than an hour; cut it")
        if message.type == "program_change":
            programs[message.channel] = message.program
        if message.type not in ("note_on", "note_off"):
            continue
        channel, sample = message.channel, round(seconds * SAMPLE_RATE)
        starts = message.type == "note_on" and message.velocity > 0
        begun = sounding.setdefault((channel, message.note), [])
        if starts:
            voice = _voice(channel, programs[channel])
            begun.append((voice, sample))
        elif begun:
            # A note ends where it began, whatever the channel's program has become meanwhile, the
            # oldest first, and after its own start.
            voice, start = begun.pop(0)
            sample = max(sample, start + 1)
        else:
            continue
        if voice is None:
            continue
        event = (sample, starts, message.note, message.velocity)
        voices.setdefault(voice, []).append(event)
        end = seconds
    whole = -(-round((end + _TAIL_SECONDS) * SAMPLE_RATE) // FRAME_SAMPLES) * FRAME_SAMPLES
    by_part: dict[str, list[tuple[int, list[Event]]]] = {}
    for (part, program), events in voices.items():
        ordered = sorted(events, key=lambda event: event[:2])  # an end before a start
        by_part.setdefault(part, []).append((program, ordered))
    return Song(by_part, whole, beats_of(midi))


def _voice(channel: int, program: int) -> tuple[str, int] | None:
    """The part and program that play a channel's notes; None for what is no part."""
    if channel == _DRUM_CHANNEL:
        return "drums", program
    part = next((part for part, family in _FAMILIES.items() if program in family), None)
    return part and (part, program)


def _render(
    song: Song, folder: Path, fonts: Sequence[Path], rng: np.random.Generator
) -> None:
    font = fonts[int(rng.integers(len(fonts)))]
    raw = {part: _sound(song, part, font) for part in PARTS if part in song.voices}
    card = {
        "id": folder.name, "style": "midi", "key": "", "chords": [],
        "samples": song.samples, "sound_font": font.name, **song.beats,
    }  # fmt: skip
    save_piece(folder, card, mixed(raw, rng))


def _sound(song: Song, part: str, font: Path) -> np.ndarray:
    total = np.zeros(song.samples, np.float32)
    for program, events in song.voices[part]:
        with Synth(font) as synth:
            total += synth.render(events, song.samples, program, part == "drums")
    return total
