"""What `sideman evaluate --check` demands of the default model and its codec."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from sideman.evaluation.codec_gate import KEPT_AT_LEAST, kept_shares
from sideman.evaluation.scores import (
    MINI_CLOCK,
    MINI_FREE,
    MINI_TRACKED,
    PITCHED,
    TRUE,
    Summary,
    Take,
)

__all__ = ["LEAST_PIECES", "shortfalls", "tracking_shortfalls"]

LEAST_PIECES = 12
A8_OF_TRUE = 0.5
AUDIBLE_OF_TRUE = 0.5
TRACKER_RIGHT = 0.8
RIGHT_OFTEN = 0.35  # of the takes; who guesses the phase is in 0.25
A8_OF_GIVEN = 0.7
A8_NOISE = 0.15

Figures = Mapping[str, Mapping[str, Mapping[str, Summary]]]


def shortfalls(summary: Figures) -> list[str]:
    """One line for each demand that is not met; empty when all are.

    The codec keeps 80 % of the true parts' harmony lift and a8. The model with a clock: harmony
    lift above zero with its whole interval for two pitched parts, a8 at least half of the true
    part's for two parts, audible in at least half of the frames where the true part is.
    """
    played = {part: rows for part, rows in summary.items() if MINI_CLOCK in rows}
    return [*_pieces(played), *_codec(summary), *_harmony(played), *_rhythm(played),
            *_audible(played)]


def _pieces(played: Figures) -> list[str]:
    fewest = min((rows[MINI_CLOCK]["a8"].pieces for rows in played.values()), default=0)
    if fewest >= LEAST_PIECES:
        return []
    return [f"pieces: {fewest} with a known beat per part, at least {LEAST_PIECES} are needed"]


def _codec(summary: Figures) -> list[str]:
    lines = []
    for part, kept in kept_shares(summary).items():
        for name, share in (("harmony lift", kept.harmony_lift), ("a8", kept.a8)):
            if share is not None and share < KEPT_AT_LEAST:
                lines.append(f"codec, {part}: keeps {share:.0%} of {name}, "
                             f"{KEPT_AT_LEAST:.0%} are needed")
    return lines


def _harmony(played: Figures) -> list[str]:
    lows = {part: rows[MINI_CLOCK]["harmony_lift"].low
            for part, rows in played.items() if part in PITCHED}
    if sum(low > 0 for low in lows.values()) >= 2:
        return []
    listed = ", ".join(f"{part} {low:+.3f}" for part, low in lows.items())
    return [f"harmony lift: interval above zero is needed for two pitched parts; "
            f"lower ends: {listed or 'none'}"]


def _rhythm(played: Figures) -> list[str]:
    pairs = {part: (rows[MINI_CLOCK]["a8"].mean, rows[TRUE]["a8"].mean)
             for part, rows in played.items()}
    if sum(a8 > 0 and a8 >= A8_OF_TRUE * true for a8, true in pairs.values()) >= 2:
        return []
    listed = ", ".join(f"{part} {a8:.2f} of {true:.2f}" for part, (a8, true) in pairs.items())
    return [f"a8: half of the true part's is needed for two parts; found: {listed or 'none'}"]


def _audible(played: Figures) -> list[str]:
    lines = []
    for part, rows in played.items():
        share, true = rows[MINI_CLOCK]["audible"].mean, rows[TRUE]["audible"].mean
        if share < AUDIBLE_OF_TRUE * true:
            lines.append(f"audible, {part}: in {share:.0%} of the frames, at least half of the "
                         f"true part's {true:.0%} is needed")
    return lines


def tracking_shortfalls(takes: Sequence[Take]) -> list[str]:
    """What is asked of playing by the tracked clock, over all parts; empty when it is met.

    Takes whose tracker was right for 80 % of the slots are at least 35 % of all (a quarter is
    chance), and keep 70 % of the a8 that the given clock brings; the others are no worse than without
    a clock, but for 0.15 of chance.
    """
    a8 = {(take.piece, take.part, take.row): take.score.a8 for take in takes}
    tracked = [take for take in takes if take.row == MINI_TRACKED and take.clock_right is not None]
    right = [take for take in tracked if take.clock_right >= TRACKER_RIGHT]
    wrong = [take for take in tracked if take.clock_right < TRACKER_RIGHT]

    def mean(chosen: Sequence[Take], row: str) -> float:
        return float(np.mean([a8[t.piece, t.part, row] for t in chosen]))

    lines = []
    if len(right) < RIGHT_OFTEN * len(tracked):
        lines.append(f"tracker right in {len(right)} of {len(tracked)} takes, at least "
                     f"{RIGHT_OFTEN:.0%} are needed")
    if right and mean(right, MINI_TRACKED) < A8_OF_GIVEN * mean(right, MINI_CLOCK):
        lines.append(f"a8 by the tracked clock, tracker right ({len(right)} takes): "
                     f"{mean(right, MINI_TRACKED):.2f}, {A8_OF_GIVEN:.0%} of "
                     f"{mean(right, MINI_CLOCK):.2f} is needed")
    if wrong and mean(wrong, MINI_TRACKED) < mean(wrong, MINI_FREE) - A8_NOISE:
        lines.append(f"a8 by the tracked clock, tracker wrong ({len(wrong)} takes): "
                     f"{mean(wrong, MINI_TRACKED):.2f}, without a clock {mean(wrong, MINI_FREE):.2f}")
    return lines
