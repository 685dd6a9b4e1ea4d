"""Manners: does a part rest when the musician rests, come back when he does, and keep to his level?

Each held-out piece is played to the live session with a hole in it: from a downbeat on everybody is
silent for some bars, then goes on. Delays are counted from where the music ends and begins.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation import metrics
from sideman.evaluation.scores import Summary
from sideman.evaluation.takes import PATIENCE, Asked, play_in_turns
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import usual_controls
from sideman.streaming.sessions import open_session

__all__ = ["Manners", "ask", "hole_in", "observe", "shortfalls", "summarise", "write"]

HOLE_SECONDS = 6.0
FADE_SECONDS = 0.02
WINDOW_SECONDS = 0.046
START_SECONDS = 0.5
LEVEL_WITHIN_DB = 6.0


@dataclass(frozen=True)
class Manners:
    """What one take did; seconds and dB.

    rest: from the end of the music until the part is last heard within the hole; back: from its
    return until the part, if it rested, is heard again, or to the end of the piece; level: against
    the true part, over the music before the hole; peak: full scale; start: the loudest of the first
    half second that it plays against the loudest of the rest; beat: how long a beat is. None where there is nothing to measure: the true
    part or the model's does not play there.
    """

    piece: str
    part: str
    beat: float
    rest: float | None
    back: float | None
    level: float | None
    peak: float
    start: float | None


def hole_in(piece: Piece) -> tuple[int, int] | None:
    """First and last sample of the silence: whole bars of at least 6 s from a downbeat in the first
    half on; None where nobody knows the beat, and where the piece is too short for it and for two
    bars more."""
    if not piece.beat_known:
        return None
    first = round(piece.beat_at(0.4 * piece.samples) / piece.beats_per_bar)
    bars = piece.sample_at(np.arange(first, first + 100.0) * piece.beats_per_bar)
    long = np.flatnonzero(bars - bars[0] >= HOLE_SECONDS * piece.sample_rate)
    if not long.size or long[0] + 2 >= len(bars) or bars[long[0] + 2] >= piece.samples:
        return None
    return int(bars[0]), int(bars[long[0]])


def ask(
    model: LoadedModel,
    pieces: Sequence[Piece],
    report: Callable[[int, int], None] = lambda done, total: None,
) -> list[Manners]:
    """Play every part that a piece has to the others with a hole, by the host's clock."""
    spec = model.spec
    usual = usual_controls(spec, patience=PATIENCE)
    todo = [
        (piece, part, hole)
        for part in spec.parts for piece in pieces
        if part in piece.parts and (hole := hole_in(piece))
    ]  # fmt: skip
    sessions = {
        part: open_session(model, [part], spec.hop_frames, spec.lead_frames) for part in spec.parts
    }
    asked = (
        Asked(
            sessions[part], piece, with_hole(piece.context(part), hole, piece.sample_rate),
            lambda _: usual, seed=seed,
        )
        for seed, (piece, part, hole) in enumerate(todo)
    )
    played = play_in_turns(asked, len(todo), report)
    return [
        observe(piece, part, hole, audio)
        for (piece, part, hole), audio in zip(todo, played, strict=True)
    ]


def with_hole(audio: np.ndarray, hole: tuple[int, int], rate: int) -> np.ndarray:
    """The music, silent in the hole but for fades of 20 ms."""
    first, last = hole
    fade = FADE_SECONDS * rate
    knots = (first, first + fade, last - fade, last)
    return audio * np.interp(np.arange(len(audio)), knots, (1, 0, 0, 1)).astype(np.float32)


