"""What sets the modes apart: when a session sounds, and what it hears of itself.

accompany plays to the music. delay gives back what it hears, played anew: the heard music is its
sketch. continue takes the music as its own past for as long as it sounds, and goes on from there
when it pauses. An accompanist also has manners: he begins once he hears something, and rests when
the music has rested for longer than his patience.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from sideman.models.codec import soft_limit
from sideman.streaming.asked import LOUDEST_PLAYED

if TYPE_CHECKING:
    from sideman.streaming.controls import Clock, Controls

__all__ = [
    "UNHEARD", "echo_share", "is_shown", "is_sounding", "mixed", "own_at_hop", "plays", "ramp",
    "rests_too", "silent_hops",
]  # fmt: skip

SILENCE_DB = -54.0
FADE_SECONDS = 0.01
UNHEARD = 1_000_000  # silent hops before the first sound
BEAT_SECONDS = 0.5  # where no clock is known
SHOWN_SECONDS = 1.0


def is_sounding(audio: np.ndarray) -> bool:
    """Whether a hop float32 [samples] is louder than -54 dB full scale (RMS), but for the offset that
    an input may have."""
    power = float(np.var(audio, dtype=np.float64)) if audio.size else 0.0
    return power > 10 ** (SILENCE_DB / 10)


def plays(mode: str, heard: np.ndarray, silent: int) -> bool:
    """Whether the session is the one to play, given the hop it hears and how many were silent up to
    it: nobody goes on from what was never played."""
    return mode != "continue" or (silent < UNHEARD and not is_sounding(heard))


def silent_hops(before: int, heard: np.ndarray, sketch: np.ndarray | None) -> int:
    """How many hops in a row, up to this one, had neither music nor a sketch."""
    sounds = is_sounding(heard) or (sketch is not None and is_sounding(sketch))
    return 0 if sounds else before + 1


def is_shown(silent: int, hop_seconds: float) -> bool:
    """Whether a sketch counts as given, so many silent hops after it last sounded: silence between
    its notes is a part of it."""
    return silent * hop_seconds <= SHOWN_SECONDS


def rests_too(silent: int, hop_seconds: float, controls: Controls, clock: Clock | None) -> bool:
    """Whether the part rests, after so many silent hops: patience is in beats, 0 has no end. clock:
    the one that was told, or heard, however sure it is now that nothing sounds."""
    if controls.mode != "accompany" or controls.patience == 0:
        return False
    beat = 60 / clock.bpm if clock else BEAT_SECONDS
    # The music ended somewhere in the hop before the first silent one.
    return silent > 0 and (silent + 1) * hop_seconds >= controls.patience * beat


def own_at_hop(own: torch.Tensor, samples: int) -> np.ndarray:
    """What sounded of one's own during the hop just heard, the mean of all parts: float32 [samples].

    The mean, since it goes back into every part: their sum would feed back more than was asked for.
    Limited, so that what goes round never grows past full scale.

    own [P, reaction samples]: what was played from the start of that hop on.
    """
    return soft_limit(own[:, :samples].mean(0)).numpy()


def ramp(before: float, now: float, samples: int, sample_rate: int) -> torch.Tensor:
    """Gain [samples] of a hop that takes over from one of gain `before`: half a cosine of 10 ms."""
    if before == now:
        return torch.full((samples,), float(now))
    length = min(samples, round(FADE_SECONDS * sample_rate))
    fade = torch.ones(samples)
    fade[:length] = 0.5 - 0.5 * torch.cos(torch.pi * torch.arange(length) / length)
    return before + (now - before) * fade


def echo_share(controls: Controls) -> float:
    """How much of what sounds is the music as it was heard."""
    return 1 - controls.mix if controls.mode == "delay" else 0.0


def mixed(audio: torch.Tensor, share: torch.Tensor, source: np.ndarray) -> torch.Tensor:
    """[P, hop samples], of which the source [hop samples] has a share, where there is an echo."""
    both = (1 - share) * audio + share * torch.from_numpy(source)
    return both.clamp(-LOUDEST_PLAYED, LOUDEST_PLAYED)
