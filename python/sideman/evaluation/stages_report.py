"""stages.json and stages.png: what `sideman evaluate stages` found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sideman.evaluation.metrics import jackknife_interval
from sideman.evaluation.stages import WINDOW_SECONDS, Row, slopes

__all__ = ["shortfalls", "write"]

FEW = ("after, 1 ping-pong", "after, 2 ping-pong")
MANY = "before, 20 Euler"


def shortfalls(rows: Sequence[Row], curves: Mapping[str, np.ndarray]) -> list[str]:
    """What ARC-Forcing owes and does not give: few steps as near to real music and as fitting as
    many were, and a flatter drift: one that falls is as far from flat as one that rises."""
    named = {row.name: row for row in rows}
    many, short = named[MANY], []
    for few in (named[name] for name in FEW):
        for figure in ("latent_distance", "mel_distance"):
            if not getattr(few, figure) <= getattr(many, figure):  # what is no number falls short
                short.append(
                    f"{few.name}: {figure} {getattr(few, figure):.2f}, {MANY} has "
                    f"{getattr(many, figure):.2f}"
                )
        for figure in ("harmony_lift", "a8"):
            found, wanted = getattr(few, figure), getattr(many, figure)
            if found is None or wanted is None:
                short.append(f"{few.name}: {figure} unknown; give pieces whose beat is known")
            elif not found >= wanted:
                short.append(f"{few.name}: {figure} {found:.3f}, {MANY} has {wanted:.3f}")
    before = slopes(curves[MANY])[0]
    for name in FEW:
        after = slopes(curves[name])[0]
        if not abs(after) <= abs(before):
            short.append(f"{name}: drift {after:+.2f} per minute, {MANY} has {before:+.2f}")
    return short


def write(
    out: Path, facts: Mapping[str, object], rows: Sequence[Row], curves: Mapping[str, np.ndarray]
) -> None:
    """facts: models, pieces and seeds, for the reader."""
    out.mkdir(parents=True, exist_ok=True)
    drifts = {name: _drift(curve) for name, curve in curves.items()}
    content = {
        **facts, "rows": [asdict(row) for row in rows], "drift": drifts,
        "shortfalls": shortfalls(rows, curves),
    }
    (out / "stages.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _draw(out / "stages.png", facts, rows, drifts)


def _drift(curve: np.ndarray) -> dict[str, object]:
    (low, high), rise = jackknife_interval(curve), slopes(curve)
    return {
        "distance": np.round(curve[0], 4).tolist(),
        "low": np.round(np.maximum(0, low), 4).tolist(),
        "high": np.round(high, 4).tolist(),
        "slope_per_minute": round(float(rise[0]), 4),
        "slope_interval": [round(float(end), 4) for end in jackknife_interval(rise)],
    }


def _draw(
    path: Path, facts: Mapping[str, object], rows: Sequence[Row], drifts: Mapping[str, dict]
) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(12, 8), layout="constrained")
    FigureCanvasAgg(figure)
    (distances, lifts), (drifting, slope) = figure.subplots(2, 2)
    names = [row.name for row in rows]
    places = np.arange(len(rows))
    distances.barh(places - 0.2, [r.latent_distance for r in rows], 0.4, label="latents")
    distances.barh(places + 0.2, [r.mel_distance for r in rows], 0.4, label="log-mel")
    distances.set_title("distance from real music (less is better)")
    lifts.barh(places - 0.2, [10 * r.harmony_lift for r in rows], 0.4, label="10 x harmony lift")
    lifts.barh(places + 0.2, [r.a8 or 0.0 for r in rows], 0.4, label="a8")
    lifts.set_title("how it fits (more is better)")
    for axes in (distances, lifts):
        axes.set_yticks(places, names)
        axes.invert_yaxis()
        axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.06), ncols=2, frameon=False)
    for number, (name, drift) in enumerate(drifts.items()):
        seconds = (np.arange(len(drift["distance"])) + 0.5) * WINDOW_SECONDS
        drifting.plot(seconds, drift["distance"], color=f"C{number}", label=name)
        drifting.fill_between(
            seconds, drift["low"], drift["high"], color=f"C{number}", alpha=0.15, linewidth=0
        )
        low, high = drift["slope_interval"]
        slope.plot([low, high], [number, number], color=f"C{number}", linewidth=6, alpha=0.3)
        slope.plot(drift["slope_per_minute"], number, "o", color=f"C{number}")
    drifting.set_title("free running: log-mel distance in each 10 s")
    drifting.set_xlabel("seconds since the music stopped")
    drifting.legend()
    slope.set_yticks(range(len(drifts)), list(drifts))
    slope.set_ylim(len(drifts) - 0.5, -0.5)
    slope.axvline(0, color="0.7", linewidth=1)
    slope.set_title("drift: rise of that distance per minute")
    figure.suptitle(", ".join(f"{name} {value}" for name, value in facts.items()), fontsize=9)
    figure.savefig(path, dpi=110)
