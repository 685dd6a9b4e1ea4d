"""A musician's own recordings, checked: takes of a part and what is played around it.

Every take is two files side by side, named for what they are: the part alone, and either the music
around it or the mix of both. `verse part.wav` goes with `verse context.wav` or `verse mix.wav`; in a
folder of its own a take may be just `part.wav` and `context.wav`.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sideman.audio import NO_LENGTH, load, resample, to_mono
from sideman.data.score import SAMPLE_RATE
from sideman.errors import AudioError, DataError
from sideman.names import shown

__all__ = ["Recording", "Take", "find_takes", "record_of", "sounding_seconds"]

KINDS = (".wav", ".flac", ".aif", ".aiff", ".ogg", ".mp3")
NAMED = re.compile(r"^(?:(.*?)[\s_.\-]+)?(part|context|mix)$", re.IGNORECASE)
UNEVEN_SECONDS = 0.05
AUDIBLE = 10 ** (-50 / 20)
FRAME = 2048
PIECE = "piece.json"  # in folders that Sideman wrote
MOST_SECONDS = 2 * 3600  # of one file: what fits into memory
MOST_SAMPLES = 2 * MOST_SECONDS * 48_000  # of all its channels
EMPTY = 10 ** (-50 / 10)  # power of a channel with nothing in it, in parts of the loudest one's
UNSURE_GAIN = 0.15
GAINS = (0.5, 2.0)  # of a part in its mix
LEAST_SHARED = 0.1  # correlation of a part with a mix that has it
SURE_GAIN = 0.02
FAINT = 0.25  # gain of a part in its context from which it is said


@dataclass(frozen=True)
class Take:
    """Where the part of one take lies, and the music around it: `beside` is its context, or, where
    `mixed`, the mix that has the part in it."""

    name: str
    part: Path
    beside: Path
    mixed: bool


@dataclass(frozen=True)
class Recording:
    """A take as sound: part and context, float32 [samples] at 44.1 kHz, what was odd about it, and
    a digest of its files' own samples: what resampling makes of them is not the same to the last
    bit on every processor."""

    name: str
    part: np.ndarray
    context: np.ndarray
    remarks: tuple[str, ...]
    digest: bytes


class _File(NamedTuple):
    """Float32 [channels, samples], their rate in Hz, and in which channels anything sounds."""

    audio: np.ndarray
    rate: int
    sounding: np.ndarray


def find_takes(folder: Path) -> list[Take]:
    """The takes below a folder, by name; other files are let be, hidden ones, and pieces cut from
    takes before.

    Raises DataError where there is none, and for a part without its context, or the other way round.
    """
    if not folder.is_dir():
        raise DataError(
            f"no recordings in {folder}: there is no such folder; give its path, in quotes where it has spaces"
        )
    found: dict[tuple[Path, str], dict[str, Path]] = {}
    for path in sorted(folder.rglob("*")):
        # In hidden folders lies what a run did not finish.
        hidden = any(name.startswith(".") for name in path.relative_to(folder).parts)
        named = None if hidden or (path.parent / PIECE).exists() else NAMED.match(path.stem)
        if named and path.suffix.lower() in KINDS:
            roles = found.setdefault((path.parent, named[1] or ""), {})
            role = named[2].lower()
            if role in roles:
                raise DataError(f"{path} and {roles[role].name} are both the {role} of a take; keep one")
            roles[role] = path
    if not found:
        raise DataError(
            f"no recordings in {folder}: no file there is named like 'verse part.wav', with "
            "'verse context.wav' or 'verse mix.wav' beside it; rename yours so"
        )
    return [_take(folder, *place, roles) for place, roles in found.items()]


def record_of(take: Take) -> Recording:
    """Read a take and check it. Raises DataError, by name, for what cannot be learnt from."""
    remarks: list[str] = []
    part, beside, digest = _sounds(take, remarks)
    apart = abs(len(part) - len(beside)) / SAMPLE_RATE
    if apart > UNEVEN_SECONDS:
        remarks.append(f"{take.name}: the files differ by {apart:.1f} s; both end with the shorter")
    samples = min(len(part), len(beside))
    part, beside = part[:samples], beside[:samples]
    if sounding_seconds(part) == 0:
        raise DataError(f"{take.part} is silent: there is nothing to learn; leave the take out")
    context = _without(take, part, beside, remarks) if take.mixed else beside
    if np.array_equal(part, context):
        raise DataError(f"{take.part} and {take.beside.name} are the same sound; export them again")
    if not take.mixed:
        _check_apart(take, part, context, remarks)
    if sounding_seconds(context) == 0:
        remarks.append(f"{take.name}: no music beside the part; what it answers to is not learnt here")
    for path, sound in ((take.part, part), (take.beside, beside)):
        if np.mean(np.abs(sound) >= 0.999) > 1e-4:
            remarks.append(f"{path.name} is clipped; its model will sound so")
    return Recording(take.name, part, context, tuple(remarks), digest)


def sounding_seconds(audio: np.ndarray) -> float:
    """Seconds of the 46 ms frames that are above -50 dB full scale."""
    frames = audio[: len(audio) // FRAME * FRAME].reshape(-1, FRAME)
    level = np.sqrt(np.einsum("ij,ij->i", frames, frames) / FRAME)
    return float((level > AUDIBLE).sum() * FRAME / SAMPLE_RATE)


def _take(folder: Path, home: Path, name: str, roles: dict[str, Path]) -> Take:
    shown = " ".join((*home.relative_to(folder).parts, *([name] if name else []))) or "take"
    if "part" not in roles:
        there = next(iter(roles.values()))
        raise DataError(f"{there} has no part beside it; add '{name} part.wav', or take it away")
    if len(roles) != 2:
        why = "both a context and a mix" if len(roles) == 3 else "no context and no mix"
        raise DataError(f"{roles['part']} has {why} beside it; give one of them")
    mixed = "mix" in roles
    return Take(shown, roles["part"], roles["mix" if mixed else "context"], mixed)


def _sounds(take: Take, remarks: list[str]) -> tuple[np.ndarray, np.ndarray, bytes]:
    """The part and what is beside it, [samples] at 44.1 kHz, and the digest of both."""
    part, beside = (_read(path) for path in (take.part, take.beside))
    if take.mixed and len(part.audio) == len(beside.audio):
        # Of the same channels: a part on the left would else be twice as loud as it is in the mix.
        either = part.sounding | beside.sounding
        part, beside = (file._replace(sounding=either) for file in (part, beside))
    digest = hashlib.sha256(repr(take.mixed).encode())
    for audio, rate, _ in (part, beside):
        digest.update(repr((audio.shape, rate)).encode())
        digest.update(memoryview(audio).cast("B"))
    one, two = (
        _one_channel(file, path.name, remarks)
        for file, path in ((part, take.part), (beside, take.beside))
    )
    if take.mixed and len(part.audio) != len(beside.audio):
        one = _as_in(one, two, float(part.sounding.mean()))
    return one, two, digest.digest()


def _as_in(part: np.ndarray, mix: np.ndarray, share: float) -> np.ndarray:
    """The part as loud as it is in a mix that may have been made of all its channels, of which only
    a share sounds."""
    samples = min(len(part), len(mix))
    gain, _ = _within(part[:samples], mix[:samples])
    whole = gain > 0 and abs(np.log(gain / share)) < abs(np.log(gain))
    return np.float32(share) * part if whole else part


def _read(path: Path) -> _File:
    import soundfile

    try:
        info = soundfile.info(str(path))
        known = info.frames != NO_LENGTH  # else load refuses it
        if known and info.duration > MOST_SECONDS:
            hours = info.duration / 3600
            raise DataError(f"{path} lasts {hours:.1f} hours; cut it into takes of 2 at most")
        if known and info.frames * info.channels > MOST_SAMPLES:
            raise DataError(
                f"{path} has {info.channels} channels of {info.duration / 60:.0f} minutes at "
                f"{info.samplerate} Hz, more than fits into memory; cut it, or export fewer"
            )
        audio, rate = load(path)
    except UnicodeError as error:
        raise DataError(f"cannot read {shown(path)}: its path is not UTF-8; rename it") from error
    except AudioError as error:
        raise DataError(str(error)) from error
    except (OSError, soundfile.LibsndfileError) as error:
        raise DataError(f"cannot read {path}: {error}; export it again as WAV or FLAC") from error
    power = np.einsum("ij,ij->i", audio, audio, dtype=np.float64)
    if not np.isfinite(power).all():
        raise DataError(f"{path} has samples that are no numbers; export it again")
    return _File(audio, rate, power >= EMPTY * power.max())


def _one_channel(file: _File, name: str, remarks: list[str]) -> np.ndarray:
    """The mean of the channels in which anything sounds, at 44.1 kHz: empty ones beside the one
    that was played into would make that softer."""
    audio, empty = file.audio, int((~file.sounding).sum())
    if empty:
        remarks.append(f"{name}: {empty} of its {len(audio)} channels are empty, and left out")
        audio = audio[file.sounding]
    sound = resample(to_mono(audio), file.rate, SAMPLE_RATE)
    return np.ascontiguousarray(sound, dtype=np.float32)


def _without(take: Take, part: np.ndarray, mix: np.ndarray, remarks: list[str]) -> np.ndarray:
    """The mix less the part in it: as it is, or, where that is far from it, at the level that it seems
    to have there (which the rest of the music makes a little uncertain)."""
    gain, shared = _within(part, mix)
    if shared < LEAST_SHARED or not GAINS[0] <= gain <= GAINS[1]:
        raise DataError(
            f"{take.beside} does not have {take.part.name} in it, sample by sample (gain {gain:.2f}, "
            f"correlation {shared:.2f}); export the music around the part as '... context.wav' instead"
        )
    if abs(gain - 1) <= UNSURE_GAIN:
        return mix - part
    remarks.append(f"{take.name}: the part is in the mix at {20 * np.log10(gain):+.1f} dB")
    return mix - np.float32(gain) * part


def _check_apart(
    take: Take, part: np.ndarray, context: np.ndarray, remarks: list[str]
) -> None:
    """A model that found the part in what it hears would learn to copy it, and live it is not there.
    Composed parts lie in their contexts with gains below .11 and correlations below .04. A part that
    is in its context as it is has a gain of 1; elsewhere it may be the music that is in the part."""
    gain, shared = _within(part, context)
    if shared >= LEAST_SHARED and abs(gain - 1) <= SURE_GAIN:
        raise DataError(
            f"{take.beside} has the part in it (gain {gain:.2f}, correlation {shared:.2f}); export it without "
            "the part, or, if it is the whole mix, name it '... mix.wav'"
        )
    if shared >= LEAST_SHARED and gain >= FAINT:
        remarks.append(
            f"{take.name}: {take.part.name} and {take.beside.name} have sound in common (gain {gain:.2f}, correlation "
            f"{shared:.2f}): is the part in the music, or the music in the part? What is learnt from it may listen for itself"
        )


def _within(part: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """The gain at which a part lies in another sound, and how much of that it is (correlation)."""
    power = max(float(part @ part), 1e-12)
    gain = float(part @ other) / power
    return gain, gain * np.sqrt(power / max(float(other @ other), 1e-12))
