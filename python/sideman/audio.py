"""Sound files and sample-rate conversion at the edges of the program (never in the live path)."""

from __future__ import annotations

from math import gcd
from pathlib import Path

import numpy as np

from sideman.errors import AudioError
from sideman.names import shown

__all__ = ["load", "resample", "save", "to_mono"]


def load(path: str | Path) -> tuple[np.ndarray, int]:
    """Read a sound file as (float32 [channels, samples], sample rate in Hz).

    Raises AudioError when the file is missing, unreadable or empty.
    """
    import soundfile

    if not Path(path).is_file():
        raise AudioError(
            f"cannot read {shown(path)}: there is no such file; give the path of a sound file"
        )
    try:
        audio, rate = soundfile.read(str(path), dtype="float32", always_2d=True)
    except UnicodeError as error:
        raise AudioError(f"cannot read {shown(path)}: its path is not UTF-8; rename it") from error
    except (OSError, soundfile.LibsndfileError) as error:
        reason = str(error).rstrip(".")
        raise AudioError(f"cannot read {path}: {reason}; give a WAV, FLAC or AIFF file") from error
    if audio.shape[0] == 0:
        raise AudioError(f"cannot read {path}: it holds no samples; give a file with music")
    return np.ascontiguousarray(audio.T), int(rate)


def save(path: str | Path, audio: np.ndarray, rate: int) -> None:
    """Write float32 [samples] or [channels, samples] as 32-bit float WAV (or 16-bit FLAC). Raises
    AudioError."""
    import soundfile

    path = Path(path)
    subtype = "PCM_16" if path.suffix.lower() == ".flac" else "FLOAT"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(str(path), np.atleast_2d(audio).T, rate, subtype=subtype)
    except UnicodeError as error:
        raise AudioError(
            f"cannot write {shown(path)}: its path is not UTF-8; give another"
        ) from error
    except (OSError, soundfile.LibsndfileError) as error:
        raise AudioError(
            f"cannot write {path}: {error}; free some space or choose another folder"
        ) from error


def to_mono(audio: np.ndarray) -> np.ndarray:
    """Average the channels: [channels, samples] -> [samples]."""
    return audio if audio.ndim == 1 else audio.mean(axis=0, dtype=np.float32)


def resample(audio: np.ndarray, from_rate: int, to_rate: int) -> np.ndarray:
    """Polyphase conversion along the last axis; the same array when the rates are equal."""
    if from_rate == to_rate:
        return audio
    from scipy.signal import resample_poly

    common = gcd(from_rate, to_rate)
    converted = resample_poly(audio, to_rate // common, from_rate // common, axis=-1)
    return converted.astype(np.float32)
