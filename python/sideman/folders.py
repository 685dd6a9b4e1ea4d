"""Folders that Sideman writes: nothing of the user's goes with what was there before, and nothing
that took long is lost for want of a place."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Sequence, Set
from pathlib import Path

from sideman.errors import SettingsError

__all__ = ["check_ours", "check_report", "made_ready", "put_in_place"]

LITTER = (".DS_Store", "Thumbs.db", "desktop.ini")  # what file managers leave behind


def check_ours(folder: Path, ours: Callable[[Path], bool], remedy: str) -> None:
    """Raises SettingsError where `folder` holds anything that is not ours; it need not be there."""
    for found in sorted(folder.iterdir()) if folder.exists() else ():
        if found.name not in LITTER and not ours(found):
            raise SettingsError(
                f"cannot write to {folder}: {found.name} there is not of an earlier run; {remedy}"
            )


def check_report(files: Sequence[Path], names: Set[str], run: str) -> None:
    """Raises SettingsError where one of the files of a report is there and the first of them, JSON
    that has these names, does not tell that an earlier `run` wrote them."""
    there = [file for file in files if file.exists()]
    if there and not _has(files[0], names):
        raise SettingsError(
            f"cannot write to {there[0].parent}: {there[0].name} there is not of an earlier {run}; "
            "give another --out"
        )


def _has(report: Path, names: Set[str]) -> bool:
    try:
        return names <= set(json.loads(report.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return False


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
