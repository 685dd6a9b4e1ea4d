"""Slakh2100 (Manilow et al. 2019; Zenodo 4599666) as pieces: for those who have it.

The archive comes flat (Track folders at its root) or split (train/Track..., omitted/ left out), as a
.tar or .tar.gz or unpacked. Of each track the stems of a class are added up to one part; beats come
from its MIDI file. Pieces go to OUT/train, OUT/validation and OUT/test by the number of the track, as
the original split has it. Nothing is unpacked to the disk.
"""

from __future__ import annotations

import io
import re
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from sideman.data.midi_beats import beats_of, untold
from sideman.data.pieces import save_piece
from sideman.data.score import SAMPLE_RATE
from sideman.errors import DataError

__all__ = ["Prepared", "prepare_slakh", "split_of"]

CLASSES = {"Bass": "bass", "Drums": "drums", "Guitar": "guitar", "Piano": "piano"}
TRACK = re.compile(r"^Track(\d{5})$")
SHORTEST_SECONDS = 6.1
MOST_MEMBER = 256 << 20  # bytes of one file
AGAIN = "fetch the archive again"


@dataclass(frozen=True)
class Prepared:
    """How many tracks became pieces, were there already, or have none of the four parts."""

    made: int = 0
    there: int = 0
    left_out: int = 0


@dataclass(frozen=True)
class _Track:
    """files: what lies in the track's folder, by its path in it."""

    name: str
    files: dict[str, Callable[[], bytes]]

    def read(self, name: str) -> bytes:
        if name not in self.files:
            raise DataError(f"{self.name} has no {name}; {AGAIN}")
        return self.files[name]()


def prepare_slakh(
    source: str | Path, out: str | Path, report: Callable[[str, Prepared], None] = lambda *_: None
) -> Prepared:
    """Make pieces of all tracks of `source`; those that `out` has are not made again.

    report(track, so far) is called after each track. Raises DataError when there are no tracks, and
    for a track that is damaged, by name; what was made stays.
    """
    source, out = Path(source), Path(out)
    made = there = left_out = 0
    for track in _tracks(source):
        folder = out / split_of(track.name) / track.name
        if (folder / "piece.json").is_file():
            there += 1
        elif _make(track, folder):
            made += 1
        else:
            left_out += 1
        report(track.name, Prepared(made, there, left_out))
    if made + there + left_out == 0:
        raise DataError(
            f"no tracks in {source}: neither Track folders nor train/Track ones; give the archive of "
            "Slakh2100 or the folder that it was unpacked to"
        )
    return Prepared(made, there, left_out)


def split_of(track: str) -> str:
    """The original split: tracks to 1500 train, to 1875 validation, then test."""
    found = TRACK.match(track)
    if found is None:
        raise DataError(f"{track} is no track of Slakh2100")
    number = int(found[1])
    return "train" if number <= 1500 else "validation" if number <= 1875 else "test"


def _tracks(source: Path) -> Iterator[_Track]:
    if source.is_dir():
        yield from _unpacked(source)
        return
    if not source.exists():
        raise DataError(f"cannot read {source}: there is no such file; give the archive's path, or the folder's")
    try:
        with tarfile.open(source, "r|*") as archive:
            yield from _archived(archive)
    except (OSError, EOFError, tarfile.TarError) as error:
        raise DataError(f"cannot read {source}: {error}; {AGAIN}") from error


def _unpacked(source: Path) -> Iterator[_Track]:
    found = {}
    for pattern in ("Track*", "*/Track*", "*/*/Track*"):
        for folder in source.glob(pattern):
            if folder.is_dir() and TRACK.match(folder.name) and "omitted" not in folder.parts:
                found.setdefault(folder.name, folder)
    for name, folder in sorted(found.items()):
        files = {
            path.relative_to(folder).as_posix(): path.read_bytes
            for path in folder.rglob("*")
            if path.is_file()
        }
        yield _Track(name, files)


def _archived(archive: tarfile.TarFile) -> Iterator[_Track]:
    """Tracks of a stream, each once its files, which lie together, have gone by."""
    name, files = "", {}
    for member in archive:
        place = PurePosixPath(member.name).parts
        at = next((i for i, part in enumerate(place) if TRACK.match(part)), None)
        if at is None or "omitted" in place or not member.isfile() or not _wanted(place[at + 1 :]):
            continue
        if place[at] != name and name:
            yield _Track(name, files)
            files = {}
        name = place[at]
        if member.size > MOST_MEMBER:
            raise DataError(f"{member.name} has {member.size} bytes, more than any stem; {AGAIN}")
        stream = archive.extractfile(member)
        data = b"" if stream is None else stream.read()
        files["/".join(place[at + 1 :])] = lambda data=data: data
    if name:
        yield _Track(name, files)


def _wanted(inside: tuple[str, ...]) -> bool:
    return inside in (("metadata.yaml",), ("all_src.mid",)) or (
        len(inside) == 2 and inside[0] == "stems" and inside[1].endswith(".flac")
    )


def _make(track: _Track, folder: Path) -> bool:
    """Write a piece; False when the track has none of the parts, or is too short."""
    stems = _stems(track)
    sounds: dict[str, np.ndarray] = {}
    for name, part in stems.items():
        audio = _audio(track, f"stems/{name}.flac")
        before = sounds.get(part, np.zeros(0, np.float32))
        longer, shorter = (audio, before) if len(audio) > len(before) else (before, audio)
        sounds[part] = longer.copy()
        sounds[part][: len(shorter)] += shorter
    samples = max(map(len, sounds.values()), default=0)
    if samples < SHORTEST_SECONDS * SAMPLE_RATE:
        return False
    card = {
        "id": track.name, "style": "slakh", "key": "", "samples": samples, "chords": [],
        **_beats(track),
    }  # fmt: skip
    padded = {part: np.pad(sound, (0, samples - len(sound))) for part, sound in sounds.items()}
    save_piece(folder, card, padded)
    return True


def _stems(track: _Track) -> dict[str, str]:
    """The part of each stem that was rendered and belongs to one."""
    import yaml

    try:
        told: Any = yaml.safe_load(track.read("metadata.yaml"))
        return {
            str(name): CLASSES[stem["inst_class"]]
            for name, stem in told["stems"].items()
            if stem.get("audio_rendered", True) and stem["inst_class"] in CLASSES
        }
    except (yaml.YAMLError, LookupError, TypeError, ValueError, AttributeError, RecursionError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{track.name}: its metadata.yaml is damaged ({first}); {AGAIN}") from error


def _audio(track: _Track, name: str) -> np.ndarray:
    import soundfile

    try:
        audio, rate = soundfile.read(io.BytesIO(track.read(name)), dtype="float32", always_2d=True)
    except (soundfile.SoundFileError, ValueError) as error:  # ValueError: it has no length
        raise DataError(f"{track.name}: {name} is damaged ({error}); {AGAIN}") from error
    if rate != SAMPLE_RATE:
        raise DataError(
            f"{track.name}: {name} is at {rate} Hz, and the full Slakh2100 at 44100; give that one"
        )
    return audio.mean(axis=1)


def _beats(track: _Track) -> dict[str, Any]:
    """bpm, beats_per_bar and, where the tempo moves, its map, from the MIDI file."""
    import mido

    data = track.read("all_src.mid")
    try:
        midi = mido.MidiFile(file=io.BytesIO(data))
        if why := untold(midi):
            raise ValueError(f"it {why}")
        return beats_of(midi)
    except Exception as error:  # mido has errors of its own kinds for what is no MIDI
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise DataError(f"{track.name}: its all_src.mid is damaged ({first}); {AGAIN}") from error
