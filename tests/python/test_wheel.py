"""What `pip install .` brings: every file of the package, what was compiled, and nothing else."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PYTHON = ROOT / "python"


@pytest.fixture(scope="module")
def names(tmp_path_factory) -> set[str]:
    """Of the files in the wheel, which takes seconds where `make` has compiled: it shares that."""
    pytest.importorskip("scikit_build_core", reason="nothing here builds wheels")
    folder = tmp_path_factory.mktemp("wheel")
    words = ("--no-deps", "--no-build-isolation", "--no-index", "--wheel-dir", str(folder))
    done = subprocess.run(
        [sys.executable, "-m", "pip", "wheel", *words, str(ROOT)],
        capture_output=True, text=True, check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    (wheel,) = folder.iterdir()
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_every_file_of_the_package_is_in_the_wheel(names):
    files = {path.relative_to(PYTHON).as_posix() for path in PYTHON.rglob("*") if path.is_file()}
    written = {name for name in files if not name.endswith((".pyc", ".so"))}
    assert len(written) > 150
    assert written - names == set()


def test_beside_them_lies_what_was_compiled_and_nothing_else(names):
    beside = {name for name in names if not (PYTHON / name).is_file()}
    info = {name for name in beside if name.split("/")[0].endswith(".dist-info")}
    compiled = sorted(name.split(".")[0] for name in beside - info)
    assert compiled == ["sideman/_core", "sideman/_wire", "sideman/libsideman_bridge"]
    told = {name.partition("/")[2] for name in info}
    assert told == {"METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE"}
