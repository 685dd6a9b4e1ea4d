"""The help for Pd in real Pd: its example sounds, goes round and tells the object its tempo, and what
is clicked in the windows of the subjects reaches the object."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.playing.pd_patch import Patch
from support import pd
from tools import pd_example
from tools.patches import pd_file
from tools.patches.__main__ import ROOT
from tools.patches.page import Page

HELP = ROOT / "help" / "sideman~-help.pd"
MAIN = HELP.stem
RATE, BLOCK, FADER = 48000, 64, 0.5
SECONDS = 12.0


def number_of(page: Page, text: str) -> int:
    boxes = enumerate(page.boxes)
    return next(n for n, box in boxes if box.kind != "text" and box.text.startswith(text))


def opened(folder: Path, *sends: tuple[str, float, str, str]) -> None:
    """The help as it is, but with the echo, its ends in a file, and messages (page, milliseconds,
    message, box) that nobody has to click."""
    text = HELP.read_text(encoding="utf-8")
    text = re.sub(r"(#X obj \d+ \d+) dac~;", r"\1 ends;", text)
    text = re.sub(r"(#X obj \d+ \d+ sideman~ [^;,]*)", r"\1 @backend echo", text)
    lines = text.splitlines()
    pages = {page.name: page for page in pd_file.read(HELP).pages()}
    for name in {send[0] for send in sends}:
        own = [send[1:] for send in sends if send[0] == name]
        lines = with_clicks(lines, pages[name], name, own)
    (folder / "help.pd").write_text("\n".join([*lines, ""]), encoding="utf-8")
    shutil.copy(pd_example.PLACE, folder)


def with_clicks(
    lines: list[str], page: Page, name: str, sends: list[tuple[float, str, str]]
) -> list[str]:
    """The file with boxes behind those of a page, and their cords behind its own."""
    boxes, cords = [], []
    for milliseconds, message, box in sends:
        first = len(page.boxes) + len(boxes)
        boxes += ["#X obj 500 600 loadbang;", f"#X obj 500 600 del {milliseconds:g};",
                  f"#X msg 500 600 {message};"]  # fmt: skip
        chain = (first, first + 1, first + 2, number_of(page, box))
        cords += [f"#X connect {one} 0 {other} 0;" for one, other in zip(chain, chain[1:])]
    restored = [n for n, line in enumerate(lines) if line.endswith(f" pd {name};")]
    end = restored[0] if restored else len(lines)
    begin = next(n for n in range(end, 0, -1) if not lines[n - 1].startswith("#X connect"))
    return [*lines[:begin], *boxes, *lines[begin:end], *cords, *lines[end:]]


def ends(folder: Path) -> None:
    box = Patch()
    for side in ("left", "right"):
        box.chain(box.box("inlet~"), box.box(f"throw~ {side}"))
    (folder / "ends.pd").write_text(box.text(), encoding="utf-8")


def played(folder: Path) -> tuple[np.ndarray, pd.Run]:
    """The left loudspeaker, and what Pd said; faster than in real time, so the echo is late."""
    ends(folder)
    patch = Patch()
    writer = patch.box("writesf~ 2")
    patch.box("help")
    for number, side in enumerate(("left", "right")):
        patch.cord(patch.box(f"catch~ {side}"), 0, writer, number)
    pd.on_load(patch, r"\; pd dsp 1")
    pd.on_load(patch, "open -bytes 4 out.wav", "start", target=writer)
    over, stop = patch.box(f"del {1000 * SECONDS}"), patch.message("stop")
    patch.chain(patch.box("loadbang"), over, stop, writer)
    pd.quit_after(patch, 1000 * SECONDS + 500)
    run = pd.run(patch, folder, batch=True, rate=RATE)
    audio, _ = soundfile.read(folder / "out.wav", dtype="float32", always_2d=True)
    return audio[:, 0], run


@pd.needs_pd
def test_the_example_sounds_goes_round_and_tells_its_tempo_at_any_rate(tmp_path: Path) -> None:
    opened(tmp_path, (MAIN, 100.0, "1", "tgl"), (MAIN, 11000.0, "info", "sideman~"))
    sound, run = played(tmp_path)
    bars, rate = pd_example.four_bars()
    first = np.flatnonzero(sound)[0]
    start = np.flatnonzero(bars)[0]
    heard = sound[first : first + len(bars) - start]
    assert np.allclose(heard, FADER * bars[start:], atol=2e-3), "sample by sample, at half its level"
    again = sound[first - start + len(bars) :]
    begins = np.flatnonzero(np.abs(again) > 1e-4)[0] - np.flatnonzero(np.abs(FADER * bars) > 1e-4)[0]
    assert 0 <= begins <= 4 * BLOCK
    (bpm,) = (line.split()[-1] for line in run.lines if "clock_bpm" in line)
    assert float(bpm) == pytest.approx(113.4 * RATE / rate, rel=1e-4)


@pd.needs_pd
def test_switched_off_the_example_is_silent(tmp_path: Path) -> None:
    opened(tmp_path, (MAIN, 100.0, "1", "tgl"), (MAIN, 2000.0, "0", "tgl"))
    sound, _ = played(tmp_path)
    assert np.abs(sound[: 2 * RATE]).max() > 0.1
    assert np.abs(sound[round(2.1 * RATE) :]).max() == 0.0


@pd.needs_pd
def test_who_plays_himself_is_listened_to_and_the_example_takes_the_clock_back(tmp_path: Path) -> None:
    opened(
        tmp_path, (MAIN, 100.0, "1", "tgl"), (MAIN, 1000.0, "info", "sideman~"),
        (MAIN, 2000.0, "1", "sel 1"), (MAIN, 3000.0, "info", "sideman~"),
        (MAIN, 4000.0, "1", "tgl"), (MAIN, 5000.0, "info", "sideman~"),
    )  # fmt: skip
    _, run = played(tmp_path)
    sources = [line.split()[-1] for line in run.lines if "clock_source" in line]
    assert sources[0] == sources[2] == "hand"
    assert sources[1] != "hand"


@pd.needs_pd
def test_what_is_clicked_in_the_window_of_a_subject_reaches_the_object(tmp_path: Path) -> None:
    opened(tmp_path, ("clock", 500.0, "tempo 87", "s $0"), ("trouble", 1000.0, "info", "s $0"))
    _, run = played(tmp_path)
    assert [line.split()[-1] for line in run.lines if "clock_bpm" in line] == ["87"]


def test_the_example_is_what_its_program_writes(tmp_path: Path) -> None:
    pd_example.write(tmp_path / "again.wav")
    assert (tmp_path / "again.wav").read_bytes() == pd_example.PLACE.read_bytes()
