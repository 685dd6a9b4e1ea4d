"""Folders that Sideman writes anew: nothing of the user's goes with what was there before."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from sideman.errors import SettingsError

__all__ = ["check_ours"]

LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave behind


def check_ours(folder: Path, ours: Callable[[Path], bool], remedy: str) -> None:
    """Raises SettingsError where `folder` holds anything that is not ours; it need not be there."""
    for found in sorted(folder.iterdir()) if folder.exists() else ():
        if found.name not in LITTER and not ours(found):
            raise SettingsError(
                f"cannot write to {folder}: {found.name} there is not of an earlier run; {remedy}"
            )
