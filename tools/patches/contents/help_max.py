"""The help of sideman~ in Max: one tab per subject."""

from __future__ import annotations

from tools.patches.contents.help_words import (
    BUFFERS,
    CLOCKS,
    DELAY,
    LATE,
    MODELS,
    PYTHON,
    REMOTE,
    SKETCH,
    TIMING,
    TROUBLES,
)
from tools.patches.contents.level import half_way_up, to_both
from tools.patches.contents.rows import ROW, messages, says
from tools.patches.max_file import MaxPage
from tools.pd_example import BEFORE_MS

__all__ = ["max_page"]


def _max_sideman(page: MaxPage, text: str, x: float, y: float) -> int:
    """A sideman~ whose messages go to the console."""
    box = page.obj(text, x, y)
    last = len(page.boxes[box].outlets) - 1
    page.cord(box, page.obj("print sideman", x + 320, y + 40), outlet=last)
    return box


def _loudspeakers(page: MaxPage, x: float, y: float) -> int:
    """They sound, and the objects think, in this tab alone."""
    out = page.ui("ezdac~", x, y, local=1)
    page.text("the audio of this tab; wear headphones", x + 55, y + 12)
    return out


def _attributes(page: MaxPage, target: int, names: str, x: float, y: float) -> float:
    for name in names.split():
        page.cord(page.ui("attrui", x, y, attr=name), target)
        y += ROW
    return y


def max_page() -> MaxPage:
    """The root, which nobody sees, with its tabs."""
    root = MaxPage("sideman~")
    tabs = (_basic, _parts, _timing, _model, _sketch, _clock, _buffers, _remote, _python, _trouble)
    for number, tab in enumerate(tabs):
        root.tab(tab(), 10 + 80 * number, 20 + 30 * (number % 2))
    root.tab(MaxPage("?"), 10 + 80 * len(tabs), 20)
    return root


def _basic() -> MaxPage:
    page = MaxPage("basic")
    says(page, "sideman~ listens to the music at its inlet and plays a part that fits it.")
    says(page, "1. Switch the audio on (the loudspeaker). 2. Start the example (the toggle).", 40)
    start = page.ui("toggle", 40, 80)
    page.text("the example, which goes round and tells its tempo and first beat", 75, 82)
    example = page.inside(_example(), 40, 130)
    page.cord(start, example)
    live, own = page.ui("ezadc~", 260, 116, local=1), page.ui("gain~", 260, 176)
    page.text("or a microphone", 312, 129)
    page.text("your own: raise it; headphones", 288, 206, 152)
    page.cord(live, own)
    sideman = page.obj("sideman~ mini @parts bass", 150, 300)
    for music in (example, own):
        page.cord(music, sideman)
    messages(page, sideman, [("tempo 120", "by hand"), ("beat 1", "the first beat of a bar is now"), ("clock track", "your own playing: it hears the beat"), ("clock auto", "your messages, else what it hears"), ("info", "every figure, to the console")], 460, 106)
    page.cord(example, sideman, outlet=1)
    printed = page.obj("print sideman", 380, 345)
    page.cord(sideman, printed, outlet=1)
    page.text("status idle, loading, ready, late, lost or error; latency; late; progress; clock", 330, 375, 480)
    beside, level = page.ui("gain~", 40, 390), page.ui("gain~", 150, 390)
    page.cord(example, beside)
    page.text("the music", 65, 430)
    page.cord(sideman, level)
    page.text("bass", 177, 430)
    out = page.ui("ezdac~", 40, 515, local=1)
    page.text("1", 92, 527)
    for source in (beside, level):
        to_both(page, source, out)
    half_way_up(page, (beside, level))
    page.text("2", 10, 82)
    return page


