"""Pictures of patches: boxes, cords and texts where a host would show them."""

from __future__ import annotations

from pathlib import Path

from tools.patches import max_file, pd_file
from tools.patches.page import Box, Page, wrapped

__all__ = ["draw", "draw_file"]

FILLS = {"obj": "#e8eef4", "msg": "#f2f2ea", "ui": "#dde8dd", "page": "#efe6f4", "text": "none"}
SIGNAL, MESSAGE = "#b8912f", "#333333"


def draw_file(path: Path, folder: Path) -> list[Path]:
    """One PNG for each page of a patch; a root that holds nothing but tabs has none."""
    module = pd_file if path.suffix == ".pd" else max_file
    root = module.read(path)
    tabs = all(box.page for box in root.boxes)
    found = []
    for page in root.pages():
        if not page.boxes or (tabs and page is root):
            continue
        words = [path.name] if page is root else [path.name, page.name]
        name = "-".join(words).replace("~", "").replace(" ", "_").replace(",", "")
        found.append(draw(page, folder / f"{name}.png", " · ".join(words)))
    return found


def draw(page: Page, path: Path, title: str) -> Path:
    """Write the picture of a page, of the height that it needs."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.patches import FancyBboxPatch

    high = max(box.y + box.height for box in page.boxes) + 20
    figure = Figure(figsize=(860 / 100, high / 100), dpi=130)
    FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, 860), ylim=(high, 0))
    axes.set_axis_off()
    for cord in page.cords:
        source, target = page.boxes[cord.source], page.boxes[cord.target]
        start = _port(source, cord.outlet, len(source.outlets), source.y + source.height)
        end = _port(target, cord.inlet, target.inlets, target.y)
        loud = source.outlets[cord.outlet] == "signal"
        axes.plot(*zip(start, *cord.corners, end), color=SIGNAL if loud else MESSAGE, lw=1.6 if loud else 0.7,
                  alpha=0.8, zorder=1)
    for box in page.boxes:
        axes.add_patch(
            FancyBboxPatch(
                (box.x, box.y), box.width, box.height, boxstyle="round,pad=0,rounding_size=3",
                facecolor=FILLS[box.kind], edgecolor="none" if box.kind == "text" else "#777777",
                linewidth=0.7, zorder=2,
            )
        )
        axes.text(box.x + 5, box.y + box.height / 2, "\n".join(_label(box)), fontsize=6.3,
                  va="center", family="DejaVu Sans", zorder=3, linespacing=1.35)
    axes.text(850, high - 5, title, fontsize=5, ha="right", color="#999999")
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path)
    return path


def _label(box: Box) -> list[str]:
    if box.kind == "ui":
        attribute = box.attributes.get("attr")
        return [f"{attribute} ▾" if attribute else box.text] if box.width > 40 else [""]
    if box.kind == "page":
        return [f"p {box.text}"]
    return wrapped(box.text, box.width) if box.kind == "text" else [box.text]


def _port(box: Box, number: int, count: int, y: float) -> tuple[float, float]:
    left, right = box.x + 9.5, box.x + box.width - 9.5
    return left + (right - left) * (number / (count - 1) if count > 1 else 0), y
