"""What an evaluation says: a table, report.json and report.png."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sideman.evaluation.codec_gate import kept_shares
from sideman.evaluation.scores import (
    MINI_CLOCK,
    MINI_FREE,
    MINI_TRACKED,
    PITCHED,
    ROWS,
    Summary,
)
from sideman.evaluation.study import Plan
from sideman.folders import check_report

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from rich.table import Table

__all__ = ["check_place", "figures", "table", "write"]

Figures = Mapping[str, Mapping[str, Mapping[str, Summary]]]

COLUMNS = {
    "harmony_lift": ("harmony lift", "+.3f"),
    "chord_tones": ("chord tones", ".2f"),
    "a8": ("a8", "+.2f"),
    "a16": ("a16", "+.2f"),
    "beat_f1": ("beat F1", ".2f"),
    "density": ("onsets/s", ".2f"),
    "audible": ("audible", ".0%"),
    "level": ("level dB", ".0f"),
    "peak": ("peak dB", ".0f"),
}
WITH_INTERVAL = ("harmony_lift", "a8")
COLOURS = ("#c8452f", "#a06a2c", "#e5a03c", "#2f5d8a", "#5d8fbd", "#8c8c8c", "#7a4f9a", "#bfbfbf")


def table(summary: Figures) -> Table:
    """Parts by rows, mean and 95 % bootstrap interval over pieces, for rich."""
    from rich.table import Table

    drawn = Table(title="Means over held-out pieces, with 95 % bootstrap intervals", padding=(0, 1))
    drawn.add_column("part")
    drawn.add_column("played by", no_wrap=True)
    for heading, _ in COLUMNS.values():
        drawn.add_column(heading, justify="right", no_wrap=True)
    for part, rows in summary.items():
        for number, (row, summaries) in enumerate(rows.items()):
            cells = [_cell(part, name, summaries[name]) for name in COLUMNS]
            style = "bold" if row in (MINI_CLOCK, MINI_TRACKED, MINI_FREE) else ""
            drawn.add_row("" if number else part, row, *cells, style=style,
                          end_section=number == len(rows) - 1)
    return drawn


def _cell(part: str, name: str, summary: Summary) -> str:
    form = COLUMNS[name][1]
    if name == "harmony_lift" and part not in PITCHED:
        return "-"
    if not summary.pieces:
        return "-"
    text = format(summary.mean, form)
    if name in WITH_INTERVAL:
        text += f" [{format(summary.low, form)} {format(summary.high, form)}]"
    return text


def figures(plan: Plan, summary: Figures, failing: Sequence[str]) -> dict[str, Any]:
    """The content of report.json."""
    parts = {
        part: {row: {name: asdict(value) for name, value in values.items()}
               for row, values in rows.items()}
        for part, rows in summary.items()
    }
    settings = {name: value for name, value in asdict(plan).items() if name != "pieces"}
    kept = {part: asdict(share) for part, share in kept_shares(summary).items()}
    return {"settings": settings, "parts": parts, "codec_keeps": kept, "shortfalls": list(failing)}


def write(folder: Path, plan: Plan, summary: Figures, failing: Sequence[str]) -> dict[str, Path]:
    """Write report.json and report.png into `folder`; returns their paths by kind."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = _paths(folder)
    text = json.dumps(figures(plan, summary, failing), indent=2)
    paths["report"].write_text(text + "\n", encoding="utf-8")
    _plot(paths["plot"], plan, summary)
    return paths


def check_place(folder: Path) -> None:
    """Raises SettingsError where `write` would replace what no earlier evaluation wrote."""
    check_report([*_paths(folder).values()], {"settings", "parts"}, "evaluation")


def _paths(folder: Path) -> dict[str, Path]:
    return {"report": folder / "report.json", "plot": folder / "report.png"}


def _plot(path: Path, plan: Plan, summary: Figures) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 9), layout="constrained")
    FigureCanvasAgg(figure)
    panels = figure.subplots(3, 1)
    pitched = {part: rows for part, rows in summary.items() if part in PITCHED}
    _draw(panels[0], pitched, "harmony_lift", "harmony lift\n(0 = unrelated)")
    _draw(panels[1], summary, "a8", "on the eighths, a8\n(1 = all, 0 = unrelated)")
    _draw(panels[2], summary, "audible", "audible share\nwhere the others play")
    handles = {}
    for panel in panels:
        drawn, labels = panel.get_legend_handles_labels()
        handles.update(zip(labels, drawn))
    ordered = [row for row in ROWS if row in handles]
    figure.legend([handles[row] for row in ordered], ordered, loc="outside lower center",
                  ncols=4, frameon=False)
    figure.suptitle(f"{Path(plan.model).name} played live over held-out pieces: hop "
                    f"{plan.hop_frames}, lead {plan.lead_frames} frames, {plan.steps} steps, "
                    f"guidance {plan.guidance:g}, temperature {plan.temperature:g}\nmeans and 95 % intervals over pieces")
    figure.savefig(path, dpi=120)


def _draw(axes: Axes, summary: Figures, name: str, label: str) -> None:
    """Groups of bars, one per part, in the order and colours of the rows; whiskers: intervals."""
    width = 0.8 / len(ROWS)
    for number, (row, colour) in enumerate(zip(ROWS, COLOURS)):
        there = [(place, rows[row][name]) for place, rows in enumerate(summary.values())
                 if row in rows and rows[row][name].pieces]
        if not there:
            continue
        x = [place + (number - (len(ROWS) - 1) / 2) * width for place, _ in there]
        means = [value.mean for _, value in there]
        below = [max(0.0, value.mean - value.low) for _, value in there]
        above = [max(0.0, value.high - value.mean) for _, value in there]
        axes.bar(x, means, width * 0.92, color=colour, label=row)
        axes.errorbar(x, means, (below, above), fmt="none", ecolor="#222222", elinewidth=1)
    axes.axhline(0, color="#222222", linewidth=0.8)
    axes.set_xticks(range(len(summary)), list(summary))
    axes.set_ylabel(label)
    axes.spines[["top", "right"]].set_visible(False)
