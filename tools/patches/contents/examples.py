"""The example patches: one class each, with a page for Max and one for Pd that do the same."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tools.patches.contents.level import half_way_up, pd_fader, to_both
from tools.patches.contents.rows import ROW, messages, says
from tools.patches.max_file import MaxPage
from tools.patches.page import CHARACTER
from tools.patches.pd_file import PdPage

__all__ = ["EXAMPLES", "Example"]

Rows = Sequence[tuple[str, str]]
LINE = 26


class Example:
    """Sound in, sideman~, a fader per part, sound out; `says` tells what to do, `rows` are messages.

    line: a second input feeds the sketch; beside: the music is heard together with the part, once
    its fader is raised; pd_title, pd_words: what Pd says otherwise, of itself and of a message.
    """

    def __init__(
        self, name: str, title: Sequence[str], sideman: str, rows: Rows, line: bool = False,
        beside: bool = False, transport: bool = False, status: bool = False,
        pd_title: Sequence[str] = (), pd_words: Mapping[str, str] = {},
    ):
        self.name, self.title, self.sideman, self.rows = name, title, sideman, rows
        self.pd_title, self.pd_words = pd_title or title, pd_words
        self.line, self.beside = line, beside
        self.transport, self.status = transport, status
        self.parts = sideman.partition("@parts ")[2].partition(" @")[0].split() or ["bass"]

    def max_page(self) -> MaxPage:
        page = MaxPage(self.name)
        sideman, y = self._inputs(page)
        out = page.ui("ezdac~", 40, y + 235)
        page.text("switch the audio on", 95, y + 247)
        levels = []
        for number, part in enumerate(self.parts):
            level = page.ui("gain~", 40 + 85 * number, y + 105)
            levels.append(level)
            page.text(part, 64 + 85 * number, y + 145)
            page.cord(sideman, level, outlet=number)
            to_both(page, level, out)
        half_way_up(page, levels)
        if self.beside:
            level = page.ui("gain~", 135 + 85 * len(self.parts), y + 105)
            page.text("you", 159 + 85 * len(self.parts), y + 145)
            page.cord(self.heard, level)
            to_both(page, level, out)
        if self.transport:
            self._transport(page, sideman, y + 80)
        return page

    def pd_page(self) -> PdPage:
        page = PdPage(self.name)
        sideman, y = self._inputs(page)
        page.msg("; pd dsp 1", 40, y + 240)
        page.text("switch the audio on", 150, y + 241)
        out = page.obj("dac~", 40, y + 200)
        for number, part in enumerate(self.parts):
            pd_fader(page, part, [(sideman, number)], out, 40 + 150 * number, y + 96)
        if self.beside:
            pd_fader(page, "you", [(self.heard, 0)], out, 90 + 150 * len(self.parts), y + 96, 0)
        if self.transport:
            self._clock(page, sideman, y + 80)
        return page

    @staticmethod
    def _transport(page: MaxPage, sideman: int, y: float) -> None:
        """The host's clock, and the beat that is heard as its tempo where that is wished."""
        heard = page.obj("route clock", 420, y)
        page.cord(sideman, heard, outlet=len(page.boxes[sideman].outlets) - 1)
        gate, follow = page.obj("gate", 560, y + 40), page.ui("toggle", 560, y)
        page.text("the transport follows what is heard", 590, y + 2)
        tempo = page.msg("tempo $1", 560, y + 74)
        page.cord(follow, gate)
        page.cord(heard, gate, inlet=1)
        page.cord(gate, tempo)
        run = page.ui("toggle", 420, y + 110)
        page.text("Max's transport runs", 455, y + 112)
        transport = page.obj("transport", 560, y + 150)
        page.cord(run, transport)
        page.cord(tempo, transport)

    @staticmethod
    def _clock(page: PdPage, sideman: int, y: float) -> None:
        """The beat that is heard, each of its figures in a box."""
        heard, figures = page.obj("route clock", 420, y), page.obj("unpack f f f", 420, y + 36)
        page.cord(sideman, heard, outlet=len(page.boxes[sideman].outlets) - 1)
        page.cord(heard, figures)
        for number, name in enumerate(("tempo", "beat in the bar", "how sure, 0 to 1")):
            x = 420 + 130 * number
            page.cord(figures, page.ui("floatatom", x, y + 76), outlet=number)
            page.text(name, x, y + 100)

    def _inputs(self, page: MaxPage | PdPage) -> tuple[int, float]:
        """What to do, what is heard, the object with its messages and what it says; its height."""
        title, words = (self.title, {}) if isinstance(page, MaxPage) else (self.pd_title, self.pd_words)
        rows = [(text, words.get(text, meaning)) for text, meaning in self.rows]
        for number, sentence in enumerate(title):
            says(page, sentence, 15 + LINE * number)
        top = 15 + LINE * len(title) + 25
        y = top + ROW * max(3, len(self.rows)) + 16
        self.heard = page.obj("adc~ 1", 40, y - 80)
        page.text("the music", 110, y - 78)
        sideman = page.obj(self.sideman, 40, y)
        page.cord(self.heard, sideman)
        if self.line:
            line = page.obj("adc~ 2", 220, y - 80)
            page.text("the line", 290, y - 78)
            page.cord(line, sideman, inlet=1)
        gap = 30 + CHARACTER * max(len(text) for text, _ in rows)
        messages(page, sideman, rows, 420, top, gap)
        last = len(page.boxes[sideman].outlets) - 1
        page.cord(sideman, page.obj("print sideman", 420, y + 40), outlet=last)
        if self.status:
            self._status(page, sideman, last, y + 80)
        return sideman, y

    def _status(self, page: MaxPage | PdPage, sideman: int, last: int, below: float) -> None:
        """What the object says, each thing where it can be read while playing."""
        route = page.obj("route status backend latency late", 420, below)
        page.cord(sideman, route, outlet=last)
        for number, name in enumerate(("status", "backend", "latency", "late")):
            y = below + 40 + 32 * number
            if isinstance(page, MaxPage):
                shown = page.msg("", 520, y, 220)
                prefix = page.obj("prepend set", 420, y)
                page.cord(route, prefix, outlet=number)
                page.cord(prefix, shown)
                page.text(name, 750, y)
            else:
                word = number < 2
                shown = page.ui("symbolatom" if word else "floatatom", 700, y)
                if word:  # a word alone is no symbol to Pd
                    typed, whole = page.obj("list prepend symbol", 420, y), page.obj("list trim", 580, y)
                    page.cord(route, typed, outlet=number)
                    page.cord(typed, whole)
                    page.cord(whole, shown)
                else:
                    page.cord(route, shown, outlet=number)
                page.text(name, 800, y)


