"""Whether a tuned instrument beats the model that it came from, on recordings that neither learnt.

Both play live beside the context of pieces that were kept back: the instrument its own part, the
untuned model each part that it has. Distances are to the recorded part, through the codec.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sideman.data.pieces import Piece
from sideman.evaluation.stages import Playing, Row, check_codecs, compare
from sideman.evaluation.takes import PATIENCE
from sideman.folders import check_report
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import usual_controls

__all__ = [
    "GUIDANCES", "LEARNT", "OTHERS", "SHARES", "SOME", "beaten_in", "best_mixture", "check_place",
    "judged", "shortfalls", "write",
]  # fmt: skip

TUNED = "tuned"
LEARNT, OTHERS = "the takes that it learnt from", "other takes than it learnt"  # judged_on
SOME = "takes of which it learnt some"
GUIDANCES = (1.0, 2.0, 3.0, 4.0)
SHARES = (1.0, 0.85, 0.7, 0.55)  # of the way from the base's weights to the tuned ones
LEAST_HARMONY, LEAST_EIGHTHS = 0.05, 0.1  # below, a part has none to speak of
FIGURES = {
    "latent_distance": ("distance, latents", -1),
    "mel_distance": ("distance, log-mel", -1),
    "harmony_lift": ("harmony lift", 1),
    "a8": ("eighths (a8)", 1),
}  # what it is called, and which way is better


def best_mixture(
    tuned: Mapping[float, LoadedModel],
    rival: Playing,
    pieces: Sequence[Piece],
    report: Callable[[str, int, int], None] = lambda name, done, total: None,
    told: bool = True,
) -> tuple[float, float]:
    """How much of the tuning to keep, of models with that share of it, and how far to lean on the
    music (guidance): what fits the music best of all that sounds like the recordings.

    The base learnt from hours and knows more of music than a few recordings tell; what lies between
    its weights and the tuned ones knows that and sounds like them (Wortsman et al. 2022, WiSE-FT). It
    may lie no further from the recordings than half of the way, in decibels, from the nearest to
    the `rival`, the untuned model as the part that it began as. A base that plays without
    guidance keeps to that. told: as for `shortfalls`.
    """
    pairs = [
        (share, scale)
        for share, model in tuned.items()
        for scale in (GUIDANCES if model.spec.guidance != 1.0 else (1.0,))
    ]
    todo = [
        Playing(
            f"{share:.0%} tuned, guidance {scale:g}",
            tuned[share],
            usual_controls(tuned[share].spec, guidance=scale, patience=PATIENCE),
        )
        for share, scale in pairs
    ]
    recorded, *rows, untuned = compare([*todo, rival], pieces, report)
    nearest = min(_apart(row) for row in rows)
    limit = max(nearest, (nearest * _apart(untuned)) ** 0.5)
    fits = {
        pair: _fit(row, recorded, told)
        for pair, row in zip(pairs, rows, strict=True)
        if _apart(row) <= limit
    }
    return max(fits, key=fits.__getitem__)


def _apart(row: Row) -> float:
    """One distance from the recordings, of both."""
    return (row.latent_distance * row.mel_distance) ** 0.5


def _fit(row: Row, recorded: Row, told: bool) -> float:
    """How well it fits the music, in parts of how well the recorded part does; who keeps more eighths
    than that gains nothing, where the beat is a true one."""
    harmony = row.harmony_lift / max(recorded.harmony_lift, LEAST_HARMONY)
    eighths, wanted = row.a8 or 0.0, max(recorded.a8 or 0.0, LEAST_EIGHTHS)
    return harmony + (min(1.0, eighths / wanted) if told else eighths)


def judged(
    tuned: LoadedModel,
    base: LoadedModel,
    pieces: Sequence[Piece],
    report: Callable[[str, int, int], None] = lambda name, done, total: None,
) -> list[Row]:
    """The recorded part, the tuned instrument, then the untuned model as each of its parts. Raises
    SettingsError where they have different codecs."""
    check_codecs([tuned, base])
    own, usual = (usual_controls(model.spec, patience=PATIENCE) for model in (tuned, base))
    todo = [Playing(TUNED, tuned, own)]
    todo += [Playing(f"untuned, {part}", base, usual, asked=part) for part in base.spec.parts]
    return compare(todo, pieces, report)


def beaten_in(rows: Sequence[Row], clock_known: bool) -> dict[str, tuple[float, float, str]]:
    """figure -> the tuned value, that of its rival, and who that is; a8 only with a known beat.

    The rival is the part of the untuned model whose sound is nearest to the recordings: the one that
    a musician would have taken.
    """
    tuned = next(row for row in rows if row.name == TUNED)
    others = [row for row in rows if row.name.startswith("untuned")]
    rival = min(others, key=lambda row: row.latent_distance)
    shown = [figure for figure in FIGURES if figure != "a8" or clock_known]
    return {key: (getattr(tuned, key), getattr(rival, key), rival.name) for key in shown}


def shortfalls(rows: Sequence[Row], told: bool) -> list[str]:
    """Figures in which the untuned rival is no worse, and which the recorded part has more of: who
    fits as well as that owes nothing (an accordion, which swells, keeps few eighths).

    told: whether the beat is the recordings' own. One that was heard in them is wrong at times; the
    models are told it and play to it, the recorded part does not, so a8 says nothing there.
    """
    recorded = next(row for row in rows if row.name.startswith("real"))
    short = []
    for figure, (mine, theirs, whose) in beaten_in(rows, told).items():
        title, way = FIGURES[figure]
        fits = way > 0 and mine >= getattr(recorded, figure)
        if way * (mine - theirs) <= 0 and not fits:
            short.append(f"{title}: {mine:.3f}, {whose} has {theirs:.3f}")
    return short


def write(
    out: Path, facts: Mapping[str, object], rows: Sequence[Row], clock_known: bool, told: bool
) -> None:
    """report.json and report.png in the folder `out`."""
    out.mkdir(parents=True, exist_ok=True)
    content = {
        **facts, "beat": "told" if told else "heard" if clock_known else "none",
        "rows": [asdict(row) for row in rows], "shortfalls": shortfalls(rows, told),
    }
    table, picture = _paths(out)
    table.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    known = {LEARNT: "learnt", SOME: "learnt in part"}.get(facts["judged_on"], "did not learn")
    heading = f"{facts['name']}, beside music that it {known} ({facts['judged_on']})"
    _draw(picture, heading, rows, clock_known, told)


def check_place(out: Path) -> None:
    """Raises SettingsError where `write` would replace what no earlier such report is."""
    check_report(_paths(out), {"name", "base", "rows"}, "evaluation of an instrument")


def _paths(out: Path) -> tuple[Path, Path]:
    return out / "report.json", out / "report.png"


def _draw(
    path: Path, heading: str, rows: Sequence[Row], clock_known: bool, told: bool
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 6), layout="constrained")
    FigureCanvasAgg(figure)
    shown = [key for key in FIGURES if key != "a8" or clock_known]
    axes = figure.subplots(2, 2).flat
    names = ["recorded" if row.name.startswith("real") else row.name for row in rows]
    colours = ["0.6" if n == "recorded" else "C1" if n == TUNED else "C0" for n in names]
    places = np.arange(len(rows))
    for axis, key in zip(axes, FIGURES, strict=True):
        title, way = FIGURES[key]
        if key not in shown:
            axis.set_axis_off()
            axis.set_title("no beat was known: a8 is not measured", fontsize=10)
            continue
        values = [getattr(row, key) for row in rows]
        interval = {"harmony_lift": "harmony_interval", "a8": "a8_interval"}.get(key)
        spread = None
        if interval:
            ends = np.array([getattr(row, interval) for row in rows])
            spread = np.abs(ends.T - np.array(values))
        if way < 0:  # the recorded part is no distance from itself
            axis.set_xscale("log")
            axis.set_xlim(left=0.5 * min(values[1:]), right=2 * max(values[1:]))
        axis.barh(places, values, color=colours, xerr=spread, ecolor="0.3", capsize=3)
        axis.set_yticks(places, names)
        axis.invert_yaxis()
        by = "by the beat heard, " if key == "a8" and not told else ""
        axis.set_title(f"{title} ({by}{'more' if way > 0 else 'less'} is better)")
    figure.suptitle(heading)
    figure.savefig(path, dpi=110)
