"""Ctrl-C in a terminal reaches every process; the one that started the others answers alone."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups")

PARENT = """
import sys, time
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
    except KeyboardInterrupt:
        pool.shutdown(wait=True, cancel_futures=True)
        print("answered", waiting[0].exception() is None)
"""


@pytest.fixture
def interrupted(tmp_path):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    script = tmp_path / "parent.py"
    script.write_text(PARENT)

    def run(*words: str) -> tuple[str, str]:
        process = subprocess.Popen(
            [sys.executable, str(script), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, start_new_session=True,
        )  # fmt: skip
        assert process.stdout.readline() == "begun\n"
        os.killpg(process.pid, signal.SIGINT)
        return process.communicate(timeout=30)

    yield run
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("moment", ["early", "late"])
def test_a_worker_that_shall_finish_does_so_without_a_word(interrupted, moment):
    assert interrupted("ignore_interrupt", "1.5", moment) == ("answered True\n", "")


@pytest.mark.parametrize("moment", ["early", "late"])
def test_a_worker_that_shall_end_does_so_at_once_without_a_word(interrupted, moment):
    assert interrupted("end_on_interrupt", "60", moment) == ("answered False\n", "")
