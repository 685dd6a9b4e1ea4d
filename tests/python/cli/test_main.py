"""What cannot be done is one line, not a traceback, and is said before anything is done."""

from __future__ import annotations

import subprocess
import sys

import pytest



def sideman(*words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        [sys.executable, "-m", "sideman.cli.main", *words], capture_output=True, text=True, timeout=120
    )


@pytest.mark.parametrize(
    ("words", "line"),
    [
        (("play", "--backend", "echo", "--host", "none", "--fast", "--out", "{file}"), "cannot use {file}"),
        (("train", "export", "{file}", "--codec", "mini", "--out", "x", "--name", "x"), "cannot read"),
    ],
)
def test_a_path_that_cannot_be_used_is_one_line(tmp_path, words, line):
    file = tmp_path / "a file"
    file.write_text("not a folder")
    done = sideman(*(word.format(file=file) for word in words))
    assert done.returncode == 1
    assert line.format(file=file) in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1
    assert file.read_text() == "not a folder"
