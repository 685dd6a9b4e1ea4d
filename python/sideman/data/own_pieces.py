"""Pieces from a musician's own recordings: cut, with their beat, on disk."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Optional

import numpy as np

from sideman.audio import remedy, resample, save
from sideman.data.pieces import Piece, load_pieces
from sideman.data.recordings import Recording, Take, record_of, sounding_seconds
from sideman.data.score import FRAME_SAMPLES, SAMPLE_RATE
from sideman.data.tempo import TempoMap
from sideman.errors import AudioError, DataError
from sideman.folders import check_ours, put_in_place

__all__ = [
    "AROUND", "Beat", "BeatOf", "CutTake", "Material", "cut_takes", "divide", "learnt_of",
    "spares_takes", "steady", "varied",
]  # fmt: skip

AROUND = "context"  # the name under which a piece keeps the music around the part
STYLE, TOLD = "own", "known"
PIECE_FRAMES = 640  # 29.7 s
LEAST_FRAMES = 160
LEAST_SOUNDING = 0.15  # of a piece
LEAST_MINUTES = 2.0
FEW_MINUTES = 10.0
SPEEDS = {"down2": (49, 55), "down1": (84, 89), "up1": (89, 84), "up2": (55, 49)}  # about semitones
Beat = tuple[TempoMap, int]  # where the beats lie, from the first sample on, and how many a bar has
BeatOf = Callable[[np.ndarray, int], Optional[Beat]]  # of music [samples] at a rate; None: no telling
REPORTED, CHECKED = 6, 12  # of so many pieces one is for the report, one to check on while training
WHOLE_TAKES = 4  # of so many some can be spared
LEVEL_SAMPLES = SAMPLE_RATE // 10  # of one point of what a take is known again by
SAME_SECONDS, SAME_SHAPE, SAME_LEVEL = 0.2, 0.999, 2.0  # of one take: length, correlation, factor


class CutTake(NamedTuple):
    """A take that pieces were cut from: its name, and twelve hex digits that change with any sample
    of its files."""

    name: str
    digest: str


@dataclass(frozen=True)
class Material:
    """What a folder of recordings came to: its pieces, how long the part sounds in them, what was odd,
    and a digest that changes with any sample and with a beat that was told; not with one that was
    heard, which is not the same to the last bit on every processor. takes: by how the ids of their
    pieces begin."""

    pieces: tuple[Piece, ...]
    minutes: float
    remarks: tuple[str, ...]
    digest: str
    takes: Mapping[str, CutTake]


@dataclass(frozen=True)
class _Sound:
    """What a part is known again by: its digest, or, in another format, its length [samples] and
    its levels, float64 [2, tenths of a second]: RMS of itself, and of its slope, which changes with the
    pitch: lines in the same rhythm are not one take."""

    name: str
    digest: bytes
    samples: int
    levels: np.ndarray

    def is_of(self, other: _Sound) -> bool:
        """Whether both are one take."""
        if self.digest == other.digest:
            return True
        if abs(self.samples - other.samples) > SAME_SECONDS * SAMPLE_RATE:
            return False
        length = min(self.levels.shape[1], other.levels.shape[1])
        return all(
            _alike(one[:length], two[:length])
            for one, two in zip(self.levels, other.levels, strict=True)
        )


def steady(bpm: float, beats_per_bar: int = 4) -> BeatOf:
    """The beat of takes that were recorded to a click, a bar's first beat on the first sample."""
    beat = TempoMap(TOLD, (0.0, 1.0), (0.0, 60.0 / bpm)), beats_per_bar
    return lambda music, rate: beat


