"""What a musician would trip over in a patch, found without its host."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tools.patches import max_file, pd_file
from tools.patches.objects import MAX, MAX_UI, PD, PD_UI, counts
from tools.patches.page import Box, Cord, Page, room_of

__all__ = ["of_file", "of_page"]

WIDE, HIGH = 860, 700  # of a window
LIVE = ("adc~", "ezadc~")


def of_file(path: Path) -> list[str]:
    """One line for everything wrong in a patch."""
    host = "pd" if path.suffix == ".pd" else "max"
    root = (pd_file if host == "pd" else max_file).read(path)
    complaints = [f"{page.name}: {line}" for page in root.pages() for line in of_page(page, host)]
    if path.suffix == ".maxhelp":
        complaints += _tabs(root)
    return complaints


def of_page(page: Page, host: str) -> Iterator[str]:
    """Cords to nothing, unknown objects, boxes over boxes or beyond the window, cut texts, sounds
    without a fader, faders that open where they should not."""
    objects, faces = (PD, PD_UI) if host == "pd" else (MAX, MAX_UI)
    for number, box in enumerate(page.boxes):
        if box.kind == "obj":
            try:
                inlets, outlets = counts(box.text, objects, host)
            except KeyError:
                yield f"{box.text}: no object that the package may use"
                continue
            if (inlets, len(outlets)) != (box.inlets, len(box.outlets)):
                yield f"{box.text}: {box.inlets} inlets and {len(box.outlets)} outlets are not its own"
        if box.kind == "ui" and box.text not in faces:
            yield f"{box.text}: no face that the package may use"
        if box.x < 0 or box.y < 0 or box.x + box.width > WIDE or box.y + box.height > HIGH:
            yield f"{box.text}: lies beyond the window"
        if box.kind == "text" and box.height < room_of(box.text, box.width)[1] - 1:
            yield f"{box.text}: is cut off"
        for other in page.boxes[number + 1 :]:
            if box.overlaps(other):
                yield f"{box.text} and {other.text} lie over each other"
    for cord in page.cords:
        if max(cord.source, cord.target) >= len(page.boxes):
            yield f"a cord from {cord.source} to {cord.target} joins nothing"
            continue
        source, target = page.boxes[cord.source], page.boxes[cord.target]
        if cord.outlet >= len(source.outlets) or cord.inlet >= target.inlets:
            yield f"a cord from {source.text} to {target.text} joins nothing"
    yield from _loudness(page)


def _loudness(page: Page) -> Iterator[str]:
    """Every sound passes a fader on its way to the loudspeakers; one that a microphone comes to
    opens at silence, and no other does."""
    for cord in _sounds(page):
        source, target = page.boxes[cord.source], page.boxes[cord.target]
        if target.text in ("dac~", "ezdac~") and not _is_fader(source):
            yield f"{source.text}: reaches the loudspeakers without a fader"
    for number, box in enumerate(page.boxes):
        if _is_fader(box):
            live = any(page.boxes[n].text.startswith(LIVE) for n in _from(page, number))
            if live and _opens(page, number):
                yield f"{box.text}: a microphone's, and does not open at silence"
            if not live and not _opens(page, number):
                yield f"{box.text}: opens at silence"


def _is_fader(box: Box) -> bool:
    return box.text == ("level" if box.page else "gain~")


def _opens(page: Page, fader: int) -> bool:
    """Whether it lets sound through when the patch opens; a level stands where its slider does."""
    told = [page.boxes[cord.source] for cord in page.cords if cord.target == fader]
    if page.boxes[fader].page:
        return any(box.attributes.get("opens") for box in told)
    return any(box.text.startswith("loadmess ") for box in told)


def _sounds(page: Page) -> list[Cord]:
    """The cords that carry sound."""
    count = len(page.boxes)
    there = [cord for cord in page.cords if max(cord.source, cord.target) < count]
    kinds = [page.boxes[cord.source].outlets[cord.outlet :] for cord in there]
    return [cord for cord, kind in zip(there, kinds, strict=True) if kind[:1] == ("signal",)]


def _from(page: Page, number: int) -> set[int]:
    """The boxes that what sounds at a box has come through, back to what made it."""
    found: set[int] = set()
    ahead = [number]
    while ahead:
        here = ahead.pop()
        before = {cord.source for cord in _sounds(page) if cord.target == here} - found
        found |= before
        made = ("sideman~", "gain~")  # another sound, or one that is looked at for itself
        ahead += [n for n in before if not page.boxes[n].text.startswith(made)]
    return found


def _tabs(root: Page) -> Iterator[str]:
    names = [box.text for box in root.boxes if box.page]
    if len(names) < 2 or names[-1] != "?":
        yield "a help has at least two tabs, and the last one is ?"
    if len(names) != len(root.boxes):
        yield "the root of a help holds tabs alone"
    for page in root.pages():
        for box in page.boxes:
            if box.text in ("ezdac~", "ezadc~") and box.attributes.get("local") != 1:
                yield f"{page.name}: {box.text}: switches the audio of every tab"
