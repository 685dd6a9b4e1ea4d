"""Hop and lead as the accompaniment paper says them: r, the hop's share of the window, and w, the lead
in hops (arXiv 2604.07612; w = -1 retrospective, 0 immediate, 1 look-ahead)."""

from __future__ import annotations

import math

from sideman.errors import SettingsError

__all__ = ["hop_and_lead", "r_and_w"]


def hop_and_lead(r: float, w: float, window_frames: int) -> tuple[int, int]:
    """Frames of the hop and of the lead. Raises SettingsError, with the nearest that can be had, for
    hops and leads that are no whole frames, and where (w + 2) r > 1: hop, lead and slot must fit."""
    if not (math.isfinite(r) and 0 < r <= 1):
        raise SettingsError(f"cannot use r {r}: give more than 0, and at most 1")
    hop = r * window_frames
    if abs(hop - round(hop)) > 1e-9 or round(hop) < 1:
        nearest = sorted({max(1, math.floor(hop)), math.ceil(hop)})
        choices = " or ".join(f"{n / window_frames:g}" for n in nearest)
        raise SettingsError(
            f"cannot use r {r:g}: that is {hop:g} frames of a window of {window_frames}, and a hop "
            f"is whole frames; give {choices}"
        )
    hop = round(hop)
    lead = w * hop
    if not (math.isfinite(w) and w >= -1) or abs(lead - round(lead)) > 1e-9:
        raise SettingsError(f"cannot use w {w:g}: give -1 or more, in whole frames of the window")
    if w > -1 and (w + 2) * r > 1 + 1e-9:
        raise SettingsError(
            f"cannot use r {r:g} with w {w:g}: (w + 2) r is {(w + 2) * r:g}, and hop, lead and slot "
            "must fit into the window; give an r of at most "
            f"{math.floor(window_frames / (w + 2)) / window_frames:g}"
        )
    return hop, round(lead)


def r_and_w(hop_frames: int, lead_frames: int, window_frames: int) -> tuple[float, float]:
    """The paper's words for a hop and a lead."""
    return hop_frames / window_frames, lead_frames / hop_frames
