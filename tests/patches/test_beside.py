"""What belongs to a patch may lie beside it, wherever Pd was started."""

from __future__ import annotations

from pathlib import Path

from sideman.models.places import find_model
from sideman.playing.pd_patch import Patch
from support import pd

pytestmark = pd.needs_pd


def test_a_model_is_found_by_a_path_from_the_patch(tmp_path: Path) -> None:
    inner = tmp_path / "set"
    (inner / "models").mkdir(parents=True)
    (inner / "models" / "mine").symlink_to(find_model("mini"), target_is_directory=True)
    abstraction = Patch()
    sideman = abstraction.box("sideman~ models/mine @parts bass")
    abstraction.cord(sideman, 1, abstraction.box("s said"))
    (inner / "song.pd").write_text(abstraction.text(), encoding="utf-8")
    patch = Patch()
    patch.box("set/song")
    heard = patch.box("r said")
    patch.cord(heard, 0, patch.box(f"print {pd.SAYS}"))
    done = patch.box("route status")
    end = patch.box("route ready error")
    patch.chain(heard, done, end)
    for outlet in range(2):
        patch.cord(end, outlet, later := patch.box("del 50"))
        patch.chain(later, patch.message(r"\; pd quit"))
    run = pd.run(patch, tmp_path)
    assert run.code == 0, run.lines
    assert any(line.startswith("status ready") for line in run.said), run.lines


def test_a_path_that_leads_nowhere_is_told_whole(tmp_path: Path) -> None:
    patch = Patch()
    sideman = patch.box("sideman~ models/none")
    states = [patch.box(text) for text in ("route status", "route error", "del 50")]
    patch.cord(sideman, 1, states[0])
    patch.chain(*states, patch.message(r"\; pd quit"))
    run = pd.run(patch, tmp_path)
    assert any(f"no model.json in {tmp_path}" in line.replace("/private", "") for line in run.lines), run.lines
