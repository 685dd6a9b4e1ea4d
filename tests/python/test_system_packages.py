"""`make` asks the Python that it is given, not another: here on a machine that has nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "tools" / "system_packages.sh"
OWN = "python{}.{}".format(*sys.version_info)
STANDS_FOR = """#!/bin/sh
exec '{python}' -c "import sys; sys.base_prefix = '{prefix}'; sys.modules['{lacks}'] = None
exec(sys.argv[1])" "$2"
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell")


def told(path: Path, *words: str) -> tuple[set[str], str]:
    """(packages of Python that are missing, what else is wrong), where only `path` has programs."""
    run = subprocess.run(
        ["/bin/sh", str(SCRIPT), "play", *words],
        env={"PATH": str(path)}, capture_output=True, text=True, check=False,
    )
    assert run.returncode == 1
    needed = run.stdout.partition("needed:")[2].split()
    return {name for name in needed if name.startswith("python")}, run.stderr


def python(folder: Path, name: str, lacks: str, prefix: str = "/usr") -> str:
    """A Python that lacks a module, and where it says that it lies."""
    file = folder / name
    file.write_text(STANDS_FOR.format(python=sys.executable, prefix=prefix, lacks=lacks))
    file.chmod(0o755)
    return str(file)


def test_the_python_that_is_given_is_asked(tmp_path):
    whole, bare = python(tmp_path, "whole", "nothing"), python(tmp_path, "bare", "ensurepip")
    python(tmp_path, "python3", "ensurepip")
    assert told(tmp_path, whole)[0] == set()
    assert told(tmp_path, bare)[0] == {f"{OWN}-venv"}
    assert told(tmp_path)[0] == {f"{OWN}-venv"}, "python3, unless another is given"


def test_what_a_foreign_python_lacks_no_package_brings(tmp_path):
    foreign = python(tmp_path, "foreign", "ensurepip", "/opt/python")
    missing, why = told(tmp_path, foreign)
    assert missing == set() and why.startswith(f"{foreign} lacks venv, ensurepip or Python.h; give")


def test_a_python_that_is_not_there_is_a_package_or_a_wrong_path(tmp_path):
    assert told(tmp_path, "python3.99")[0] == {"python3.99", "python3.99-venv", "python3.99-dev"}
    missing, why = told(tmp_path, "/nowhere/python")
    assert missing == set() and why.startswith("there is no /nowhere/python; give")
