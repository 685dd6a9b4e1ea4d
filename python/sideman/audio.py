"""Sound files and sample-rate conversion at the edges of the program (never in the live path)."""

from __future__ import annotations

import errno
import re
from math import gcd
from pathlib import Path

import numpy as np

from sideman.errors import AudioError
from sideman.names import shown

__all__ = ["NO_LENGTH", "load", "remedy", "resample", "save", "to_mono"]

NO_LENGTH = 2**63 - 1  # frames, as libsndfile has it of a FLAC that was piped or cut off
_FULL = {errno.ENOSPC, errno.EDQUOT, 112}  # 112: Windows' own number



def load(path: str | Path) -> tuple[np.ndarray, int]:
    """Read a sound file as (float32 [channels, samples], sample rate in Hz).

    Raises AudioError when the file is missing, unreadable or empty, or does not say how long it is:
    libsndfile cannot tell the end of such a one from a damage.
    """
    import soundfile

    if not Path(path).is_file():
        raise AudioError(
            f"cannot read {shown(path)}: there is no such file; give the path of a sound file"
        )
    try:
        with soundfile.SoundFile(str(path)) as file:
            if file.frames == NO_LENGTH:
                raise AudioError(
                    f"cannot read {path}: its header has no length, as of a FLAC that was piped or "
                    "cut off; export it again"
                )
            audio, rate = file.read(dtype="float32", always_2d=True), file.samplerate
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
    flac = path.suffix.lower() == ".flac"
    audio = np.atleast_2d(audio)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        soundfile.write(str(path), audio.T, rate, subtype="PCM_16" if flac else "FLOAT")
        if flac and audio.shape[1] and soundfile.info(str(path)).frames != audio.shape[1]:
            # Where no room is left for the last block, libsndfile does not say so.
            raise OSError(errno.ENOSPC, "its end could not be written")
    except UnicodeError as error:
        raise AudioError(
            f"cannot write {shown(path)}: its path is not UTF-8; choose another folder or name"
        ) from error
    except (OSError, soundfile.LibsndfileError) as error:
        reason, what = str(error).rstrip("."), remedy(error, "choose another folder")
        raise AudioError(f"cannot write {path}: {reason}; {what}") from error


def remedy(error: BaseException, otherwise: str) -> str:
    """What to do where a file could not be written: space helps where there is none. libsndfile
    does not tell what was wrong, safetensors in its text alone."""
    told = re.search(r"os error (\d+)", str(error))
    number = error.errno if isinstance(error, OSError) else int(told[1]) if told else None
    if number is None:
        return f"free some space or {otherwise}"
    return "free some space" if number in _FULL else otherwise


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
