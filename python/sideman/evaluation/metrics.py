"""Measures of how a part fits what is played around it: harmony, rhythm, presence.

Signals are mono float32 [samples]. Every measure is 0 for a silent part, so silence never wins.
Frames here are analysis frames of this file, not the model's.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from scipy import fft
from scipy.ndimage import maximum_filter1d, uniform_filter1d

__all__ = [
    "a16",
    "a8",
    "alignment",
    "audible_share",
    "beat_f1",
    "bootstrap_interval",
    "jackknife_interval",
    "mean_over",
    "chord_tone_share",
    "chroma",
    "harmony_lift",
    "level_db",
    "onset_density",
    "onsets",
]

BeatAt = Callable[[np.ndarray], np.ndarray]
ChordAt = Callable[[np.ndarray], np.ndarray]

MIN_SHIFT_S = 2.0
LEAST_SHIFTS = 8
AUDIBLE_DB = -50.0
GATE_BELOW_LOUD_DB = 30.0


def _window_samples(rate: int, seconds: float) -> int:
    """The power of two nearest to `seconds`, so that 44.1 and 48 kHz share their bin counts."""
    return 2 ** round(np.log2(seconds * rate))


def _centred_frames(audio: np.ndarray, window: int, hop: int) -> np.ndarray:
    """[samples] -> view [frames, window]; frame k is centred on sample k * hop."""
    count = 1 + len(audio) // hop
    right = max(0, (count - 1) * hop + window - window // 2 - len(audio))
    padded = np.pad(np.asarray(audio, dtype=np.float32), (window // 2, right))
    return np.lib.stride_tricks.sliding_window_view(padded, window)[::hop][:count]


def _spectrum(audio: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Hann magnitudes [frames, window // 2 + 1]; a full-scale sine peaks near 1."""
    taper = np.hanning(window + 1)[:-1].astype(np.float32)
    frames = _centred_frames(audio, window, hop) * taper
    return np.abs(fft.rfft(frames, axis=-1)) * np.float32(4.0 / window)


