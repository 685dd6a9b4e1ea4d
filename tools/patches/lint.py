"""What a musician would trip over in a patch, found without its host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.patches import max_file, pd_file
from tools.patches.objects import MAX, MAX_UI, PD, PD_UI, counts
from tools.patches.page import Page, room_of

__all__ = ["of_file", "of_page"]

WIDE, HIGH = 860, 700  # of a window


def of_file(path: Path) -> list[str]:
    """One line for everything wrong in a patch."""
    host = "pd" if path.suffix == ".pd" else "max"
    root = (pd_file if host == "pd" else max_file).read(path)
    complaints = [f"{page.name}: {line}" for page in root.pages() for line in of_page(page, host)]
    if path.suffix == ".maxhelp":
        complaints += _tabs(root)
    return complaints


def of_page(page: Page, host: str) -> Iterator[str]:
    """Cords to nothing, unknown objects, boxes over boxes or beyond the window, cut texts, faders
    that open at silence."""
    objects, faces = (PD, PD_UI) if host == "pd" else (MAX, MAX_UI)
    for number, box in enumerate(page.boxes):
        if box.kind == "obj":
            try:
                inlets, outlets = counts(box.text, objects, host)
            except KeyError:
                yield f"{box.text}: no object that the package may use"
                continue
            if (inlets, len(outlets)) != (box.inlets, len(box.outlets)):
                yield f"{box.text}: {box.inlets} inlets and {len(box.outlets)} outlets are not its own"
        if box.kind == "ui" and box.text not in faces:
            yield f"{box.text}: no face that the package may use"
        if box.x < 0 or box.y < 0 or box.x + box.width > WIDE or box.y + box.height > HIGH:
            yield f"{box.text}: lies beyond the window"
        if box.kind == "text" and box.height < room_of(box.text, box.width)[1] - 1:
            yield f"{box.text}: is cut off"
        for other in page.boxes[number + 1 :]:
            if box.overlaps(other):
                yield f"{box.text} and {other.text} lie over each other"
    opened = {c.target for c in page.cords if page.boxes[c.source].text.startswith("loadmess ")}
    for number, box in enumerate(page.boxes):
        if box.text == "gain~" and number not in opened:
            yield "gain~: opens at silence"
    for cord in page.cords:
        if max(cord.source, cord.target) >= len(page.boxes):
            yield f"a cord from {cord.source} to {cord.target} joins nothing"
            continue
        source, target = page.boxes[cord.source], page.boxes[cord.target]
        if cord.outlet >= len(source.outlets) or cord.inlet >= target.inlets:
            yield f"a cord from {source.text} to {target.text} joins nothing"


def _tabs(root: Page) -> Iterator[str]:
    names = [box.text for box in root.boxes if box.page]
    if len(names) < 2 or names[-1] != "?":
        yield "a help has at least two tabs, and the last one is ?"
    if len(names) != len(root.boxes):
        yield "the root of a help holds tabs alone"
