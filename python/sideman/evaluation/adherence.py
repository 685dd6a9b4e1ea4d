"""Whether each control does what it says: tags, blends, inertia, sketch, guidance, seed.

Every figure is a paired difference or a correlation per piece; what is asked of it is that the
95 % bootstrap interval of its mean over pieces lies above zero.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from scipy.stats import spearmanr

from sideman.data.pieces import Piece
from sideman.errors import DataError, ModelError
from sideman.evaluation import metrics
from sideman.evaluation.takes import PATIENCE, Asked, play_together
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Controls, usual_controls
from sideman.streaming.session import Session

__all__ = ["Figure", "as_json", "long_enough", "measure_controls", "shortfalls"]

SECONDS = 16.0
CHANGE_S = 8.0
AFTER_S = 2.0
BLEND = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Figure:
    """Mean over pieces with its 95 % bootstrap interval; `asked` says what it measures."""

    mean: float
    low: float
    high: float
    pieces: int
    asked: str


ASKED = {
    "bright": "spectral centroid, bright against dark, in octaves",
    "busy": "onsets per second, busy against sparse",
    "blend": "rank correlation of centroid and weight from dark to bright",
    "inertia": "share of the way to bright within 2 s, inertia 0 against 1",
    "sketch_pitch": "chroma cosine with the sketch against the sketch at other times",
    "sketch_loudness": "level correlation with the sketch against the sketch at other times",
    "guidance": "harmony lift over the music, the model's guidance (at least 2) against 1",
    "seed": "1 where the same seed gives the same audio and another one other audio",
}


def measure_controls(
    model: LoadedModel,
    pieces: Sequence[Piece],
    part: str,
    report: Callable[[int, int], None] = lambda done, total: None,
) -> dict[str, Figure]:
    """Play `part` over the pieces that are long enough with every control moved, and measure what
    came of it. Raises DataError where there is none, ModelError for a model of the window family.
    """
    spec = model.spec
    if spec.family == "window":
        raise ModelError(
            f"cannot measure the controls of {spec.name}: it is of the window family, which has no "
            "tags and no sketch; give one of the block family"
        )
    if not pieces:
        raise DataError(f"cannot measure the controls of {part}: no piece has it; give others")
    chosen = [piece for piece in pieces if long_enough(piece)]
    if not chosen:
        raise DataError(
            f"cannot measure the controls of {part}: no piece that has it lasts "
            f"{CHANGE_S + AFTER_S:g} s; give others"
        )
    session = Session(model, [part], spec.hop_frames, spec.lead_frames)
    rows: dict[str, list[float]] = {name: [] for name in ASKED}
    for done, piece in enumerate(chosen, start=1):
        for name, value in _of_piece(session, piece, part).items():
            rows[name].append(value)
        report(done, len(chosen))
    return {name: _figure(values, ASKED[name]) for name, values in rows.items()}


def long_enough(piece: Piece) -> bool:
    """Whether it goes on for 2 s after the change of tags."""
    return piece.samples >= (CHANGE_S + AFTER_S) * piece.sample_rate


def shortfalls(figures: Mapping[str, Figure]) -> list[str]:
    """One line for each control whose interval does not lie above zero."""
    return [
        f"control {name}: {figure.asked}: {figure.mean:+.3f} [{figure.low:+.3f} {figure.high:+.3f}], "
        "above zero is needed"
        for name, figure in figures.items()
        if not figure.low > 0
    ]


def _figure(values: Sequence[float], asked: str) -> Figure:
    low, high = metrics.bootstrap_interval(values)
    return Figure(float(np.mean(values)), low, high, len(values), asked)


def _of_piece(session: Session, piece: Piece, part: str) -> dict[str, float]:
    spec, rate = session.model.spec, piece.sample_rate
    seconds = round(SECONDS * rate)
    context, true = piece.context(part)[:seconds], piece.audio(part)[:seconds]
    plain = usual_controls(spec, patience=PATIENCE)
    delay = replace(plain, mode="delay")

    def asked(heard: np.ndarray, controls: Callable[[float], Controls], seed: int = 0) -> Asked:
        return Asked(session, piece, heard, controls, seed=seed)

    def tagged(**tags: float) -> Asked:
        return asked(context, lambda _: replace(plain, tags=tuple(tags.items())))

    def changing(inertia: float) -> Asked:
        def controls(second: float) -> Controls:
            tag = "dark" if second < CHANGE_S else "bright"
            return replace(plain, inertia=inertia, tags=((tag, 1.0),))

        return asked(context, controls)

    takes = {
        **{f"blend {w}": tagged(dark=1 - w, bright=w) for w in BLEND},
        "busy": tagged(busy=1.0),
        "sparse": tagged(sparse=1.0),
        "at once": changing(0.0),
        "slowly": changing(1.0),
        "delay": asked(true, lambda _: delay),
        "delay again": asked(true, lambda _: delay),
        "another seed": asked(true, lambda _: delay, seed=1),
        "guided": asked(context, lambda _: replace(plain, guidance=max(2.0, spec.guidance))),
        "unguided": asked(context, lambda _: replace(plain, guidance=1.0)),
    }
    played = dict(zip(takes, play_together(list(takes.values())), strict=True))
    shown = np.pad(true, (session.reaction_samples, 0))[: len(played["delay"])]
    centroids = [octave_centroid(played[f"blend {w}"], rate) for w in BLEND]
    if min(centroids) == 0.0:  # one is silent, which has no brightness: nothing is shown
        centroids = [0.0] * len(BLEND)
    return {
        "bright": centroids[-1] - centroids[0],
        "busy": metrics.onset_density(played["busy"], rate)
        - metrics.onset_density(played["sparse"], rate),
        "blend": rank_correlation(BLEND, centroids),
        "inertia": _way(played["at once"], centroids, rate) - _way(played["slowly"], centroids, rate),
        "sketch_pitch": _chroma_lift(played["delay"], shown, rate),
        "sketch_loudness": loudness_lift(played["delay"], shown, rate),
        "guidance": _chroma_lift(played["guided"], context, rate)
        - _chroma_lift(played["unguided"], context, rate),
        "seed": float(
            np.array_equal(played["delay"], played["delay again"])
            and not np.array_equal(played["delay"], played["another seed"])
        ),
    }


def octave_centroid(audio: np.ndarray, rate: int) -> float:
    """log2 of the power-weighted mean frequency in Hz; 0 for silence."""
    power = np.abs(np.fft.rfft(audio)) ** 2
    hertz = np.fft.rfftfreq(len(audio), 1 / rate)
    total = float(power.sum())
    return float(np.log2(max(1.0, (power * hertz).sum() / total))) if total > 1e-9 else 0.0


def rank_correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Spearman's rho, equal values in one rank; 0 where one side does not change."""
    if len(set(one)) < 2 or len(set(other)) < 2:
        return 0.0
    return float(spearmanr(one, other).statistic)


