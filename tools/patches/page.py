"""What a patch is, for both hosts: pages of boxes and cords, positions in pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

__all__ = ["Box", "Cord", "Page"]

CHARACTER, LINE = 7.0, 16.0  # of the hosts' default fonts, rather too large than too small


@dataclass
class Box:
    """kind: obj, msg, text, ui (`text` is then its class) or page (`text` is its name)."""

    kind: str
    text: str
    x: float
    y: float
    width: float
    height: float
    inlets: int = 0
    outlets: tuple[str, ...] = ()
    page: Page | None = None
    attributes: dict[str, object] = field(default_factory=dict)

    def overlaps(self, other: Box) -> bool:
        return (
            self.x < other.x + other.width and other.x < self.x + self.width
            and self.y < other.y + other.height and other.y < self.y + self.height
        )


@dataclass(frozen=True)
class Cord:
    """corners: points that it goes through, which Max alone can show."""

    source: int
    outlet: int
    target: int
    inlet: int
    corners: tuple[tuple[float, float], ...] = ()


@dataclass
class Page:
    """One window or tab; boxes are known by their number. presented: those that Max shows where the
    patch is embedded in another one, and where there; empty: the patch as it is. shown: x, y, width
    and height of the part of it that Pd shows there."""

    name: str
    boxes: list[Box] = field(default_factory=list)
    cords: list[Cord] = field(default_factory=list)
    presented: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    shown: tuple[float, float, float, float] | None = None

    def add(self, box: Box) -> int:
        self.boxes.append(box)
        return len(self.boxes) - 1

    def cord(self, source: int, target: int, outlet: int = 0, inlet: int = 0) -> None:
        self.cords.append(Cord(source, outlet, target, inlet))

    def to_inlet(self, source: int, target: int) -> None:
        """A cord from a message to a first inlet; a host that can leads it around the boxes."""
        self.cord(source, target)

    def inside(self, page: Page, x: float, y: float) -> int:
        """A page that opens by a click on its box."""
        return self.add(box_of(page, x, y))

    def pages(self) -> list[Page]:
        """This page and all inside it."""
        inner = [page for box in self.boxes if box.page for page in box.page.pages()]
        return [self, *inner]


def box_of(page: Page, x: float, y: float) -> Box:
    """The box of a page; its inlets and outlets are those inside, from left to right, and an outlet has
    the kind of what comes to it."""
    order = sorted(range(len(page.boxes)), key=lambda number: page.boxes[number].x)
    ports = [(number, page.boxes[number].text) for number in order if page.boxes[number].kind == "obj"]
    inlets = sum(text in ("inlet", "inlet~") for _, text in ports)
    outlets = tuple(_kind(page, number) for number, text in ports if text in ("outlet", "outlet~"))
    return Box("page", page.name, x, y, *room_of(f"pd {page.name}"), inlets, outlets, page)


def _kind(page: Page, outlet: int) -> str:
    return next(
        (page.boxes[c.source].outlets[c.outlet] for c in page.cords if c.target == outlet), ""
    )


def room_of(text: str, width: float | None = None) -> tuple[float, float]:
    """Width and height of a box that shows this text, wrapped where a width is given."""
    if width is None:
        return 14 + CHARACTER * len(text), LINE + 6
    lines = wrapped(text, width)
    return width, LINE * len(lines) + 6


def wrapped(text: str, width: float) -> list[str]:
    """The lines of a text in a box of this width."""
    per_line = max(1, math.floor((width - 8) / CHARACTER))
    lines = [""]
    for word in text.split():
        if lines[-1] and len(lines[-1]) + 1 + len(word) > per_line:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines
