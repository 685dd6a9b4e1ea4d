"""Objects come and go in real Pd, and Pd quits while they compute."""

from __future__ import annotations

from pathlib import Path

from sideman.playing.pd_patch import Patch
from support import pd

pytestmark = pd.needs_pd


def test_objects_are_made_and_deleted_by_the_patch_with_dsp_on(tmp_path: Path) -> None:
    """Every 20 ms a sub-patch is cleared and gets a new object, whose worker is busy."""
    (tmp_path / "inner.pd").write_text(Patch().text(), encoding="utf-8")
    patch = Patch()
    patch.box("inner")
    arguments = "@backend echo @hop 1 @lead 1 @delay 20"
    boxes = ("osc~ 220", f"sideman~ mini {arguments}", "dac~", f"print {pd.SAYS}")
    made = [rf"\; pd-inner.pd obj 20 {20 + 30 * row} {box}" for row, box in enumerate(boxes)]
    cords = [rf"\; pd-inner.pd connect {cord}" for cord in ("0 0 1 0", "1 0 2 0", "1 1 3 0")]
    cycle = patch.message(" ".join([r"\; pd-inner.pd clear", *made, *cords]))
    metro, counter = patch.box("metro 20"), patch.box("f")
    plus, limit = patch.box("+ 1"), patch.box("sel 100")
    patch.chain(patch.box("loadbang"), metro, cycle)
    patch.cord(metro, 0, counter)
    patch.cord(counter, 0, plus)
    patch.cord(plus, 0, counter, 1)
    patch.cord(plus, 0, limit)
    pd.on_load(patch, r"\; pd dsp 1")
    patch.chain(limit, patch.message(r"\; pd quit"))
    run = pd.run(patch, tmp_path)
    assert run.code == 0, run.lines
    assert run.printed == []
    assert run.said.count("status loading") > 50


def test_dsp_toggles_while_it_plays(tmp_path: Path) -> None:
    patch = Patch()
    sideman = patch.box("sideman~ mini @backend echo @hop 1 @lead 1 @delay 5")
    patch.cord(patch.box("osc~ 220"), 0, sideman)
    patch.cord(sideman, 1, patch.box(f"print {pd.SAYS}"))
    toggle = patch.box("tgl")
    metro = patch.box("metro 30")
    patch.chain(patch.box("loadbang"), metro, toggle, patch.message(r"\; pd dsp \$1"))
    pd.quit_after(patch, 2000)
    run = pd.run(patch, tmp_path)
    assert run.code == 0
    assert run.complaints == []
    assert [line for line in run.said if line.startswith("status lost")] == []


def test_quit_while_the_model_computes_ends_pd_within_two_seconds(tmp_path: Path) -> None:
    patch = Patch()
    for _ in range(4):
        sideman = patch.box("sideman~ mini @backend echo @hop 1 @lead 1 @delay 5000")
        patch.cord(patch.box("osc~ 220"), 0, sideman)
    pd.on_load(patch, r"\; pd dsp 1")
    both = patch.box("t b b")
    patch.chain(patch.box("loadbang"), patch.box("delay 1000"), both, patch.message(r"\; pd quit"))
    patch.cord(both, 1, word := patch.message("quits"))
    patch.chain(word, patch.box(f"print {pd.SAYS}"))
    run = pd.run(patch, tmp_path)
    assert run.code == 0, run.lines
    assert "terminate" not in "\n".join(run.lines)
    assert run.seconds_after(f"{pd.SAYS}: quits") < 2.0


def test_an_object_may_be_replaced_for_what_it_says_once_it_has_said_it(tmp_path: Path) -> None:
    """As in a patch that puts another in the place of one whose model did not open. Within its own word
    Pd itself takes no deletion (docs/troubleshooting.md)."""
    (tmp_path / "inner.pd").write_text(Patch().text(), encoding="utf-8")
    patch = Patch()
    patch.box("inner")
    arguments = "mini @backend echo @hop 1 @lead 1"
    boxes = ("osc~ 220", f"sideman~ {arguments}", "dac~", "s heard")
    made = [rf"\; pd-inner.pd obj 20 {20 + 30 * row} {box}" for row, box in enumerate(boxes)]
    cords = [rf"\; pd-inner.pd connect {cord}" for cord in ("0 0 1 0", "1 0 2 0", "1 1 3 0")]
    again = patch.message(" ".join([r"\; pd-inner.pd clear", *made, *cords]))
    patch.chain(patch.box("loadbang"), again)
    heard, status = patch.box("r heard"), patch.box("route status latency info")
    ready, counter = patch.box("route ready"), patch.box("f")
    plus, limit = patch.box("+ 1"), patch.box("sel 20")
    patch.chain(heard, status, ready, counter)
    patch.cord(counter, 0, plus)
    patch.cord(plus, 0, counter, 1)
    patch.cord(plus, 0, limit)
    patch.chain(limit, patch.message(r"\; pd quit"))
    patch.cord(limit, 1, later := patch.box("del 0"))
    patch.cord(later, 0, again)
    patch.cord(plus, 0, patch.box(f"print {pd.SAYS}"))
    pd.on_load(patch, r"\; pd dsp 1")
    run = pd.run(patch, tmp_path)
    assert run.code == 0, run.lines
    assert run.complaints == []
    assert len(run.said) == 19
