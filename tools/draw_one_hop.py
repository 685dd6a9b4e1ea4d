"""Draws docs/pictures/one-hop.png: where a hop, its lead, its slot and the reaction lie in time.

    python -m tools.draw_one_hop
"""

from __future__ import annotations

from pathlib import Path

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

PICTURE = Path(__file__).resolve().parents[1] / "docs" / "pictures" / "one-hop.png"
HOP, LEAD = 4, 3  # frames
FRAME_MS = 46.4


def main() -> None:
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    FigureCanvasAgg(figure)
    axis = figure.subplots()
    rows = {"heard": 3, "thinking": 2, "played": 1}
    for hop in range(3):
        colour = f"C{hop}"
        start = hop * HOP
        slot = start + HOP + LEAD
        boxes = (("heard", start, HOP), ("thinking", start + HOP, 1.6), ("played", slot, HOP))
        for name, begin, length in boxes:
            axis.broken_barh([(begin, length)], (rows[name] - 0.3, 0.6), color=colour, alpha=0.55)
            said = {"heard": f"hop {hop}", "thinking": "", "played": f"slot {hop}"}[name]
            axis.text(begin + length / 2, rows[name], said, ha="center", va="center")
    _span(axis, 0, HOP, 3.55, f"hop: {HOP} frames")
    _span(axis, HOP, HOP + LEAD, 1.5, f"lead: {LEAD} frames")
    _span(axis, 0, HOP + LEAD, 0.42, f"reaction: {(HOP + LEAD) * FRAME_MS:.0f} ms")
    axis.set_yticks([rows[name] for name in rows], list(rows))
    axis.set_xticks(range(0, 21, 2))
    axis.set_xlim(-0.2, 19.5)
    axis.set_ylim(0.1, 3.95)
    axis.set_xlabel(f"time in frames of {FRAME_MS} ms")
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    figure.savefig(PICTURE, dpi=90)


def _span(axis: object, begin: float, end: float, height: float, text: str) -> None:
    """A length with its name."""
    axis.annotate("", (begin, height), (end, height), arrowprops={"arrowstyle": "<->"})
    axis.text((begin + end) / 2, height + 0.06, text, ha="center", va="bottom", fontsize=9)


if __name__ == "__main__":
    main()
