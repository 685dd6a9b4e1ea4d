"""The example of sounds with names: a part for a whole recording at once, and what was played kept."""

from __future__ import annotations

from tools.patches.contents.examples import Rows
from tools.patches.contents.level import half_way_up
from tools.patches.contents.rows import messages, says
from tools.patches.max_file import MaxPage
from tools.patches.page import Page
from tools.patches.pd_file import PdPage

__all__ = ["max_page", "name", "pd_page", "title"]

name = "buffers"
title = (
    "A part for a whole recording at once, aligned to the sample; and what you played with it, kept.",
    "render is as live with the same settings and seed, and is not in a hurry.",
)


def _titles(page: Page) -> None:
    for number, sentence in enumerate(title):
        says(page, sentence, 15 + 26 * number)


def _sideman(
    page: MaxPage | PdPage, rows: Rows, x: float, y: float, below: float, gap: float
) -> int:
    """The object at height `below`, with the music above it, its messages and what it says."""
    heard = page.obj("adc~ 1", 40, below - 110)
    page.text("the music", 110, below - 108)
    sideman = page.obj("sideman~ mini @parts bass", 40, below)
    page.cord(heard, sideman)
    messages(page, sideman, rows, x, y, gap)
    page.cord(sideman, page.obj("print sideman", 330, below + 45), outlet=1)
    page.text("render progress, render done, record done", 460, below + 47)
    return sideman


def max_page() -> MaxPage:
    page = MaxPage(name)
    _titles(page)
    for number, box in enumerate(("buffer~ song sideman-example.wav", "buffer~ parts", "buffer~ take")):
        page.obj(box, 40 + 270 * number, 100)
    rows = (
        ("tempo 113.4", "the song's tempo; render puts beat 1 on the first sample"),
        ("render song parts", "the bass to song, into parts"),
        ("render", "give it up"),
        ("record take 10", "ten seconds: the music in channel 1, the bass in 2"),
        ("record", "end it now"),
    )
    sideman = _sideman(page, rows, 300, 160, 330, 150)
    level, out = page.ui("gain~", 40, 400), page.ui("ezdac~", 40, 560)
    page.cord(sideman, level)
    half_way_up(page, [level])
    for number, sound in enumerate(("song", "parts")):
        player, start = page.obj(f"play~ {sound}", 140 + 150 * number, 480), page.msg("start", 140 + 150 * number, 440)
        page.cord(start, player)
        for inlet in (0, 1):
            page.cord(player, out, inlet=inlet)
    for inlet in (0, 1):
        page.cord(level, out, inlet=inlet)
    return page


def pd_page() -> PdPage:
    page = PdPage(name)
    _titles(page)
    for number, table in enumerate(("song", "part", "heard", "played")):
        page.obj(f"table {table} 100", 40 + 130 * number, 100)
    choose, dialog = page.ui("bng", 40, 150), page.obj("openpanel", 70, 150)
    page.text("choose a WAV file as song", 160, 151)
    read, files = page.msg("read -resize $1 song", 70, 184), page.obj("soundfiler", 70, 218)
    page.cord(choose, dialog)
    page.cord(dialog, read)
    page.cord(read, files)
    rows = (
        ("tempo 120", "the song's tempo; beat 1 is its start"),
        ("render song part", "the bass to song, into part"),
        ("render", "give it up"),
        ("record heard played 10", "ten seconds: the music, and the bass"),
        ("record", "end it now"),
    )
    sideman = _sideman(page, rows, 360, 184, 400, 185)
    out = page.obj("dac~", 40, 560)
    page.msg("; pd dsp 1", 40, 600)
    page.text("switch the audio on", 150, 601)
    level = page.obj("*~ 0.5", 40, 480)
    page.cord(sideman, level)
    players = [level]
    for number, table in enumerate(("song", "part")):
        start, player = page.ui("bng", 140 + 150 * number, 470), page.obj(f"tabplay~ {table}", 140 + 150 * number, 500)
        page.cord(start, player)
        players.append(player)
    for source in players:
        for inlet in (0, 1):
            page.cord(source, out, inlet=inlet)
    return page