def _example() -> MaxPage:
    """Four bars that go round. Each time it tells the object its tempo and its first beat; its start
    gives the clock to the messages, or the tempo would count for nothing."""
    page = MaxPage("example")
    player = page.obj("sfplay~", 40, 220)
    page.cord(page.obj("loadmess open sideman-example.wav", 40, 20), player)
    switch, chosen = page.obj("inlet", 340, 20), page.obj("sel 1 0", 340, 60)
    again, go = page.obj("gate", 480, 60), page.obj("t b b b", 340, 120)
    page.cord(switch, chosen)
    page.cord(switch, again)  # right of the other, so first: what is stopped by hand stays so
    page.cord(player, again, inlet=1, outlet=1)
    page.cord(again, go)
    page.cord(chosen, go)
    stop, auto = page.msg("0", 140, 180), page.msg("clock auto", 600, 180)
    page.cord(chosen, stop, outlet=1)
    page.cord(chosen, auto)
    play, wait, tempo = page.msg("1", 200, 180), page.obj(f"delay {BEFORE_MS}", 340, 180), page.msg("tempo 113.4", 480, 180)
    for outlet, box in enumerate((play, wait, tempo)):
        page.cord(go, box, outlet=outlet)
    beat = page.msg("beat 1", 340, 220)
    page.cord(wait, beat)
    for number in (play, stop):
        page.cord(number, player)
    page.cord(player, page.obj("outlet", 40, 280))
    told = page.obj("outlet", 340, 280)
    for message in (beat, tempo, auto):
        page.cord(message, told)
    return page


def _parts() -> MaxPage:
    page = MaxPage("parts")
    says(page, "One object plays a whole band: a word and an outlet per part. They think together: four take two to three times as long as one.")
    sideman = _max_sideman(page, "sideman~ mini @parts bass drums guitar piano", 40, 120)
    page.cord(page.obj("adc~ 1", 40, 80), sideman)
    for number, part in enumerate(("bass", "drums", "guitar", "piano")):
        level = page.ui("gain~", 40 + 90 * number, 225)
        page.cord(sideman, level, outlet=number)
        page.text(part, 65 + 90 * number, 270)
    out = _loudspeakers(page, 40, 380)
    levels = [n for n, box in enumerate(page.boxes) if box.text == "gain~"]
    half_way_up(page, levels)
    for level in levels:
        to_both(page, level, out)
    says(page, "parts and mc are said when the object is made; with @mc 1 there is one multichannel outlet for all parts, and parts may change while it plays.", 520)
    _attributes(page, sideman, "parts mc", 40, 450)
    return page


def _timing() -> MaxPage:
    page = MaxPage("timing")
    says(page, TIMING)
    sideman = _max_sideman(page, "sideman~ mini @backend echo", 40, 480)
    y = _attributes(page, sideman, "hop lead fade steps fallback delay", 40, 80)
    messages(page, sideman, [("window 0.125 1", "hop and lead in the accompaniment paper's words, r and w"), ("bench", "opens the model again and measures it"), ("reset", "forgets what was heard; a new stream")], 40, y + 20)
    says(page, LATE, 560)
    page.text("the echo needs no model: what it hears comes back after hop and lead; delay lets it think slowly", 330, 80, 480)
    return page


def _model() -> MaxPage:
    page = MaxPage("model")
    says(page, MODELS)
    sideman = _max_sideman(page, "sideman~ mini", 40, 560)
    _attributes(page, sideman, "model backend device threads seed guidance temperature sampler inertia patience tags mute", 40, 44)
    messages(page, sideman, [("load", "opens the model again"), ("load mini", "another model"), ("tags bright 0.8", "how it shall sound"), ("tags rock 1. busy 0.5", "words may be mixed"), ("tags", "as the model likes")], 400, 60, 170)
    says(page, "Without a device of its own the model runs on the processor; cuda is for large models.", 640, 20, 700)
    return page


