"""A session of the small model in hops of four frames, and a way to play it."""

from __future__ import annotations

import numpy as np
from small_model import small_model

from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.session import Session

MODEL = small_model()
PLAIN = Controls(steps=2, guidance=1.0, clock=Clock(bpm=120, beat=1.5))
HOP = 4 * MODEL.spec.frame_samples
SILENCE = np.zeros(HOP, np.float32)


def session(parts=("bass",), lead: int = 3, model=MODEL) -> Session:
    return Session(model, parts, hop_frames=4, lead_frames=lead)


def music(hop: int) -> np.ndarray:
    return np.random.default_rng(hop).standard_normal(HOP).astype(np.float32)


def play(player, hops, controls=PLAIN, heard=music, state=None, sketch=None):
    """Sounds [hops, parts, samples] and the state after them; controls may be a function of hop."""
    state = player.start(seed=3) if state is None else state
    sounds = []
    for hop in hops:
        told = controls(hop) if callable(controls) else controls
        shown = None if sketch is None else sketch(hop)
        sound, state = player.step(state, heard(hop), Slot(hop), told, sketch=shown)
        sounds.append(sound)
    return np.stack(sounds), state
