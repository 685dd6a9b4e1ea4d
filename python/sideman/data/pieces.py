"""Pieces on disk: one folder each, a FLAC file per part and piece.json."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sideman.audio import load, remedy, save, to_mono
from sideman.data.harmony import chord_pitch_classes
from sideman.data.score import PARTS, SAMPLE_RATE, Chord
from sideman.data.tempo import TempoMap
from sideman.data.whole import whole_folder
from sideman.errors import AudioError, DataError
from sideman.names import shown

__all__ = ["CARD", "Piece", "digest_of", "load_piece", "load_pieces", "save_piece", "write_piece"]

CARD = "piece.json"
FLAC_HEAD_BYTES = 42  # its marker, and all of STREAMINFO
_MADE_BY = {"slakh": "prepare slakh", "midi": "synth --midi", "own": "train instrument"}


@dataclass(frozen=True)
class Piece:
    """A piece: beat k lies at downbeat_sample + k * 60 / bpm * sample rate, where the tempo is
    constant; else where its tempo map says, and bpm is what the tempo moves around. A bpm of 0:
    nobody knows its beat."""

    folder: Path
    id: str
    style: str
    key: str
    bpm: float
    beats_per_bar: int
    downbeat_sample: int
    samples: int
    parts: tuple[str, ...]
    chords: tuple[Chord, ...]
    sample_rate: int = SAMPLE_RATE
    tempo: TempoMap | None = None

    def audio(self, part: str) -> np.ndarray:
        """One part, float32 [samples]; zeros when the piece does not have it.

        Raises DataError for an unknown part or a file that does not fit piece.json.
        """
        if part not in {*PARTS, *self.parts}:
            raise DataError(f"no part {part!r} in piece {self.id}: parts are {', '.join(PARTS)}")
        if part not in self.parts:
            return np.zeros(self.samples, dtype=np.float32)
        try:
            audio, rate = load(self.folder / f"{part}.flac")
        except AudioError as error:
            raise self._damaged(error) from error
        self._check_fits(part, audio.shape[1], rate)
        return to_mono(audio) if audio.shape[0] > 1 else audio[0]

    def crop(self, part: str, start: int, samples: int) -> np.ndarray:
        """`samples` from `start` on of a part that the piece has, as `audio` gives them, with
        silence before its first and none after its last: the rest of the file is not decoded.
        Raises DataError as `audio` does."""
        import soundfile

        first, path = max(0, start), self.folder / f"{part}.flac"
        left = max(0, start + samples - first)
        try:
            with soundfile.SoundFile(str(path)) as file:
                self._check_fits(part, file.frames, file.samplerate)
                file.seek(first)
                audio = file.read(left, dtype="float32", always_2d=True)
        except (OSError, UnicodeError, soundfile.LibsndfileError) as error:
            raise self._damaged(f"cannot read {shown(path)}: {error}") from error
        audio = np.ascontiguousarray(audio.T)
        audio = to_mono(audio) if audio.shape[0] > 1 else audio[0]
        return np.pad(audio, (min(samples, first - start), 0))

    def _check_fits(self, part: str, samples: int, rate: int) -> None:
        if rate != self.sample_rate or samples != self.samples:
            raise self._damaged(
                f"{part} has {samples} samples at {rate} Hz, expected {self.samples} at "
                f"{self.sample_rate}"
            )

    def _damaged(self, why: object) -> DataError:
        return DataError(f"piece {self.id} is damaged: {why}; {_again(self.style)}")

    def digest(self) -> str:
        """Twelve hex digits that change with the sound and the facts of the piece. The sound tells
        of itself: a FLAC begins with the MD5 of its samples (RFC 9639, section 8.2)."""
        digest = hashlib.sha256()
        try:
            digest.update((self.folder / "piece.json").read_bytes())
            for part in self.parts:
                with open(self.folder / f"{part}.flac", "rb") as file:
                    digest.update(file.read(FLAC_HEAD_BYTES))
        except OSError as error:
            what = _again(self.style)
            raise DataError(f"cannot read piece {self.id}: {error}; {what}") from error
        return digest.hexdigest()[:12]

    def context(self, part: str) -> np.ndarray:
        """Sum of all other parts, float32 [samples]: what a player of `part` would hear."""
        total = np.zeros(self.samples, dtype=np.float32)
        for other in self.parts:
            if other != part:
                total += self.audio(other)
        return total

    def beat_at(self, sample: np.ndarray | float) -> np.ndarray | float:
        """Beats since the first downbeat at a sample position; negative before it."""
        if self.tempo:
            return self.tempo.beat_at((sample - self.downbeat_sample) / self.sample_rate)
        return (sample - self.downbeat_sample) * (self.bpm / 60.0 / self.sample_rate)

    @property
    def beat_known(self) -> bool:
        """Whether somebody knows where its beats are: bpm is 0 where nobody does."""
        return self.tempo is not None or self.bpm > 0

    def beats(self) -> np.ndarray:
        """Sample positions of all beats, float64, from the first downbeat on, or from the start of a
        piece that was cut after it; none where nobody knows them."""
        if not self.beat_known:
            return np.zeros(0)
        first = max(0, int(np.ceil(self.beat_at(0))))
        last = int(np.floor(self.beat_at(self.samples)))
        return self.sample_at(np.arange(first, last + 1, dtype=np.float64))

    def sample_at(self, beat: np.ndarray | float) -> np.ndarray | float:
        """Sample position of a beat, not rounded; the beat has to be known."""
        seconds = self.tempo.seconds_at(beat) if self.tempo else beat * (60.0 / self.bpm)
        return self.downbeat_sample + seconds * self.sample_rate

    def chord_tones(self, samples: np.ndarray) -> np.ndarray:
        """Which pitch classes the chord at each sample position has: bool [12, positions]; none
        before the first downbeat and where no chords are known."""
        beats = np.atleast_1d(self.beat_at(samples))
        starts = np.array([chord.start for chord in self.chords])
        index = np.searchsorted(starts, beats, side="right") - 1
        table = np.zeros((12, len(self.chords) + 1), bool)
        for place, chord in enumerate(self.chords):
            table[list(chord_pitch_classes(chord)), place] = True
        return table[:, index]

    def bpm_at(self, sample: np.ndarray | float) -> np.ndarray | float:
        """Tempo at a sample position."""
        if self.tempo:
            return self.tempo.bpm_at((sample - self.downbeat_sample) / self.sample_rate)
        return np.full(np.shape(sample), self.bpm) if np.ndim(sample) else self.bpm


def load_piece(folder: str | Path) -> Piece:
    """Read one piece folder. Raises DataError when piece.json is missing or incomplete."""
    folder = Path(folder)
    card: Any = None
    try:
        card = json.loads((folder / CARD).read_text(encoding="utf-8"))
        return Piece(
            folder=folder,
            id=card["id"],
            style=card["style"],
            key=card["key"],
            bpm=float(card["bpm"]),
            beats_per_bar=int(card["beats_per_bar"]),
            downbeat_sample=int(card["downbeat_sample"]),
            samples=int(card["samples"]),
            parts=tuple(card["parts"]),
            chords=tuple(Chord(float(s), int(r), str(q)) for s, r, q in card["chords"]),
            tempo=_tempo(card["tempo"]) if "tempo" in card else None,
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        style = card.get("style") if isinstance(card, dict) else None
        raise DataError(
            f"cannot read piece {folder}: {type(error).__name__} {error}; {_again(style)}"
        ) from error


def save_piece(
    folder: Path, card: Mapping[str, Any], sounds: Mapping[str, np.ndarray]
) -> None:
    """Write a piece: `card` is what piece.json holds but its parts, sounds the parts float32
    [samples]. The folder appears only when it is complete. Raises DataError."""
    ordered = {part: sounds[part] for part in PARTS if part in sounds}
    write_piece(folder, json.dumps({**card, "parts": list(ordered)}), ordered)


def write_piece(folder: Path, card: str, sounds: Mapping[str, np.ndarray]) -> None:
    """As save_piece, but `card` is all of the text of piece.json."""
    try:
        with whole_folder(folder, CARD) as partial:
            for part, sound in sounds.items():
                save(partial / f"{part}.flac", sound, SAMPLE_RATE)
            (partial / CARD).write_text(card + "\n", encoding="utf-8")
    except AudioError as error:  # which tells what to do
        raise DataError(f"cannot write piece {shown(folder)}: {error}") from error
    except OSError as error:
        what = remedy(error, "choose another folder")
        raise DataError(f"cannot write piece {shown(folder)}: {error}; {what}") from error


def _again(style: object) -> str:
    """How to get a piece again, by the style that its card tells, if any."""
    if not isinstance(style, str):
        return "delete its folder, and run the command that made it again"
    return f"delete its folder and run sideman {_MADE_BY.get(style, 'synth')} again"


def _tempo(card: dict) -> TempoMap:
    beats, seconds = (tuple(map(float, card[line])) for line in ("beats", "seconds"))
    return TempoMap(str(card["kind"]), beats, seconds)


def digest_of(pieces: Iterable[Piece]) -> str:
    """Twelve hex digits that change with any of the pieces."""
    return hashlib.sha256(" ".join(piece.digest() for piece in pieces).encode()).hexdigest()[:12]


def load_pieces(folder: str | Path) -> list[Piece]:
    """All pieces below a folder, by id; half-written ones (hidden folders) are not seen.

    Raises DataError when there is none.
    """
    folder = Path(folder)
    found = sorted(
        path.parent for path in folder.glob("*/piece.json") if not path.parent.name.startswith(".")
    )
    if not found:
        raise DataError(
            f"no pieces in {folder}: no folder there has a piece.json; make some with sideman synth"
        )
    return [load_piece(path) for path in found]
