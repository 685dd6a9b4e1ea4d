"""@mc 1 in real Pd: one outlet with a channel per part, and another number of parts while it plays."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.playing.pd_patch import Patch
from support import pd

pytestmark = pd.needs_pd

PD_NEWER = os.environ.get("SIDEMAN_PD_NEWER", "pd")
needs_channels = pytest.mark.skipif(
    not pd.tells_channels(PD_NEWER),
    reason=f"{PD_NEWER} is no Pd of 0.56 or later, whose snapshot~ counts channels: name one in "
    "SIDEMAN_PD_NEWER",
)
NAMES = "abcdefgh"
DELAY = 7 * 2048  # hop and lead
RATE = 44100


def parts(count: int) -> str:
    return "parts " + " ".join(NAMES[:count])


def record(
    source: str, count: int, changes: dict[int, str], seconds: float, folder: Path
) -> tuple[pd.Run, np.ndarray, list[int]]:
    """What went in and eight channels of what came out; and every count of channels there was.

    changes: messages by the milliseconds after the recording began.
    """
    patch = Patch()
    sideman = patch.box(f"sideman~ mini @backend echo @hop 1 @lead 6 @mc 1 @{parts(count)}")
    music, split, writer = (patch.box(text) for text in (source, "snake~ out 8", "writesf~ 9"))
    patch.cord(music, 0, sideman)
    patch.cord(music, 0, writer)
    patch.cord(sideman, 0, split)
    for channel in range(8):
        patch.cord(split, channel, writer, 1 + channel)
    look = patch.box("snapshot~")
    patch.cord(sideman, 0, look)
    patch.chain(patch.box("loadbang"), patch.box("metro 50"), look, patch.box("list length"),
                patch.box("change"), patch.box("print channels"))  # fmt: skip
    pd.on_load(patch, "open -wave -bytes 4 out.wav", target=writer)
    pd.on_load(patch, r"\; pd dsp 1")
    ready = [patch.box(text) for text in ("route status", "route ready", "t b")]
    patch.cord(sideman, 1, ready[0])
    patch.chain(*ready)
    patch.chain(ready[2], patch.message("start"), writer)
    for milliseconds, text in changes.items():
        patch.chain(ready[2], patch.box(f"delay {milliseconds}"), patch.message(text), sideman)
    patch.chain(ready[2], patch.box(f"delay {1000 * seconds:g}"), patch.message("stop"), writer)
    pd.quit_after(patch, 1000 * seconds + 200, ready[2])
    run = pd.run(patch, folder, program=PD_NEWER)
    assert run.code == 0, run.lines
    recorded, _ = soundfile.read(folder / "out.wav", dtype="float32")
    counts = [int(line.split()[1]) for line in run.lines if line.startswith("channels: ")]
    return run, recorded, counts


@needs_channels
@pytest.mark.parametrize("count", [1, 2, 4, 8])
def test_a_channel_for_each_part_bit_for_bit(count: int, tmp_path: Path) -> None:
    _, recorded, counts = record("noise~", count, {}, 2.0, tmp_path)
    assert counts[-1] == count
    begin = 1 * RATE  # beyond the fade
    music = recorded[begin - DELAY : -DELAY, 0]
    for channel in range(count):
        np.testing.assert_array_equal(recorded[begin:, 1 + channel], music)
    assert not recorded[:, 1 + count :].any()


@needs_channels
def test_another_number_of_parts_while_it_plays_makes_no_click(tmp_path: Path) -> None:
    changes = {1500: parts(8), 3000: parts(1), 4500: parts(4)}
    run, recorded, counts = record("osc~ 220", 2, changes, 6.0, tmp_path)
    assert counts[-4:] == [2, 8, 1, 4]
    steepest = np.abs(np.diff(recorded, axis=0)).max(axis=0)
    assert (steepest[1:] < 1.1 * steepest[0]).all()
    sounding = [np.abs(recorded[int(at * RATE) : int((at + 0.5) * RATE), 1:]).max(axis=0) > 0.5
                for at in (0.9, 2.4, 3.9, 5.4)]  # fmt: skip
    assert [channels.tolist() for channels in sounding] == [
        [channel < count for channel in range(8)] for count in (2, 8, 1, 4)
    ]
    assert run.complaints == []


@needs_channels
def test_without_mc_there_is_a_plain_outlet_for_each_part(tmp_path: Path) -> None:
    patch = Patch()
    sideman = patch.box("sideman~ mini @backend echo @parts a b")
    for part in range(2):
        look = patch.box("snapshot~")
        patch.cord(sideman, part, look)
        patch.chain(patch.box("loadbang"), patch.box("delay 300"), look, patch.box("list length"),
                    patch.box(f"print {pd.SAYS}"))  # fmt: skip
    pd.on_load(patch, r"\; pd dsp 1")
    pd.on_load(patch, parts(3), target=sideman)
    pd.quit_after(patch, 600)
    run = pd.run(patch, tmp_path, program=PD_NEWER)
    assert run.said == ["1", "1"]
    assert any(line.startswith("parts: this object has 2 signal outlets") for line in run.printed)


@needs_channels
def test_a_multichannel_signal_is_heard_as_the_mean_of_its_channels(tmp_path: Path) -> None:
    patch = Patch()
    sideman = patch.box("sideman~ mini @backend echo @hop 1 @lead 6")
    joined, writer = patch.box("snake~ in 2"), patch.box("writesf~ 3")
    for channel, source in enumerate(("noise~", "osc~ 220")):
        music = patch.box(source)
        patch.cord(music, 0, joined, channel)
        patch.cord(music, 0, writer, channel)
    patch.cord(joined, 0, sideman)
    patch.cord(sideman, 0, writer, 2)
    pd.on_load(patch, "open -wave -bytes 4 out.wav", target=writer)
    pd.on_load(patch, r"\; pd dsp 1")
    ready = [patch.box(text) for text in ("route status", "route ready", "t b")]
    patch.cord(sideman, 1, ready[0])
    patch.chain(*ready)
    patch.chain(ready[2], patch.message("start"), writer)
    patch.chain(ready[2], patch.box("delay 2000"), patch.message("stop"), writer)
    pd.quit_after(patch, 2200, ready[2])
    assert pd.run(patch, tmp_path, program=PD_NEWER).code == 0
    recorded, _ = soundfile.read(tmp_path / "out.wav", dtype="float32")
    mean = recorded[RATE - DELAY : -DELAY, :2].mean(axis=1)
    np.testing.assert_allclose(recorded[RATE:, 2], mean, atol=1e-6)
    assert np.abs(mean).max() > 0.3


@pytest.mark.skipif(pd.tells_channels("pd"), reason="this Pd has multichannel signals")
def test_an_older_pd_says_so_and_gives_an_outlet_for_each_part(tmp_path: Path) -> None:
    patch = Patch()
    sideman = patch.box("sideman~ mini @backend echo @hop 1 @lead 6 @mc 1 @parts a b")
    patch.cord(sideman, 2, patch.box("route status"))  # the messages are at the right of both
    for part in range(2):
        patch.cord(sideman, part, patch.box("snapshot~"))
    pd.on_load(patch, r"\; pd dsp 1")
    pd.quit_after(patch, 600)
    run = pd.run(patch, tmp_path)
    assert run.code == 0
    assert [line.partition(":")[0] for line in run.complaints] == ["mc"]
    assert "0.54" in run.complaints[0]
    assert not any("connect" in line for line in run.lines)
