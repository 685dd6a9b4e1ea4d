"""MIDI files as pieces: notes by part of General MIDI programs, the beat from the tempo events.

Programs count from 0: pianos 0 to 7, guitars 24 to 31, basses 32 to 39, drums on channel 10 or in a
bank of drums (GM2, XG); what else a file has is left out, and so are pitch bend, volume and expression.
"""

from __future__ import annotations

import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sideman.data.fluid import Event, Synth
from sideman.data.midi_beats import beats_of, seconds_of, untold
from sideman.data.pieces import save_piece
from sideman.data.render import mixed
from sideman.data.score import FRAME_SAMPLES, PARTS, SAMPLE_RATE
from sideman.errors import DataError
from sideman.names import shown

__all__ = ["Song", "read_song", "render_songs"]

_DRUM_CHANNEL = 9
_DRUM_BANKS = (120, 127)  # of GM2 and of XG
_BANK, _SUSTAIN, _ALL_SOUND_OFF, _ALL_NOTES_OFF = 0, 64, 120, 123  # controllers
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
    """Raises DataError for a file that is no MIDI, that lasts for more than an hour, or whose time
    nobody can tell."""
    import mido

    name = shown(path.name)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise DataError(f"{name} has {path.stat().st_size} bytes: no MIDI file has so many")
        midi = mido.MidiFile(file=io.BytesIO(path.read_bytes()))
        if why := untold(midi):
            raise DataError(f"{name} {why}; save it again as type 1, in ticks per quarter")
        return _song(midi, name)
    except DataError:
        raise
    except Exception as error:  # mido has errors of its own kinds for what is no MIDI
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{name} is no MIDI file ({first})") from error


def render_songs(
    source: Path,
    out: Path,
    fonts: Sequence[Path],
    seed: int = 0,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, list[str]]:
    """Pieces of all MIDI files below `source`; what `out` has is not rendered again.

    report(done, total) is called after each file. Gives the number of pieces and a line about each
    file that became none. Raises DataError when there is no file, where `out` holds pieces that
    were not rendered so, or when a piece cannot be written.
    """
    files = sorted(p for p in source.rglob("*") if p.suffix.lower() in (".mid", ".midi"))
    if not files:
        raise DataError(f"no MIDI files in {source}: none ends in .mid or .midi")
    named = _named(files, source, out)
    _check_same(out, fonts, seed, {name: chance for _, name, chance in named})
    left_out: list[str] = []
    for done, (path, name, chance) in enumerate(named, start=1):
        if not (out / name / "piece.json").is_file():
            try:
                song = _playable(read_song(path), name)
            except DataError as error:
                left_out.append(str(error))
            else:
                _render(song, out / name, fonts, seed, chance)
        report(done, len(files))
    return len(files) - len(left_out), left_out


def _check_same(
    out: Path, fonts: Sequence[Path], seed: int, chances: Mapping[str, int]
) -> None:
    """A set that is composed, of other sound fonts or of another seed does not become half this.
    chances: what the font of each piece is drawn by: of more fonts another would be."""
    for path in sorted(out.glob("[!.]*/piece.json")):
        try:
            card = json.loads(path.read_text(encoding="utf-8"))
            told = {name: card.get(name) for name in ("style", "seed", "sound_font")}
        except (OSError, ValueError, AttributeError) as error:
            raise DataError(
                f"{path.parent} cannot be read ({error}); delete it, and run this again"
            ) from error
        names = [font.name for font in fonts]
        chance = chances.get(path.parent.name)
        if chance is not None and told["seed"] == seed:
            names = [_font_of(fonts, seed, chance)[0].name]
        known = {"style": ["midi"], "seed": [seed, None], "sound_font": names}
        if other := next((name for name in known if told[name] not in known[name]), None):
            raise DataError(
                f"{path.parent} was written otherwise: its {other} is {told[other]}, now "
                f"{known[other][0]}; give another folder, or delete this one"
            )


