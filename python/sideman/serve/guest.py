"""One session as the server sees it: what comes through its channel, and what goes back.

All on the server's event loop; a hop is played by the HopWorker and a model opened by the server's
loader. Times in seconds of time.perf_counter.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sideman import _wire
from sideman.errors import SettingsError
from sideman.serve.hop_worker import Job, Turns
from sideman.serve.hops import Heard, Played, read_heard, write_played
from sideman.serve.messages import address_of, build
from sideman.serve.opening import read_open, write_opened
from sideman.serve.performers import Asked, Performer
from sideman.serve.queue import Queue

__all__ = ["Figures", "Guest", "House"]

# Seconds, more than a hop is waited for where nobody plays in time: what a guest's clock says beyond
# that is not believed.
MOST_AHEAD = 70.0
TELLING = 10  # hops of a stream after which it is known what they take


@dataclass
class House:
    """What a guest needs of the server. send(datagram): to this guest; open(asked, wanted, done):
    open a performer, if wanted() says so still once it is its turn, then done(performer, seconds a
    hop takes, sentence); room: share of the time that the other guests leave; share(asked, room):
    what it would take of it, 0 where nobody knows; learnt(asked, share): the most that it was seen
    to take; post: to the hop worker; soon: run on the event loop, from any thread; left: the guest
    said goodbye."""

    send: Callable[[bytes], None]
    open: Callable[
        [Asked, Callable[[], bool], Callable[[Performer | None, float, str], None]], None
    ]
    room: Callable[[], float]
    share: Callable[[Asked, float], float]
    learnt: Callable[[Asked, float], None]
    post: Callable[[Job], None]
    soon: Callable[[Callable[[], None]], None]
    left: Callable[[], None]
    now: Callable[[], float]


@dataclass
class Figures:
    """What the table of the server shows of a guest."""

    hops: int = 0
    played: int = 0
    late: int = 0
    dropped: int = 0
    failed: int = 0
    thought: list[float] = field(default_factory=list)  # of the last hops

    def took(self, seconds: float) -> None:
        self.thought = [*self.thought[-49:], seconds]


@dataclass(frozen=True)
class _Came:
    """A hop that came. number, position: as on the wire; due: when its answer must leave; weight:
    as a performer has it."""

    number: int
    position: int
    heard: Heard
    due: float
    weight: float


class Guest:
    """A session after the handshake."""

    def __init__(self, channel: _wire.Channel, house: House):
        self.channel, self.house = channel, house
        self.figures = Figures()
        self.asked: Asked | None = None
        self.performer: Performer | None = None
        self._before: Performer | None = None  # of the same model, held until the new one is there
        self._serial, self._first = -1, 0
        self._queue = Queue()
        self._opened: bytes | None = None  # the answer to the newest `open`
        self._turns = Turns()
        self._usual = 0.0  # share of the time that hops take as the model is usually played
        self._took: list[tuple[float, float]] = []  # by the last such hops' batches, and his part
        self.share = 0.0  # and as it is played now

    def receive(self, datagram: bytes) -> None:
        """Take a datagram of this session and do what it asks."""
        now = self.house.now()
        message = self.channel.receive(datagram, now)
        if message is not None:
            self._hear(message)
        while (body := self.channel.collect()) is not None:
            self._hop(*body)
        self.flush()

    def flush(self) -> None:
        """Do and send what is due."""
        self._play_next()
        for datagram in self.channel.due(self.house.now()):
            self.house.send(datagram)

    def leave(self) -> None:
        """Let go of the performer and its model; what is still on its way to him is of no use."""
        self._serial, self.share = -1, 0.0
        self.performer, self._before, self._queue = None, None, Queue()

    def next_due(self, now: float) -> float:
        """When to call `flush` again."""
        return min(self.channel.next_due(now), self._queue.next_due())

    # --- messages ---

    def _hear(self, message: bytes) -> None:
        address = address_of(message)
        try:
            if address == "/sideman/open":
                self._open(message)
            elif address == "/sideman/bye":
                self.house.left()
            else:
                raise SettingsError(f"{address or 'that'} is not known here; see docs/protocol.md")
        except SettingsError as error:
            self._say("/sideman/error", {"hop": -1, "why": str(error)[:400]})

    def _open(self, message: bytes) -> None:
        asked, serial, first = read_open(message)
        if serial == self._serial:  # our answer was lost, or is not ready
            if self._opened is not None:
                self._send(self._opened)
            else:
                self._say("/sideman/opening", {"serial": serial})
            return
        if serial < self._serial:
            return  # of a stream before this one, overtaken on its way
        self._serial, self._first, self._opened = serial, first, None
        again = self.asked is not None and _as_dear(asked) == _as_dear(self.asked)
        held = self._usual if again else 0.0  # by others he is not put out of it
        known = held if again and len(self._took) >= TELLING else None
        if not again:
            self._took = []
        # A model goes with its last performer and would have to be read again; but while another
        # one is read, there may be no memory for both.
        same = self.asked is not None and _model_of(asked) == _model_of(self.asked)
        self._before = (self.performer or self._before) if same else None
        self.asked, self.performer, self._queue = asked, None, Queue()

        def done(performer: Performer | None, thinking: float, why: str) -> None:
            if serial != self._serial:
                return
            share = thinking / performer.hop_seconds if performer else 0.0
            if performer and known is not None:
                share = known
            # Asked and booked in one: another may open at the same time.
            if busy := _busy(share, max(held, self.house.room())):
                performer, share, why = None, 0.0, busy
            self.performer, self._usual, self.share = performer, share, share
            self._before = None
            if performer is None:
                self._opened = build(
                    "/sideman/refused", {"serial": serial, "why": why[:400]}
                )
            else:
                self._opened = write_opened(serial, performer.info, thinking)
            self._send(self._opened)

        room = max(held, self.house.room())
        takes = self.house.share(asked, room) if known is None else known
        if busy := _busy(takes, room):  # nothing need be opened to know it
            done(None, 0.0, busy)
        else:
            self.house.open(asked, lambda: serial == self._serial, done)

    def _say(self, address: str, values: dict[str, object]) -> None:
        self._send(build(address, values))

    def _send(self, message: bytes) -> None:
        try:
            self.house.send(self.channel.wrap(message))
        except ValueError as error:  # an info too long for a datagram: its tags, most likely
            why = f"the model cannot be told of in one datagram: {error}"
            self.house.send(self.channel.wrap(
                build("/sideman/refused", {"serial": self._serial, "why": why})
            ))

    # --- hops ---

    def _hop(self, number: int, position: int, body: bytes) -> None:
        hop = number - self._first
        if hop < 0:
            return  # of a stream before this one
        self.figures.hops += 1
        if self.performer is None:
            self._fail(number, f"hop {hop}: no model is open; open one first")
            return
        try:
            heard = read_heard(body)
        except SettingsError as error:
            self._fail(number, f"hop {hop}: {error}")
            return
        came = _Came(number, position, heard, self._due(heard), self.performer.weight(heard))
        patience = came.due - self.performer.hop_seconds
        if gone := self._queue.put(hop, patience, came):
            late, lost = gone
            self.performer.hears(late, lost.heard)
        self._play_next()

    def _play_next(self) -> None:
        """Hand the hops whose turn it is to the worker."""
        performer, serial = self.performer, self._serial
        if performer is None:
            return
        for hop, came in self._queue.take(self.house.now()):
            if busy := self._too_dear(came.weight):
                performer.hears(hop, came.heard)
                self._fail(came.number, f"hop {hop}: {busy}")
                continue

            def answer(played: Played | str | None, came: _Came = came) -> None:
                self.house.soon(lambda: self._answer(serial, came, played))

            dropped = came.due + performer.hop_seconds
            self.house.post(
                Job(self._turns, performer, hop, came.heard, came.due, dropped, answer)
            )

    def _too_dear(self, weight: float) -> str:
        """Why a hop that is dearer than usual cannot be played now; empty where it can. What is not
        played takes nothing; who plays cheaper than usual may return to it."""
        asked = self._usual * max(1.0, weight)
        room = self.house.room() if asked > self._usual else math.inf
        if asked <= room:
            self.share = asked
            return ""
        self.share = self._usual
        return (
            f"busy: as it is set a hop takes {100 * asked:.0f} % of the time, and the other guests leave "
            f"{100 * max(0.0, room):.0f} %; fewer steps, or guidance auto"
        )

    def _due(self, heard: Heard) -> float:
        """When the answer must leave, by our clock."""
        now, trip = self.house.now(), self.channel.trip
        latest = now + MOST_AHEAD
        if trip is None or heard.due <= 0:
            return now + (self.performer.hop_seconds if self.performer else 1.0)
        seconds, _, offset = trip
        return min(max(heard.due - offset - seconds / 2, now - MOST_AHEAD), latest)

    def _answer(self, serial: int, came: _Came, played: Played | str | None) -> None:
        if serial != self._serial or self.performer is None:
            return
        now, figures = self.house.now(), self.figures
        if played is None:
            figures.dropped += 1
        elif isinstance(played, str):
            self._fail(came.number, played)
        else:
            figures.played += 1
            figures.late += now > came.due
            figures.took(played.thought)
            if came.weight == 1.0:  # what is played with other steps costs more or less by not all of it
                whole = played.thought / self.performer.hop_seconds
                self._learn(whole, whole / played.together)
            body = write_played(played, came.heard.kind)
            until = came.due + self.performer.hop_seconds
            self.channel.send(came.number, came.position, body, now, until)
        self.flush()

    def _learn(self, whole: float, part: float) -> None:
        """What hops take as the model is usually played, of a batch his part alone. What was found
        when it was opened holds until enough of them tell; an echo takes nothing. Alone none takes
        more than the batch that it was in."""
        self._took = [*self._took[-49:], (whole, part)]
        if self.asked is not None and self._usual > 0 and len(self._took) >= TELLING:
            whole, self._usual = (statistics.median(each) for each in zip(*self._took))
            self.house.learnt(self.asked, whole)

    def _fail(self, number: int, why: str) -> None:
        self.figures.failed += 1
        self._say("/sideman/error", {"hop": number, "why": why[:400]})


def _as_dear(asked: Asked) -> Asked:
    """What the cost of a stream depends on."""
    return replace(asked, seed=0, lead=-1)


def _model_of(asked: Asked) -> tuple[str, str]:
    return asked.model, asked.device


def _busy(share: float, room: float) -> str:
    """Why there is no room for a share of the time; empty where there is."""
    if share <= max(0.0, room):
        return ""
    return (
        f"busy: the guests of now leave {100 * max(0.0, room):.0f} % of the time and this one "
        f"would take {100 * share:.0f} %; try later, or another server"
    )
