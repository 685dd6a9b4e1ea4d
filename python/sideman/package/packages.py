"""Puts a staged package into the user's Packages folder of Max, and takes it out again."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from sideman.errors import DataError, SettingsError

__all__ = ["NAME", "VERSIONS", "install", "lacking", "packages_folders", "set_aside_in",
           "uninstall", "version_of"]

NAME = "Sideman"
VERSIONS = ("Max 9", "Max 8")
MANIFEST = ".files.json"  # what was installed, to tell what is the user's
EXTERNALS = {"darwin": "sideman~.mxo", "win32": "sideman~.mxe64"}  # what Max loads where it runs


def packages_folders(home: Path | None = None) -> list[Path]:
    """The Packages folders of every Max that was ever started here, the newest first.

    Max makes `Documents/Max 9` at its first start, on macOS and on Windows, where Documents may lie in
    OneDrive.
    """
    homes = [home or Path.home()]
    if not home and os.environ.get("OneDrive"):
        homes.append(Path(os.environ["OneDrive"]))
    roots = [home / "Documents" / version for version in VERSIONS for home in homes]
    return [root / "Packages" for root in roots if root.is_dir()]


def install(package: Path, folders: list[Path], link: bool = False) -> list[Path]:
    """Copy (or link) a staged package into every folder; where each lies now.

    What lay there and is ours is replaced, after the new one is whole. Raises DataError for a
    folder that is no package of ours, here or there, and SettingsError where there is no Max.
    """
    _check(package)
    if not (package / "help").is_dir():
        raise DataError(
            f"{package} is not staged: it has no help; give the folder Sideman that cmake --install made"
        )
    if not folders:
        raise SettingsError(
            "found no Max: neither "
            + " nor ".join(f"Documents/{version}" for version in VERSIONS)
            + " is there; start Max once, or name its Packages folder with --packages"
        )
    for folder in folders:
        if not folder.parent.is_dir():
            raise SettingsError(f"no folder {folder.parent}: give --packages the Packages folder of a Max")
        if (target := folder / NAME).exists():
            _check(target)
    return [_put(package.resolve(), folder / NAME, link) for folder in folders]


def uninstall(folders: list[Path], package: Path | None = None) -> list[Path]:
    """Take our package out of every folder where it is; package: a staged one, to tell by what in
    one that was copied by hand is not the user's. Raises DataError for somebody else's."""
    if package:
        _check(package)
    for folder in folders:
        _recover(folder / NAME)
    found = [folder / NAME for folder in folders if os.path.lexists(folder / NAME)]
    for target in found:
        if not target.is_symlink():
            _check(target)
    for target in found:
        known = package if package and package.resolve() != target.resolve() else None
        _set_aside(target, like=known)
        try:
            target.rename(_gone(target))  # whole or not at all, where one is in use
        except OSError as error:
            raise DataError(
                f"cannot remove {target}: {error}; quit Max, which may be using it"
            ) from error
        _forget(target)
    return found


def set_aside_in(target: Path) -> Path:
    """Where the user's own files of an installed package go when it is replaced or removed: beside
    Packages, where Max does not look."""
    return target.parent.parent / f"{NAME} (yours)"


def version_of(package: Path) -> str:
    """What a staged package says of itself; empty where it says nothing."""
    try:
        return str(json.loads((package / "package-info.json").read_text(encoding="utf-8"))["version"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def lacking(package: Path) -> str:
    """What of the external a package lacks here, and why; empty where Max finds the one it loads.
    Linux has no Max: there the external of any system will do."""
    there = sorted(path.name for path in package.glob("externals/sideman~.*"))
    wanted = EXTERNALS.get(sys.platform)
    if not there:
        return "has no externals: it was staged without the Max SDK"
    if wanted and wanted not in there:
        only = ", ".join(there)
        return f"has no {wanted}, which Max loads here, only {only}: it is for another system"
    return ""


def _check(package: Path) -> None:
    """Whether a folder is our package, told by its package-info.json."""
    try:
        told: Mapping = json.loads((package / "package-info.json").read_text(encoding="utf-8"))
        name = told["name"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{package} is no Max package: package-info.json cannot be read ({error}); give the "
            "folder Sideman that cmake --install made (docs/first-minutes.md)"
        ) from error
    if name != NAME:
        raise DataError(f"{package} is the package {name}, not {NAME}: left as it is")


def _put(package: Path, target: Path, link: bool) -> Path:
    if not target.is_symlink() and package == target.resolve():
        raise DataError(f"{package} is installed already: it lies where Max looks for it")
    target.parent.mkdir(parents=True, exist_ok=True)
    _recover(target)
    partial = target.with_name(f".{NAME}.partial")
    _remove(partial)
    try:
        if link:
            partial.symlink_to(package, target_is_directory=True)
        else:
            shutil.copytree(package, partial)
            (partial / MANIFEST).write_text(json.dumps(_digests(partial), indent=1) + "\n")
    except OSError as error:
        _remove(partial)
        raise DataError(f"cannot write {target}: {error}; {_hint(link)}") from error
    before = _before(target)
    try:
        if os.path.lexists(target):
            target.rename(before)
        partial.rename(target)
    except OSError as error:
        if os.path.lexists(before) and not os.path.lexists(target):
            with contextlib.suppress(OSError):  # the next install tries again
                before.rename(target)
        _remove(partial)
        raise DataError(f"cannot replace {target}: {error}; quit Max, which may be using it") from error
    _set_aside(before, target, like=package)
    _remove(before)
    return target


def _before(target: Path) -> Path:
    """Where a package lies while it is replaced."""
    return target.with_name(f".{NAME}.before")


def _gone(target: Path) -> Path:
    """Where a package lies while it is removed; what is the user's was set aside before."""
    return target.with_name(f".{NAME}.gone")


