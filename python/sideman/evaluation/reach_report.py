"""reach.json and reach.png: quality against reach, the published points beside ours."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sideman.evaluation.published_points import PUBLISHED, RANDOM_BEAT_F1, TRUE_BEAT_F1
from sideman.evaluation.reach import Found
from sideman.evaluation.stages import Row

__all__ = ["table", "write"]

COLUMNS = (
    "model", "family", "hop", "lead", "reach s", "steps", "calls", "latents", "log-mel", "harmony",
    "a8",
)  # fmt: skip


def table(real: Row, found: Sequence[Found]) -> list[tuple[str, ...]]:
    """The rows of the table under COLUMNS, real music first; reaches rise."""
    rows = [("real, through the codec", "", "", "", "", "", "", *_figures(real))]
    for one in sorted(found, key=lambda each: (each.model, each.reach_seconds, each.steps)):
        rows.append((
            one.model, one.family, str(one.hop_frames), str(one.lead_frames),
            f"{one.reach_seconds:.2f}", f"{one.steps} {one.sampler}", str(one.row.network_calls),
            *_figures(one.row),
        ))  # fmt: skip
    return rows


def write(out: Path, facts: Mapping[str, Any], real: Row, found: Sequence[Found]) -> list[Path]:
    """facts: pieces and seed, for the reader."""
    out.mkdir(parents=True, exist_ok=True)
    content = {
        **facts, "real": asdict(real), "playings": [asdict(one) for one in found],
        "published": [asdict(point) | {"reach_seconds": point.reach_seconds} for point in PUBLISHED],
        "published_note": "their metrics on their data (arXiv 2604.07612), digitised",
    }  # fmt: skip
    paths = [out / "reach.json", out / "reach.png"]
    paths[0].write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _draw(paths[1], facts, real, found)
    return paths


def _figures(row: Row) -> tuple[str, ...]:
    low, high = row.harmony_interval
    return (
        f"{row.latent_distance:.2f}", f"{row.mel_distance:.2f}",
        f"{row.harmony_lift:.3f} [{low:.3f} {high:.3f}]",
        "-" if row.a8 is None else f"{row.a8:.2f}",
    )  # fmt: skip


def _draw(path: Path, facts: Mapping[str, Any], real: Row, found: Sequence[Found]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7.5), layout="constrained")
    FigureCanvasAgg(figure)
    ((harmony, beats), (distances, theirs)) = figure.subplots(2, 2)
    lines: dict[str, list[Found]] = {}
    for one in found:
        lines.setdefault(f"{one.model} ({one.family}), {one.steps} {one.sampler}", []).append(one)
    for number, (name, ones) in enumerate(lines.items()):
        ones = sorted(ones, key=lambda one: one.reach_seconds)
        reach, style = [one.reach_seconds for one in ones], {"color": f"C{number}", "marker": "o"}
        lifts = [one.row.harmony_lift for one in ones]
        low, high = zip(*(one.row.harmony_interval for one in ones))
        harmony.fill_between(reach, low, high, color=f"C{number}", alpha=0.12, linewidth=0)
        harmony.plot(reach, lifts, label=name, **style)
        beats.plot(reach, [_plotted(one.row.a8) for one in ones], **style)
        distances.plot(reach, [one.row.mel_distance for one in ones], **style)
    for axes, value, title in (
        (harmony, real.harmony_lift, "harmony lift (more is better)"),
        (beats, real.a8, "a8: onsets on the eighths (more is better)"),
        (distances, None, "log-mel distance from real music (less is better)"),
    ):
        if value is not None:
            axes.axhline(value, color="0.6", linewidth=1)
            axes.text(0.01, value, "real, through the codec", fontsize=8, va="bottom", color="0.4",
                      transform=axes.get_yaxis_transform())  # fmt: skip
        axes.set_title(title, fontsize=10)
    harmony.axhline(0, color="0.8", linewidth=1)
    _draw_published(theirs)
    for axes in (harmony, beats, distances, theirs):
        axes.set_xlabel("reach: from the newest sample heard to the end of the slot, seconds", fontsize=8)
    figure.legend(loc="outside lower center", ncols=2, frameon=False, fontsize=8)
    figure.suptitle(", ".join(f"{name} {value}" for name, value in facts.items()), fontsize=9)
    figure.savefig(path, dpi=110)


def _plotted(value: float | None) -> float:
    """What is unknown leaves a gap."""
    return float("nan") if value is None else value


def _draw_published(axes: Any) -> None:
    """Beat F1 of the published system; where two settings have one reach, both are drawn."""
    for model, name, marker in ((0, "diffusion", "s"), (1, "consistency", "^")):
        axes.plot(
            [point.reach_seconds for point in PUBLISHED], [p.beat_f1[model] for p in PUBLISHED],
            marker, color="0.35", fillstyle="none", label=f"published, {name} (beat F1)",
        )  # fmt: skip
    for value, name in ((RANDOM_BEAT_F1, "random pairs"), (TRUE_BEAT_F1, "true parts")):
        axes.axhline(value, color="0.6", linewidth=1)
        axes.text(0.99, value, name, fontsize=8, va="bottom", ha="right", color="0.4",
                  transform=axes.get_yaxis_transform())  # fmt: skip
    axes.set_title("the published system: THEIR metric (beat F1) on THEIR data", fontsize=10)
