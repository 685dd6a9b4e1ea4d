"""Plays in real Pure Data: headless, without a sound card, in real time.

The patch feeds a file to `[sideman~]` soon after the object says `status ready`, records the inlet and
every part side by side (so they are aligned to the sample), asks for `info` twenty times a second
and prints what the object says; this module reads those lines (externals/host/README.md has them).
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sideman import audio
from sideman.errors import ModelError, SidemanError
from sideman.folders import check_ours
from sideman.playing.pd_patch import Patch, escape, unescape
from sideman.playing.performance import Listener, Performance, Request, Tick

__all__ = ["available", "no_external", "patch_text", "perform"]

SAYS = "sideman-says"
TICK_MS = 50
LOAD_TIMEOUT_S, LEAVE_TIMEOUT_S = 180.0, 5.0
TAIL_MS = 1500
RISE_MS = 60  # longer than any `fade`: what plays first rises over one, and shall do so before the music
FILES = ("in.wav", "out.wav", "pd.log", "play.pd")
PLACE = "SIDEMAN_PD_PATH"  # names the folder of sideman~ for Pd
CHECKOUT = Path(__file__).resolve().parents[3]  # unless pip has copied the package
LINE = re.compile(r"(?:error: )?sideman~: (.*)")  # of the object; Pd marks its errors


def available() -> bool:
    """Whether Pd and the external are at hand."""
    return shutil.which("pd") is not None and any(_external_folder().glob("sideman~.*"))


def no_external() -> str:
    """That the external is not where it is looked for, and what to do, for the end of a line."""
    if given := os.environ.get(PLACE):
        return f"no sideman~ for Pd in {given}: set {PLACE} to the folder that holds it"
    if (CHECKOUT / "CMakePresets.json").is_file():
        return "sideman~ for Pd is not built; run: make pd"
    return (
        "no sideman~ for Pd is known here: build it in a checkout (make pd) and set "
        f"{PLACE} to the folder that holds it, build/release/pd there"
    )


def _external_folder() -> Path:
    """Where sideman~ for Pd lies: SIDEMAN_PD_PATH, or the release build of this checkout."""
    given = os.environ.get(PLACE)
    return Path(given) if given else CHECKOUT / "build" / "release" / "pd"


def _word(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def patch_text(request: Request) -> str:
    """The patch; it reads in.wav and writes out.wav in its own folder."""
    music, patch = request.music, Patch()
    settings = {"python": sys.prefix, **request.settings}
    model = escape(str(settings.pop("model", "mini")))
    words = [
        f"@{name} " + " ".join(escape(_word(one)) for one in (value if isinstance(value, list) else [value]))
        for name, value in settings.items()
        if value not in ("", [])
    ]
    parts = " ".join(escape(part) for part in request.parts)
    sideman = patch.box(f"sideman~ {model} @parts {parts} {' '.join(words)}")
    reader = patch.box("readsf~ 1")
    writer = patch.box(f"writesf~ {1 + len(request.parts)}")
    patch.cord(reader, 0, sideman)
    patch.cord(reader, 0, writer, 0)
    for index in range(len(request.parts)):
        patch.cord(sideman, index, writer, 1 + index)
    says = len(request.parts)
    patch.cord(sideman, says, patch.box(f"print {SAYS}"))

    # On load: open the files and switch the audio on; the object is loading its model by itself.
    loaded = patch.box("loadbang")
    for text, target in (
        ("open in.wav", reader),
        (r"open -wave -bytes 4 out.wav", writer),
        (r"\; pd dsp 1", None),
    ):
        message = patch.message(text)
        patch.cord(loaded, 0, message)
        if target is not None:
            patch.cord(message, 0, target)

    # Soon after the first `status ready`: record, play, tell the clock, ask for the figures.
    ready = [patch.box(text) for text in ("route status", "route ready", "spigot 1", "t b b")]
    patch.cord(sideman, says, ready[0])
    patch.chain(*ready)
    begin = patch.box(f"delay {RISE_MS}")
    patch.cord(ready[3], 0, begin)
    shut, ask = patch.message("0"), patch.message("info")
    patch.cord(ready[3], 1, shut)
    patch.cord(shut, 0, ready[2], 1)
    metro = patch.box(f"metro {TICK_MS}")
    start_reader, start_writer = patch.message("1"), patch.message("start")
    patch.chain(start_reader, reader)
    patch.chain(start_writer, writer)
    patch.chain(metro, ask, sideman)
    for target in (start_reader, start_writer, metro):
        patch.cord(begin, 0, target)
    if music.bpm is not None:
        tempo = patch.message(rf"meter {music.beats_per_bar} \, tempo {music.bpm:g}")
        downbeat = patch.box(f"delay {1000 * music.downbeat_s:g}")
        patch.cord(begin, 0, tempo)
        patch.chain(tempo, sideman)
        patch.cord(begin, 0, downbeat)
        patch.chain(downbeat, patch.message("beat 1"), sideman)

    # At the end of the file: let the last slots sound, close the recording, leave.
    tail = patch.box(f"delay {TAIL_MS}")
    stop, flush, leave = patch.message("stop"), patch.box("delay 300"), patch.message(r"\; pd quit")
    patch.cord(reader, 1, tail)
    patch.chain(tail, stop, writer)
    patch.chain(tail, flush, leave)
    return patch.text()


def perform(request: Request, on_tick: Listener, work: Path) -> Performance:
    """Play the music in Pd. The files of an earlier performance in `work` are replaced.

    What Pd said is in pd.log, however it ends. Raises SettingsError where `work` holds anything
    else, SidemanError when Pd or the external is missing or the host ends badly, ModelError with the
    object's own line when the model cannot be opened.
    """
    if not available():
        why = "no pd on the path; install Pure Data" if not shutil.which("pd") else no_external()
        raise SidemanError(f"cannot play in Pure Data: {why}; or play without: --host none")
    check_ours(work, lambda found: found.name in FILES, "give another --out")
    work.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (work / name).unlink(missing_ok=True)
    audio.save(work / "in.wav", request.music.mono, request.music.rate)
    (work / "play.pd").write_text(patch_text(request), encoding="utf-8")
    command = ["pd", "-nogui", "-noprefs", "-noaudio", "-stderr", "-r", str(request.music.rate),
               "-path", str(_external_folder().resolve()), "play.pd"]  # fmt: skip
    log, said = _Log(on_tick), work / "pd.log"
    with subprocess.Popen(
        command, cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE, text=True, errors="replace",
    ) as pd:  # fmt: skip
        try:
            _follow(pd, log, request.music.seconds)
        except (queue.Empty, subprocess.TimeoutExpired) as error:
            raise SidemanError(
                f"Pure Data did not come to an end in time; its words are in {said}"
            ) from error
        finally:
            pd.kill()
            said.write_text("\n".join(log.lines) + "\n", encoding="utf-8")
    if pd.returncode != 0:
        raise SidemanError(f"Pure Data ended with code {pd.returncode}; its words are in {said}")
    recorded, rate = audio.load(work / "out.wav")
    return Performance(
        "pd", recorded[0], recorded[1:], rate, log.facts, tuple(log.ticks), tuple(log.console)
    )


@dataclass
class _Log:
    """Understands the lines that Pd prints."""

    on_tick: Listener
    lines: list[str] = field(default_factory=list)
    console: list[str] = field(default_factory=list)
    ticks: list[Tick] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    state: str = "idle"
    error: str = ""
    _before: dict[str, int] = field(default_factory=dict)

    def take(self, line: str) -> None:
        self.lines.append(line)
        if line.startswith(f"{SAYS}: "):
            self._said(line.removeprefix(f"{SAYS}: ").split())
        elif told := LINE.fullmatch(line):
            self.console.append(told[1])

    def _said(self, words: list[str]) -> None:
        if words[0] == "status":
            self.state = words[1]
            if not self.ticks:
                self.on_tick(Tick(0.0, self.state))
        elif words[0] == "error":
            self.error = unescape(" ".join(words[1:]))
        elif words[:2] == ["info", "end"]:
            self._tick()
        elif words[0] == "info":
            self.facts[words[1]] = _value(words[2:])

    def _tick(self) -> None:
        counters = {name: int(self.facts[name]) for name in ("hops", "late", "missed")}
        self._before = self._before or counters
        counted = {name: count - self._before[name] for name, count in counters.items()}
        self.ticks.append(Tick(len(self.ticks) * TICK_MS / 1000, self.state, **counted))
        self.on_tick(self.ticks[-1])


def _value(words: list[str]) -> Any:
    if len(words) != 1:
        return words
    try:
        number = float(words[0])
    except ValueError:
        return words[0]
    return int(number) if number.is_integer() else number


def _follow(pd: subprocess.Popen[str], log: _Log, seconds: float) -> None:
    """Read Pd's lines until it ends. Raises ModelError when the model fails, queue.Empty or
    subprocess.TimeoutExpired when nothing moves any more."""
    lines: queue.Queue[str | None] = queue.Queue()

    def read() -> None:
        for line in pd.stderr or ():
            lines.put(line.rstrip("\n"))
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    deadline = time.monotonic() + LOAD_TIMEOUT_S
    while (line := lines.get(timeout=max(0.0, deadline - time.monotonic()))) is not None:
        started = bool(log.ticks)
        log.take(line)
        if log.ticks and not started:
            deadline = time.monotonic() + 1.5 * seconds + TAIL_MS / 1000 + 30
        # Once music plays an error is a hop that failed: it is counted, and the patch plays on.
        if log.state == "error" and not log.ticks:
            raise ModelError(log.error or (log.console[-1] if log.console else "the model failed"))
    pd.wait(LEAVE_TIMEOUT_S)