def _named(files: Sequence[Path], source: Path, out: Path) -> list[tuple[Path, str, int]]:
    """Each file with the name of its piece and a number to draw by, neither of which changes with
    the files beside it unless two would share a name. Raises DataError where one of those two was
    rendered before the other came: nobody knows which, and its song would be there twice."""
    places = {path: path.relative_to(source) for path in files}
    joined = {path: "-".join(place.with_suffix("").parts) for path, place in places.items()}
    names = {path: shown(name.lstrip(".")) for path, name in joined.items()}
    counts = Counter(name.casefold() for name in names.values())
    found = []
    for path, name in names.items():
        place = places[path].as_posix().encode(errors="surrogateescape")
        digest = hashlib.sha256(place).hexdigest()
        own = f"{name}-{digest[:6]}"
        shared = counts[name.casefold()] > 1
        if shared and (out / name / "piece.json").is_file():
            raise DataError(
                f"{out / name} was rendered before another file of {shown(source)} came to the "
                "same name; delete it, and run this again"
            )
        # A name that was shared once is kept when the other file has gone.
        shared = shared or (out / own / "piece.json").is_file()
        found.append((path, own if shared else name, int(digest[:8], 16)))
    return found


def _playable(song: Song, name: str) -> Song:
    if len(song.voices) < 2 or song.samples < _SHORTEST_SECONDS * SAMPLE_RATE:
        raise DataError(f"{name}: fewer than two of bass, drums, guitar, piano, or shorter than 6 s")
    return song


