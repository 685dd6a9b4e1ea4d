"""Models that are open in this process: each once, however many play with it, as long as one does."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary, finalize

import torch

from sideman.errors import ModelError
from sideman.models.checkpoint import LoadedModel, load_model
from sideman.models.kv_cache import forget_spare
from sideman.models.places import model_folder

__all__ = ["device_named", "is_open", "shared_model", "spec_of"]

_models: WeakValueDictionary[tuple[str, str, int], LoadedModel] = WeakValueDictionary()
_loading = threading.Lock()


def shared_model(model: str, device: str = "auto") -> LoadedModel:
    """Open a model, or share it when it is open already.

    device: auto, cpu, cuda or mps. Raises ModelError when the model or the device cannot be had, and for
    a model that cannot play live.
    """
    device = device_named(device)
    folder = _folder(model)
    if folder is None:
        return load_model(model, device)  # which says what is there
    key = (str(folder), device, _changed(folder))
    loaded = _models.get(key)  # held by us from here on, so it stays open
    if loaded is not None:
        return loaded
    with _loading:
        loaded = _models.get(key)
        if loaded is None:
            loaded = load_model(folder, device)
            _check_live(loaded)
            _models[key] = loaded
            finalize(loaded, forget_spare).atexit = False
            _keep_from_collector()
        return loaded


def is_open(model: str, device: str = "auto") -> bool:
    """Whether `shared_model` has it at hand."""
    try:
        folder = _folder(model)
        key = folder and (str(folder), device_named(device), _changed(folder))
    except (ModelError, OSError):
        return False
    return key in _models


def _changed(folder: Path) -> int:
    return (folder / "model.json").stat().st_mtime_ns


def _keep_from_collector() -> None:
    """Nothing that is there now is looked through again by Python's collector of cycles.

    Torch alone is a few hundred thousand objects: going through them takes 100 ms in the midst of a
    hop, which is then late. A model is in no cycle, so it is still freed with its last user.
    """
    gc.collect()
    gc.freeze()


def spec_of(model: LoadedModel) -> dict[str, Any]:
    """What an engine must know of a model; the model's own hop comes first in `hops`."""
    spec = model.spec
    others = [hop for hop in spec.hops if hop != spec.hop_frames]
    return {
        "name": spec.name,
        "sample_rate": spec.sample_rate,
        "frame_samples": spec.frame_samples,
        "hops": [spec.hop_frames, *others],
        "lead_frames": spec.lead_frames,
        "leads": (spec.leads[0], spec.leads[1]),
        "window_frames": spec.window_frames,
        "parts": list(spec.parts),
        "tags": list(spec.tags),
        "any_tag": model.text is not None,
    }


def _check_live(model: LoadedModel) -> None:
    """Raises ModelError for a model that hears what it plays to: it is for studies."""
    if min(model.spec.leads) < 0:
        raise ModelError(
            f"cannot play {model.spec.name} live: it hears the music of its own slot (lead "
            f"{model.spec.lead_frames}); train one with a lead of 0 or more"
        )


def _folder(model: str) -> Path | None:
    folder = model_folder(model)
    return folder and folder.resolve()


def device_named(name: str) -> str:
    """`auto` is the processor: a hop of a small model is over before a GPU has been asked. Raises
    ModelError for a device that is not there."""
    if name in ("auto", "cpu"):
        return "cpu"
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if name not in there or not there[name]():
        raise ModelError(f"cannot compute on {name}: torch finds no such device; set device to cpu")
    return name
