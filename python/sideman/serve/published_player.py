"""What our models play where the published system plays: whole slots of a window, far ahead.

The model hears hop after hop as ever. What lies beyond its reach it plays on from there without
music, from a copy of its state, so that the next batch again begins from all that was heard.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sideman.errors import SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Slot, usual_controls
from sideman.streaming.session import Session
from sideman.streaming.state import SessionState

__all__ = ["Player", "WINDOW_SAMPLES", "slot_samples"]

WINDOW_SAMPLES = 264600  # T: 6 s at 44.1 kHz
COLUMNS = 64  # latent columns of that window in the published model
AHEAD_STEPS = 2


def slot_samples(r: float, w: int) -> int:
    """Samples of a slot, T r. Raises SettingsError for what the window has no room for: slots of
    part columns, and (w + 2) r > 1."""
    columns = COLUMNS * r
    if not 0 < r <= 1 or columns != int(columns):
        raise SettingsError(
            f"r is {r:g}: a slot is not whole columns of the window's {COLUMNS}; "
            "give 0.0625, 0.125, 0.25 or 0.5"
        )
    if w not in (-1, 0, 1):
        raise SettingsError(f"w is {w}; give -1, 0 or 1")
    if (w + 2) * r > 1:
        raise SettingsError(
            f"r is {r:g} and w is {w}: (w + 2) r is above 1, the window has no room; "
            f"give r of at most {1 / (w + 2):g}"
        )
    return int(WINDOW_SAMPLES * r)


@dataclass
class _Timeline:
    """What was played: float32 [parts, samples] from sample `begin` of the stream on."""

    begin: int
    audio: np.ndarray

    @property
    def end(self) -> int:
        return self.begin + self.audio.shape[1]

    def then(self, audio: np.ndarray) -> _Timeline:
        return _Timeline(self.begin, np.concatenate((self.audio, audio), 1))

    def until(self, position: int) -> _Timeline:
        """With silence up to there."""
        room = max(0, position - self.end)
        return self.then(np.zeros((len(self.audio), room), np.float32))

    def since(self, position: int) -> _Timeline:
        cut = min(max(0, position - self.begin), self.audio.shape[1])
        return _Timeline(self.begin + cut, self.audio[:, cut:])

    def cut(self, begin: int, end: int) -> np.ndarray:
        """[parts, end - begin]; silence where nothing was played."""
        found = np.zeros((len(self.audio), end - begin), np.float32)
        first, last = max(begin, self.begin), min(end, self.end)
        if first < last:
            found[:, first - begin : last - begin] = self.audio[
                :, first - self.begin : last - self.begin
            ]
        return found


class Player:
    """Plays `parts` for one musician. Not thread-safe."""

    def __init__(self, model: LoadedModel, parts: tuple[str, ...], seed: int = 0):
        spec = model.spec
        self.spec, self.parts = spec, parts
        self._session = Session(model, parts, spec.hop_frames, spec.leads[0])
        self._seed = seed
        self.reset()

    def reset(self) -> None:
        """Forget everything that was heard and played."""
        self._state: SessionState = self._session.start(self._seed)
        self._rest = np.zeros(0, np.float32)  # heard, and less than a hop
        self._hop, self.heard = 0, 0
        self._played = _Timeline(
            self._session.reaction_samples, np.zeros((len(self.parts), 0), np.float32)
        )

    def miss(self, samples: int) -> None:
        """So much music was lost: silence, in which nothing is played. Beyond the window everything
        begins anew."""
        lost = len(self._rest) + samples
        size = self._session.hop_samples
        self._hop += lost // size
        self._rest = np.zeros(lost % size, np.float32)
        self.heard += samples
        self._played = self._played.until(self._hop * size + self._session.reaction_samples)

    def hear(self, samples: np.ndarray) -> None:
        """The next samples of the music; values that are not finite count as silence."""
        self.heard += len(samples)
        whole = np.concatenate((self._rest, np.nan_to_num(samples, posinf=0.0, neginf=0.0)))
        size = self._session.hop_samples
        controls = usual_controls(self.spec, track=True)
        hops, self._rest = np.split(whole, [len(whole) // size * size])
        try:
            for hop in hops.reshape(-1, size).astype(np.float32):
                audio, self._state = self._session.step(self._state, hop, Slot(self._hop), controls)
                self._played = self._played.then(audio)
                self._hop += 1
        finally:  # what could not be answered is silence, and all after it keeps its place
            self._hop = (self.heard - len(self._rest)) // size
            self._played = self._played.until(self._hop * size + self._session.reaction_samples)
        self._played = self._played.since(self.heard - 2 * WINDOW_SAMPLES)

    def play(self, begin: int, end: int) -> np.ndarray:
        """What sounds in samples [begin, end) of the stream: float32 [parts, end - begin]."""
        ahead, state, hop = self._played, self._state, self._hop
        silence = np.zeros(self._session.hop_samples, np.float32)
        controls = usual_controls(
            self.spec, steps=AHEAD_STEPS, guidance=1.0, mode="continue", track=True
        )
        while ahead.end < end:
            audio, state = self._session.step(state, silence, Slot(hop), controls)
            ahead, hop = ahead.then(audio), hop + 1
        return ahead.cut(begin, end)
