"""Commands that a message tells, as they can be typed."""

from __future__ import annotations

import shlex
import sys

__all__ = ["pip_install"]


def pip_install(what: str) -> str:
    """The command that installs `what`, the words after `pip install`, into the Python that runs,
    which a bare `pip` need not be; quoted for the shell, on Windows for PowerShell."""
    python = sys.executable or "python"
    if sys.platform != "win32":
        python = shlex.quote(python)
    elif " " in python:
        python = f'& "{python}"'
    return f"{python} -m pip install {what}"
