"""Every example in real Pd makes the sound that its text promises: each part from its own fader, as
loud as the echo says, one reaction after the music, the line of the second input beside it; one's
own playing once its fader is raised."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.playing.pd_patch import Patch
from support import pd
from tools.patches.contents.examples import EXAMPLES, Example
from tools.patches.__main__ import ROOT
from tools.patches.pd_file import HALF_WAY

RATE, FADER, LEVEL = 44100, 0.5, 0.25
SECONDS = 4.0
ECHO = "@backend echo @hop 4 @lead 2 @clock off"
REACTION = 6 * 2048  # hop and lead, in samples
pytestmark = pd.needs_pd


def played(example: Example, folder: Path, raised: bool = False) -> tuple[np.ndarray, list[str]]:
    """The two outputs [2, samples] while noise is heard, and Pd's own complaints.

    The example as it is but for its ends: a sound card's inputs are a recording, its outputs a
    file; and the echo answers, whose answer is known. raised: every fader stands where most do."""
    text = (ROOT / "examples" / f"{example.name}.pd").read_text(encoding="utf-8")
    text = re.sub(r"(#X obj \d+ \d+) adc~ (\d)", r"\1 r~ input\2", text)
    text = re.sub(r"(#X obj \d+ \d+) dac~", r"\1 ends", text)
    text = re.sub(r"(#X obj \d+ \d+ sideman~ [^;,]*)", rf"\1 {ECHO}", text)
    if raised:
        text, count = re.subn(r" 0 1;", f" {HALF_WAY} 1;", text)
        assert count == 1
    (folder / "example.pd").write_text(text, encoding="utf-8")
    ends = Patch()
    for side in ("left", "right"):
        ends.chain(ends.box("inlet~"), ends.box(f"throw~ {side}"))
    (folder / "ends.pd").write_text(ends.text(), encoding="utf-8")
    chance = np.random.default_rng(0)
    music = LEVEL * chance.uniform(-1, 1, (round(SECONDS * RATE), 2)).astype(np.float32)
    pd.save_wav(folder / "in.wav", music)
    patch = Patch()
    reader, writer = patch.box("readsf~ 2"), patch.box("writesf~ 2")
    for number in (1, 2):
        patch.cord(reader, number - 1, patch.box(f"s~ input{number}"))
    patch.box("example")
    for number, side in enumerate(("left", "right")):
        patch.cord(patch.box(f"catch~ {side}"), 0, writer, number)
    pd.on_load(patch, r"\; pd dsp 1")
    pd.on_load(patch, "open in.wav", target=reader)
    pd.on_load(patch, "open -bytes 4 out.wav", target=writer)
    both = patch.box("t b b")
    patch.chain(patch.box("loadbang"), patch.box("delay 1000"), both)  # the echo opens meanwhile
    for number, (word, target) in enumerate((("1", reader), ("start", writer))):
        box = patch.message(word)
        patch.cord(both, number, box)
        patch.chain(box, target)
    stop = patch.message("stop")
    patch.chain(patch.box("loadbang"), patch.box(f"delay {1000 * (SECONDS + 1)}"), stop, writer)
    pd.quit_after(patch, 1000 * (SECONDS + 1.5))
    run = pd.run(patch, folder)
    audio, _ = soundfile.read(folder / "out.wav", dtype="float32", always_2d=True)
    complaints = [line for line in run.lines if not line.startswith("sideman")]
    return audio.T, complaints


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_it_sounds_as_it_says(example: Example, tmp_path: Path) -> None:
    (left, right), complaints = played(example, tmp_path)
    assert complaints == []
    assert np.array_equal(left, right), "both loudspeakers play the same"
    music, _ = soundfile.read(tmp_path / "in.wav", dtype="float32", always_2d=True)
    heard = music[:, 0]
    apart = lags_of(left, heard)
    assert apart[REACTION] == pytest.approx(FADER * len(example.parts), rel=0.1)
    assert apart[0] == pytest.approx(0.0, abs=0.05)


def test_who_raises_his_fader_hears_himself_beside_the_part(tmp_path: Path) -> None:
    (example,) = (example for example in EXAMPLES if example.beside)
    (left, _), _ = played(example, tmp_path, raised=True)
    music, _ = soundfile.read(tmp_path / "in.wav", dtype="float32", always_2d=True)
    apart = lags_of(left, music[:, 0])
    assert apart[REACTION] == pytest.approx(FADER, rel=0.1)
    assert apart[0] == pytest.approx(FADER, rel=0.1)


def lags_of(sound: np.ndarray, heard: np.ndarray) -> dict[int, float]:
    """How loud `heard` is in a recording at no lag and at a reaction's: noise is like nothing but
    itself. Both began at once, to a block."""
    size = 1 << (len(sound) + len(heard)).bit_length()
    piece = heard[RATE : 3 * RATE]
    found = np.fft.rfft(sound, size) * np.conj(np.fft.rfft(piece, size))
    matched = np.fft.irfft(found, size) / np.square(piece).sum()
    return {
        lag: float(np.abs(matched[RATE + lag - 512 : RATE + lag + 512]).max())
        for lag in (0, REACTION)
    }
