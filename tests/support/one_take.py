"""One take of a session over a piece."""

from __future__ import annotations

import numpy as np

from sideman.evaluation.clock_watch import ignore
from sideman.evaluation.takes import Asked, play_together


def rollout(session, piece, part, *, controls, clock, seed, watch=ignore) -> np.ndarray:
    """What the session plays to the piece without `part`, aligned with it."""
    asked = Asked(session, piece, piece.context(part), lambda _: controls, None, seed, clock, watch)
    return play_together([asked])[0]
