"""The music that a musician plays into the inlet, with what is known of its clock."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from sideman import audio
from sideman.errors import AudioError

__all__ = ["HOST_RATES", "Music", "demo_path", "load_music"]

HOST_RATES = (44100, 48000, 88200, 96000)
"""Rates in Hz at which a host plays; files of another rate are converted to the first."""

CLOCK = ("bpm", "beats_per_bar", "downbeat_sample")
"""What the JSON file beside a piece of music says of its clock; samples at 44100 Hz."""

BPM, MOST_BEATS = (20, 400), 32  # of a bar


@dataclass(frozen=True)
class Music:
    """Audio float32 [channels, samples] at `rate` Hz; `bpm` None where the tempo is unknown."""

    path: Path
    audio: np.ndarray
    rate: int
    bpm: float | None = None
    beats_per_bar: int = 4
    downbeat_s: float = 0.0

    @property
    def mono(self) -> np.ndarray:
        """What the inlet hears: float32 [samples]."""
        return audio.to_mono(self.audio)

    @property
    def seconds(self) -> float:
        """Duration."""
        return self.audio.shape[1] / self.rate


def demo_path() -> Path:
    """The short piece that the package carries, made by `sideman synth --demo`."""
    return Path(__file__).resolve().parent.parent / "media" / "duo_context.flac"


def load_music(path: Path, bpm: float | None = None, downbeat_s: float = 0.0) -> Music:
    """Read a sound file of any rate, mono or stereo, for a host that runs at one of HOST_RATES.

    A JSON file of the same name beside it with the names of CLOCK (as `sideman synth` writes) gives
    the clock unless `bpm` is given; one with none of these is of something else. Raises AudioError
    for an unreadable file, one with samples that are not numbers, and a clock that is none.
    """
    samples, rate = audio.load(path)
    if not np.isfinite(samples).all():
        raise AudioError(f"cannot play {path}: it holds samples that are not numbers; export it again")
    if rate not in HOST_RATES:
        samples, rate = audio.resample(samples, rate, HOST_RATES[0]), HOST_RATES[0]
    music = Music(Path(path), np.atleast_2d(samples), rate)
    if bpm is not None:
        return replace(music, bpm=bpm, downbeat_s=downbeat_s)
    return _with_clock_beside(music)


def _with_clock_beside(music: Music) -> Music:
    sidecar = music.path.with_suffix(".json")
    if not sidecar.is_file():
        return music
    text = sidecar.read_bytes().decode("utf-8-sig", errors="replace")
    try:
        facts = json.loads(text)
        if not (isinstance(facts, dict) and facts.keys() & set(CLOCK)):
            return music
        if missing := [name for name in CLOCK if name not in facts]:
            raise ValueError(f"it lacks {', '.join(missing)}")
        bpm, beats, downbeat = (float(facts[name]) for name in CLOCK)
        if not (BPM[0] <= bpm <= BPM[1] and 1 <= beats <= MOST_BEATS and math.isfinite(downbeat)):
            raise ValueError(f"bpm {bpm:g}, beats_per_bar {beats:g}, downbeat_sample {downbeat:g}")
    except (ValueError, TypeError, OverflowError) as error:
        if not any(f'"{name}"' in text for name in CLOCK):  # no JSON at all
            return music
        raise AudioError(
            f"cannot read the clock in {sidecar}: {error}; give --bpm or remove the file"
        ) from error
    return replace(music, bpm=bpm, beats_per_bar=int(beats), downbeat_s=int(downbeat) / 44100)
