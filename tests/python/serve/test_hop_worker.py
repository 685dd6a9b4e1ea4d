"""The order of hops: the most urgent first, a guest's own in turn, and what is over is left out."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from sideman.errors import SettingsError
from sideman.serve.hop_worker import BURST, MOST_WAITING, HopWorker, Job, Turns
from sideman.serve.hops import Heard, Played

AUDIO = np.zeros((1, 4), np.float32)


class Noted:
    """A performer that writes down what it is asked to play, one thing at a time."""

    info: dict = {}
    hop_samples, hop_seconds = 4, 1000.0  # no test lasts as long: nobody's next turn comes in it

    def __init__(self, name: str, log: list, gate: threading.Event, error: Exception | None = None):
        self.name, self.log, self.gate, self.error = name, log, gate, error
        self.heard: list[int] = []
        self.turns = Turns()

    def hears(self, hop: int, heard: Heard) -> None:
        self.heard.append(hop)

    def play(self, hop: int, heard: Heard) -> Played:
        self.gate.wait(5)
        self.log.append((self.name, hop))
        if self.error is not None:
            raise self.error
        return Played(heard.audio, True, 0.0)


@pytest.fixture
def worker():
    worker = HopWorker()
    yield worker
    worker.close()


class Room:
    """Posts jobs while the worker is held up, then lets it go."""

    def __init__(self, worker: HopWorker):
        self.worker, self.log, self.answers = worker, [], {}
        self.gate = threading.Event()
        self.done = threading.Semaphore(0)
        self.posted = 0

    def performer(self, name: str, error: Exception | None = None) -> Noted:
        return Noted(name, self.log, self.gate, error)

    def post(self, performer: Noted, hop: int, due: float, dropped: float = 60.0) -> None:
        now = time.perf_counter()

        def answer(played):
            self.answers[performer.name, hop] = played
            self.done.release()

        due, dropped = now + due, now + dropped
        job = Job(performer.turns, performer, hop, Heard(AUDIO, 0.0), due, dropped, answer)
        self.worker.post(job)
        self.posted += 1
        while self.posted == 1 and self.worker._jobs:
            time.sleep(0.001)  # until the worker has taken the first one and waits at the gate

    def go(self) -> None:
        self.gate.set()
        for _ in range(self.posted):
            assert self.done.acquire(timeout=5)


def test_the_most_urgent_goes_first(worker):
    room = Room(worker)
    room.post(room.performer("first"), 0, 0)
    for name, due in (("late", 3.0), ("soon", 1.0), ("middle", 2.0)):
        room.post(room.performer(name), 0, due)
    room.go()
    assert [name for name, _ in room.log] == ["first", "soon", "middle", "late"]


def test_the_hops_of_one_guest_stay_in_their_order(worker):
    room = Room(worker)
    guest = room.performer("guest")
    room.post(room.performer("first"), 0, 0)
    for hop, due in enumerate((3.0, 2.0, 1.0)):
        room.post(guest, hop, due)
    room.go()
    assert room.log[1:] == [("guest", 0), ("guest", 1), ("guest", 2)]


def test_a_hop_that_is_over_is_heard_and_not_played(worker):
    room = Room(worker)
    over = room.performer("over")
    room.post(room.performer("first"), 0, 0)
    room.post(over, 0, -1.0, dropped=0.0)
    room.post(room.performer("other"), 0, 1.0)
    room.go()
    assert room.answers["over", 0] is None
    assert ("over", 0) not in room.log
    assert over.heard == [0]
    assert isinstance(room.answers["other", 0], Played)


def test_an_error_is_its_guests_alone(worker):
    room = Room(worker)
    room.post(room.performer("wrong", SettingsError("no such tag")), 0, 0)
    room.post(room.performer("broken", ValueError("odd\nand more")), 0, 1)
    room.post(room.performer("right"), 0, 2)
    room.go()
    assert room.answers["wrong", 0] == "no such tag"
    assert room.answers["broken", 0] == (
        "hop 0: the model failed: odd; the next hop is tried anew"
    )
    assert isinstance(room.answers["right", 0], Played)


def test_of_hops_without_end_some_are_dropped_and_others_are_served(worker):
    room = Room(worker)
    greedy = room.performer("greedy")
    for hop in range(40):
        room.post(greedy, hop, 5.0)
    room.post(room.performer("other"), 0, 6.0)
    room.go()
    dropped = [hop for (_, hop), answer in room.answers.items() if answer is None]
    assert len(dropped) >= 20
    assert greedy.heard == dropped
    assert isinstance(room.answers["other", 0], Played)


def test_who_sends_more_than_his_turns_waits_for_everybody_else(worker):
    room = Room(worker)
    greedy, other = room.performer("greedy"), room.performer("other")
    room.post(room.performer("first"), 0, 0)
    for hop in range(MOST_WAITING):
        room.post(greedy, hop, 0.0)
    for hop in range(4):
        room.post(other, hop, 5.0)
    room.go()
    names = [name for name, _ in room.log]
    beyond = MOST_WAITING - BURST
    assert names == ["first", *["greedy"] * BURST, *["other"] * 4, *["greedy"] * beyond]
    assert all(isinstance(answer, Played) for answer in room.answers.values()), "and is played"


def test_hops_that_are_over_take_nobodys_turn(worker):
    room = Room(worker)
    stalled, other = room.performer("stalled"), room.performer("other")
    room.post(room.performer("first"), 0, 0)
    for hop in range(BURST + 2):
        room.post(stalled, hop, -1.0, dropped=0.0)
    room.post(stalled, BURST + 2, 0.0)
    for hop in range(3):
        room.post(other, hop, 5.0)
    room.go()
    assert room.log == [("first", 0), ("stalled", BURST + 2), *[("other", hop) for hop in range(3)]]


def test_turns_come_back_with_the_time_and_who_had_none_owes_none():
    turns, now = Turns(), 100.0
    for _ in range(5 * BURST):
        turns.take(now, 0.5)
    assert turns.left(now, 0.5) < 1 <= turns.left(now + 0.5, 0.5) < 1.1
    assert turns.left(now + 1000.0, 0.5) == BURST


def test_of_a_stream_that_was_begun_anew_the_old_hops_are_played_no_more(worker):
    room = Room(worker)
    old, new = room.performer("old"), room.performer("new")
    new.turns = old.turns  # of one guest
    room.post(room.performer("first"), 0, 0)
    for hop in range(MOST_WAITING):
        room.post(old, hop, 0.0)
    room.posted = 1
    for hop in range(3):
        room.post(new, hop, 0.0)
    room.go()
    assert room.log == [("first", 0), ("new", 0), ("new", 1), ("new", 2)]
