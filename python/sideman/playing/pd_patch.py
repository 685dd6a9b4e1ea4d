"""Writes Pure Data patches as text."""

from __future__ import annotations

import re

__all__ = ["Patch", "escape", "unescape"]


def escape(word: str) -> str:
    """A word as Pd reads it back whole: backslashes before what separates or substitutes."""
    return re.sub(r"([\\ ,;$])", r"\\\1", word)


def unescape(text: str) -> str:
    """What Pd prints, without those backslashes."""
    return re.sub(r"\\(.)", r"\1", text)


class Patch:
    """Boxes and cords; a box is known by the number that `box` and `message` return."""

    def __init__(self) -> None:
        self._boxes: list[str] = []
        self._cords: list[str] = []

    def box(self, text: str) -> int:
        """Add an object box; `text` is already escaped."""
        return self._add("obj", text)

    def message(self, text: str) -> int:
        """Add a message box; separators in `text` are escaped as in a saved patch."""
        return self._add("msg", text)

    def cord(self, source: int, outlet: int, target: int, inlet: int = 0) -> None:
        """Join an outlet to an inlet."""
        self._cords.append(f"#X connect {source} {outlet} {target} {inlet};")

    def chain(self, *boxes: int) -> None:
        """Join first outlets to first inlets along a row of boxes."""
        for source, target in zip(boxes, boxes[1:], strict=False):
            self.cord(source, 0, target)

    def text(self) -> str:
        """The patch as a file's content."""
        return "\n".join(["#N canvas 50 50 700 900 10;", *self._boxes, *self._cords, ""])

    def _add(self, kind: str, text: str) -> int:
        index = len(self._boxes)
        self._boxes.append(f"#X {kind} {20 + 240 * (index % 3)} {20 + 25 * index} {text};")
        return index
