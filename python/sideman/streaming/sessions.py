"""The session that a model of either family needs, and steps of several sessions at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Union

import numpy as np

from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Controls
from sideman.streaming.filling import evaluations
from sideman.streaming.session import Call, Session
from sideman.streaming.window_session import WindowSession

__all__ = ["AnySession", "network_calls", "open_session", "step_together"]

AnySession = Union[Session, WindowSession]


def open_session(
    model: LoadedModel, parts: Sequence[str], hop_frames: int, lead_frames: int
) -> AnySession:
    """Raises ModelError for parts, hop or lead that the model cannot play."""
    kind = WindowSession if model.spec.family == "window" else Session
    return kind(model, parts, hop_frames, lead_frames)


def step_together(
    calls: Sequence[Call], cancelled: Callable[[], bool] = lambda: False
) -> list[tuple[np.ndarray, Any]]:
    """What each call's session.step would give; those that allow it are played in one batch."""
    found: dict[int, tuple[np.ndarray, Any]] = {}
    for kind in {type(call.session): None for call in calls}:
        own = [index for index, call in enumerate(calls) if type(call.session) is kind]
        steps = kind.step_together([calls[index] for index in own], cancelled)
        found.update(zip(own, steps, strict=True))
    return [found[index] for index in range(len(calls))]


def network_calls(model: LoadedModel, controls: Controls) -> int:
    """Evaluations of the network for a hop, each branch of guidance counted. Raises KeyError for a
    sampler that the model's family has not."""
    if model.spec.family == "window":
        return evaluations(model.network, controls.sampler, controls.steps)
    return controls.steps * controls.branches
