"""Hop and lead as the accompaniment paper says them: r, the hop's share of the window, and w, the lead
in hops (arXiv 2604.07612; w = -1 retrospective, 0 immediate, 1 look-ahead)."""

from __future__ import annotations

import math
from collections.abc import Sequence

from sideman.errors import SettingsError

__all__ = ["hop_and_lead", "r_and_w"]

SIX_DIGITS = 1e-5  # what was printed with so many is the same number still


def hop_and_lead(
    r: float, w: float, window_frames: int, hops: Sequence[int] = ()
) -> tuple[int, int]:
    """Frames of the hop and of the lead. Raises SettingsError, with the nearest that can be had (of
    `hops`, where a model has no others), for hops and leads that are no whole frames, and where
    (w + 2) r > 1: hop, lead and slot must fit."""
    if not (math.isfinite(r) and 0 < r <= 1):
        raise SettingsError(f"cannot use r {r}: give more than 0, and at most 1")
    given = sorted(hops) or range(1, window_frames + 1)
    fitting = [n for n in given if _fits(n, w, window_frames)]
    if not fitting:
        raise SettingsError(f"cannot use w {w:g}: give -1 or more, in whole frames of the window")
    hop = r * window_frames
    if not _is_whole(hop) or round(hop) < 1:
        near = {*[n for n in fitting if n <= hop][-1:], *[n for n in fitting if n > hop][:1]}
        choices = " or ".join(f"{n / window_frames:g}" for n in sorted(near))
        raise SettingsError(
            f"cannot use r {r:g}: that is {hop:g} frames of a window of {window_frames}, and a hop "
            f"is whole frames; give {choices}"
        )
    hop = round(hop)
    if not _is_whole(w * hop):
        raise SettingsError(f"cannot use w {w:g}: give -1 or more, in whole frames of the window")
    if not _fits(hop, w, window_frames):
        raise SettingsError(
            f"cannot use r {r:g} with w {w:g}: (w + 2) r is {(w + 2) * r:g}, and hop, lead and slot "
            f"must fit into the window; give an r of at most {fitting[-1] / window_frames:g}"
        )
    return hop, round(w * hop)


def r_and_w(hop_frames: int, lead_frames: int, window_frames: int) -> tuple[float, float]:
    """The paper's words for a hop and a lead."""
    return hop_frames / window_frames, lead_frames / hop_frames


def _is_whole(frames: float) -> bool:
    return abs(frames - round(frames)) <= SIX_DIGITS * max(1, abs(frames))


def _fits(hop: int, w: float, window_frames: int) -> bool:
    """Whether a hop, a lead of w hops and the slot are whole frames that the window holds."""
    whole = math.isfinite(w) and w >= -1 and _is_whole(w * hop)
    return whole and 2 * hop + round(w * hop) <= window_frames