def observe(piece: Piece, part: str, hole: tuple[int, int], played: np.ndarray) -> Manners:
    """The manners of what was played, float32 [samples], to the piece with that hole."""
    rate, (first, last) = piece.sample_rate, hole
    true = piece.audio(part)
    before, within, after = (_heard(played, *span, rate) for span in (
        (first - 2 * rate, first), (first, last), (last, len(played)),
    ))  # fmt: skip
    expected = _heard(true, last, last + rate, rate).any()
    rested = not _heard(played, last - rate // 2, last, rate).any()
    back = _first(after) if after.any() else (len(played) - last) / rate
    sounds = np.flatnonzero(_heard(played, 0, len(played), rate))
    level = None
    if sounds.size and _heard(true, 0, first, rate).any() and _heard(played, 0, first, rate).any():
        level = metrics.level_db(played[:first], rate) - metrics.level_db(true[:first], rate)
    start = None
    if sounds.size:
        begin = int(sounds[0] * WINDOW_SECONDS * rate)
        end = begin + int(START_SECONDS * rate)
        rest = np.abs(played[end:]).max(initial=0.0)
        start = _db(np.abs(played[begin:end]).max(initial=0.0)) - _db(rest)
    return Manners(
        piece.id, part, 60.0 / float(piece.bpm_at(first)),
        rest=_last(within) if before.any() else None,
        back=back if expected and rested else None,
        level=level,
        peak=_db(np.abs(played).max(initial=0.0)),
        start=start,
    )


def summarise(manners: Sequence[Manners]) -> dict[str, dict[str, Summary]]:
    """part -> figure -> mean over the takes that have it, and its interval."""
    found: dict[str, dict[str, Summary]] = {}
    for part in dict.fromkeys(one.part for one in manners):
        mine = [one for one in manners if one.part == part]
        found[part] = {}
        for name in ("rest", "back", "level", "peak", "start"):
            values = [value for one in mine if (value := getattr(one, name)) is not None]
            if values:
                found[part][name] = Summary(
                    float(np.mean(values)), *metrics.bootstrap_interval(values), len(values)
                )
    return found


def shortfalls(manners: Sequence[Manners], reaction_seconds: float) -> list[str]:
    """One line for each demand that is not met: to rest within a reaction and a beat, and to be back
    within as much, both nine times in ten; never to reach full scale; to keep to the level of the
    true part within 6 dB in the mean; to start no louder than it goes on."""
    lines = []
    for name, words in (("rest", "rests"), ("back", "is back")):
        timed = [(one, value) for one in manners if (value := getattr(one, name)) is not None]
        if not timed:
            lines.append(f"{words} within a reaction and a beat: in no take could that be measured")
        late = [one for one, value in timed if value > reaction_seconds + one.beat]
        if len(late) > 0.1 * len(timed):
            lines.append(f"{words} within a reaction and a beat in {len(timed) - len(late)} of {len(timed)}")
    peak = max((one.peak for one in manners), default=-120.0)
    if peak >= 0.0:
        lines.append(f"reaches full scale: {peak:+.1f} dB")
    for part, figures in summarise(manners).items():
        if "level" in figures and abs(figures["level"].mean) > LEVEL_WITHIN_DB:
            lines.append(f"{part}: {figures['level'].mean:+.1f} dB against the true part")
        if "start" in figures and figures["start"].mean > 0.0:
            lines.append(f"{part}: starts {figures['start'].mean:+.1f} dB above what follows")
    return lines


def write(
    out: Path, facts: dict[str, object], manners: Sequence[Manners], reaction_seconds: float
) -> list[Path]:
    """etiquette.json and etiquette.png: all takes, and how long rests and returns take."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    out.mkdir(parents=True, exist_ok=True)
    content = {**facts, "reaction_seconds": reaction_seconds, "takes": [asdict(m) for m in manners]}
    table = out / "etiquette.json"
    table.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    parts = list(dict.fromkeys(one.part for one in manners))
    for axes, name, title in zip(
        figure.subplots(1, 2, sharey=True), ("rest", "back"), ("until it rests", "until it is back")
    ):
        for place, part in enumerate(parts):
            values = sorted(
                value for one in manners
                if one.part == part and (value := getattr(one, name)) is not None
            )  # fmt: skip
            axes.plot(values, np.full(len(values), place), "|", ms=14, color="#2f5d8a")
        axes.axvline(reaction_seconds, color="#c8452f", lw=1, label="one reaction")
        axes.set(title=title, xlabel="seconds", yticks=range(len(parts)), yticklabels=parts)
        axes.set_xlim(left=0)
    axes.legend(loc="lower right")
    picture = out / "etiquette.png"
    figure.savefig(picture, dpi=110)
    return [table, picture]


def _heard(audio: np.ndarray, first: int, last: int, rate: int) -> np.ndarray:
    """Which windows of 46 ms are audible (-50 dB full scale, RMS)."""
    window = int(WINDOW_SECONDS * rate)
    piece = audio[max(0, first) : last]
    whole = piece[: len(piece) // window * window].reshape(-1, window)
    return np.square(whole, dtype=np.float64).mean(axis=1) > 10 ** (metrics.AUDIBLE_DB / 10)


def _last(heard: np.ndarray) -> float:
    return float((np.flatnonzero(heard)[-1] + 1) * WINDOW_SECONDS) if heard.any() else 0.0


def _first(heard: np.ndarray) -> float:
    return float(np.flatnonzero(heard)[0] * WINDOW_SECONDS)


def _db(amplitude: float) -> float:
    return 20 * float(np.log10(max(1e-6, amplitude)))