def cut_takes(
    takes: Sequence[Take],
    part: str,
    out: Path,
    beat_of: BeatOf,
    done: Callable[[int, int], None] = lambda count, total: None,
) -> Material:
    """Write the takes as pieces of half a minute into the folder `out`, all of them or none.

    beat_of is asked about the whole music of each take. A take that is there twice, if in two
    formats, is cut once.
    done(count, total) is called after each take. Raises DataError for a take that cannot be learnt
    from, and where the part sounds for less than two minutes in all; SettingsError where `out` holds
    anything else.
    """
    check_ours(out, _is_own, "give another folder")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    minutes, remarks, digest = 0.0, [], hashlib.sha256()
    cut: dict[str, CutTake] = {}
    short: list[str] = []
    heard: list[_Sound] = []
    for number, take in enumerate(takes):
        recording = record_of(take)
        sound = _sound_of(recording)
        if known := next((one for one in heard if one.is_of(sound)), None):
            # Or what is judged would be what was learnt.
            nearly = "" if known.digest == sound.digest else "but for the format or the level, "
            remarks.append(
                f"{take.name}: {nearly}it sounds as another take does, {known.name}; left out"
            )
            done(number + 1, len(takes))
            continue
        heard.append(sound)
        remarks.extend(recording.remarks)
        beat = beat_of(recording.part + recording.context, SAMPLE_RATE)
        if beat is None:
            remarks.append(f"{take.name}: no steady beat heard; it is learnt without a clock")
        seconds = len(recording.part) / SAMPLE_RATE
        if not _starts(len(recording.part)):
            short.append(f"{take.name} ({seconds:.1f} s)")
        told = beat if beat and beat[0].kind == TOLD else None
        digest.update(recording.digest + repr(told).encode())
        label = f"take-{number:03}"
        if seconds := _cut(recording, part, partial, label, beat):
            minutes += seconds / 60
            cut[label] = CutTake(take.name, recording.digest.hex()[:12])
        done(number + 1, len(takes))
    if short:
        remarks.append(
            f"shorter than {LEAST_FRAMES * FRAME_SAMPLES / SAMPLE_RATE:.1f} s, and left out: {len(short)} of "
            f"{len(takes)} takes ({', '.join(short[:3])}{', ...' * (len(short) > 3)}); join them, or record longer ones"
        )
    if minutes < LEAST_MINUTES:
        why = remarks[-1] if short else "record more, or check that the files are what their names say"
        raise DataError(
            f"cannot learn {part} from {minutes:.1f} minutes of it: {LEAST_MINUTES:g} are the least, "
            f"twenty are better; {why}"
        )
    if minutes < FEW_MINUTES:
        remarks.append(f"{part} sounds for {minutes:.1f} minutes only; ten or more make it surer")
    put_in_place(partial, out)
    return Material(tuple(load_pieces(out)), minutes, tuple(remarks), digest.hexdigest(), cut)


