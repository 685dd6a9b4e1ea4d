"""What the C++ backend calls: open a model, start a stream, play a hop.

Only plain numbers, names and views on the engine's memory cross this line. Every object in Max or
Pd is one Client with a Session of its own; models are loaded once per process and shared. The
imports at the top are the ones that take long, numpy before torch, so that importing this module
is all the preloading there is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch

from sideman.errors import SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.models.shared import shared_model, spec_of
from sideman.streaming.controls import Slot, controls_for
from sideman.streaming.sessions import open_session

__all__ = ["Client", "open"]

HeardClock = tuple[float, float, int, float]


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
        return spec_of(self._model)

    def reset(self, hop_frames: int, lead_frames: int, parts: Sequence[str], seed: int) -> None:
        """Start a new stream: hops count from 0 again. Raises ModelError for what cannot be."""
        self._session = open_session(self._model, parts, hop_frames, lead_frames)
        self._state = self._session.start(seed)

    def step(
        self, hop_id: int, window: memoryview, controls: Mapping[str, Any], out: memoryview
    ) -> tuple[bool, HeardClock | None]:
        """Hear the end of `window` float32 [samples, 1 or 2], play into `out` float32
        [parts, samples].

        The second channel is the sketch. `controls` holds what streaming.controls.Controls takes;
        steps, guidance and temperature below zero and the sampler "auto" mean the model's own, clock is
        (bpm, beat, beats per bar) at the start of the slot or None. Returns whether the answer
        continues the one before it, and the clock that the tracker heard at the end of the window:
        (bpm, beat, beats per bar, confidence) or None.
        Raises SettingsError for memory of the wrong shape and for controls out of range, ModelError
        where what the model gives is not finite, Cancelled when the caller withdrew; the stream
        goes on with the next hop in every case. Nothing of the views is kept.
        """
        heard, sketch = self._heard(window)
        answer = np.asarray(out)
        wanted = (len(self._session.parts), self._session.hop_samples)
        if answer.shape != wanted:
            raise SettingsError(
                f"cannot play: room for {list(answer.shape)} samples, "
                f"the answer is {list(wanted)}; reset with the parts and hop that play"
            )
        asked = controls_for(self._model.spec, controls)
        continues = 0 < hop_id == self._state.next_hop
        before = sketch_before = None
        missed = hop_id - self._state.next_hop
        if missed > 0:  # what was not asked for was heard all the same
            samples = self._session.hop_samples
            left_out = np.asarray(window)[-(missed + 1) * samples : -samples]
            before, sketch_before = _channels(left_out)
        played, self._state = self._session.step(
            self._state, heard, Slot(hop_id), asked, self._cancelled, sketch, before, sketch_before
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
            "patience": 0.0, "temperature": -1.0,
        }
        for hop in range(2):
            self.step(hop, silence, controls, out)
        self.reset(session.hop_frames, session.lead_frames, session.parts, seed=0)

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
        return _channels(whole[-samples:])


def _channels(window: np.ndarray) -> tuple[np.ndarray, np.ndarray | None]:
    """A copy of the music and, where there is one, of the sketch in [samples, 1 or 2]."""
    channels = window.T.copy()
    return channels[0], channels[1] if len(channels) == 2 else None


def open(  # noqa: A001 - the name of the table's function
    model: str,
    parts: Sequence[str],
    device: str,
    threads: int,
    cancelled: Callable[[], bool],
) -> Client:
    """Open a model, or share it when it is open already, and warm it up with two hops of silence.

    `threads` is torch's number for the calling thread, which is the one that will play: torch keeps
    it per thread, and a thread that never asked takes the newest.
    Raises ModelError when the model, the parts or the device cannot be had.
    """
    torch.set_num_threads(threads)
    loaded = shared_model(model, device)
    client = Client(loaded, parts or loaded.spec.parts[:1], cancelled)
    client.warm_up()
    return client
