"""In real Pd: what is rendered is what is played, bit for bit; what is recorded is what sounded."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.audio import load
from sideman.playing.pd_patch import Patch
from support import pd
from tools.patches.__main__ import ROOT

pytestmark = pd.needs_pd

RATE = 44100
ECHO = "@backend echo @hop 2 @lead 1"
SECONDS = 60.0 if os.environ.get("SIDEMAN_LONG") else 8.0


def when(patch: Patch, sideman: int, outlet: int, *words: str) -> int:
    """A box that bangs once the object has said these words."""
    last = sideman
    for word in words:
        route = patch.box(f"route {word}")
        patch.cord(last, outlet, route)
        last, outlet = route, 0
    bang = patch.box("t b")
    patch.chain(last, bang)
    return bang


def music(path: Path, seconds: float) -> None:
    """The package's context, again and again."""
    import sideman

    demo, _ = load(Path(sideman.__file__).parent / "media" / "duo_context.flac")
    pd.save_wav(path, np.resize(demo[0], int(seconds * RATE)))


def render_then_play(folder: Path, arguments: str, seconds: float) -> pd.Run:
    """Render the song; then play it live from its first sample, and record that."""
    patch = Patch()
    for table in ("song", "rendered", "heard", "played"):
        patch.box(f"table {table} 100")
    files = patch.box("soundfiler")
    sideman = patch.box(f"sideman~ {arguments}")
    patch.cord(sideman, 1, patch.box(f"print {pd.SAYS}"))
    player = patch.box("tabplay~ song")
    patch.chain(player, sideman)
    pd.on_load(patch, "read -resize in.wav song", target=files)

    ready = when(patch, sideman, 1, "status", "ready")
    render = patch.message("render song rendered")
    patch.chain(ready, patch.box("t b"), render)
    patch.cord(render, 0, sideman)

    rendered = when(patch, sideman, 1, "render", "done")
    steps = patch.box("t b b b")  # from the right: record, audio on, the song
    patch.chain(rendered, patch.box("delay 500"), steps)  # Pd has caught up with its writing
    record = patch.message(f"record heard played {seconds:g}")
    patch.cord(record, 0, sideman)
    on, start = patch.message(r"\; pd dsp 1"), patch.message("bang")
    for outlet, box in enumerate((start, on, record)):
        patch.cord(steps, outlet, box)
    patch.chain(start, player)

    recorded = when(patch, sideman, 1, "record", "done")
    end = patch.box("t b b b b")
    patch.chain(recorded, end)
    last = patch.message(r"\; pd quit")
    patch.cord(end, 0, last)
    for outlet, table in enumerate(("rendered", "heard", "played"), start=1):
        save = patch.message(f"write -wave -bytes 4 {table}.wav {table}")
        patch.cord(end, outlet, save)
        patch.chain(save, files)
    return pd.run(patch, folder, timeout=60 + 4 * seconds)


def sound(path: Path) -> np.ndarray:
    return soundfile.read(path, dtype="float32")[0]


@pytest.mark.parametrize(
    "arguments",
    [
        "mini @backend echo @parts bass @hop 2 @lead 2",
        f"mini @python {sys.prefix} @parts bass @lead 8 @seed 5",
    ],
    ids=["echo", "mini"],
)
def test_a_rendered_part_is_bit_for_bit_the_live_one(tmp_path: Path, arguments: str) -> None:
    seconds = SECONDS if "python" in arguments else 4.0
    music(tmp_path / "in.wav", seconds)
    run = render_then_play(tmp_path, arguments, seconds)
    assert run.code == 0
    assert not any("late " in line or "error" in line for line in run.said), "\n".join(run.said)
    song = sound(tmp_path / "in.wav")
    rendered, heard, played = (sound(tmp_path / f"{n}.wav") for n in ("rendered", "heard", "played"))
    assert len(rendered) == len(song)
    first = int(np.flatnonzero(heard == song[np.flatnonzero(song)[0]])[0]) - np.flatnonzero(song)[0]
    count = min(len(heard) - first, len(song))
    np.testing.assert_array_equal(heard[first : first + count], song[:count])
    np.testing.assert_array_equal(played[first : first + count], rendered[:count])
    assert np.abs(rendered).max() > 0.01


def test_arrays_that_are_not_there_or_too_few_are_refused_in_one_line(tmp_path: Path) -> None:
    patch = Patch()
    patch.box("table one 100")
    sideman = patch.box("sideman~ mini @backend echo @parts bass drums")
    pd.on_load(patch, "record one 1", "render one nowhere nowhere", target=sideman)
    pd.quit_after(patch, 500)
    run = pd.run(patch, tmp_path)
    assert any("an array holds one channel: name 3 of them" in line for line in run.printed)


def test_the_example_renders_the_chosen_file(tmp_path: Path) -> None:
    text = (ROOT / "examples" / "buffers.pd").read_text(encoding="utf-8")
    text = text.replace("openpanel", "r chosen").replace("sideman~ mini", f"sideman~ mini {ECHO}")
    render = "render sideman-song sideman-part"
    text = re.sub(rf"#X msg (\d+ \d+) {render};", r"#X obj \1 pressed;", text)
    (tmp_path / "example.pd").write_text(text, encoding="utf-8")
    pressed = Patch()
    pressed.chain(pressed.box("r press"), pressed.message(render), pressed.box("outlet"))
    (tmp_path / "pressed.pd").write_text(pressed.text(), encoding="utf-8")
    music(tmp_path / "in.wav", 2.0)
    patch = Patch()
    patch.box("example")
    files = patch.box("soundfiler")
    for after, message in (
        (500, r"\; chosen symbol in.wav"),
        (1500, r"\; press bang"),
        (3500, "write -wave -bytes 4 part.wav sideman-part"),
    ):
        box = patch.message(message)
        patch.chain(patch.box("loadbang"), patch.box(f"delay {after}"), box)
        if message.startswith("write"):
            patch.chain(box, files)
    pd.quit_after(patch, 4500)
    run = pd.run(patch, tmp_path)
    assert any("render done sideman-part" in line for line in run.lines), "\n".join(run.lines)
    song, part = sound(tmp_path / "in.wav"), sound(tmp_path / "part.wav")
    assert len(part) == len(song)
    np.testing.assert_array_equal(part[3 * 2048 + 2048 :], song[2048 : -3 * 2048])