def _way(audio: np.ndarray, centroids: Sequence[float], rate: int) -> float:
    """How far the centroid has come from dark (0) to bright (1) in the 2 s after the change."""
    start = round(CHANGE_S * rate)
    now = octave_centroid(audio[start : start + round(AFTER_S * rate)], rate)
    way = centroids[-1] - centroids[0]
    return float(np.clip((now - centroids[0]) / way, -1, 2)) if way > 0.05 else 0.0


def _chroma_lift(played: np.ndarray, shown: np.ndarray, rate: int) -> float:
    return metrics.harmony_lift(played, shown, rate, np.random.default_rng(0))


def loudness_lift(played: np.ndarray, shown: np.ndarray, rate: int, shifts: int = 16) -> float:
    """Correlation of the levels per 46 ms, minus its mean with one of them shifted in time."""
    frame = 2048 * rate // 44100
    count = min(len(played), len(shown)) // frame
    one, other = (
        np.log10(np.sqrt(np.mean(a[: count * frame].reshape(count, frame) ** 2, axis=1)) + 1e-3)
        for a in (played, shown)
    )
    if one.std() < 1e-6 or other.std() < 1e-6:
        return 0.0
    away = np.linspace(count // 6, count - count // 6, shifts).astype(int)
    chance = np.mean([np.corrcoef(one, np.roll(other, shift))[0, 1] for shift in away])
    return float(np.corrcoef(one, other)[0, 1] - chance)


def as_json(figures: Mapping[str, Figure]) -> dict[str, dict]:
    """For report files."""
    return {name: asdict(figure) for name, figure in figures.items()}
