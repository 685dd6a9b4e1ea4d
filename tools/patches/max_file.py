"""Pages as Max patchers: written and read as JSON, without fonts and colours of our own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tools.patches.objects import MAX, MAX_UI, counts
from tools.patches.page import Box, Cord, Page, room_of

__all__ = ["MaxPage", "read", "write"]

WINDOW = (100.0, 100.0, 860.0, 700.0)
VERSION = {"major": 8, "minor": 6, "revision": 0, "architecture": "x64", "modernui": 1}
PORT = 9.5  # from the edge of a box to its first inlet and outlet
KINDS = {"newobj": "obj", "message": "msg", "comment": "text"}


class MaxPage(Page):
    """A page that is being written."""

    def obj(self, text: str, x: float, y: float) -> int:
        inlets, outlets = counts(text, MAX, "max")
        width, height = room_of(text)
        return self.add(Box("obj", text, x, y, width, height, inlets, outlets))

    def msg(self, text: str, x: float, y: float, width: float | None = None) -> int:
        return self.add(Box("msg", text, x, y, *room_of(text, width), 2, ("",)))

    def text(self, text: str, x: float, y: float, width: float | None = None) -> int:
        return self.add(Box("text", text, x, y, *room_of(text, width), 1, ()))

    def ui(self, name: str, x: float, y: float, **attributes: object) -> int:
        inlets, outlets, size = MAX_UI[name]
        width, height = attributes.pop("size", size)
        if "outlets" in attributes:
            outlets = attributes.pop("outlets")
        if "inlets" in attributes:
            inlets = attributes.pop("inlets")
        return self.add(
            Box("ui", name, x, y, width, height, inlets, outlets, attributes=dict(attributes))
        )

    def to_inlet(self, source: int, target: int) -> None:
        """Down the left side of the column that the message is in, and along above the target."""
        start, end = self.boxes[source], self.boxes[target]
        turn, side, above = start.y + start.height + 4, start.x - 8, end.y - 8
        corners = [(start.x + PORT, turn), (side, turn), (side, above), (end.x + PORT, above)]
        if above <= turn:  # beside the target: nothing lies between
            corners = []
        self.cords.append(Cord(source, 0, target, 0, tuple(corners)))

    def tab(self, page: Page, x: float, y: float) -> None:
        """A page inside this one that Max shows as a tab; the tabs are ordered by x."""
        self.add(Box("page", page.name, x, y, *room_of(f"p {page.name}"), page=page))


def write(path: Path, page: Page) -> None:
    """Write a patcher; pages inside it are tabs of a help file."""
    has_tabs = any(_is_tab(box) for box in page.boxes)
    root = _patcher(page, 0 if has_tabs else None)
    if has_tabs:
        root["showrootpatcherontab"] = 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"patcher": root}, indent=1) + "\n", encoding="utf-8")


def read(path: Path) -> Page:
    """Raises KeyError or ValueError for what is no patcher."""
    return _page(path.stem, json.loads(path.read_text(encoding="utf-8"))["patcher"])


def _patcher(page: Page, on_tab: int | None) -> dict[str, Any]:
    whole = {
        "fileversion": 1, "appversion": VERSION, "classnamespace": "box", "rect": list(WINDOW),
    }
    if on_tab is not None:
        whole["showontab"] = on_tab
    if page.presented:
        whole["openinpresentation"] = 1
    whole["boxes"] = [
        {"box": _box(n, box, page.presented.get(n))} for n, box in enumerate(page.boxes)
    ]
    whole["lines"] = [{"patchline": _line(cord)} for cord in page.cords]
    return whole


def _line(cord: Cord) -> dict[str, Any]:
    line: dict[str, Any] = {
        "source": [_id(cord.source), cord.outlet], "destination": [_id(cord.target), cord.inlet],
    }
    if cord.corners:
        line["midpoints"] = [number for corner in cord.corners for number in corner]
    return line


def _box(number: int, box: Box, shown: tuple[float, ...] | None) -> dict[str, Any]:
    names = {kind: name for name, kind in KINDS.items()} | {"ui": box.text, "page": "newobj"}
    whole: dict[str, Any] = {
        "id": _id(number), "maxclass": names[box.kind], "numinlets": box.inlets,
        "numoutlets": len(box.outlets), "patching_rect": [box.x, box.y, box.width, box.height],
    }
    if box.outlets:
        whole["outlettype"] = list(box.outlets)
    if box.kind == "page":
        whole |= {"text": f"p {box.text}", "patcher": _patcher(box.page, int(_is_tab(box)))}
    elif box.kind != "ui":
        whole["text"] = box.text
    if shown is not None:
        whole |= {"presentation": 1, "presentation_rect": list(shown)}
    return whole | box.attributes


def _is_tab(box: Box) -> bool:
    """A page that nothing leads into or out of."""
    return box.page is not None and not (box.inlets or box.outlets)


def _id(number: int) -> str:
    return f"obj-{number + 1}"


def _page(name: str, patcher: dict[str, Any]) -> Page:
    page = Page(name)
    numbers = {}
    for item in patcher["boxes"]:
        whole = item["box"]
        numbers[whole["id"]] = len(page.boxes)
        kind = KINDS.get(whole["maxclass"], "ui")
        text = whole.get("text", whole["maxclass"]) if kind != "ui" else whole["maxclass"]
        inner = _page(text.removeprefix("p "), whole["patcher"]) if "patcher" in whole else None
        known = {"id", "maxclass", "numinlets", "numoutlets", "patching_rect", "outlettype", "text"}
        page.add(
            Box(
                "page" if inner else kind, text.removeprefix("p ") if inner else text,
                *whole["patching_rect"], whole["numinlets"],
                tuple(whole.get("outlettype", [""] * whole["numoutlets"])), inner,
                {key: value for key, value in whole.items() if key not in known | {"patcher"}},
            )
        )
    for line in patcher["lines"]:
        (source, outlet), (target, inlet) = (
            line["patchline"][end] for end in ("source", "destination")
        )
        between = line["patchline"].get("midpoints", [])
        corners = tuple(zip(between[::2], between[1::2], strict=True))
        page.cords.append(Cord(numbers[source], outlet, numbers[target], inlet, corners))
    return page