def _power(audio: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Mean square of each centred frame: [frames]."""
    frames = _centred_frames(audio, window, hop)
    return np.einsum("ij,ij->i", frames, frames) / window


def _levels_db(audio: np.ndarray, window: int, hop: int) -> np.ndarray:
    """RMS of each centred frame in dB full scale, floored at -120: [frames]."""
    return 10.0 * np.log10(np.maximum(_power(audio, window, hop), 1e-12))


def _sounding(audio: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Frames that are audible and not merely the tail of something 30 dB louder: bool [frames]."""
    levels = _levels_db(audio, window, hop)
    loud = np.percentile(levels[levels > AUDIBLE_DB], 90) if (levels > AUDIBLE_DB).any() else 0.0
    return levels > max(AUDIBLE_DB, loud - GATE_BELOW_LOUD_DB)


# --- harmony ------------------------------------------------------------------------------------


def chroma(audio: np.ndarray, rate: int) -> np.ndarray:
    """Pitch-class profile [12, frames], C first, one frame every 2048 samples at 44.1 kHz.

    Spectral peaks of a 186 ms Hann window between 27 and 4200 Hz, their frequency refined by a
    parabola over log magnitudes: the window resolves the harmonics of E1 (41 Hz) from each other
    and the parabola gives their pitch to a fraction of the semitone that a bin does not resolve.
    Each peak adds the square root of its magnitude, halved per octave above 500 Hz where mostly
    overtones live, to the two nearest pitch classes. Not normalised; silence gives zeros.
    """
    window = _window_samples(rate, 8192 / 44100)
    magnitude = _spectrum(audio, window, window // 4)
    low = max(1, int(27.0 * window / rate))
    high = min(magnitude.shape[1] - 2, int(4200.0 * window / rate))
    below, here, above = (magnitude[:, low + k : high + k] for k in (-1, 0, 1))
    threshold = np.maximum(1e-5, here.max(axis=1, keepdims=True) * 10 ** (-50 / 20))
    frame, column = np.nonzero((here > below) & (here >= above) & (here > threshold))
    a, b, c = (np.log(band[frame, column] + 1e-12) for band in (below, here, above))
    offset = 0.5 * (a - c) / np.minimum(a - 2 * b + c, -1e-9)
    hertz = (column + low + np.clip(offset, -0.5, 0.5)) * rate / window
    weight = np.sqrt(here[frame, column]) * np.minimum(1.0, 500.0 / hertz)
    return _fold(frame, 69.0 + 12.0 * np.log2(hertz / 440.0), weight, len(magnitude))


def _fold(frame: np.ndarray, pitch: np.ndarray, weight: np.ndarray, frames: int) -> np.ndarray:
    """Share each peak linearly between the two nearest semitones: [12, frames]."""
    lower = np.floor(pitch).astype(np.int64)
    share = pitch - lower
    cells = np.concatenate([frame * 12 + lower % 12, frame * 12 + (lower + 1) % 12])
    weights = np.concatenate([weight * (1.0 - share), weight * share])
    return np.bincount(cells, weights, minlength=12 * frames).reshape(frames, 12).T


def harmony_lift(
    part: np.ndarray,
    context: np.ndarray,
    rate: int,
    rng: np.random.Generator,
    rotations: int = 64,
) -> float:
    """How much better the part fits the context as played than the same context at other times.

    Mean cosine of the two chroma over the frames where both sound, minus the average of the same
    with the context shifted circularly by a random time of at least 2 s. The shift is in time and
    not in pitch on purpose: staying in the key scores nothing, following the chords does.
    Shifts at which the two never sound together say nothing of harmony and are left out.
    0 = unrelated (or they never sound together, as played or at 8 of the shifts). part and context:
    [samples], equal lengths.

    Raises ValueError when the music is too short to be shifted by 2 s either way.
    """
    window = _window_samples(rate, 8192 / 44100)
    hop = window // 4
    played, heard = (_unit_columns(chroma(audio, rate)) for audio in (part, context))
    plays, hears = (_sounding(audio, window, hop) for audio in (part, context))
    margin = int(np.ceil(MIN_SHIFT_S * rate / hop))
    if played.shape[1] <= 2 * margin:
        raise ValueError(f"harmony_lift needs more than {2 * MIN_SHIFT_S:g} s of music")
    shifts = rng.integers(margin, played.shape[1] - margin, size=rotations, endpoint=True)

    def similarity(shift: int) -> float | None:
        both = plays & np.roll(hears, shift)
        products = np.einsum("ij,ij->j", played, np.roll(heard, shift, axis=1))
        return float(products[both].mean()) if both.any() else None

    if (here := similarity(0)) is None:
        return 0.0
    there = [found for shift in shifts if (found := similarity(int(shift))) is not None]
    return here - float(np.mean(there)) if len(there) >= LEAST_SHIFTS else 0.0


def chord_tone_share(part: np.ndarray, tones: ChordAt, rate: int) -> float:
    """Share of the part's chroma that lies on the tones of the chord of the moment.

    Mean over the frames where it sounds, counted from what notes at random would have: 1 = chord
    tones alone, 0 = no more of them than chance. tones(samples [frames]) -> bool [12, frames].
    """
    window = _window_samples(rate, 8192 / 44100)
    profile, plays = chroma(part, rate), _sounding(part, window, window // 4)
    held = tones(np.arange(profile.shape[1]) * (window // 4))
    weight = profile.sum(0)
    judged = plays & (weight > 0) & held.any(0)
    if not judged.any():
        return 0.0
    share = (profile * held).sum(0)[judged] / weight[judged]
    chance = held.mean(0)[judged]
    return float(((share - chance) / (1 - chance)).mean())


def _unit_columns(profile: np.ndarray) -> np.ndarray:
    return profile / np.maximum(np.linalg.norm(profile, axis=0, keepdims=True), 1e-9)


# --- rhythm -------------------------------------------------------------------------------------


def onsets(audio: np.ndarray, rate: int) -> tuple[np.ndarray, np.ndarray]:
    """Attack times in samples (float64 [onsets], ascending) and their strengths [onsets].

    Spectral flux over third-octave-like bands of log-compressed level, against the maximum of the
    neighbouring bands (so a gliding pitch is no attack), picked where it stands out from its
    surroundings, then moved to the steepest rise of the short-time level nearby. Independent of
    the level of the signal; nothing below -70 dB full scale counts.
    """
    window, hop = _window_samples(rate, 2048 / 44100), _window_samples(rate, 256 / 44100)
    loud = np.percentile(np.abs(audio), 99.5) if len(audio) else 0.0
    if loud < 10 ** (-70 / 20):
        return np.zeros(0), np.zeros(0)
    # Silence before the first sample lets an attack on it rise; the frames that reach past the
    # end would take the end for a click.
    audio = np.pad(audio / loud, (window, 0))
    novelty = _flux(audio, rate, window, hop)
    picked = _peaks(novelty[: 1 + max(0, len(audio) - window) // hop], rate / hop)
    times = np.maximum(0.0, _steepest_rise(audio, picked * hop, rate) - window)
    return times, novelty[picked].astype(np.float64)


def _flux(audio: np.ndarray, rate: int, window: int, hop: int) -> np.ndarray:
    """Novelty of each frame, mean over bands of the rise since two frames before: [frames]."""
    magnitude = _spectrum(audio, window, hop)
    edges = np.unique(np.geomspace(30.0, 16000.0, 49) * window // rate).astype(int)
    bands = np.add.reduceat(magnitude, edges, axis=1)[:, :-1]
    compressed = np.log1p(100.0 * bands)
    before = maximum_filter1d(compressed, 3, axis=1)[:-2]
    rise = np.maximum(compressed[2:] - before, 0.0).mean(axis=1)
    return np.pad(rise, (1, 1))


def _peaks(novelty: np.ndarray, frames_per_s: float) -> np.ndarray:
    """Frames that top 30 ms on either side and clearly exceed the mean of 100 ms around them."""
    apart = 2 * round(0.03 * frames_per_s) + 1
    around = 2 * round(0.1 * frames_per_s) + 1
    threshold = 1.3 * uniform_filter1d(novelty, around) + 0.2 * np.percentile(novelty, 99)
    top = (novelty == maximum_filter1d(novelty, apart)) & (novelty > threshold)
    return np.flatnonzero(top)


def _steepest_rise(audio: np.ndarray, near: np.ndarray, rate: int) -> np.ndarray:
    """The sample within 25 ms of each candidate where the level rises most over 6 ms: [onsets]."""
    hop = _window_samples(rate, 64 / 44100)
    span, reach = _window_samples(rate, 256 / 44100), round(0.025 * rate / hop)
    edge = np.diff(audio, prepend=audio[:1])
    levels = np.log(_power(edge, span, hop) + 1e-6)
    rise = np.pad(levels[4:] - levels[:-4], (2, 2))
    index = near[:, None] // hop + np.arange(-reach, reach + 1)[None, :]
    candidates = rise[np.clip(index, 0, len(rise) - 1)]
    return index[np.arange(len(near)), candidates.argmax(axis=1)].astype(np.float64) * hop


def alignment(beats: np.ndarray, strengths: np.ndarray, divisions: int) -> float:
    """Strength-weighted mean of cos(2 pi divisions phi), phi = phase in the beat of each onset.

    1 = every onset on the grid of `divisions` per beat, 0 = unrelated (or no onset), negative =
    between its lines. beats, strengths: [onsets].
    """
    if not len(beats):
        return 0.0
    return float(np.average(np.cos(2 * np.pi * divisions * beats), weights=strengths))


def beat_f1(onsets_s: np.ndarray, beats_s: np.ndarray, tolerance_s: float = 0.05) -> float:
    """F1 of onsets as guesses of the beats, both ascending, in seconds: within 50 ms is right.

    Each beat is found at most once and each onset finds one at most; 0 where either is missing.
    """
    if not len(onsets_s) or not len(beats_s):
        return 0.0
    found, place = 0, 0
    for beat in beats_s:
        while place < len(onsets_s) and onsets_s[place] < beat - tolerance_s:
            place += 1
        if place < len(onsets_s) and onsets_s[place] <= beat + tolerance_s:
            found += 1
            place += 1
    return 2.0 * found / (len(onsets_s) + len(beats_s))


def a8(part: np.ndarray, beat_at: BeatAt, rate: int = 44100) -> float:
    """Alignment of the part's onsets with eighths, where the beat is a quarter.

    part: [samples]; beat_at: sample positions -> beats, both [onsets].
    """
    times, strengths = onsets(part, rate)
    return alignment(beat_at(times), strengths, 2)


def a16(part: np.ndarray, beat_at: BeatAt, rate: int = 44100) -> float:
    """As a8, with sixteenths."""
    times, strengths = onsets(part, rate)
    return alignment(beat_at(times), strengths, 4)


def onset_density(audio: np.ndarray, rate: int) -> float:
    """Onsets per second."""
    return len(onsets(audio, rate)[0]) * rate / max(1, len(audio))


# --- presence and statistics --------------------------------------------------------------------


def audible_share(part: np.ndarray, context: np.ndarray, rate: int) -> float:
    """Share of the 46 ms frames in which the context sounds where the part is above -50 dB."""
    window = _window_samples(rate, 2048 / 44100)
    plays, hears = (_levels_db(audio, window, window) > AUDIBLE_DB for audio in (part, context))
    return float(plays[hears].mean()) if hears.any() else 0.0


def level_db(audio: np.ndarray, rate: int) -> float:
    """RMS in dB full scale over the audible 46 ms frames; -120 for silence."""
    window = _window_samples(rate, 2048 / 44100)
    levels = _levels_db(audio, window, window)
    audible = levels[levels > AUDIBLE_DB]
    return float(10 * np.log10(np.mean(10 ** (audible / 10)))) if len(audible) else -120.0


def mean_over(
    pieces: Sequence[str], values: Sequence[float | None]
) -> tuple[float, tuple[float, float]]:
    """Mean of the means of the pieces, and its interval: several values of a piece share its music.
    `pieces` names that of each value; None is left out, and nothing at all gives zeros."""
    groups: dict[str, list[float]] = {}
    for piece, value in zip(pieces, values, strict=True):
        if value is not None:
            groups.setdefault(piece, []).append(value)
    if not groups:
        return 0.0, (0.0, 0.0)
    means = [float(np.mean(group)) for group in groups.values()]
    return float(np.mean(means)), bootstrap_interval(means)


def bootstrap_interval(
    values: Sequence[float], seed: int = 0, confidence: float = 0.95, resamples: int = 4000
) -> tuple[float, float]:
    """Percentile interval (low, high) of the mean over pieces; one value gives no width.

    Raises ValueError for no values.
    """
    values = np.asarray(values, dtype=np.float64)
    if not len(values):
        raise ValueError("bootstrap_interval needs at least one value")
    drawn = np.random.default_rng(seed).integers(0, len(values), size=(resamples, len(values)))
    tail = 50.0 * (1.0 - confidence)
    low, high = np.percentile(values[drawn].mean(axis=1), [tail, 100.0 - tail])
    return float(low), float(high)


def jackknife_interval(figures: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """95 % interval (low, high) around figures[0] [...], a figure of all pieces, from the same figure
    with one piece left out at a time, figures[1:]; no width from fewer than two.

    For what is not a mean, such as a distance of distributions: drawn with replacement a set repeats
    itself, which alone takes it away from another one. (Efron and Stein 1981, Annals of Statistics 9.)
    """
    whole, without = figures[0], figures[1:]
    count = len(without)
    if count < 2:
        return whole, whole
    error = np.sqrt((count - 1) / count * np.square(without - without.mean(0)).sum(0))
    return whole - 1.96 * error, whole + 1.96 * error
