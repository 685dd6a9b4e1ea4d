"""What a distilled model keeps of its teacher, and how much faster it samples."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch

from sideman.errors import SettingsError
from sideman.evaluation.stages import Playing, Row
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.filling import fill

__all__ = [
    "LEAST_SHARE", "LEAST_SPEED_UP", "Share", "check_families", "kept_shares", "sampling_seconds",
    "shortfalls",
]  # fmt: skip

LEAST_SHARE, LEAST_SPEED_UP = 0.9, 6.0


@dataclass(frozen=True)
class Share:
    """A figure of both, and what the student keeps of it: 1 is all. told: whether the teacher has
    anything to keep (its interval lies above 0)."""

    figure: str
    teacher: float
    student: float
    share: float | None
    told: bool = True


def check_families(models: Iterable[LoadedModel]) -> None:
    """Raises SettingsError for a model that fills no window: that is distilled, and timed."""
    for model in models:
        if model.spec.family != "window":
            raise SettingsError(
                f"cannot compare {model.spec.name} as teacher or student: it is of the "
                f"{model.spec.family} family; give models of the window family"
            )


def kept_shares(teacher: Row, student: Row) -> list[Share]:
    """Of distances from real music the inverse, of how well it fits the music the ratio."""
    found = []
    for figure in ("latent_distance", "mel_distance"):
        one, other = getattr(teacher, figure), getattr(student, figure)
        found.append(Share(figure, one, other, one / max(other, 1e-9)))
    for figure, interval in (("harmony_lift", "harmony_interval"), ("a8", "a8_interval")):
        one, other = getattr(teacher, figure), getattr(student, figure)
        told = getattr(teacher, interval)[0] > 0
        found.append(Share(figure, one, other, other / one if told else None, told))
    return found


@torch.no_grad()
def sampling_seconds(playings: Sequence[Playing], rounds: int = 7) -> list[float]:
    """Median seconds to fill a hop of one part, without codec; the playings take turns, so that a
    busy machine is busy for all of them."""
    seconds: list[list[float]] = [[] for _ in playings]
    for turn in range(rounds + 1):
        for times, playing in zip(seconds, playings, strict=True):
            started = time.perf_counter()
            _fill_once(playing.model, playing)
            if turn:  # the first one warms up
                times.append(time.perf_counter() - started)
    return [statistics.median(times) for times in seconds]


def shortfalls(shares: Sequence[Share], speed_up: float) -> list[str]:
    """Where less than nine tenths is kept, or sampling is not six times as fast."""
    short = [
        f"{share.figure}: {share.student:.3f}, the teacher {share.teacher:.3f}: {share.share:.0%} kept"
        for share in shares
        if share.told and not share.share >= LEAST_SHARE  # what is no number falls short
    ]
    if not speed_up >= LEAST_SPEED_UP:
        short.append(f"sampling is {speed_up:.1f} times as fast, {LEAST_SPEED_UP:g} are asked for")
    return short


def _fill_once(model: LoadedModel, playing: Playing) -> None:
    frames, channels = model.network.window_frames, model.codec.channels
    empty = torch.zeros(1, channels, frames)
    labels = torch.eye(len(model.spec.parts))[:1]
    generator = torch.Generator().manual_seed(0)
    fill(
        model.network, playing.controls.sampler, playing.controls.steps, empty, labels, empty,
        model.spec.hop_frames, lambda: torch.randn(1, 1, channels, frames, generator=generator),
    )  # fmt: skip
