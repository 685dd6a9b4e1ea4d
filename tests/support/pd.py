"""Real Pure Data for tests: headless, without a sound card, a patch in and lines and WAVs out.

Paced in real time unless `batch`: in batch mode logical time outruns the worker, so use it only
where nothing has to be answered.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.playing.pd_patch import Patch

__all__ = [
    "SAYS", "Run", "external_folder", "needs_pd", "on_load", "quit_after", "run",
    "save_wav", "tells_channels",
]  # fmt: skip

SAYS = "says"


def external_folder() -> Path:
    """The folder of sideman~.pd_linux: SIDEMAN_PD_PATH, or this checkout's release build."""
    given = os.environ.get("SIDEMAN_PD_PATH")
    return Path(given) if given else Path(__file__).resolve().parents[2] / "build/release/pd"


needs_pd = pytest.mark.skipif(
    shutil.which("pd") is None or not list(external_folder().glob("sideman~.*")),
    reason=f"no pd on the path, or no sideman~ in {external_folder()}: run make pd",
)


@dataclass(frozen=True)
class Run:
    """How Pd ended: its exit code, its lines, and the times of each and of its end."""

    code: int
    lines: list[str]
    times: list[float]
    ended: float

    def seconds_after(self, line: str) -> float:
        """How long Pd lived on after it said a line."""
        return self.ended - self.times[self.lines.index(line)]

    @property
    def said(self) -> list[str]:
        """What came out of boxes that end in [print says]."""
        return [line.removeprefix(f"{SAYS}: ") for line in self.lines if line.startswith(SAYS)]

    @property
    def printed(self) -> list[str]:
        """The object's own console lines."""
        mark = "sideman~: "
        return [line[line.index(mark) + len(mark) :] for line in self.lines if mark in line]

    @property
    def complaints(self) -> list[str]:
        """Those lines without what a busy machine may make of a good patch: a hop that came late."""
        return [line for line in self.printed if not line.startswith("hop ")]


def tells_channels(program: str) -> bool:
    """Whether this Pd's snapshot~ tells how many channels a signal has, as it does from 0.56 on (0.54
    and 0.55 have such signals, but no object that counts them); false where there is none."""
    if shutil.which(program) is None:
        return False
    told = subprocess.run([program, "-version"], capture_output=True, text=True, check=False)
    version = re.search(r"Pd-(\d+)\.(\d+)", told.stdout + told.stderr)
    return version is not None and (int(version[1]), int(version[2])) >= (0, 56)


def run(
    patch: Patch, folder: Path, *, timeout: float = 30.0, batch: bool = False, rate: int = 44100,
    program: str = "pd",
) -> Run:  # fmt: skip
    """Play a patch until it quits; fails the test when it does not quit in time."""
    (folder / "test.pd").write_text(patch.text(), encoding="utf-8")
    command = [program, "-nogui", "-noprefs", "-noaudio", "-stderr", "-r", str(rate)]
    command += ["-path", str(external_folder().resolve()), *(["-batch"] if batch else []), "test.pd"]
    lines, times, began = [], [], time.monotonic()
    with subprocess.Popen(
        command, cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace",
    ) as process:
        late = threading.Timer(timeout, process.kill)
        late.start()
        for line in process.stderr:
            lines.append(line.rstrip("\n"))
            times.append(time.monotonic())
        code, ended = process.wait(), time.monotonic()
        late.cancel()
    if ended - began >= timeout:
        pytest.fail(f"Pd did not quit within {timeout} s; it said:\n" + "\n".join(lines))
    return Run(code, lines, times, ended)


def on_load(patch: Patch, *messages: str, target: int | None = None) -> None:
    """Send messages when the patch is loaded, in their order."""
    trigger = patch.box("t " + " ".join("b" for _ in messages))
    patch.chain(patch.box("loadbang"), trigger)
    for index, text in enumerate(reversed(messages)):
        box = patch.message(text)
        patch.cord(trigger, index, box)
        if target is not None:
            patch.cord(box, 0, target)


def quit_after(patch: Patch, milliseconds: float, start: int | None = None) -> None:
    """Quit Pd so long after loading, or after a bang from the box `start`."""
    delay = patch.box(f"delay {milliseconds:g}")
    patch.cord(patch.box("loadbang") if start is None else start, 0, delay)
    patch.chain(delay, patch.message(r"\; pd quit"))


def save_wav(path: Path, samples: np.ndarray, rate: int = 44100) -> None:
    """Write [samples] or [samples, channels] as float32."""
    soundfile.write(path, samples, rate, subtype="FLOAT")
