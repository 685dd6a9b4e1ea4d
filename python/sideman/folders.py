"""Folders that Sideman writes: nothing of the user's goes with what was there before, and nothing
that took long is lost for want of a place."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from sideman.errors import SettingsError

__all__ = ["check_ours", "made_ready", "put_in_place"]

LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave behind


def check_ours(folder: Path, ours: Callable[[Path], bool], remedy: str) -> None:
    """Raises SettingsError where `folder` holds anything that is not ours; it need not be there."""
    for found in sorted(folder.iterdir()) if folder.exists() else ():
        if found.name not in LITTER and not ours(found):
            raise SettingsError(
                f"cannot write to {folder}: {found.name} there is not of an earlier run; {remedy}"
            )


def made_ready(folder: Path, option: str = "--out") -> None:
    """Make the folder, if it is not there. Raises SettingsError where it cannot be written to."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise SettingsError(
            f"cannot write to {folder}: {error.strerror}; give another {option}"
        ) from error


def put_in_place(whole: Path, folder: Path) -> None:
    """Make `whole`, which lies beside it, the folder; what was there goes once it is. Whenever this
    ends, killed or not, `folder` is the old one, the new one or none, and never half of one."""
    before = folder.with_name(f".{folder.name}.before")
    shutil.rmtree(before, ignore_errors=True)
    if folder.exists():
        os.replace(folder, before)
    os.replace(whole, folder)
    shutil.rmtree(before, ignore_errors=True)
