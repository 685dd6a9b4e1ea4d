"""How well the beat is heard: the tracker of the live Session beside a plain causal one.

Beats are told causally: one counts when the clock, as it stood at the end of the hop before, ran
over it. F1 within 70 ms from the eighth second on (Davies, Degara and Plumbley 2009), against the
true beats; `any eighth` also takes the offbeat for right, as who plays along would; `bars` are their
downbeats alone, which needs the metre too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation import metrics
from sideman.streaming.controls import Clock
from sideman.streaming.onset_envelope import ENVELOPE_HOP, envelope_tail, onset_envelope
from sideman.streaming.tracker import BeatTracker

__all__ = [
    "Tracked",
    "as_json",
    "autocorrelated",
    "beat_f1",
    "listened",
    "summarise",
    "told_beats",
    "track",
    "true_beats",
]

HOP_SAMPLES = 8192
SETTLED_S = 8.0
TOLERANCE_S = 0.07
REMEMBERED_S = 6.0
TEMPI = (60.0, 180.0)

Clocks = Iterable[tuple[int, Clock | None]]  # at the end of each hop: sample and clock


@dataclass(frozen=True)
class Tracked:
    """F1 of one tracker on one piece, by beats, by eighths, and by bars where it tells them; None
    where no beat, eighth or bar begins after the eighth second."""

    piece: str
    style: str
    tempo: str
    tracker: str
    f1: float | None
    eighth_f1: float | None
    bar_f1: float | None = None


def track(piece: Piece, part: str) -> list[Tracked]:
    """Both trackers on what the player of `part` hears."""
    heard = piece.context(part)
    kind = piece.tempo.kind if piece.tempo else "constant"
    rows = []
    for name, listen in (("sideman", listened), ("autocorrelation", autocorrelated)):
        clocks = list(listen(heard, piece.sample_rate))
        told = told_beats(clocks, len(heard), piece.sample_rate)
        bars = None
        if listen is listened:
            downbeats = told_beats(clocks, len(heard), piece.sample_rate, bars=True)
            bars = beat_f1(downbeats, true_beats(piece, 1 / piece.beats_per_bar))
        rows.append(
            Tracked(
                piece.id, piece.style, kind, name,
                beat_f1(told, true_beats(piece, 1)), beat_f1(told, true_beats(piece, 2), 2), bars,
            )
        )
    return rows


def listened(heard: np.ndarray, rate: int) -> Iterator[tuple[int, Clock | None]]:
    """The tracker that the Session listens with."""
    tracker = BeatTracker(rate)
    state = tracker.start()
    for start in range(0, len(heard) - HOP_SAMPLES + 1, HOP_SAMPLES):
        state = tracker.hear(state, heard[start : start + HOP_SAMPLES])
        yield start + HOP_SAMPLES, tracker.clock(state)


def autocorrelated(heard: np.ndarray, rate: int) -> Iterator[tuple[int, Clock | None]]:
    """The text book: the tempo whose lag correlates best over the last 6 s of onset strength,
    weighed towards 120 bpm, and the phase where most strength falls."""
    seconds = ENVELOPE_HOP / rate
    strength = onset_envelope(np.pad(heard, (envelope_tail(rate), 0)), rate).sum(1)
    lags = np.arange(int(60 / TEMPI[1] / seconds), int(60 / TEMPI[0] / seconds) + 1)
    prior = np.exp(-0.5 * (np.log2(60 / (lags * seconds) / 120) / 0.9) ** 2)
    for end in range(HOP_SAMPLES, len(heard) + 1, HOP_SAMPLES):
        frames = end // ENVELOPE_HOP
        recent = strength[max(0, frames - int(REMEMBERED_S / seconds)) : frames]
        if len(recent) < 2 * lags[-1] or not recent.any():
            yield end, None
            continue
        centred = recent - recent.mean()
        scores = [float(centred[lag:] @ centred[:-lag]) / (len(recent) - lag) for lag in lags]
        lag = int(lags[np.argmax(np.maximum(scores, 0) * prior)])
        phase = int(np.argmax([recent[offset::lag].mean() for offset in range(lag)]))
        yield end, Clock(60 / (lag * seconds), (len(recent) - phase) / lag % 1.0)


def told_beats(clocks: Clocks, samples: int, rate: int, bars: bool = False) -> np.ndarray:
    """Seconds of the beats that the running clocks pass, each told by the last clock before it; bars:
    of the downbeats alone."""
    beats: list[float] = []
    for end, clock in clocks:
        if clock is None:
            continue
        last = min(samples, end + HOP_SAMPLES) / rate
        run = (last - end / rate) * clock.bpm / 60
        number = np.arange(np.ceil(clock.beat - 1e-9), clock.beat + run)
        if bars:
            number = number[number % clock.beats_per_bar == 0]
        for moment in end / rate + (number - clock.beat) * 60 / clock.bpm:
            # A correction may pass the same beat twice.
            if not beats or moment - beats[-1] > 0.4 * 60 / clock.bpm:
                beats.append(float(moment))
    return np.array(beats)


def true_beats(piece: Piece, divisions: float) -> np.ndarray:
    """Seconds of all beats, or of as many equal parts of them; of a part of a beat the bars."""
    grid = np.arange(0, piece.samples, 64)
    steps = np.asarray(piece.beat_at(grid)) * divisions
    passed = np.flatnonzero(np.diff(np.floor(steps)) > 0) + 1
    return grid[passed] / piece.sample_rate


def beat_f1(told: np.ndarray, true: np.ndarray, divisions: int = 1) -> float | None:
    """F1 of beats in seconds; of finer true ones only every n-th can be told, whichever suits. None
    where no true one is late enough to count."""
    told, true = told[told >= SETTLED_S], true[true >= SETTLED_S]
    if len(true) < divisions:
        return None
    if not len(told):
        return 0.0
    return max(_f1(told, true[offset::divisions]) for offset in range(divisions))


def _f1(told: np.ndarray, true: np.ndarray) -> float:
    hits, after = 0, 0
    for beat in true:
        while after < len(told) and told[after] < beat - TOLERANCE_S:
            after += 1
        if after < len(told) and told[after] <= beat + TOLERANCE_S:
            hits, after = hits + 1, after + 1
    return 2 * hits / (len(told) + len(true))


def summarise(
    rows: Sequence[Tracked], by: Callable[[Tracked], str]
) -> dict[str, dict[str, dict[str, float]]]:
    """group -> tracker -> mean F1s with the 95 % bootstrap interval of the first, and
    of how many takes it is."""
    groups: dict[str, dict[str, list[Tracked]]] = {}
    for row in rows:
        groups.setdefault(by(row), {}).setdefault(row.tracker, []).append(row)
    return {
        group: {tracker: _means(found) for tracker, found in trackers.items()}
        for group, trackers in sorted(groups.items())
    }


def _means(rows: Sequence[Tracked]) -> dict[str, float]:
    pieces = [row.piece for row in rows]
    mean, (low, high) = metrics.mean_over(pieces, [row.f1 for row in rows])
    counted = sum(row.f1 is not None for row in rows)
    eighths, _ = metrics.mean_over(pieces, [row.eighth_f1 for row in rows])
    bars = [row.bar_f1 for row in rows if row.bar_f1 is not None]
    return {
        "f1": mean, "low": low, "high": high, "eighth_f1": eighths, "takes": counted,
    } | ({"bar_f1": float(np.mean(bars))} if bars else {})


def as_json(rows: Sequence[Tracked]) -> list[dict]:
    """For report files."""
    return [asdict(row) for row in rows]
