"""What a session is asked for, checked before anything is played, and what it answers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch

from sideman.errors import ModelError, SettingsError

__all__ = [
    "LOUDEST", "LOUDEST_PLAYED", "check_answer", "check_asked", "clean_audio", "known_hops", "left_out",
]  # fmt: skip

LOUDEST = 100.0  # times full scale
LOUDEST_PLAYED = 4.0  # beyond it the engine takes an answer for no sound (externals/core/worker.cpp)


def clean_audio(heard: np.ndarray, samples: int) -> np.ndarray:
    """The hop, with samples that are not finite as zero and none beyond LOUDEST, so that a filter that
    runs away in the patch does not stay in what is remembered. Raises SettingsError for a wrong length."""
    if heard.shape != (samples,):
        raise SettingsError(
            f"cannot play: heard audio has shape {list(heard.shape)}, a hop is [{samples}]"
        )
    finite = np.nan_to_num(heard, nan=0.0, posinf=0.0, neginf=0.0)
    return np.clip(finite, -LOUDEST, LOUDEST).astype(np.float32, copy=False)


def check_asked(
    name: str,
    known: Sequence[str],
    parts: Sequence[str],
    hops: Sequence[int],
    hop: int,
    leads: Sequence[int],
    lead: int,
) -> None:
    """Raises ModelError for parts, hop or lead that the model `name` does not have."""
    unknown = [part for part in parts if part not in known]
    if unknown or not parts or len(set(parts)) < len(parts):
        raise ModelError(
            f"{name} cannot play {' '.join(parts) or 'no part'}: "
            f"it knows {' '.join(known)}; name each part once"
        )
    if hop not in hops:
        choices = " or ".join(map(str, hops))
        raise ModelError(f"{name} cannot play hops of {hop} frames: give {choices}")
    if not (math.isfinite(lead) and leads[0] <= lead <= leads[1]):
        raise ModelError(
            f"{name} cannot play {lead} frames ahead: give a lead of {leads[0]} to {leads[1]}"
        )


def check_answer(hop_id: int, latents: torch.Tensor, audio: torch.Tensor) -> None:
    """Raises ModelError where either is not finite: it would stay in all that is remembered."""
    if any((~values.isfinite()).any().cpu() for values in (audio, latents)):
        raise ModelError(
            f"cannot play hop {hop_id}: the model gave values that are not sound; the next hop is "
            "tried anew; if it fails too, set device to cpu or load another model"
        )


def known_hops(before: np.ndarray | None, hop_samples: int) -> int:
    """Of how many hops that were left out `before` has all that sounded."""
    return 0 if before is None else len(before) // hop_samples


def left_out(before: np.ndarray | None, hops: int, hop_samples: int) -> list[np.ndarray]:
    """What sounded in the hops that were left out just before this one, oldest first, float32 [hop
    samples] each; silence where `before`, whose end is the newest, has none."""
    whole = np.zeros(hops * hop_samples, np.float32)
    known = min(len(whole), 0 if before is None else len(before))
    if known:
        whole[len(whole) - known :] = clean_audio(before[len(before) - known :], known)
    return list(whole.reshape(hops, hop_samples))