def divide(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Pieces to learn from, to check on, and for the report: about a quarter of them is kept back.
    Of four takes or more they are whole takes: a piece is like those beside it in its take, and what
    was learnt there would be judged again. Raises DataError for fewer than three pieces.
    """
    if len(pieces) < 3:
        raise DataError(f"cannot keep pieces back for checks: there are {len(pieces)}; record more")
    if apart := _whole_takes(pieces):
        checked = apart[::3]
        reported = [piece for place, piece in enumerate(apart) if place % 3]
    else:
        checked = list(pieces[::CHECKED])
        reported = list(pieces[min(3, len(pieces) - 1) :: REPORTED])
    kept = {piece.id for piece in (*checked, *reported)}
    return [piece for piece in pieces if piece.id not in kept], checked, reported


def learnt_of(material: Material) -> list[str]:
    """The digests of the takes that an instrument learns from: not of those that are kept back."""
    taught, _, _ = divide(material.pieces)
    return [material.takes[label].digest for label in _by_take(taught)]


def spares_takes(pieces: Sequence[Piece]) -> bool:
    """Whether what is kept back of these pieces are whole takes."""
    return len(_by_take(pieces)) >= WHOLE_TAKES


def varied(
    pieces: Sequence[Piece],
    part: str,
    out: Path,
    done: Callable[[int, int], None] = lambda count, total: None,
) -> list[Piece]:
    """Every piece as a tape would play it one and two semitones lower and higher, and so slower and
    faster: what little music there is teaches five times as much. Written into the folder `out`.
    Raises SettingsError where that holds anything else.
    """
    check_ours(out, _is_own, "give another folder")
    partial = out.with_name(f".{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for count, piece in enumerate(pieces, start=1):
        sounds = piece.audio(part), piece.context(part)
        for name, (faster, slower) in SPEEDS.items():
            # The same samples at another rate: fewer of them is faster and higher.
            played, around = (resample(sound, faster, slower) for sound in sounds)
            speed = faster / slower
            start = round(-piece.downbeat_sample / speed)
            beat = _faster(piece.tempo, speed) if piece.tempo else None
            told = (beat, piece.beats_per_bar) if beat else None
            _write(partial / f"{piece.id}-{name}", part, played, around, start, told)
        done(count, len(pieces))
    if pieces:
        put_in_place(partial, out)
    return load_pieces(out)


def _sound_of(recording: Recording) -> _Sound:
    part = recording.part
    levels = np.stack([_levels(part), _levels(np.diff(part, append=part[-1:]))])
    return _Sound(recording.name, hashlib.sha256(part).digest(), len(part), levels)


def _levels(sound: np.ndarray) -> np.ndarray:
    frames = sound[: len(sound) // LEVEL_SAMPLES * LEVEL_SAMPLES].reshape(-1, LEVEL_SAMPLES)
    return np.sqrt(np.einsum("ij,ij->i", frames, frames, dtype=np.float64) / LEVEL_SAMPLES)


def _alike(one: np.ndarray, two: np.ndarray) -> bool:
    """Whether two curves of levels are of one shape, and of a similar level."""
    powers = float(one @ one), float(two @ two)
    if min(powers) <= 0 or max(powers) > SAME_LEVEL**2 * min(powers):
        return False
    apart = one - one.mean(), two - two.mean()
    shared = float(apart[0] @ apart[1])
    return shared > SAME_SHAPE * np.sqrt(float(apart[0] @ apart[0]) * float(apart[1] @ apart[1]))


def _whole_takes(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces of takes that are up to a quarter of all, or a little more where that would leave
    less than an eighth; none where there are too few takes."""
    if not spares_takes(pieces):
        return []
    by_length = sorted(_by_take(pieces).values(), key=len)
    kept: list[Piece] = []
    for take in reversed(by_length):  # the long ones first: they come nearest
        if len(kept) + len(take) <= len(pieces) / 4:
            kept += take
    for take in by_length:
        more = len(kept) + len(take)
        if len(kept) < max(2, len(pieces) / 8) and take[0] not in kept and more <= len(pieces) / 2:
            kept += take
    return sorted(kept, key=lambda piece: piece.id)


def _by_take(pieces: Sequence[Piece]) -> dict[str, list[Piece]]:
    takes: dict[str, list[Piece]] = {}
    for piece in pieces:
        takes.setdefault(piece.id.rpartition("-")[0], []).append(piece)
    return takes


def _is_own(found: Path) -> bool:
    """Whether an earlier run wrote it."""
    try:
        return json.loads((found / "piece.json").read_text(encoding="utf-8"))["style"] == STYLE
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _faster(tempo: TempoMap, speed: float) -> TempoMap:
    return TempoMap(tempo.kind, tempo.beats, tuple(second / speed for second in tempo.seconds))


def _cut(
    recording: Recording,
    part: str,
    out: Path,
    label: str,
    beat: Beat | None,
) -> float:
    """Seconds for which the part sounds in the pieces written."""
    sounding = 0.0
    for count, start in enumerate(_starts(len(recording.part))):
        crop = slice(start, start + PIECE_FRAMES * FRAME_SAMPLES)
        played, around = recording.part[crop], recording.context[crop]
        seconds = sounding_seconds(played)
        if seconds >= LEAST_SOUNDING * len(played) / SAMPLE_RATE:
            _write(out / f"{label}-{count:03}", part, played, around, start, beat)
            sounding += seconds
    return sounding


def _starts(samples: int) -> list[int]:
    """Where pieces begin; what is left at the end is one as well where it is long enough."""
    frames = samples // FRAME_SAMPLES
    starts = range(0, frames - LEAST_FRAMES + 1, PIECE_FRAMES)
    return [frame * FRAME_SAMPLES for frame in starts]


def _write(
    folder: Path,
    part: str,
    played: np.ndarray,
    around: np.ndarray,
    start: int,
    beat: Beat | None,
) -> None:
    samples = len(played) // FRAME_SAMPLES * FRAME_SAMPLES
    card = {
        "id": folder.name, "style": STYLE, "key": "", "samples": samples, "chords": [],
        "parts": [part, AROUND], "downbeat_sample": -start, "bpm": 0.0, "beats_per_bar": 4,
    }  # fmt: skip
    if beat:
        tempo, bar = beat
        middle = (start + samples / 2) / SAMPLE_RATE
        curve = {"kind": tempo.kind, "beats": tempo.beats, "seconds": tempo.seconds}
        card |= {"bpm": float(tempo.bpm_at(middle)), "beats_per_bar": bar, "tempo": curve}
    try:
        for name, sound in ((part, played), (AROUND, around)):
            # FLAC holds 16 bits up to full scale; a context that was subtracted may pass it.
            save(folder / f"{name}.flac", np.clip(sound[:samples], -1.0, 1.0), SAMPLE_RATE)
        (folder / "piece.json").write_text(json.dumps(card), encoding="utf-8")
    except AudioError as error:  # which tells what to do
        raise DataError(f"cannot write {folder}: {error}") from error
    except OSError as error:
        what = remedy(error, "choose another folder")
        raise DataError(f"cannot write {folder}: {error}; {what}") from error