def _sketch() -> MaxPage:
    page = MaxPage("sketch, delay")
    says(page, SKETCH)
    says(page, DELAY, 40)
    sideman = _max_sideman(page, "sideman~ mini @parts guitar", 40, 380)
    page.cord(page.obj("adc~ 1", 40, 320), sideman)
    page.text("the music", 110, 322)
    line = page.obj("adc~ 2", 200, 320)
    page.cord(line, sideman, inlet=1)
    page.text("the line", 270, 322)
    messages(page, sideman, [("mode accompany", "fits a part to what it hears"), ("mode continue", "goes on from what you played, once you pause"), ("mode delay", "your playing, re-timbred")], 40, 80, 150)
    _attributes(page, sideman, "mode feedback mix", 40, 190)
    _heard(page, sideman, "guitar", 445)
    return page


def _heard(page: MaxPage, sideman: int, part: str, y: float) -> None:
    """A part, its fader and the loudspeakers."""
    level, out = page.ui("gain~", 40, y), _loudspeakers(page, 40, y + 125)
    page.cord(sideman, level)
    page.text(part, 66, y + 40)
    half_way_up(page, (level,))
    to_both(page, level, out)


def _clock() -> MaxPage:
    page = MaxPage("clock")
    says(page, "With a clock the part plays in time. " + CLOCKS[0])
    sideman = _max_sideman(page, "sideman~ mini @clock auto", 40, 330)
    run = page.ui("toggle", 40, 80)
    page.text("Max's transport runs", 75, 82)
    page.cord(run, page.obj("transport", 40, 120))
    _attributes(page, sideman, "clock", 40, 180)
    messages(page, sideman, [("tempo 120", "the tempo by hand"), ("beat", "a tap; repeated, it sets the tempo"), ("beat 1", "the first beat of the bar is now"), ("meter 3", "beats in a bar")], 400, 80)
    says(page, "While it listens for the beat itself, the right outlet says: clock, tempo, beat in the bar, how sure it is.", 410)
    return page


def _buffers() -> MaxPage:
    page = MaxPage("buffers")
    says(page, BUFFERS)
    page.obj("buffer~ sideman-song sideman-example.wav", 40, 90)
    page.obj("buffer~ sideman-parts", 360, 90)
    page.obj("buffer~ sideman-take", 540, 90)
    sideman = _max_sideman(page, "sideman~ mini @parts bass", 40, 330)
    page.cord(page.obj("adc~ 1", 40, 280), sideman)
    messages(page, sideman, [("render sideman-song sideman-parts", "plays the parts to the song at once, into parts"), ("render", "gives it up"), ("record sideman-take 10", "ten seconds of the music and the parts, into take"), ("record", "ends it now")], 40, 140, 262)
    _heard(page, sideman, "bass", 395)
    return page


def _remote() -> MaxPage:
    page = MaxPage("remote")
    says(page, REMOTE)
    sideman = _max_sideman(page, "sideman~ mini", 40, 320)
    _attributes(page, sideman, "host port token backend", 40, 80)
    messages(page, sideman, [("host studio.local", "name or address of that machine"), ("backend auto", "there while it answers, else here"), ("backend remote", "there or not at all"), ("backend embedded", "here")], 400, 80, 170)
    says(page, "The right outlet says: backend remote or embedded, whenever that changes. lead auto pays for the way there and back.", 400)
    return page


def _python() -> MaxPage:
    page = MaxPage("python")
    says(page, PYTHON)
    sideman = _max_sideman(page, "sideman~ mini", 40, 260)
    _attributes(page, sideman, "python", 40, 100)
    messages(page, sideman, [("doctor", "checks the installation; read the console")], 40, 150)
    return page


def _trouble() -> MaxPage:
    page = MaxPage("trouble")
    y = 20.0
    for line in TROUBLES:
        says(page, line, y)
        y += 36
    sideman = _max_sideman(page, "sideman~ mini", 40, y + 120)
    messages(page, sideman, [("doctor", "checks the installation"), ("info", "every figure"), ("load", "opens the model again")], 40, y + 10)
    return page
