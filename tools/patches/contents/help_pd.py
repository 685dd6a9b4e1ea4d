"""The help of sideman~ in Pure Data: an example that plays, and one window per subject beside it."""

from __future__ import annotations

from collections.abc import Sequence

from tools.patches.contents.help_words import (
    ARRAYS,
    CLOCKS,
    DELAY,
    LATE,
    MODELS,
    PARTS,
    PYTHON,
    REMOTE,
    SKETCH,
    STATUS,
    TIMING,
    TROUBLES,
)
from tools.patches.contents.level import pd_fader
from tools.patches.contents.rows import ROW, messages, says
from tools.patches.page import wrapped
from tools.patches.pd_file import PdPage
from tools.pd_example import BEFORE_MS

__all__ = ["pd_page"]

Rows = Sequence[tuple[str, str]]

WIDE = 560
BUS = "$0-sideman"  # what the windows inside send to the object
TEMPO = 113.4  # of the example, at 44100 Hz
SUBJECTS: tuple[tuple[str, str, Sequence[str], Rows], ...] = (
    ("parts", "a band in one object", (PARTS,), ()),
    ("timing", "hop, lead, late answers", (TIMING, LATE),
     (("hop auto", "frames of 46 ms that are heard at once"), ("lead auto", "frames from the end of a hop to its answer"),
      ("window 0.0416667 1", "both, in the accompaniment paper's words, r and w"),
      ("fade 10", "milliseconds of every join"), ("fallback hold", "what sounds when an answer is missing"),
      ("fallback silence", ""), ("bench", "opens the model again and measures it"),
      ("reset", "forgets what was heard; a new stream"))),
    ("model", "how it plays and sounds", (MODELS,),
     (("model mini", "a name, or a folder"), ("load", "opens it again"), ("seed 1", "the same seed and music, the same part"),
      ("steps auto", "of denoising: more is finer and takes longer"), ("guidance auto", "how strongly it leans on the music"),
      ("temperature auto", "what is left to chance"), ("sampler auto", "how a hop is denoised"),
      ("tags bright 0.8", "how it shall sound"), ("tags rock 1 busy 0.5", "words may be mixed"), ("tags", "as the model likes"),
      ("inertia 0.5", "how much of its past it keeps when the tags change"),
      ("patience 1", "beats of silence after which it rests too"),
      ("mute 1", "fades to silence, and listens on"), ("mute 0", "plays again"),
      ("device cpu", "where it computes"), ("threads 1", "that it may use"))),
    ("sketch-delay", "a line to follow; an echo of you", (SKETCH, DELAY),
     (("mode accompany", "fits a part to what it hears"), ("mode continue", "goes on from what you played, once you pause"),
      ("mode delay", "your playing, re-timbred"), ("feedback 0.4", "what it hears of itself"),
      ("mix 1", "the model's sound alone; 0 is a plain echo"))),
    ("clock", "where the beat is known from", (CLOCKS[1],),
     (("clock auto", "your messages, else what it hears"), ("clock track", "what it hears alone"), ("clock off", "none"),
      ("tempo 120", "by hand"), ("beat", "a tap; repeated, it sets the tempo"), ("beat 1", "the first beat of the bar is now"),
      ("meter 3", "beats in a bar"))),
    ("server", "another machine, and its GPU", (REMOTE,),
     (("host studio.local", "name or address of that machine"), ("port 7770", ""), ("token ~/gpu.token", "the file, copied from there"),
      ("backend auto", "there while it answers, else here"), ("backend remote", "there or not at all"),
      ("backend embedded", "here"), ("backend echo", "no model: the music again"),
      ("delay 0", "milliseconds for which the echo pretends to think"))),
    ("Python", "where the model runs", (PYTHON,),
     (("python", "a folder; empty: where it is found by itself"), ("doctor", "checks the installation"))),
    ("trouble", "nothing sounds?", TROUBLES,
     (("doctor", "checks the installation; read the console"), ("info", "every figure"), ("load", "opens the model again"))),
)  # fmt: skip


