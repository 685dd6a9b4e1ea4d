"""sideman~ for Max builds against the real SDK on three systems and needs only what Max gives."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[2] / "tools" / "check_max_build.py"
SDK = os.environ.get("SIDEMAN_MAX_SDK", "")
SOURCES = {
    name: os.environ.get(f"SIDEMAN_{name.upper()}_SOURCE", "")
    for name in ("samplerate", "sodium", "asio")
}


def test_a_folder_without_an_sdk_is_refused_in_one_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, str(TOOL), "--sdk", str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert done.stdout.count("\n") == 1
    assert str(tmp_path) in done.stdout


@pytest.mark.skipif(not SDK, reason="SIDEMAN_MAX_SDK names no checkout of max-sdk-base")
@pytest.mark.parametrize("platform", ["linux", "windows", "macos"])
def test_the_external_builds_and_checks(platform: str) -> None:
    command = [sys.executable, str(TOOL), "--sdk", SDK, "--platform", platform]
    for name, path in SOURCES.items():
        command += [f"--{name}", path] if path else []
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=TOOL.parents[1])
    assert done.returncode == 0, done.stdout + done.stderr
