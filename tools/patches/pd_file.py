"""Pages as Pure Data patches: written and read as text."""

from __future__ import annotations

import re
from pathlib import Path

from sideman.playing.pd_patch import escape, unescape
from tools.patches.objects import PD, PD_UI, counts
from tools.patches.page import Box, Cord, Page, room_of

__all__ = ["HALF_WAY", "PdPage", "read", "write"]

WINDOW = "50 50 860 700"
SIZES = {"floatatom": (60, 20), "symbolatom": (90, 20), "tgl": (20, 20), "bng": (20, 20),
         "hsl": (130, 20)}  # fmt: skip
SHAPES = {
    "floatatom": "8 0 0 0 - - -", "symbolatom": "12 0 0 0 - - -",
    "tgl": "18 0 empty empty empty 17 7 0 10 -262144 -1 -1 0 1",
    "bng": "18 250 50 0 empty empty empty 17 7 0 10 -262144 -1 -1",
    # It says where it stands when the patch opens.
    "hsl": "128 18 0 1 0 1 empty empty empty -2 -8 0 10 -262144 -1 -1 {opens} 1",
}  # fmt: skip
HALF_WAY = 6350  # of such a fader: -6 dB


class PdPage(Page):
    """A page that is being written."""

    def obj(self, text: str, x: float, y: float) -> int:
        inlets, outlets = counts(text, PD, "pd")
        return self.add(Box("obj", text, x, y, *room_of(text), inlets, outlets))

    def msg(self, text: str, x: float, y: float) -> int:
        return self.add(Box("msg", text, x, y, *room_of(text), 1, ("",)))

    def text(self, text: str, x: float, y: float, width: float | None = None) -> int:
        text = re.sub(r"\s*;", ",", text)  # Pd would begin a line after each
        return self.add(Box("text", text, x, y, *room_of(text, width)))

    def ui(self, name: str, x: float, y: float, **attributes: object) -> int:
        inlets, outlets = PD_UI[name]
        room = SIZES[name]
        return self.add(Box("ui", name, x, y, *room, inlets, ("",) * outlets, None, attributes))


def write(path: Path, page: Page) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [f"#N canvas {WINDOW} 11;", *_lines(page)]
    if page.shown:
        x, y, wide, high = page.shown
        lines.append(f"#X coords 0 -1 1 1 {wide:g} {high:g} 1 {x:g} {y:g};")
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")


def _room(page: Page) -> str:
    """Width and height of a window that shows all of it."""
    wide = max((box.x + box.width for box in page.boxes), default=200)
    high = max((box.y + box.height for box in page.boxes), default=100)
    return f"{wide + 20:.0f} {high + 20:.0f}"


def _lines(page: Page) -> list[str]:
    lines = []
    for box in page.boxes:
        place = f"{box.x:g} {box.y:g}"
        if box.page is not None:
            name = escape(box.text)
            lines += [f"#N canvas 90 90 {_room(box.page)} {name} 0;", *_lines(box.page)]
            lines.append(f"#X restore {place} pd {name};")
        elif box.kind == "ui":
            kind = box.text if box.text.endswith("atom") else f"obj {place} {box.text}"
            middle = f" {place}" if box.text.endswith("atom") else ""
            shape = SHAPES[box.text].format_map({"opens": HALF_WAY} | box.attributes)
            lines.append(f"#X {kind}{middle} {shape};")
        else:
            width = f", f {int((box.width - 8) // 7)}" if box.kind == "text" else ""
            lines.append(f"#X {box.kind} {place} {_escaped(box)}{width};")
    return lines + [
        f"#X connect {c.source} {c.outlet} {c.target} {c.inlet};" for c in page.cords
    ]


def _escaped(box: Box) -> str:
    if box.kind == "text":  # a comma that is no atom of its own is shown with its backslash
        return box.text.replace("$", "\\$").replace(",", " \\,")
    return " ".join(escape(word) for word in box.text.split(" "))


def read(path: Path) -> Page:
    """Raises ValueError for what is no patch."""
    text = path.read_text(encoding="utf-8").replace("\n", " ")
    records = [r.strip() for r in re.split(r"(?<!\\);\s*", text) if r.strip()]
    if not records or not records[0].startswith("#N canvas"):
        raise ValueError(f"{path} is no Pd patch")
    stack = [Page(path.stem)]
    for record in records[1:]:
        kind, _, rest = record.removeprefix("#X ").partition(" ")
        if record.startswith("#N canvas"):
            stack.append(Page(unescape(record.split()[6])))
        elif kind == "connect":
            source, outlet, target, inlet = map(int, rest.split())
            stack[-1].cords.append(Cord(source, outlet, target, inlet))
        elif kind == "restore":
            inner = stack.pop()
            x, y, *_ = rest.split()
            stack[-1].inside(inner, float(x), float(y))
        elif kind == "coords":
            wide, high, _, x, y = map(float, rest.split()[4:])
            stack[-1].shown = (x, y, wide, high)
        elif kind in ("obj", "msg", "text", "floatatom", "symbolatom"):
            stack[-1].add(_read_box(kind, rest))
    return stack[0]


def _read_box(kind: str, rest: str) -> Box:
    x, y, text = (rest.split(" ", 2) + [""])[:3]
    place = float(x), float(y)
    name = kind if kind.endswith("atom") else text.split(" ")[0]
    if name in PD_UI and kind != "msg":
        inlets, outlets = PD_UI[name]
        opens = {"opens": int(text.split()[-2])} if name == "hsl" else {}
        return Box("ui", name, *place, *SIZES[name], inlets, ("",) * outlets, None, opens)
    body, _, width = text.partition(", f ")
    plain = unescape(body.replace(" \\,", ",") if kind == "text" else body)
    room = room_of(plain, 8 + 7.0 * int(width) if width else None)
    if kind == "obj":
        try:
            inlets, outlets = counts(plain, PD, "pd")
        except KeyError:
            inlets, outlets = 0, ()
        return Box("obj", plain, *place, *room, inlets, outlets)
    return Box(kind, plain, *place, *room, *((1, ("",)) if kind == "msg" else (0, ())))
