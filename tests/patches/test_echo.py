"""In real Pd the echo is the input, hop + lead later, bit for bit."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.playing.pd_patch import Patch
from support import pd

pytestmark = pd.needs_pd

FRAME = 2048


def play_through(patch: Patch, sideman: int, parts: int, folder: Path, samples: np.ndarray) -> None:
    """Join reader, object and writer; start when ready, stop at the end of the file."""
    pd.save_wav(folder / "in.wav", samples)
    reader, writer = patch.box("readsf~ 1"), patch.box(f"writesf~ {1 + parts}")
    patch.cord(reader, 0, sideman)
    patch.cord(reader, 0, writer)
    for part in range(parts):
        patch.cord(sideman, part, writer, 1 + part)
    patch.cord(sideman, parts, patch.box(f"print {pd.SAYS}"))
    pd.on_load(patch, "open in.wav", target=reader)
    pd.on_load(patch, "open -wave -bytes 4 out.wav", target=writer)
    pd.on_load(patch, r"\; pd dsp 1")
    ready = [patch.box(text) for text in ("route status", "route ready", "t b b b")]
    patch.cord(sideman, parts, ready[0])
    patch.chain(*ready)
    start, begin = patch.message("1"), patch.message("start")
    patch.cord(ready[2], 0, start)
    patch.cord(ready[2], 1, begin)
    patch.chain(start, reader)
    patch.chain(begin, writer)
    stop, wait = patch.message("stop"), patch.box("delay 300")
    patch.cord(reader, 1, stop)
    patch.cord(reader, 1, wait)
    patch.chain(stop, writer)
    patch.chain(wait, patch.message(r"\; pd quit"))


def noise(seconds: float) -> np.ndarray:
    rng = np.random.default_rng(5)
    return rng.uniform(-0.5, 0.5, int(44100 * seconds)).astype(np.float32)


def assert_delayed(recorded: np.ndarray, part: np.ndarray, delay: int) -> None:
    heard = np.flatnonzero(recorded)[0] + delay + FRAME
    expected = recorded[heard - delay : len(recorded) - delay]
    assert len(expected) > 44100
    np.testing.assert_array_equal(part[heard:], expected)


@pytest.mark.parametrize(("hop", "lead"), [(1, 12), (4, 12)])  # no hop is late, however busy the machine
def test_echo_is_bit_exact_at_hop_plus_lead(tmp_path: Path, hop: int, lead: int) -> None:
    patch = Patch()
    sideman = patch.box(f"sideman~ mini @backend echo @hop {hop} @lead {lead} @parts bass drums")
    play_through(patch, sideman, 2, tmp_path, noise(3.0))
    run = pd.run(patch, tmp_path)
    assert run.code == 0, run.lines
    recorded, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    delay = (hop + lead) * FRAME
    assert_delayed(recorded[:, 0], recorded[:, 1], delay)
    np.testing.assert_array_equal(recorded[:, 1], recorded[:, 2])
    assert [line for line in run.said if line.startswith("latency")] == [
        f"latency {delay} {1000 * delay / 44100:.6g}"
    ]


@pytest.mark.parametrize("block", [16, 1024])
def test_echo_is_bit_exact_in_another_block_size(tmp_path: Path, block: int) -> None:
    inner = Patch()
    inlet = inner.box("inlet~")
    sideman = inner.box("sideman~ mini @backend echo @hop 1 @lead 12")
    inner.box(f"block~ {block}")
    inner.cord(inlet, 0, sideman)
    # Pd orders a subpatch's outlets by their place: these two stand side by side.
    inner.cord(sideman, 0, inner.box("outlet~"))
    inner.cord(sideman, 1, inner.box("outlet"))
    (tmp_path / "inner.pd").write_text(inner.text(), encoding="utf-8")
    patch = Patch()
    play_through(patch, patch.box("inner"), 1, tmp_path, noise(3.0))
    run = pd.run(patch, tmp_path)
    assert run.code == 0, run.lines
    recorded, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    # Pd itself collects a larger block before it can be computed.
    assert_delayed(recorded[:, 0], recorded[:, 1], 13 * FRAME + max(0, block - 64))
