"""`sideman.panel`: what a sideman~ says, to be read while playing; a bpatcher beside the object.

Its inlet takes the object's right outlet; its outlet goes to the object's left inlet.
"""

from __future__ import annotations

from tools.patches.max_file import MaxPage
from tools.patches.pd_file import PdPage

__all__ = ["max_page", "pd_page"]

WIRING = "in: the right outlet of the sideman~; out: to its left inlet"
WORDS = ("status", "backend", "latency", "late")
FIGURES = ("reaction_ms", "latency_p95_ms", "realtime_factor")
MEANINGS = {
    "status": "state", "backend": "played by", "latency": "latency: samples, ms",
    "late": "late hops", "reaction_ms": "reaction, ms", "latency_p95_ms": "thinking, ms",
    "realtime_factor": "share of the time",
}  # fmt: skip
PD_MEANINGS = {"latency": "latency, samples"}  # one number in a box
BUTTONS = ("info", "load", "reset")


def max_page() -> MaxPage:
    page = MaxPage("sideman.panel")
    here = page.obj("inlet", 40, 20)
    route = page.obj(f"route {' '.join(WORDS)} info", 40, 60)
    figures = page.obj(f"route {' '.join(FIGURES)}", 440, 100)
    page.cord(here, route)
    page.cord(route, figures, outlet=len(WORDS))
    for number, name in enumerate((*WORDS, *FIGURES)):
        source, outlet = (route, number) if name in WORDS else (figures, number - len(WORDS))
        prefix, shown = page.obj("prepend set", 40, 150 + 34 * number), page.msg("", 160, 150 + 34 * number, 160)
        page.cord(source, prefix, outlet=outlet)
        page.cord(prefix, shown)
        label = page.text(MEANINGS[name], 340, 150 + 34 * number, 180)
        page.presented[label] = (6, 6 + 24 * number, 140, 20)
        page.presented[shown] = (150, 6 + 24 * number, 140, 20)
    out = page.obj("outlet", 560, 500)
    page.text(WIRING, 40, 560)
    for number, text in enumerate(BUTTONS):
        button = page.msg(text, 560, 380 + 34 * number)
        page.cord(button, out)
        page.presented[button] = (6 + 70 * number, 180, 60, 20)
    tick = page.obj("metro 1000", 560, 220)
    page.cord(page.obj("loadmess 1", 560, 180), tick)
    page.cord(tick, next(n for n, box in enumerate(page.boxes) if box.text == "info"))
    return page


def pd_page() -> PdPage:
    """Pd shows faces and texts of it where it lies, and no message boxes: each has a button."""
    page = PdPage("sideman.panel")
    here = page.obj("inlet", 40, 20)
    route = page.obj(f"route {' '.join(WORDS)} info", 40, 60)
    figures = page.obj(f"route {' '.join(FIGURES)}", 440, 90)
    page.cord(here, route)
    page.cord(route, figures, outlet=len(WORDS))
    top, left, row = 160, 320, 26
    for number, name in enumerate((*WORDS, *FIGURES)):
        y = top + row * number
        source, outlet = (route, number) if name in WORDS else (figures, number - len(WORDS))
        if name in ("status", "backend"):  # a word alone is no symbol to Pd
            typed, whole = page.obj("list prepend symbol", 40, y), page.obj("list trim", 200, y)
            shown = page.ui("symbolatom", left, y)
            page.cord(source, typed, outlet=outlet)
            page.cord(typed, whole)
            page.cord(whole, shown)
        else:
            page.cord(source, page.ui("floatatom", left, y), outlet=outlet)
        page.text(PD_MEANINGS.get(name, MEANINGS[name]), left + 100, y)
    y = top + row * len((*WORDS, *FIGURES)) + 6
    out, asked = page.obj("outlet", left, y + 90), []
    for number, text in enumerate(BUTTONS):
        x = left + 90 * number
        button, message = page.ui("bng", x, y), page.msg(text, x, y + 44)
        page.text(text, x + 24, y)
        page.cord(button, message)
        page.cord(message, out)
        asked.append(message)
    page.shown = (left - 8, top - 22, 270, y + 28 - (top - 22))  # its name is above them
    page.text(WIRING, 40, 560)
    start, one = page.obj("loadbang", 150, 280), page.msg("1", 150, 314)
    tick = page.obj("metro 1000", 150, 348)
    page.cord(start, one)
    page.cord(one, tick)
    page.cord(tick, asked[0])
    return page
