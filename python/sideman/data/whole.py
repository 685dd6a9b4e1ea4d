"""What is written whole or not at all, though other runs write into one folder, or die there."""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["partial_of", "whole_folder"]

_HERE = hashlib.sha256(platform.node().encode()).hexdigest()[:6]  # others may share the folder


def partial_of(path: Path) -> Path:
    """Where this process writes what becomes `path`, beside it; hidden, and short: names may be as
    long as a file system takes. What a process of this machine that is dead left of it is removed.
    """
    name = hashlib.sha256(os.fsencode(path.name)).hexdigest()[:8]
    begin, end = f".{name}.{_HERE}-", ".partial"
    for left in path.parent.glob(f"{begin}*{end}"):
        if _dead(left.name[len(begin) : -len(end)]):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)
    return path.with_name(f"{begin}{os.getpid()}{end}")


@contextmanager
def whole_folder(folder: Path, sign: str) -> Iterator[Path]:
    """An empty folder to write into that becomes `folder` at the end, or goes with an error. Where
    there is one by then that has the file `sign`, another run has written the same, and that stays.
    """
    partial = partial_of(folder)
    try:
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        yield partial
        try:
            os.replace(partial, folder)
        except OSError:
            if not (folder / sign).is_file():
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _dead(process: str) -> bool:
    """Whether no process of this number runs; on Windows asking would end it, and none is dead."""
    if os.name == "nt" or not process.isdecimal():
        return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except (OSError, OverflowError):  # somebody else's
        return False
    return False
