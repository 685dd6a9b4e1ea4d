"""Scores of one take, and what they come to over pieces."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation import metrics

__all__ = ["CONTROLS", "MINI_CLOCK", "MINI_FREE", "MINI_TRACKED", "PITCHED", "ROWS", "Score", "Summary", "Take",
           "mean_score", "measure", "summarise"]

TRUE, CODEC, OTHER, REPEAT, SILENCE = (
    "true part", "codec", "another piece's part", "repeat last bar", "silence")
MINI_CLOCK, MINI_TRACKED, MINI_FREE = (
    "model, with clock", "model, tracked clock", "model, no clock")
CONTROLS = (TRUE, CODEC, OTHER, REPEAT, SILENCE)
ROWS = (MINI_CLOCK, MINI_TRACKED, MINI_FREE, *CONTROLS)
PITCHED = ("bass", "guitar", "piano")


@dataclass(frozen=True)
class Score:
    """Figures of one take (metrics.py defines them): lifts, alignments, chord tones and F1 without
    unit, density in onsets per second, audible a share of 0 to 1, level and peak in dB full scale.
    None: of a piece whose beat or chords nobody knows, and of a silent take."""

    harmony_lift: float
    chord_tones: float | None
    a8: float | None
    a16: float | None
    beat_f1: float | None
    density: float
    audible: float
    level: float | None
    peak: float | None


@dataclass(frozen=True)
class Take:
    """The score of one row (who plays) for one part of one piece.

    clock_right: where a clock was tracked, the share of slots (after 8 s) for which it was right.
    """

    piece: str
    part: str
    row: str
    score: Score
    clock_right: float | None = None

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @staticmethod
    def from_json(values: dict[str, Any]) -> Take:
        return Take(**{**values, "score": Score(**values["score"])})


@dataclass(frozen=True)
class Summary:
    """Mean over the pieces that have the figure, and its 95 % bootstrap interval; 0 of 0 pieces."""

    mean: float
    low: float
    high: float
    pieces: int


def measure(piece: Piece, played: np.ndarray, context: np.ndarray, seed: int = 0) -> Score:
    """Score what was played to the context, both float32 [samples], on the grid of the piece."""
    rate = piece.sample_rate
    times, strengths = metrics.onsets(played, rate)
    known, sounds = piece.beat_known, bool(played.any())
    beats, tones = piece.beat_at(times), None
    if piece.chords:
        tones = metrics.chord_tone_share(played, piece.chord_tones, rate)
    return Score(
        harmony_lift=metrics.harmony_lift(played, context, rate, np.random.default_rng(seed)),
        chord_tones=tones,
        a8=metrics.alignment(beats, strengths, 2) if known else None,
        a16=metrics.alignment(beats, strengths, 4) if known else None,
        beat_f1=metrics.beat_f1(times / rate, piece.beats() / rate) if known else None,
        density=len(times) * rate / len(played),
        audible=metrics.audible_share(played, context, rate),
        level=metrics.level_db(played, rate) if sounds else None,
        peak=20 * float(np.log10(np.abs(played).max())) if sounds else None,
    )


def mean_score(scores: Sequence[Score]) -> Score:
    """Field by field, over the seeds of one take that have it."""
    means = {}
    for field in fields(Score):
        values = _known(scores, field.name)
        means[field.name] = float(np.mean(values)) if values else None
    return Score(**means)


def summarise(takes: Iterable[Take], seed: int = 0) -> dict[str, dict[str, dict[str, Summary]]]:
    """part -> row -> figure -> Summary, for the parts and rows that occur."""
    grouped: dict[str, dict[str, list[Score]]] = {}
    for take in takes:
        grouped.setdefault(take.part, {}).setdefault(take.row, []).append(take.score)
    return {
        part: {row: _summaries(rows[row], seed) for row in ROWS if row in rows}
        for part, rows in sorted(grouped.items())
    }


def _summaries(scores: Sequence[Score], seed: int) -> dict[str, Summary]:
    summaries = {}
    for field in fields(Score):
        values = _known(scores, field.name)
        low, high = metrics.bootstrap_interval(values, seed) if values else (0.0, 0.0)
        mean = float(np.mean(values)) if values else 0.0
        summaries[field.name] = Summary(mean, low, high, len(values))
    return summaries


def _known(scores: Sequence[Score], name: str) -> list[float]:
    return [value for score in scores if (value := getattr(score, name)) is not None]