def _forget(target: Path) -> None:
    """Remove what was taken out. Raises DataError; the next install or uninstall tries again."""
    try:
        _remove(_gone(target))
    except OSError as error:
        raise DataError(
            f"cannot remove all of {_gone(target)}: {error}; quit Max, and try again"
        ) from error


def _recover(target: Path) -> None:
    """End what was interrupted while it replaced or removed a package: nothing of the user's goes
    with it."""
    _forget(target)
    before = _before(target)
    if not os.path.lexists(before):
        return
    if os.path.lexists(target):
        _set_aside(before, target, like=target)
        _remove(before)
        return
    try:
        before.rename(target)
    except OSError as error:
        raise DataError(f"cannot put back {target}: {error}; quit Max, and try again") from error


def _set_aside(package: Path, lay: Path | None = None, like: Path | None = None) -> None:
    """Copy what the user added to a package, or changed in it, to `set_aside_in` where it lay; what
    was kept there before stays. One that was copied by hand has no list of what is ours: then that
    is what `like`, another package of ours, has too, and without one everything is the user's.
    Raises DataError where it cannot be kept."""
    if package.is_symlink():
        return  # where it leads everything stays
    ours = _installed(package)
    if ours is None:
        ours = _digests(like) if like else {}
    for name, digest in _digests(package).items():
        if ours.get(name) == digest:
            continue
        try:
            kept = _kept(set_aside_in(lay or package) / name, digest)
            kept.parent.mkdir(parents=True, exist_ok=True)
            if not os.path.lexists(kept):
                shutil.copy2(package / name, kept, follow_symlinks=False)
        except OSError as error:
            raise DataError(
                f"cannot keep your {name} of {package}: {error}; make room for it, and try again"
            ) from error


def _installed(package: Path) -> Mapping[str, str] | None:
    """The list of what `install` put there; None where there is none."""
    try:
        told = json.loads((package / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def _kept(path: Path, digest: str) -> Path:
    """The path, or the first of `name 2`, `name 3` ... that is free or the same file."""
    found, number = path, 1
    while os.path.lexists(found) and _digest(found) != digest:
        number += 1
        found = path.with_name(f"{path.stem} {number}{path.suffix}")
    return found


def _digests(package: Path) -> dict[str, str]:
    """Of every file and link but the list itself and what the system leaves, by its path in the
    package."""
    return {
        path.relative_to(package).as_posix(): _digest(path)
        for path in sorted(package.rglob("*"))
        if (path.is_symlink() or path.is_file())
        and path.name not in (MANIFEST, ".DS_Store", "desktop.ini", "Thumbs.db")
    }


def _digest(file: Path) -> str:
    """A link is where it leads, not what lies there."""
    if file.is_symlink():
        return f"-> {os.readlink(file)}"
    if not file.is_file():
        return "a folder"
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _hint(link: bool) -> str:
    if link and sys.platform == "win32":
        return "on Windows links need the developer mode: leave --link away"
    return "is the folder yours to write, and is there room?"


def _remove(target: Path) -> None:
    if target.is_symlink():
        target.unlink()
    elif target.exists():
        shutil.rmtree(target)
