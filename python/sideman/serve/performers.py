"""Who plays for a guest: a Session of an open model, or the echo. The thread that plays alone."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from sideman.errors import ModelError, SettingsError
from sideman.models.places import list_models
from sideman.models.shared import shared_model, spec_of
from sideman.serve.hops import MOST_AUDIO, MOST_ROWS, Heard, Played
from sideman.streaming.controls import Slot, controls_for, usual_controls
from sideman.streaming.session import MOST_HEARD_AFTER, Call
from sideman.streaming.sessions import network_calls, open_session, step_together

__all__ = ["Asked", "EchoPerformer", "ModelPerformer", "Performer", "open_performer", "play_together"]

ECHO_RATE, ECHO_FRAME = 44100, 2048


@dataclass(frozen=True)
class Asked:
    """What a guest wants to play with; hop or lead below 0: the model's own."""

    model: str
    parts: tuple[str, ...]
    hop: int = -1
    lead: int = -1
    seed: int = 0
    device: str = "auto"


class Performer(Protocol):
    """One guest's stream. `info` tells the guest what plays; hops count from 0. hears: a hop that
    came and is not played, on any thread; weight: how many times as dear a hop is, by its controls,
    as one that is played as usual."""

    info: dict[str, Any]
    hop_samples: int
    hop_seconds: float

    def play(self, hop: int, heard: Heard) -> Played: ...

    def hears(self, hop: int, heard: Heard) -> None: ...

    def weight(self, heard: Heard) -> float: ...


class EchoPerformer:
    """Every part plays what was heard in the hop."""

    def __init__(self, asked: Asked):
        hop = 4 if asked.hop < 1 else asked.hop
        lead = 3 if asked.lead < 0 else asked.lead
        self.parts = asked.parts or ("echo",)
        self.hop_samples = hop * ECHO_FRAME
        _check_answers(len(self.parts), hop, self.hop_samples)
        self.hop_seconds = self.hop_samples / ECHO_RATE
        self.info = {
            "name": "echo", "sample_rate": ECHO_RATE, "frame_samples": ECHO_FRAME,
            "hops": [hop, *(n for n in range(1, 65) if n != hop)], "lead_frames": lead,
            "leads": (1, 64), "window_frames": 128, "parts": [], "tags": [], "any_tag": True,
            "hop": hop, "lead": lead,
        }

    def play(self, hop: int, heard: Heard) -> Played:
        _check(heard, self.hop_samples)
        return Played(np.repeat(heard.audio[:1], len(self.parts), 0), True, 0.0)

    def hears(self, hop: int, heard: Heard) -> None:
        """An echo has no past."""

    def weight(self, heard: Heard) -> float:
        return 1.0


