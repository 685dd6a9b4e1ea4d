"""What popular music does in a bar: how much begins where, in each band of the onset envelope.

Means over 40 composed training pieces (mixes, and mixes without one part) of onset strength over
its own running mean. They say little more than a text book would: low notes on 1 and 3, bright ones
on every beat, eighths in between, a bar of three with its weight on 1 and 3.
"""

from __future__ import annotations

__all__ = ["METRES", "PLACES", "RATES", "REST"]

METRES = (4, 3)
PLACES = (0.0, 0.5)  # in beats
REST = (0.6, 0.7, 0.3)  # between the places: low, mid, high

# RATES[metre][band][beat of the bar][place]
RATES = {
    4: (
        ((4.6, 1.0), (2.4, 2.4), (4.0, 1.4), (2.8, 2.5)),
        ((4.1, 1.2), (2.4, 2.0), (3.0, 1.5), (3.0, 2.1)),
        ((4.6, 1.8), (3.2, 2.6), (3.9, 2.0), (3.9, 2.6)),
    ),
    3: (
        ((5.1, 0.8), (3.1, 1.7), (5.1, 1.6)),
        ((4.4, 0.9), (2.8, 1.2), (4.0, 1.3)),
        ((5.3, 1.0), (3.8, 1.2), (4.9, 1.2)),
    ),
}
