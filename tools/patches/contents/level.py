"""A fader's level in Pd, without the steps that a fader makes."""

from __future__ import annotations

from tools.patches.pd_file import PdPage

__all__ = ["RAMP_MS", "pd_level"]

RAMP_MS = 30


def pd_level() -> PdPage:
    """Sound at the left inlet, times the fader at the right one."""
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
