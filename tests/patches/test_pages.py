"""The patches are what their programs write, hold together, and can be drawn."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from support import pd
from tools import pd_example
from tools.patches import drawing, lint, max_file, objects, pd_file
from tools.patches.__main__ import ROOT, written
from tools.patches.contents import panel
from tools.patches.max_file import MaxPage
from tools.patches.pd_file import PdPage

PATCHES = written()
paths = pytest.mark.parametrize("path", PATCHES, ids=lambda path: path.name)


@paths
def test_a_patch_is_what_its_program_writes(path: Path, tmp_path: Path) -> None:
    """After a change of the programs: python -m tools.patches write."""
    module, page = PATCHES[path]
    module.write(tmp_path / path.name, page)
    assert (tmp_path / path.name).read_text() == path.read_text()


@paths
def test_a_musician_trips_over_nothing(path: Path) -> None:
    assert lint.of_file(path) == []


@paths
def test_what_is_written_is_read_again(path: Path) -> None:
    module, page = PATCHES[path]
    found = module.read(path)
    for one, other in zip(page.pages(), found.pages(), strict=True):
        assert [(b.kind, b.text, b.x, b.y) for b in one.boxes] == [
            (b.kind, b.text, b.x, b.y) for b in other.boxes
        ]
        assert (one.cords, one.shown) == (other.cords, other.shown)


def test_pd_shows_the_displays_and_buttons_of_the_panel_where_it_lies() -> None:
    page = pd_file.read(ROOT / "patchers" / "sideman.panel.pd")
    x, y, wide, high = page.shown
    faces = [box for box in page.boxes if box.kind == "ui"]
    assert len(faces) == len(panel.WORDS) + len(panel.FIGURES) + len(panel.BUTTONS)
    for box in faces:
        assert x < box.x and box.x + box.width < x + wide
        assert y < box.y and box.y + box.height < y + high


def test_every_page_has_a_picture(tmp_path: Path) -> None:
    for path in PATCHES:
        for picture in drawing.draw_file(path, tmp_path):
            assert picture.stat().st_size > 5000
    names = {picture.name for picture in tmp_path.iterdir()}
    assert {"sideman.maxhelp-basic.png", "sideman-help.pd.png", "band.maxpat.png"} <= names


def test_no_file_lies_beside_those_that_are_written() -> None:
    found = {p for folder in ("help", "examples", "extras", "patchers") for p in (ROOT / folder).rglob("*.*")}
    assert found == {*PATCHES, pd_example.PLACE}


@pytest.mark.parametrize(("kind", "host"), [(MaxPage, "max"), (PdPage, "pd")])
def test_each_fault_is_found(kind: type, host: str) -> None:
    def complaints(page) -> str:
        return "\n".join(lint.of_page(page, host))

    page = kind("faults")
    first = page.obj("metro 2", 40, 40)
    assert complaints(page) == ""
    page.cord(first, first, outlet=1)
    assert "joins nothing" in complaints(page)
    page.cords.clear()
    page.text("beside", 60, 42)
    assert "lie over each other" in complaints(page)
    page.boxes.pop()
    page.text("far away", 900, 40)
    assert "beyond the window" in complaints(page)
    page.boxes.pop()
    page.boxes[page.text("many words in little room " * 3, 40, 90, 200)].height = 20
    assert "is cut off" in complaints(page)
    page.boxes.pop()
    page.boxes[first].text = "frobnicate~"
    assert "no object" in complaints(page)


def test_no_object_is_known_that_no_patch_uses() -> None:
    tables = {"max": {*objects.MAX, *objects.MAX_UI}, "pd": {*objects.PD, *objects.PD_UI}}
    for path, (_, whole) in PATCHES.items():
        boxes = [box for page in whole.pages() for box in page.boxes if box.kind in ("obj", "ui")]
        known = tables["pd" if path.suffix == ".pd" else "max"]
        known -= {name for name in known for box in boxes if f"{box.text} ".startswith(f"{name} ")}
    assert tables == {"max": set(), "pd": set()}


def test_max_leads_the_cords_of_messages_around_what_lies_between() -> None:
    page = MaxPage("cords")
    first, second = page.msg("one", 200, 40), page.msg("two", 200, 70)
    target = page.obj("print", 40, 150)
    beside = page.obj("print", 40, 60)
    for message in (first, second):
        page.to_inlet(message, target)
    page.to_inlet(second, beside)
    for cord in page.cords[:2]:
        left, below = page.boxes[cord.source].x, page.boxes[cord.source].y + 22
        assert [corner[1] for corner in cord.corners[:2]] == [below + 4] * 2
        assert cord.corners[1][0] == cord.corners[2][0] < left
        assert cord.corners[-1] == (page.boxes[target].x + 9.5, page.boxes[target].y - 8)
    assert page.cords[2].corners == ()


@pd.needs_pd
@pytest.mark.parametrize(
    "path", [p for p in PATCHES if p.suffix == ".pd"], ids=lambda path: path.name
)
def test_pd_has_the_inlets_and_outlets_that_the_page_says(path: Path, tmp_path: Path) -> None:
    """Pd refuses a cord to nothing when it opens a patch: so each box gets a cord to every end."""
    module, page = PATCHES[path]
    text = path.read_text(encoding="utf-8")
    ends = []
    count = len(page.boxes)
    for number, box in enumerate(page.boxes):
        for outlet, kind in enumerate(box.outlets):
            target = count + (1 if kind == "signal" else 0)
            ends.append(f"#X connect {number} {outlet} {target} 0;")
    body = "\n".join(line for line in text.splitlines() if not line.startswith("#X connect"))
    body = re.sub(r"(#X obj \d+ \d+ sideman~ [^;,]*)", r"\1 @backend echo", body)
    extra = "#X obj 10 650 print ends;\n#X obj 60 650 *~;"
    (tmp_path / "ends.pd").write_text("\n".join([body, extra, *ends, ""]), encoding="utf-8")
    opened = pd.Patch()
    opened.box("ends")
    pd.quit_after(opened, 100)
    run = pd.run(opened, tmp_path)
    assert [line for line in run.lines if "connect" in line or "couldn't create" in line] == []


def test_max_and_pd_say_the_same_in_the_examples() -> None:
    for path in PATCHES:
        if path.parent.name == "examples" and path.suffix == ".maxpat":
            both = (max_file.read(path), pd_file.read(path.with_suffix(".pd")))
            words = [
                {b.text for b in page.boxes if b.kind == "msg" and b.text and "$" not in b.text}
                for page in both
            ]
            if path.stem == "buffers":  # one buffer~ holds what takes several arrays
                words = [{text.split()[0] for text in told} - {"start"} for told in words]
            assert words[0] == words[1] - {"; pd dsp 1", ";"}, path.name