def _song(midi: Any, name: str) -> Song:
    messages = _messages(midi)
    seconds = seconds_of(midi, np.array([ticks for ticks, *_ in messages]))
    if len(seconds) and seconds[-1] > _LONGEST_SECONDS:
        raise DataError(f"{name} lasts for more than an hour; cut it")
    told = [
        (ticks, late, (port, message.channel), message, round(float(moment) * SAMPLE_RATE))
        for moment, (ticks, late, port, message) in zip(seconds, messages, strict=True)
        if message.type in ("note_on", "note_off", "program_change", "control_change")
    ]
    players = {key: _Player(key[1] == _DRUM_CHANNEL) for _, _, key, _, _ in told}
    for _, _, key, message, sample in sorted(told, key=lambda one: one[:2]):
        players[key].take(message, sample)
    end = max((player.end for player in players.values()), default=0)
    rung = end + round(_TAIL_SECONDS * SAMPLE_RATE)
    file_end = round(float(seconds[-1]) * SAMPLE_RATE) if len(seconds) else 0
    last = min(rung, max(end, file_end))
    by_part: dict[str, list[tuple[int, list[Event]]]] = {}
    for player in players.values():
        for (part, program), events in player.ended(end, last).items():
            by_part.setdefault(part, []).append((program, events))
    whole = -(-rung // FRAME_SAMPLES) * FRAME_SAMPLES
    return Song(by_part, whole, beats_of(midi))


def _messages(midi: Any) -> list[tuple[int, bool, int, Any]]:
    """Ticks, whether it comes late in its tick, port and message of everything in a file, by time.
    A program that one track sets holds for what the others strike at that tick, and so comes before
    it; but for that, the order is the file's: within a track it is what was meant, and a note
    without length ends after it began."""
    found: list[tuple[int, bool, int, Any]] = []
    for track in midi.tracks:
        ticks = port = 0
        struck: set[int] = set()  # channels on which the track has begun a note at this tick
        for message in track:
            ticks += message.time
            if message.time:
                struck.clear()
            if message.type == "midi_port":
                port = message.port
            if message.type == "note_on" and message.velocity > 0:
                struck.add(message.channel)
            first = _sets_program(message) and message.channel not in struck
            found.append((ticks, not first, port, message))
    return sorted(found, key=lambda one: one[0])


def _sets_program(message: Any) -> bool:
    bank = message.type == "control_change" and message.control == _BANK
    return bank or message.type == "program_change"


class _Player:
    """One channel of one port. A note ends where it began, whatever the channel's program has become
    meanwhile, the oldest first, and after its own start; with the pedal down when that goes up, or
    when the note is struck again. One that nobody ends lasts until the channel is told to be
    silent, or as long as the song."""

    def __init__(self, drums: bool):
        self.voices: dict[tuple[str, int], list[Event]] = {}
        self.end = 0
        self._always_drums = self._drums = drums
        self._program, self._pedal = 0, False
        self._begun: dict[int, list[tuple[tuple[str, int] | None, int]]] = {}
        self._held: dict[int, list[tuple[tuple[str, int] | None, int]]] = {}

    def take(self, message: Any, sample: int) -> None:
        """A message at that sample."""
        if message.type == "program_change":
            self._program = message.program
        elif message.type == "control_change":
            self._control(message.control, message.value, sample)
        elif message.type == "note_on" and message.velocity > 0:
            self._release(message.note, sample)
            voice = self._voice()
            self._begun.setdefault(message.note, []).append((voice, sample))
            self._write(voice, sample, True, message.note, message.velocity)
        elif begun := self._begun.get(message.note):
            self._let_go(*begun.pop(0), message.note, message.velocity, sample)

    def ended(self, sample: int, last: int) -> dict[tuple[str, int], list[Event]]:
        """(part, program) -> its events, an end before a start; what the pedal holds ends at
        `sample`, what was never let go at the `last` one."""
        for note in list(self._held):
            self._release(note, sample)
        for note, begun in self._begun.items():
            for voice, start in begun:
                self._write(voice, max(last, start + 1), False, note, 0)
        return {voice: sorted(events, key=lambda e: e[:2]) for voice, events in self.voices.items()}

    def _control(self, control: int, value: int, sample: int) -> None:
        if control == _BANK:
            self._drums = self._always_drums or value in _DRUM_BANKS
        elif control == _SUSTAIN:
            self._pedal = value >= 64
            if not self._pedal:
                for note in list(self._held):
                    self._release(note, sample)
        elif control in (_ALL_SOUND_OFF, _ALL_NOTES_OFF):
            for note, begun in self._begun.items():
                # Not what begins at this sample: files have these before a note or after it.
                over = [one for one in begun if one[1] < sample]
                self._begun[note] = begun[len(over) :]
                for voice, start in over:
                    self._let_go(voice, start, note, 0, sample)
            if control == _ALL_SOUND_OFF:
                for note in list(self._held):
                    self._release(note, sample)

    def _let_go(
        self, voice: tuple[str, int] | None, start: int, note: int, velocity: int, sample: int
    ) -> None:
        if self._pedal and voice and voice[0] != "drums":
            self._held.setdefault(note, []).append((voice, start))
            self.end = max(self.end, sample)
        else:
            self._write(voice, max(sample, start + 1), False, note, velocity)

    def _release(self, note: int, sample: int) -> None:
        for voice, start in self._held.pop(note, []):
            self._write(voice, max(sample, start + 1), False, note, 0)

    def _write(
        self, voice: tuple[str, int] | None, sample: int, starts: bool, note: int, velocity: int
    ) -> None:
        if voice is not None:
            self.voices.setdefault(voice, []).append((sample, starts, note, velocity))
            self.end = max(self.end, sample)

    def _voice(self) -> tuple[str, int] | None:
        """The part and program that play the channel's notes; None for what is no part."""
        if self._drums:
            return "drums", self._program
        part = next((part for part, family in _FAMILIES.items() if self._program in family), None)
        return (part, self._program) if part else None


def _render(song: Song, folder: Path, fonts: Sequence[Path], seed: int, chance: int) -> None:
    font, rng = _font_of(fonts, seed, chance)
    raw = {part: _sound(song, part, font) for part in PARTS if part in song.voices}
    card = {
        "id": folder.name, "style": "midi", "key": "", "chords": [],
        "samples": song.samples, "seed": seed, "sound_font": font.name, **song.beats,
    }  # fmt: skip
    save_piece(folder, card, mixed(raw, rng))


def _font_of(
    fonts: Sequence[Path], seed: int, chance: int
) -> tuple[Path, np.random.Generator]:
    """The sound font that is drawn for a piece, and what draws the rest."""
    rng = np.random.default_rng([seed, chance])
    return fonts[int(rng.integers(len(fonts)))], rng


def _sound(song: Song, part: str, font: Path) -> np.ndarray:
    total = np.zeros(song.samples, np.float32)
    for program, events in song.voices[part]:
        with Synth(font) as synth:
            total += synth.render(events, song.samples, program, part == "drums")
    return total
