"""clock.json, clock.png and a table: how well the beat was heard."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from sideman.evaluation.tracking import Tracked, as_json, summarise

__all__ = ["write"]

Groups = dict[str, dict[str, dict[str, float]]]


def write(out: Path, rows: Sequence[Tracked]) -> str:
    """Write the report; the table as text comes back."""
    groups = {
        "tempo": summarise(rows, lambda row: row.tempo),
        "style": summarise(rows, lambda row: row.style),
    }
    out.mkdir(parents=True, exist_ok=True)
    content = {**groups, "takes": as_json(rows)}
    (out / "clock.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    _draw(out / "clock.png", groups)
    lines = [
        f"{group:10s} {name:16s} {_line(figures)}"
        for kind in groups.values()
        for group, trackers in kind.items()
        for name, figures in trackers.items()
    ]
    return "\n".join([*lines, str(out / "clock.json"), str(out / "clock.png")])


def _line(f: dict[str, float]) -> str:
    bars = f"  bars {f['bar_f1']:.2f}" if "bar_f1" in f else ""
    return (
        f"F1 {f['f1']:.2f} [{f['low']:.2f} {f['high']:.2f}]  any eighth {f['eighth_f1']:.2f}{bars}"
        f"  ({f['takes']})"
    )


def _draw(path: Path, groups: dict[str, Groups]) -> None:
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(10, 5), layout="constrained")
    FigureCanvasAgg(figure)
    for axes, (kind, found) in zip(figure.subplots(1, 2), groups.items(), strict=True):
        trackers = list(dict.fromkeys(name for group in found.values() for name in group))
        for number, tracker in enumerate(trackers):
            shown = [(place, group[tracker]) for place, group in enumerate(found.values())]
            heights = [figures["f1"] for _, figures in shown]
            errors = [
                [figures["f1"] - figures["low"] for _, figures in shown],
                [figures["high"] - figures["f1"] for _, figures in shown],
            ]
            places = [place + 0.4 * number - 0.2 for place, _ in shown]
            axes.bar(places, heights, 0.38, yerr=errors, label=tracker)
        axes.set_xticks(range(len(found)), list(found))
        axes.set_ylim(0, 1)
        axes.set_title(f"beats within 70 ms after 8 s, F1 by {kind}")
        axes.legend(loc="lower right")
    figure.savefig(path, dpi=110)
