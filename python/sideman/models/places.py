"""Where models lie: those that the package carries, and those that their user made."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from sideman.errors import ModelError

__all__ = ["WEIGHTS", "find_model", "list_models", "model_folder", "own_models"]

WEIGHTS = Path(__file__).resolve().parent.parent / "weights"


def own_models() -> Path:
    """The folder of the user's own models; it need not exist. SIDEMAN_MODELS names another one."""
    if told := os.environ.get("SIDEMAN_MODELS"):
        return Path(told).expanduser()
    if sys.platform in ("darwin", "win32"):
        return Path.home() / "Documents" / "Sideman" / "models"
    data = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(data) / "sideman" / "models"


def list_models(own: bool = True) -> list[str]:
    """Names of the models that the package carries, then, with `own`, of those in `own_models`."""
    places = (WEIGHTS, own_models()) if own else (WEIGHTS,)
    found = [sorted(path.parent.name for path in place.glob("*/model.json")) for place in places]
    return list(dict.fromkeys(name for names in found for name in names))


def model_folder(name_or_folder: str | Path) -> Path | None:
    """The folder of a model by name (the package's before one's own) or by path; None without one."""
    given = Path(name_or_folder)
    try:
        given = given.expanduser()
    except RuntimeError:  # a home that nobody has: no model either
        return None
    for folder in (WEIGHTS / given, own_models() / given, given):
        if (folder / "model.json").is_file():
            return folder
    return None


def find_model(name_or_folder: str | Path) -> Path:
    """As `model_folder`. Raises ModelError where there is none."""
    folder = model_folder(name_or_folder)
    if folder is None:
        there = ", ".join(list_models()) or "none"
        raise ModelError(
            f"cannot open model {name_or_folder}: no model of that name, and no model.json in "
            f"{_whole(name_or_folder)}; installed models: {there}"
        )
    return folder


def _whole(path: str | Path) -> str:
    try:
        return str(Path(path).expanduser().absolute())
    except (OSError, RuntimeError):
        return str(path)
