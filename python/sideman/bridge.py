"""What the C++ backend calls: open a model, start a stream, play a hop.

Only plain numbers, names and views on the engine's memory cross this line. Every object in Max or
Pd is one Client with a Session of its own; models are loaded once per process and shared. The
imports at the top are the ones that take long, numpy before torch, so that importing this module
is all the preloading there is.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any
from weakref import WeakValueDictionary

import numpy as np
import torch

from sideman.errors import ModelError, SettingsError
from sideman.models.checkpoint import WEIGHTS, LoadedModel, load_model
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.session import Session

__all__ = ["Client", "open"]

HeardClock = tuple[float, float, int, float]

_models: WeakValueDictionary[tuple[str, str, int], LoadedModel] = WeakValueDictionary()
_loading = threading.Lock()


class Client:
    """One musician's stream: a session with its state, in the hands of one worker thread."""

    def __init__(
        self, model: LoadedModel, parts: Sequence[str], cancelled: Callable[[], bool]
    ) -> None:
        self._model = model
        self._cancelled = cancelled
        spec = model.spec
        self.reset(spec.hop_frames, spec.lead_frames, parts, seed=0)

    @property
    def info(self) -> dict[str, Any]:
        """What the engine must know of the model; the model's own hop comes first in `hops`."""
        spec = self._model.spec
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
            "any_tag": self._model.text is not None,
        }

    def reset(self, hop_frames: int, lead_frames: int, parts: Sequence[str], seed: int) -> None:
        """Start a new stream: hops count from 0 again. Raises ModelError for what cannot be."""
        self._session = Session(self._model, parts, hop_frames, lead_frames)
        self._state = self._session.start(seed)

    def step(
        self, hop_id: int, window: memoryview, controls: Mapping[str, Any], out: memoryview
    ) -> tuple[bool, HeardClock | None]:
        """Hear the end of `window` float32 [samples, 1 or 2], play into `out` float32
        [parts, samples].

        The second channel is the sketch. `controls` holds what streaming.controls.Controls takes;
        steps and guidance below zero and the sampler "auto" mean the model's own, clock is
        (bpm, beat, beats per bar) at the start of the slot or None. Returns whether the answer
        continues the one before it, and the clock that the tracker heard at the end of the window:
        (bpm, beat, beats per bar, confidence) or None.
        Raises SettingsError for memory of the wrong shape and for controls out of range, Cancelled
        when the caller withdrew; the stream goes on with the next hop in either case. Nothing of
        the views is kept.
        """
        heard, sketch = self._heard(window)
        answer = np.asarray(out)
        wanted = (len(self._session.parts), self._session.hop_samples)
        if answer.shape != wanted:
            raise SettingsError(
                f"cannot play: room for {list(answer.shape)} samples, "
                f"the answer is {list(wanted)}; reset with the parts and hop that play"
            )
        asked = self._controls(controls)
        continues = 0 < hop_id == self._state.next_hop
        played, self._state = self._session.step(
            self._state, heard, Slot(hop_id), asked, self._cancelled, sketch
        )
        answer[...] = played
        return continues, self._heard_clock() if asked.track else None

    def warm_up(self) -> None:
        """Play hops of silence, so that the first hop of music meets no first-time work."""
        session = self._session
        silence = memoryview(np.zeros((session.hop_samples, 2), np.float32))
        out = memoryview(np.zeros((len(session.parts), session.hop_samples), np.float32))
        controls = {
            "steps": -1, "guidance": -1.0, "clock": None, "tags": (), "mode": "accompany",
            "inertia": 1.0, "sampler": "auto", "feedback": 0.0, "mix": 1.0, "track": True,
        }
        for hop in range(2):
            self.step(hop, silence, controls, out)
        self.reset(session.hop_frames, session.lead_frames, session.parts, seed=0)

    def _controls(self, asked: Mapping[str, Any]) -> Controls:
        spec, values = self._model.spec, dict(asked)
        if values["steps"] <= 0:
            values["steps"] = spec.steps
        if values["guidance"] < 0:
            values["guidance"] = spec.guidance
        if values["sampler"] == "auto":
            values["sampler"] = spec.sampler
        if values["clock"] is not None:
            values["clock"] = Clock(*values["clock"])
        values["tags"] = tuple((str(name), float(weight)) for name, weight in values["tags"])
        return Controls(**values)

    def _heard_clock(self) -> HeardClock | None:
        clock = self._session.heard_clock(self._state)
        return clock and (clock.bpm, clock.beat, clock.beats_per_bar, clock.confidence)

    def _heard(self, window: memoryview) -> tuple[np.ndarray, np.ndarray | None]:
        samples = self._session.hop_samples
        whole = np.asarray(window)
        if whole.ndim != 2 or whole.shape[1] not in (1, 2) or len(whole) < samples:
            raise SettingsError(
                f"cannot play: heard {list(whole.shape)} samples, a hop is [{samples}, 1 or 2]; "
                "give a window of at least one hop"
            )
        channels = whole[-samples:].T.copy()
        return channels[0], channels[1] if len(channels) == 2 else None


def open(  # noqa: A001 - the name of the table's function
    model: str,
    parts: Sequence[str],
    device: str,
    threads: int,
    cancelled: Callable[[], bool],
) -> Client:
    """Open a model, or share it when it is open already, and warm it up with a hop of silence.

    `threads` is torch's number for the calling thread, which is the one that will play: torch keeps
    it per thread, and a thread that never asked takes the newest.
    Raises ModelError when the model, the parts or the device cannot be had.
    """
    torch.set_num_threads(threads)
    loaded = _shared(model, _device(device))
    client = Client(loaded, parts or loaded.spec.parts[:1], cancelled)
    client.warm_up()
    return client


def _shared(model: str, device: str) -> LoadedModel:
    folder = _folder(model)
    if folder is None:
        return load_model(model, device)  # which says what is there
    changed = (folder / "model.json").stat().st_mtime_ns
    with _loading:
        key = (str(folder), device, changed)
        loaded = _models.get(key)
        if loaded is None:
            loaded = _models[key] = load_model(folder, device)
        return loaded


def _folder(model: str) -> Path | None:
    for folder in (WEIGHTS / model, Path(model).expanduser()):
        if (folder / "model.json").is_file():
            return folder.resolve()
    return None


def _device(name: str) -> str:
    """`auto` is the processor: a hop of a small model is over before a GPU has been asked."""
    if name in ("auto", "cpu"):
        return "cpu"
    there = {"cuda": torch.cuda.is_available, "mps": torch.backends.mps.is_available}
    if name not in there or not there[name]():
        raise ModelError(f"cannot compute on {name}: torch finds no such device; set device to cpu")
    return name
