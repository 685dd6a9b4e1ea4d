"""Several sideman~ in real Pd at one server: each plays what it heard itself, and in time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.playing.pd_patch import Patch
from support import pd
from support.server_process import ServerProcess

pytestmark = pd.needs_pd

RATE, FRAME, HOP, LEAD = 44100, 2048, 4, 12
SECONDS = 6


@pytest.fixture
def server():
    there = ServerProcess()
    yield there
    there.end()


def noise(number: int) -> np.ndarray:
    chance = np.random.default_rng(number)
    return chance.uniform(-0.5, 0.5, SECONDS * RATE).astype(np.float32)


def add_object(patch: Patch, folder: Path, port: int, number: int) -> None:
    """An object that hears its own noise and is recorded beside it, from when it is ready."""
    pd.save_wav(folder / f"in{number}.wav", noise(number))
    sideman = patch.box(f"sideman~ echo @backend remote @port {port} @hop {HOP} @lead {LEAD}")
    reader, writer = patch.box("readsf~ 1"), patch.box("writesf~ 2")
    for inlet, source in enumerate((reader, sideman)):
        patch.cord(source, 0, writer, inlet)
    patch.cord(reader, 0, sideman)
    pd.on_load(patch, f"open in{number}.wav", target=reader)
    pd.on_load(patch, f"open -wave -bytes 4 out{number}.wav", target=writer)
    ready = [patch.box(text) for text in ("route status", "route ready", "t b b")]
    patch.cord(sideman, 1, ready[0])
    patch.chain(*ready)
    for outlet, (word, target) in enumerate((("1", reader), ("start", writer))):
        message = patch.message(word)
        patch.cord(ready[2], outlet, message)
        patch.chain(message, target)
    stop = patch.message("stop")
    patch.cord(reader, 1, stop)
    patch.chain(stop, writer)


def play(folder: Path, port: int, numbers: tuple[int, int]) -> pd.Run:
    folder.mkdir()
    patch = Patch()
    for number in numbers:
        add_object(patch, folder, port, number)
    pd.on_load(patch, r"\; pd dsp 1")
    pd.quit_after(patch, 1000 * (SECONDS + 4))
    return pd.run(patch, folder, timeout=60)


def right_hops(path: Path) -> tuple[int, int]:
    """(hops, those that are the hop heard a delay earlier); fails where another sound is in one."""
    recorded, _ = soundfile.read(path, dtype="float32")
    heard, played = recorded[:, 0], recorded[:, 1]
    delay = (HOP + LEAD) * FRAME
    expected = np.concatenate((np.zeros(delay, np.float32), heard[:-delay]))
    begin = int(np.flatnonzero(played)[0])
    same = played[begin:] == expected[begin:]
    silent = played[begin:] == 0
    size = HOP * FRAME
    hops = [slice(i, i + size) for i in range(size, same.size - size, size)]
    fading = np.abs(played[begin:]) <= np.abs(expected[begin:]) + 1e-6
    assert (fading | silent).all(), "a sound that this object never heard"
    return len(hops), sum(bool(same[hop].all()) for hop in hops)


def test_four_objects_in_two_processes_hear_nothing_of_each_other_and_are_served_alike(
    tmp_path, server
):
    folders = {tmp_path / "one": (1, 2), tmp_path / "other": (3, 4)}
    with ThreadPoolExecutor() as both:
        runs = list(both.map(lambda item: play(item[0], server.port, item[1]), folders.items()))
    assert [run.code for run in runs] == [0, 0], [run.lines for run in runs]
    for folder, numbers in folders.items():
        for number in numbers:
            hops, right = right_hops(folder / f"out{number}.wav")
            assert hops >= 20
            assert right >= hops - 2, f"object {number}: {hops - right} of {hops} hops late"
