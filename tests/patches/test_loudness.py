"""Nothing is louder than its reader expects: every sound passes a fader on its way to the
loudspeakers, and no microphone is heard before its fader is raised."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.patches import lint, max_file, pd_file
from tools.patches.__main__ import ROOT, written
from tools.patches.contents.level import pd_fader
from tools.patches.max_file import MaxPage
from tools.patches.page import Page
from tools.patches.pd_file import PdPage

OUT, LIVE = ("dac~", "ezdac~"), ("adc~", "ezadc~")
MIXED = ("*~",)  # what only passes sound on


def pages(path: Path) -> list[Page]:
    return (pd_file if path.suffix == ".pd" else max_file).read(path).pages()


def before(page: Page, number: int) -> list[int]:
    """The boxes whose sound comes to a box."""
    cords = [cord for cord in page.cords if cord.target == number]
    return [c.source for c in cords if page.boxes[c.source].outlets[c.outlet] == "signal"]


def is_fader(page: Page, number: int) -> bool:
    box = page.boxes[number]
    return box.page.name == "level" if box.page else box.text == "gain~"


def opens(page: Page, number: int) -> bool:
    """Whether a fader lets sound through when the patch opens."""
    told = [page.boxes[cord.source] for cord in page.cords if cord.target == number]
    return any(box.text == "loadmess 118" or box.attributes.get("opens") for box in told)


@pytest.mark.parametrize("path", written(), ids=lambda path: path.name)
def test_no_sound_reaches_the_loudspeakers_but_through_a_fader(path: Path) -> None:
    for page in pages(path):
        for number, box in enumerate(page.boxes):
            if box.text in OUT:
                assert before(page, number), "nothing to hear"
                assert all(is_fader(page, source) for source in before(page, number)), page.name


@pytest.mark.parametrize("path", written(), ids=lambda path: path.name)
def test_a_microphone_is_silent_until_its_fader_is_raised_and_nothing_else_is(path: Path) -> None:
    for page in pages(path):
        for number in range(len(page.boxes)):
            if is_fader(page, number):
                sources = before(page, number)
                while any(page.boxes[n].text.startswith(MIXED) for n in sources):
                    mixed = [n for n in sources if page.boxes[n].text.startswith(MIXED)]
                    sources = [n for n in sources if n not in mixed]
                    sources += [n for one in mixed for n in before(page, one)]
                live = any(page.boxes[n].text.startswith(LIVE) for n in sources)
                assert opens(page, number) != live, f"{page.name}: {page.boxes[number].text}"


def test_both_hosts_have_a_microphone_that_can_be_heard() -> None:
    """The tests above look at something."""
    for suffix in (".maxpat", ".pd"):
        (page, *_) = pages(ROOT / "examples" / f"call-and-response{suffix}")
        faders = [n for n in range(len(page.boxes)) if is_fader(page, n)]
        sources = [page.boxes[before(page, n)[0]].text.split()[0] for n in faders]
        assert sources == ["sideman~", "adc~"]


def test_the_help_of_max_lets_the_object_alone_hear_a_microphone() -> None:
    (basic,) = (p for p in pages(ROOT / "help" / "sideman~.maxhelp") if p.name == "basic")
    (live,) = (n for n, box in enumerate(basic.boxes) if box.text == "ezadc~")
    (own,) = (cord.target for cord in basic.cords if cord.source == live)
    assert is_fader(basic, own)
    (heard,) = (cord.target for cord in basic.cords if cord.source == own)
    assert basic.boxes[heard].text.startswith("sideman~")


def test_the_lint_finds_what_is_too_loud_or_silent_in_max() -> None:
    def complaints() -> list[str]:
        return list(lint.of_page(page, "max"))

    page = MaxPage("faults")
    fader, out = page.ui("gain~", 40, 120), page.ui("ezdac~", 40, 240)
    page.cord(fader, out)
    assert complaints() == ["gain~: opens at silence"]
    page.cord(page.obj("loadmess 118", 80, 80), fader)
    assert complaints() == []
    live = page.obj("adc~ 1", 40, 40)
    page.cord(live, fader)
    assert complaints() == ["gain~: a microphone's, and does not open at silence"]
    page.cords.pop(1)
    assert complaints() == []
    page.cord(live, out)
    assert complaints() == ["adc~ 1: reaches the loudspeakers without a fader"]


def test_the_lint_finds_what_is_too_loud_or_silent_in_pd() -> None:
    def complaints(name: str, *opens: int) -> list[str]:
        page = PdPage("faults")
        source, between = page.obj(name, 40, 40), page.obj("*~ 0", 40, 70)
        page.cord(source, between)
        pd_fader(page, "it", [(between, 0)], page.obj("dac~", 40, 200), 40, 100, *opens)
        return list(lint.of_page(page, "pd"))

    assert complaints("tabplay~ x") == complaints("adc~ 1", 0) == []
    assert complaints("tabplay~ x", 0) == ["level: opens at silence"]
    assert complaints("adc~ 1") == ["level: a microphone's, and does not open at silence"]
    page = PdPage("faults")
    page.cord(page.obj("tabplay~ x", 40, 40), page.obj("dac~", 40, 200))
    (line,) = lint.of_page(page, "pd")
    assert line == "tabplay~ x: reaches the loudspeakers without a fader"
