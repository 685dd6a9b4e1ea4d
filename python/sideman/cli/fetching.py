"""Fetches what the codec of a model lacks before anybody waits for the model to open: an opening
has a limit of minutes, and a download need not end within it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from sideman.models.places import model_folder

__all__ = ["fetch_codec"]

ELSEWHERE = "music2latent"  # the codec, and the package, whose weights no model folder holds


def fetch_codec(name_or_folder: str | Path, say: Callable[[str], object]) -> None:
    """Fetch the weights of the model's codec, where they come from elsewhere and are not kept yet;
    the library that fetches shows how far it is. What no model is, and a codec whose package is
    missing, is left for the opening to say. Raises ModelError where they cannot be fetched."""
    folder = model_folder(name_or_folder)
    if folder is None or _codec_of(folder) != ELSEWHERE or find_spec(ELSEWHERE) is None:
        return
    from sideman.models import music2latent

    if os.environ.get(music2latent.PLACE) or _kept(music2latent.REPOSITORY, music2latent.FILE):
        return
    say(f"fetching {music2latent.FILE}, the codec of {folder.name}, once; Ctrl-C stops it")
    music2latent.Music2Latent()  # which fetches what it opens


def _codec_of(folder: Path) -> str:
    try:
        return str(json.loads((folder / "model.json").read_text(encoding="utf-8"))["codec"]["kind"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def _kept(repository: str, file: str) -> bool:
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:
        return False
    return isinstance(try_to_load_from_cache(repository, file), str)
