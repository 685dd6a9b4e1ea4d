"""Faders: what Pd's lacks and where Max's stands when a patch opens."""

from __future__ import annotations

from collections.abc import Sequence

from tools.patches.max_file import MaxPage
from tools.patches.page import Page
from tools.patches.pd_file import HALF_WAY, PdPage

__all__ = ["RAMP_MS", "half_way_up", "pd_fader", "pd_level", "to_both"]

RAMP_MS = 30
HALF = 118  # of gain~, whose 128 is unity and whose step is .6 dB: -6 dB


def half_way_up(page: MaxPage, faders: Sequence[int]) -> None:
    """A gain~ keeps no value and opens at silence, where a microphone's stays: these at -6 dB."""
    last = page.boxes[faders[-1]]
    opened = page.obj(f"loadmess {HALF}", last.x + last.width + 18, last.y - 34)
    for fader in faders:
        page.cord(opened, fader)


def to_both(page: Page, source: int, out: int) -> None:
    """A sound to both loudspeakers."""
    for inlet in (0, 1):
        page.cord(source, out, inlet=inlet)


def pd_fader(
    page: PdPage, name: str, sources: Sequence[tuple[int, int]], out: int, x: float, y: float,
    opens: int = HALF_WAY,
) -> None:
    """A fader between sounds, (box, outlet), and both loudspeakers; 34 below it is its level."""
    fader, box = page.ui("hsl", x, y, opens=opens), page.inside(pd_level(), x, y + 34)
    page.text(name, x + 75, y + 35)
    page.cord(fader, box, inlet=1)
    for source, outlet in sources:
        page.cord(source, box, outlet=outlet)
    to_both(page, box, out)


def pd_level() -> PdPage:
    """Sound at the left inlet, times the fader at the right one, without the steps that it makes."""
    page = PdPage("level")
    sound, fader = page.obj("inlet~", 40, 20), page.obj("inlet", 140, 20)
    ramp, line = page.msg(f"$1 {RAMP_MS}", 140, 54), page.obj("line~", 140, 88)
    times = page.obj("*~", 40, 122)
    page.cord(sound, times)
    page.cord(fader, ramp)
    page.cord(ramp, line)
    page.cord(line, times, inlet=1)
    page.cord(times, page.obj("outlet~", 40, 156))
    return page
