"""More styles: those learnt later, and those kept back to see how a model does with a new one."""

from __future__ import annotations

from sideman.data.style import Style

__all__ = ["FURTHER", "UNSEEN"]

FURTHER: dict[str, Style] = {
    "blues": Style(
        bpm=(84, 132),
        triple=0.0,
        swing=True,
        sevenths=0.95,
        busy=0.1,
        bass=(
            "R---3---5---3---",
            "R---R---5---5---",
            "R-..R-R-..R-5-A-",
            "R---3---5---7---",
            "R-------R---5---",
        ),
        comp=(
            "X-----x-X-----x-",
            "..x-....x-..x---",
            "X---------......",
            "X-..x-..x-..x-..",
            "....X-......X-..",
        ),
        strum=(
            "X-x-X-x-X-x-X-x-",
            "X---....X---....",
            "..x-..x-..x-..x-",
            "X---------------",
        ),
        drums=(
            {"kick": "X.......x.......", "snare": "....X.......X...", "ride": "x.o.x.o.x.o.x.o."},
            {"kick": "X.....x.X.......", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X...x...X...x...", "stick": "....X.......X...", "hat": "x...x...x...x..."},
        ),
    ),
    "soul": Style(
        bpm=(84, 126),
        triple=1.0,
        swing=False,
        sevenths=0.6,
        busy=0.25,
        bass=(
            "R-----5---A-",
            "R---R-5---5-",
            "R-----R-....",
            "R-------5-A-",
            "R-----5-----",
        ),
        comp=(
            "X-----x-----",
            "X---x-X---x-",
            "x-x-x-x-x-x-",
            "X-----------",
            "..x-x-..x-x-",
        ),
        strum=(
            "x.o.o.X.o.o.",
            "X-----X-----",
            "....x-....x-",
            "X-----------",
        ),
        drums=(
            {"kick": "X.........x.", "snare": "......X.....", "hat": "x.o.o.x.o.o."},
            {"kick": "X...x.......", "snare": "......X.....", "ride": "x.o.o.x.o.o."},
            {"kick": "X...........", "stick": "......X.....", "hat": "x...x...x..."},
        ),
    ),
    "disco": Style(
        bpm=(108, 128),
        triple=0.0,
        swing=False,
        sevenths=0.6,
        busy=0.25,
        bass=(
            "R-8-R-8-R-8-R-8-",
            "R---..8-R---..8-",
            "R-..R-8-..R-5-A-",
            "R-8-..8-R-8-..5-",
        ),
        comp=(
            "..x-..x-..x-..x-",
            "X-....x-....x-..",
            "X---------------",
            "....X-......X-..",
        ),
        strum=(
            "x.o.X.o.x.o.X.o.",
            "..x.x...x.x...x.",
            "....X...x.o.X...",
            "X-......x-......",
        ),
        drums=(
            {"kick": "X...X...X...X...", "snare": "....X.......X...", "open": "..x...x...x...x."},
            {"kick": "X...X...X...X...", "snare": "....X.......X...", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X...X...X...X...", "clap": "....X.......X...", "hat": "xoxoxoxoxoxoxoxo"},
        ),
    ),
    "country": Style(
        bpm=(92, 140),
        triple=0.15,
        swing=False,
        sevenths=0.15,
        busy=0.2,
        bass=(
            "R-------5-------",
            "R---....5---....",
            "R-------5---..A-",
            "R---5---R---5---",
        ),
        comp=(
            "....x-......x-..",
            "X---..x-....x---",
            "....x---....x---",
            "X-------x-------",
        ),
        strum=(
            "..x-x-..x-..x-x-",
            "....X-x-....X-x-",
            "X-x-X-x-X-x-X-x-",
            "....X-......X-..",
        ),
        drums=(
            {"kick": "X.......X.......", "snare": "....x.......x...", "hat": "x.x.x.x.x.x.x.x."},
            {"kick": "X.......X.......", "stick": "..o.x.o...o.x.o."},
            {"kick": "X.......X.....x.", "snare": "..o.X.o...o.X.o."},
        ),
    ),
}

UNSEEN: dict[str, Style] = {
    "reggae": Style(
        bpm=(80, 100),
        triple=0.0,
        swing=False,
        sevenths=0.3,
        busy=0.15,
        bass=(
            "R---..R-5---....",
            "....R-R-5---R---",
            "R-..R-..8-..5-..",
            "R-------..5-R---",
        ),
        comp=(
            "....X.......X...",
            "....X-......X-..",
            "..x...x...x...x.",
        ),
        strum=(
            "....X.......X...",
            "....x.x.....x.x.",
            "..x...x...x...x.",
        ),
        drums=(
            {"kick": "........X.......", "stick": "........X.......", "hat": "x.o.x.o.x.o.x.o."},
            {"kick": "X...X...X...X...", "stick": "........X.......", "hat": "..x...x...x...x."},
        ),
    ),
    "samba": Style(
        bpm=(96, 128),
        triple=0.0,
        swing=False,
        sevenths=0.8,
        busy=0.3,
        bass=(
            "R-----5-R-----5-",
            "R--5-.R-R--5-.R-",
            "R-----5-5-----R-",
        ),
        comp=(
            "x-..x-.x-..x-.x-",
            "X-.x-..x-.x-..x-",
            "..x-..x-..x-.x--",
        ),
        strum=(
            "x.ox.ox.x.ox.ox.",
            "X-.x-..x-.x-..x-",
            "..x-..x-..x-..x-",
        ),
        drums=(
            {"kick": "x..xX..xx..xX..x", "stick": "x.x..x.x..x.x.x.", "shaker": "xoxoxoxoxoxoxoxo"},
            {"kick": "x...X...x...X...", "conga": "..x..xx...x..xx.", "hat": "x.o.x.o.x.o.x.o."},
        ),
    ),
}
