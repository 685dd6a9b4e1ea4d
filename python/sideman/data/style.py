"""What a style is: tempo, harmony taste and rhythm patterns, as strings on a grid of sixteenths.

Sixteen characters are a bar of 4/4; a bar of 3/4 uses the first twelve. A style whose patterns have
twelve characters is in 6/8: two beats of three eighths in the three quarters of its bar.
X accent, x normal, o soft, '-' the note holds, '.' rest.
Bass patterns name chord degrees instead: R root, 3 third, 5 fifth, 7 seventh, 8 octave, A approach
to the next root; W stands for a walking quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Style"]


@dataclass(frozen=True)
class Style:
    """One style: ranges to draw from and the patterns of each part."""

    bpm: tuple[float, float]
    triple: float
    swing: bool
    sevenths: float
    busy: float
    bass: tuple[str, ...]
    comp: tuple[str, ...]
    strum: tuple[str, ...]
    drums: tuple[dict[str, str], ...]