BEAT: Rows = (("tempo 120", "your tempo"), ("beat 1", "the first beat is now"))

EXAMPLES = (
    Example(
        "duo",
        ("Play into the microphone, with headphones on: sideman~ plays bass with you.",
         "It hears the beat itself after some seconds; a tempo and a first beat help at once."),
        "sideman~ mini @parts bass", (*BEAT, ("info", "every figure")),
    ),
    Example(
        "band",
        ("A whole band in one object: four parts, one outlet each, thought together.",
         "Put headphones on, give the tempo, play, and mix."),
        "sideman~ mini @parts bass drums guitar piano",
        (*BEAT, ("tags rock", "its style"), ("tags funk bright 0.5", "words may be mixed")),
    ),
    Example(
        "generative-delay",
        ("Play, and hear your own playing back one reaction later, as another instrument.",
         "feedback lets it hear its answer again; mix goes from your sound to the model's. Wear headphones."),
        "sideman~ mini @parts piano @mode delay",
        (("feedback 0", "once"), ("feedback 0.5", "it goes on"), ("mix 1", "the model's sound"),
         ("mix 0.5", "both"), ("lead 1", "a shorter delay")),
    ),
    Example(
        "sketch-instrument",
        ("Sing a line into the second input and hear a guitar play it with the music of the first.",
         "It follows your pitch, loudness and attacks; while you rest it plays as it likes. Wear headphones."),
        "sideman~ mini @parts guitar", (*BEAT, ("guidance 2", "freer"), ("guidance auto", "the model's own")),
        line=True,
    ),
    Example(
        "call-and-response",
        ("Play a phrase and stop: sideman~ goes on from it until you play again.",
         "mode continue answers; mode accompany plays with you. Hear yourself too: headphones on, raise the fader you."),
        "sideman~ mini @parts piano @mode continue",
        (*BEAT, ("mode continue", "answer me"), ("mode accompany", "play with me"), ("reset", "forget it all")),
        beside=True,
    ),
    Example(
        "remote",
        ("The model thinks on another machine; where that does not answer, this one plays on. Wear headphones.",
         "There, once: sideman serve --new-token gpu.token; then sideman serve --host 0.0.0.0 --token-file gpu.token",
         "(--device cuda for its GPU). Copy the file here, and name it. backend says who is playing."),
        "sideman~ mini @parts bass",
        (("host studio.local", "its name or address"), ("token ~/gpu.token", "the file, copied from there"),
         ("backend auto", "there, else here"), ("load", "try again now")),
        status=True,
    ),
    Example(
        "in-time",
        ("In time with a clock (Max: its transport; beats and taps everywhere), or the host in time with you.",
         "clock track: the right outlet says tempo, beat and how sure it is, at every beat it hears. Wear headphones."),
        "sideman~ mini @parts drums @clock auto",
        (("clock auto", "Max's, yours, or what it hears"), ("clock track", "what it hears alone"),
         ("clock off", "none"), *BEAT),
        transport=True,
        pd_title=("In time with a clock: your beats and tempo, or what it hears of your playing.",
                  "clock track: at every beat it hears, it says tempo, beat and how sure it is. Wear headphones."),
        pd_words={"clock auto": "your beats and tempo, or what it hears"},
    ),
)  # fmt: skip
