"""Puts checked externals into a staged package."""

from __future__ import annotations

import shutil
from pathlib import Path

from .builds import Built

__all__ = ["Misplaced", "put"]


class Misplaced(Exception):
    """The folder is no staged package; the message says so."""


def put(built: Built, package: Path) -> tuple[Path, int]:
    """Copy the external (for macOS its bundle) into PACKAGE/externals in place of an earlier one;
    where it lies now, and its bytes. Raises Misplaced."""
    if not (package / "package-info.json").is_file():
        raise Misplaced(
            f"no staged package in {package}: run cmake --preset package && cmake --install "
            "build/package --prefix build/package --component package"
        )
    source = built.bundle or built.binary
    target = package / "externals" / source.name
    target.parent.mkdir(exist_ok=True)
    if target.is_dir():
        shutil.rmtree(target)
    if source.is_dir():
        shutil.copytree(source, target)
    else:
        shutil.copy2(source, target)
    files = target.rglob("*") if target.is_dir() else [target]
    return target, sum(file.stat().st_size for file in files if file.is_file())
