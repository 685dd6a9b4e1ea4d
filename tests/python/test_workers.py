"""Ctrl-C in a terminal reaches every process; the one that started the others answers alone."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups")

PARENT = """
import os, signal, sys, time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from sideman import workers

if __name__ == "__main__":
    pool = ProcessPoolExecutor(2, get_context("spawn"), getattr(workers, sys.argv[1]))
    with workers.unheard():
        waiting = [pool.submit(time.sleep, float(sys.argv[2])) for _ in range(2)]
    if sys.argv[3] == "late":
        time.sleep(1.0)  # they have started, and sleep
    try:
        print("begun", flush=True)
        waiting[0].result()
        if sys.argv[3] == "killed":
            print(*pool._processes, flush=True)
            os.kill(os.getpid(), signal.SIGKILL)
    except KeyboardInterrupt:
        workers.end(pool)
        print("answered", waiting[0].exception() is None)
"""


def alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{process}/stat")  # a dead one that nobody has buried is there still
    return not state.exists() or state.read_text().rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def interrupted(tmp_path):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    script = tmp_path / "parent.py"
    script.write_text(PARENT)

    def run(*words: str, again: float = 0.0) -> tuple[str, str]:
        process = subprocess.Popen(
            [sys.executable, str(script), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        try:
            assert process.stdout.readline() == "begun\n"
            if words[-1] != "killed":
                os.killpg(process.pid, signal.SIGINT)
            if again:
                time.sleep(again)
                os.killpg(process.pid, signal.SIGINT)
            return process.communicate(timeout=30)
        finally:
            if words[-1] != "killed":
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)

    yield run
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("moment", ["early", "late"])
def test_a_worker_that_shall_finish_does_so_without_a_word(interrupted, moment):
    assert interrupted("ignore_interrupt", "4", moment) == ("answered True\n", "")


def test_a_second_interrupt_does_not_break_the_end_off(interrupted):
    """The pool ends, and its parent after it, though Ctrl-C is pressed again while it waits."""
    assert interrupted("ignore_interrupt", "3", "late", again=0.5) == ("answered True\n", "")


def test_a_worker_does_not_outlive_who_started_it(interrupted):
    said, _ = interrupted("ignore_interrupt", "0.1", "killed")
    workers = [int(word) for word in said.split()]
    until = time.monotonic() + 20
    while any(map(alive, workers)) and time.monotonic() < until:
        time.sleep(0.05)
    assert workers and not any(map(alive, workers))


@pytest.mark.parametrize("moment", ["early", "late"])
def test_a_worker_that_shall_end_does_so_at_once_without_a_word(interrupted, moment):
    assert interrupted("end_on_interrupt", "60", moment) == ("answered False\n", "")
