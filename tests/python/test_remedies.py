"""What a message tells to type can be typed as it stands, and reaches the Python that runs."""

from __future__ import annotations

import shlex
import subprocess
import sys

import pytest

from sideman import remedies
from sideman.remedies import pip_install


def test_it_is_the_pip_of_the_python_that_runs() -> None:
    assert shlex.split(pip_install("one two")) == [sys.executable, "-m", "pip", "install", "one", "two"]


@pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")
def test_a_shell_finds_a_python_whose_path_has_spaces(tmp_path, monkeypatch) -> None:
    python = tmp_path / "Zoë's own venv" / "python"
    python.parent.mkdir()
    python.write_text('#!/bin/sh\necho "$@"\n')
    python.chmod(0o755)
    monkeypatch.setattr(remedies.sys, "executable", str(python))
    said = subprocess.run(["sh", "-c", pip_install("mido")], capture_output=True, text=True, check=True)
    assert said.stdout == "-m pip install mido\n"


@pytest.mark.parametrize(
    ("python", "command"),
    [
        (r"C:\venv\python.exe", r"C:\venv\python.exe -m pip install mido"),
        (r"C:\my venv\python.exe", r'& "C:\my venv\python.exe" -m pip install mido'),
    ],
)
def test_on_windows_it_is_quoted_for_powershell(python, command, monkeypatch) -> None:
    monkeypatch.setattr(remedies.sys, "executable", python)
    monkeypatch.setattr(remedies.sys, "platform", "win32")
    assert pip_install("mido") == command
