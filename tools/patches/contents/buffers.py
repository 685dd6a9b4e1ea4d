"""The example of sounds with names: a part for a whole recording at once, and what was played kept."""

from __future__ import annotations

from tools.patches.contents.examples import Rows
from tools.patches.contents.level import half_way_up, pd_fader, to_both
from tools.patches.contents.rows import messages, says
from tools.patches.max_file import MaxPage
from tools.patches.page import Page
from tools.patches.pd_file import PdPage

__all__ = ["max_page", "name", "pd_page", "title"]

name = "buffers"
title = (
    "A part for a whole recording at once, aligned to the sample; and what you played with it, kept.",
    "render is as live with the same settings and seed, and is not in a hurry. Wear headphones to play.",
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
    page.obj("buffer~ sideman-song sideman-example.wav", 40, 100)
    page.obj("buffer~ sideman-parts", 360, 100)
    page.obj("buffer~ sideman-take", 540, 100)
    rows = (
        ("tempo 113.4", "the song's tempo; beat 1 is its first sample"),
        ("render sideman-song sideman-parts", "the bass to the song, into parts"),
        ("render", "give it up"),
        ("record sideman-take 10", "ten seconds: the music in channel 1, the bass in 2"),
        ("record", "end it now"),
    )
    sideman = _sideman(page, rows, 220, 160, 330, 262)
    live, kept, out = page.ui("gain~", 40, 400), page.ui("gain~", 160, 490), page.ui("ezdac~", 40, 610)
    page.text("bass", 66, 440)
    page.text("song and parts", 186, 530)
    page.text("switch the audio on", 95, 622)
    page.cord(sideman, live)
    half_way_up(page, [kept, live])
    for number, sound in enumerate(("song", "parts")):
        x = 160 + 170 * number
        player, start = page.obj(f"play~ sideman-{sound}", x, 445), page.msg("start", x, 411)
        page.cord(start, player)
        page.cord(player, kept)
    for level in (live, kept):
        to_both(page, level, out)
    return page


def pd_page() -> PdPage:
    page = PdPage(name)
    _titles(page)
    for number, table in enumerate(("song", "part", "heard", "played")):
        page.obj(f"table sideman-{table} 100", 40 + 200 * number, 100)
    choose, dialog = page.ui("bng", 40, 150), page.obj("openpanel", 70, 150)
    page.text("choose a WAV", 160, 151)
    read, files = page.msg("read -resize $1 sideman-song", 70, 184), page.obj("soundfiler", 70, 218)
    page.cord(choose, dialog)
    page.cord(dialog, read)
    page.cord(read, files)
    rows = (
        ("tempo 120", "the song's tempo; it begins on beat 1"),
        ("render sideman-song sideman-part", "the bass to the song, into part"),
        ("render", "give it up"),
        ("record sideman-heard sideman-played 10", "ten seconds: the music, the bass"),
        ("record", "end it now"),
    )
    sideman = _sideman(page, rows, 300, 194, 400, 290)
    out = page.obj("dac~", 40, 625)
    page.msg("; pd dsp 1", 40, 660)
    page.text("switch the audio on", 150, 661)
    pd_fader(page, "bass", [(sideman, 0)], out, 40, 550)
    players = []
    for number, table in enumerate(("song", "part")):
        x = 240 + 190 * number
        start, player = page.ui("bng", x, 486), page.obj(f"tabplay~ sideman-{table}", x, 512)
        page.cord(start, player)
        players.append((player, 0))
    pd_fader(page, "song and part", players, out, 240, 550)
    return page
