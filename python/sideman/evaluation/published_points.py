"""What the published accompaniment system reached (arXiv 2604.07612), read off its sweep figure.

Their metrics on their data (Slakh2100, tracked beats): to be seen beside ours, not compared with it.
Digitised: Beat F1 to .002, FAD to .01.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PUBLISHED", "RANDOM_BEAT_F1", "TRUE_BEAT_F1", "WINDOW_SECONDS", "Point"]

WINDOW_SECONDS = 6.0
RANDOM_BEAT_F1, TRUE_BEAT_F1 = 0.210, 0.641


@dataclass(frozen=True)
class Point:
    """r, w: as the paper has them; beat F1 and FAD of the diffusion and the consistency model."""

    w: int
    r: float
    beat_f1: tuple[float, float]
    fad: tuple[float, float]

    @property
    def reach_seconds(self) -> float:
        """From the newest sample heard to the end of the slot."""
        return (self.w + 1) * self.r * WINDOW_SECONDS


PUBLISHED = (
    Point(-1, 1.0, (0.657, 0.605), (2.74, 2.84)),
    Point(-1, 0.5, (0.634, 0.597), (2.75, 2.96)),
    Point(-1, 0.25, (0.620, 0.586), (2.93, 3.20)),
    Point(-1, 0.125, (0.565, 0.574), (3.17, 3.54)),
    Point(0, 0.125, (0.339, 0.302), (3.96, 4.26)),
    Point(0, 0.25, (0.319, 0.270), (3.76, 4.86)),
    Point(0, 0.5, (0.261, 0.211), (3.82, 5.13)),
    Point(1, 0.125, (0.260, 0.223), (4.17, 5.28)),
    Point(1, 0.25, (0.222, 0.207), (3.95, 5.53)),
)