class ModelPerformer:
    """A Session with its state."""

    def __init__(self, asked: Asked):
        model = shared_model(asked.model, asked.device)
        spec = model.spec
        hop = spec.hop_frames if asked.hop < 1 else asked.hop
        lead = spec.lead_frames if asked.lead < 0 else asked.lead
        self.session = open_session(model, asked.parts or spec.parts[:1], hop, lead)
        _check_answers(len(self.session.parts), hop, self.session.hop_samples)
        self.state = self.session.start(asked.seed)
        self.hop_samples = self.session.hop_samples
        self.hop_seconds = self.hop_samples / spec.sample_rate
        self.info = {**spec_of(model), "hop": hop, "lead": lead}
        self._came: dict[int, np.ndarray] = {}  # of the newest hops: music, and sketch where one was
        self._shows = False  # a sketch came once: where none comes since, it is silent
        self._listening = threading.Lock()

    def play(self, hop: int, heard: Heard) -> Played:
        return play_together([(self, hop, heard)])[0]

    def hears(self, hop: int, heard: Heard) -> None:
        if heard.audio.shape[1] != self.hop_samples:
            return
        with self._listening:
            self._came[hop] = heard.audio[:2].copy()
            self._shows = self._shows or len(heard.audio) > 1
            oldest = max(self._came) - MOST_HEARD_AFTER
            self._came = {one: audio for one, audio in self._came.items() if one >= oldest}

    def weight(self, heard: Heard) -> float:
        model = self.session.model
        try:
            asked = network_calls(model, controls_for(model.spec, heard.controls))
        except (SettingsError, KeyError):
            return 1.0  # it will be refused
        return asked / network_calls(model, usual_controls(model.spec))

    @property
    def likeness(self) -> tuple[object, ...]:
        """Streams that are equal in this may share a batch."""
        return id(self.session.model.network), self.session.hop_frames

    def call(self, hop: int, heard: Heard) -> Call:
        """The step as a Session takes it. Raises SettingsError for what it cannot."""
        _check(heard, self.hop_samples)
        self.hears(hop, heard)  # should it fail, it was heard all the same
        controls = controls_for(self.session.model.spec, heard.controls)
        audio = self._rows(heard.audio)
        sketch = audio[1] if self._shows else None
        return Call(
            self.session, self.state, audio[0], Slot(hop), controls, sketch, *self._before(hop)
        )

    def _before(self, hop: int) -> tuple[np.ndarray | None, np.ndarray | None]:
        """Music and sketch of the hops that were left out before this one, silence for what never
        came; None where there are none."""
        left_out = range(max(self.state.next_hop, hop - MOST_HEARD_AFTER), hop)
        if not left_out:
            return None, None
        with self._listening:
            came = [self._rows(self._came.get(one)) for one in left_out]
        music, sketch = np.concatenate(came, axis=1)
        return music, sketch if self._shows else None

    def _rows(self, audio: np.ndarray | None) -> np.ndarray:
        """Music and sketch, [2, samples]: silence for what did not come."""
        rows = np.zeros((2, self.hop_samples), np.float32)
        if audio is not None:
            rows[: len(audio)] = audio[:2]
        return rows

    def took(self, hop: int, state: Any, audio: np.ndarray, track: bool) -> Played:
        """Keep the new state, and say what was played."""
        continues = 0 < hop == self.state.next_hop
        self.state = state
        clock = self.session.heard_clock(state) if track else None
        told = clock and (clock.bpm, clock.beat, clock.beats_per_bar, clock.confidence)
        return Played(audio, continues, 0.0, told or None)


def open_performer(asked: Asked, folders: Mapping[str, str]) -> Performer:
    """folders: by name, the models that this server has beside those of the package. Raises
    ModelError for a model, parts, hop or lead that cannot be had: no path of a guest is opened."""
    if asked.model == "echo":
        return EchoPerformer(asked)
    if asked.model in folders:
        return ModelPerformer(replace(asked, model=folders[asked.model]))
    if asked.model not in list_models():
        there = ", ".join([*list_models(), *folders, "echo"])
        raise ModelError(f"cannot open model {asked.model}: this server has {there}")
    return ModelPerformer(asked)


def play_together(
    asked: Sequence[tuple[ModelPerformer, int, Heard]],
) -> list[Played]:
    """A hop of several guests, each its own; those of one model in one batch."""
    calls = [performer.call(hop, heard) for performer, hop, heard in asked]
    answers = step_together(calls)
    return [
        performer.took(hop, state, audio, call.controls.track)
        for (performer, hop, _), call, (audio, state) in zip(asked, calls, answers, strict=True)
    ]


def _check_answers(parts: int, hop_frames: int, hop_samples: int) -> None:
    """Raises ModelError where no body holds an answer, float32."""
    if parts > MOST_ROWS or parts * hop_samples * 4 > MOST_AUDIO:
        raise ModelError(
            f"cannot answer with {parts} parts in hops of {hop_frames} frames; give fewer, or a "
            "shorter hop"
        )


def _check(heard: Heard, samples: int) -> None:
    if heard.audio.shape[1] != samples:
        raise SettingsError(
            f"heard {heard.audio.shape[1]} samples, a hop has {samples}; open the session anew"
        )