def pd_page() -> PdPage:
    page = PdPage("sideman~-help")
    says(page, "sideman~ listens to the music at its inlet and plays a part that fits it.", 12)
    start = page.ui("tgl", 40, 56)
    page.text("1: the example: drums, guitar and piano. The bass is sideman~'s, once it is loaded.", 70, 50, 330)
    page.msg("; pd dsp 0", 120, 100)
    page.text("the audio off", 220, 101)
    example = page.inside(_example(), 40, 150)
    page.cord(start, example)
    own, live, heard = page.ui("tgl", 264, 160), page.obj("adc~ 1", 200, 160), page.obj("*~ 0", 200, 200)
    page.text("2: or your own, with headphones", 290, 150, 152)
    hears, track = page.obj("sel 1", 300, 190), page.msg("clock track ; pd dsp 1", 264, 220)
    page.cord(own, hears)
    page.cord(hears, track)
    page.cord(live, heard)
    page.cord(own, heard, inlet=1)
    sideman = page.obj("sideman~ mini @parts bass", 200, 290)
    page.cord(example, sideman, outlet=1)
    for music in (example, heard):
        page.cord(music, sideman)
    page.cord(track, sideman)
    page.cord(page.obj(f"r {BUS}", 320, 256), sideman)
    page.cord(sideman, page.obj("print sideman", 300, 330), outlet=1)
    out = page.obj("dac~", 40, 470)
    for number, (name, source) in enumerate((("the music", example), ("bass", sideman))):
        pd_fader(page, name, [(source, 0)], out, 40 + 160 * number, 380)
    says(page, STATUS, 520)
    page.text("Click on a subject:", 450, 56)
    for number, (name, meaning, sentences, rows) in enumerate(SUBJECTS):
        y = 90 + 32 * number
        page.inside(_subject(name, sentences, rows), 450, y)
        page.text(meaning, 610, y, 245)
    page.inside(_arrays(), 450, 90 + 32 * len(SUBJECTS))
    page.text("render and record", 610, 90 + 32 * len(SUBJECTS), 245)
    return page


def _subject(name: str, sentences: Sequence[str], rows: Rows) -> PdPage:
    page = PdPage(name)
    _rows(page, rows, _sentences(page, sentences))
    return page


def _sentences(page: PdPage, sentences: Sequence[str]) -> float:
    """Where the next thing may lie."""
    y = 15.0
    for sentence in sentences:
        says(page, sentence, y, width=WIDE)
        y += 16 * len(wrapped(sentence, WIDE)) + 16
    return y


def _rows(page: PdPage, rows: Rows, y: float) -> None:
    if rows:
        there = page.obj(f"s {BUS}", 40, y + ROW * len(rows) + 14)
        messages(page, there, rows, 40, y, 190)


def _arrays() -> PdPage:
    page = PdPage("arrays")
    y = _sentences(page, (ARRAYS,))
    for number, name in enumerate(("part", "heard", "played")):
        page.obj(f"table sideman-help-{name} 100", 40 + 230 * number, y)
    rows = (
        ("render sideman-example sideman-help-part", "the bass to the example"),
        ("render", "gives it up"),
        ("record sideman-help-heard sideman-help-played 10", "ten seconds"),
        ("record", "ends it now"),
    )
    there = page.obj(f"s {BUS}", 40, y + 4 * ROW + 50)
    y = messages(page, there, rows, 40, y + 36, 380) + 50
    out, players = page.obj("dac~", 40, y + 146), []
    for number, name in enumerate(("part", "heard", "played")):
        x = 40 + 230 * number
        start, player = page.ui("bng", x, y), page.obj(f"tabplay~ sideman-help-{name}", x, y + 30)
        page.cord(start, player)
        players.append((player, 0))
    pd_fader(page, "all three", players, out, 40, y + 72)
    return page


def _example() -> PdPage:
    """Four bars that go round. The start switches the audio on and gives the clock to the messages; each
    time round the object is told the tempo, which is that of the host's rate, and the first beat."""
    page = PdPage("example")
    page.obj("table sideman-example 100", 340, 20)
    read, files = page.msg("read -resize sideman-example.wav sideman-example", 340, 90), page.obj("soundfiler", 340, 124)
    page.cord(page.obj("loadbang", 340, 56), read)
    page.cord(read, files)
    choice = page.obj("sel 1 0", 40, 60)
    page.cord(page.obj("inlet", 40, 20), choice)
    stop, go = page.msg("stop", 120, 110), page.obj("t b b b", 40, 150)
    first = page.obj("t b b b", 240, 60)
    switch, clock = page.msg("; pd dsp 1", 330, 150), page.msg("clock auto", 430, 258)
    player = page.obj("tabplay~ sideman-example", 40, 400)
    page.cord(choice, first)
    for outlet, box in enumerate((go, clock, switch)):
        page.cord(first, box, outlet=outlet)
    page.cord(choice, stop, outlet=1)
    page.cord(go, player)
    page.cord(stop, player)
    page.cord(player, go, outlet=1)
    rate, times, tempo = page.obj("samplerate~", 160, 190), page.obj(f"* {TEMPO / 44100:.8f}", 160, 224), page.msg("tempo $1", 160, 258)
    wait, beat = page.obj(f"del {BEFORE_MS}", 300, 190), page.msg("beat 1", 300, 258)
    page.cord(go, wait, outlet=1)
    page.cord(wait, beat)
    page.cord(go, rate, outlet=2)
    page.cord(rate, times)
    page.cord(times, tempo)
    told = page.obj("outlet", 160, 460)
    page.cord(tempo, told)
    for message in (beat, clock):
        page.cord(message, told)
    page.cord(player, page.obj("outlet~", 40, 460))
    return page
