"""The styles: tempo, harmony taste and rhythm patterns, as strings on a grid of sixteenths.

Sixteen characters are a bar of 4/4; a bar of 3/4 uses the first twelve.
X accent, x normal, o soft, '-' the note holds, '.' rest.
Bass patterns name chord degrees instead: R root, 3 third, 5 fifth, 7 seventh, 8 octave, A approach
to the next root; W stands for a walking quarter.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["STYLES", "Style"]


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


STYLES: dict[str, Style] = {
    "rock": Style(
        bpm=(95, 150),
        triple=0.04,
        swing=False,
        sevenths=0.1,
        busy=0.25,
        bass=(
            "R-R-R-R-R-R-R-R-",
            "R---R---R---R-A-",
            "R--.R-R-5---R---",
            "R-------R---5---",
            "R---..R-R---..5-",
            "R-----R-....5-A-",
        ),
        comp=(
            "X-------x-------",
            "X---x---x---x---",
            "X-----x-....x---",
            "X---....x---....",
            "....X---....x---",
            "X---------------",
        ),
        strum=(
            "X-x-x-x-X-x-x-x-",
            "X---x-x-..x-x-x-",
            "X-------X-------",
            "X-..x-..X-..x-..",
            "X---..x-....x---",
            "X---------------",
        ),
        drums=(
            {"kick": "X.......x.......", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X.....x.x.......", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X.....x...x.....", "snare": "....X.......X...", "ride": "x...x...x...x..."},
            {"kick": "X...x...X...x...", "snare": "....X.......X...", "hat": "X...x...x...x..."},
            {"kick": "X.........x.....", "snare": "........X.......", "ride": "x...x...x...x..."},
        ),
    ),
    "pop": Style(
        bpm=(88, 132),
        triple=0.08,
        swing=False,
        sevenths=0.25,
        busy=0.3,
        bass=(
            "R-------R-----5-",
            "R-----R-R-----R-",
            "R---........R-A-",
            "R-----5-8-----5-",
            "R-----------5---",
            "R-..R-..R-..5-..",
        ),
        comp=(
            "X---x---x---x---",
            "X-----x-----x---",
            "X---------------",
            "..x-..x-..x-..x-",
            "X-------x---x---",
            "X---..x-....x---",
        ),
        strum=(
            "X-..x-x-..x-x-x-",
            "X---x-x-X---x-x-",
            "....X-......X-..",
            "X-------........",
            "X-----x-x-------",
            "..x-..x-..x-..x-",
        ),
        drums=(
            {"kick": "X.......X.......", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X.....x...x.....", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X.......X.....x.", "stick": "....X.......X...", "hat": "x...x...x...x..."},
            {"kick": "X.....x.X.....x.", "clap": "....X.......X...", "shaker": "x.o.x.o.x.o.x.o."},
        ),
    ),
    "funk": Style(
        bpm=(90, 118),
        triple=0.0,
        swing=False,
        sevenths=0.85,
        busy=0.2,
        bass=(
            "R---..R-....8-5-",
            "R-..R-..8-..5-A-",
            "R-....8-R-....5-",
            "R---....R-R-..5-",
            "R-..8-..R--R8-..",
            "R-......R-..5-A-",
        ),
        comp=(
            "X-......x-......",
            "..x-....X-..x-..",
            "X-....x-....x-..",
            "....X-......x-..",
            "X---..x-..x-....",
            "..x-..x-........",
        ),
        strum=(
            "x.o.X.o.x.o.X.o.",
            "..x...x...x...x.",
            "X.....x.....x...",
            "....X..o....X...",
            "x.....X.o.....x.",
            "....X-......X-..",
        ),
        drums=(
            {"kick": "X.....x...x.....", "snare": "....X..o....X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X..x......x.....", "snare": "....X.......X..o", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X.x.....x.....x.", "snare": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo"},
            {"kick": "X.......x.x.....", "snare": "....X.......X...", "ride": "x.x.x.x.x.x.x.x."},
        ),
    ),
    "ballad": Style(
        bpm=(80, 100),
        triple=0.3,
        swing=False,
        sevenths=0.4,
        busy=0.45,
        bass=(
            "R---------------",
            "R-------5-------",
            "R-----------5-A-",
            "R---....5---....",
            "R-----R-5-------",
        ),
        comp=("X---------------", "X-------x-------", "X---x---x---x---", "X-------....x---"),
        strum=("X---------------", "X-------x-x-x---", "X---....x---....", "X---x---x---x---"),
        drums=(
            {"kick": "X.......x.......", "stick": "....X.......X...", "hat": "x...x...x...x..."},
            {"kick": "X.........x.....", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X...............", "stick": "........X.......", "ride": "x...x...x...x..."},
            {"ride": "x...o...x...o...", "pedal": "....x.......x..."},
        ),
    ),
    "bossa": Style(
        bpm=(104, 146),
        triple=0.0,
        swing=False,
        sevenths=0.9,
        busy=0.3,
        bass=(
            "R-----5-5-----R-",
            "R-----5-8-----5-",
            "R-------5-----A-",
            "R---..R-5---..5-",
            "R-----..5-----..",
        ),
        comp=(
            "X---..x-....x---",
            "..x-....X---..x-",
            "X-----x-....x---",
            "X---....x-......",
            "X-..x-....x-..x-",
            "X---------------",
        ),
        strum=(
            "X-..x-....x-..x-",
            "X---..x-....x---",
            "..x-..x-....x---",
            "X-....x-x-....x-",
            "X-......x-..x-..",
        ),
        drums=(
            {"kick": "X.....x.X.....x.", "stick": "x.....x.....x...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X.....x.X.....x.", "stick": "....x.....x.....", "shaker": "x.o.x.o.x.o.x.o."},
            {"kick": "X.......X.......", "conga": "....x.x.....x.x.", "hat": "..x...x...x...x."},
            {"clave": "x.....x.....x...", "shaker": "x.o.x.o.x.o.x.o."},
        ),
    ),
    "jazz": Style(
        bpm=(100, 150),
        triple=0.12,
        swing=True,
        sevenths=1.0,
        busy=0.4,
        bass=(
            "W---W---W---W---",
            "R-------5-------",
            "W---W---W---W-A-",
            "R-----------A---",
            "R---....5---....",
        ),
        comp=(
            "X-....x-........",
            "....x-......x-..",
            "X-------....x-..",
            "......x-........",
            "X-....x-..x-....",
            "X---------------",
        ),
        strum=("X---x---X---x---", "....x-......x-..", "X-......x-......", "X---------------"),
        drums=(
            {"ride": "x...x.o.x...x.o.", "pedal": "....x.......x..."},
            {"ride": "X...x...x...x.o.", "pedal": "....x.......x...", "kick": "x..............."},
            {"ride": "x...x.o.x...x.o.", "pedal": "....x.......x...", "stick": "............x..."},
            {"hat": "x...x...x...x...", "kick": "x.......x......."},
        ),
    ),
    "house": Style(
        bpm=(116, 130),
        triple=0.0,
        swing=False,
        sevenths=0.5,
        busy=0.2,
        bass=(
            "..R-..R-..R-..R-",
            "R-..R-..R-..R-..",
            "R-R-..R-..8-..R-",
            "R-..8-..R-..8-..",
            "R---....R---..5-",
            "..R-..8-..R-..8-",
        ),
        comp=(
            "X-....x-....x---",
            "..x-..x-..x-..x-",
            "X---............",
            "X-....x-..x-....",
            "....x-......x-..",
            "X---------------",
        ),
        strum=("..x...x...x...x.", "X-....x-....x-..", "x.o.X.o.x.o.X.o.", "X---------------"),
        drums=(
            {"kick": "X...X...X...X...", "clap": "....X.......X...", "open": "..x...x...x...x."},
            {"kick": "X...X...X...X...", "hat": "..x...x...x...x."},
            {"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X...X...X...X...", "shaker": "x.o.x.o.x.o.x.o."},
            {"clap": "....X.......X...", "hat": "x.x.x.x.x.x.x.x."},
        ),
    ),
}
