"""The order of hops: the most urgent first, a guest's own in turn, and what is over is left out."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from sideman.errors import SettingsError
from sideman.serve.hop_worker import HopWorker, Job
from sideman.serve.hops import Heard, Played

AUDIO = np.zeros((1, 4), np.float32)


class Noted:
    """A performer that writes down what it is asked to play, one thing at a time."""

    info: dict = {}
    hop_samples, hop_seconds = 4, 0.1

    def __init__(self, name: str, log: list, gate: threading.Event, error: Exception | None = None):
        self.name, self.log, self.gate, self.error = name, log, gate, error
        self.heard: list[int] = []

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

        job = Job(performer, hop, Heard(AUDIO, 0.0), now + due, now + dropped, answer)
        self.worker.post(job)
        self.posted += 1
        if self.posted == 1:
            time.sleep(0.05)  # the worker has taken the first one and waits at the gate

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
    room.post(over, 0, -1.0, dropped=0.01)
    room.post(room.performer("other"), 0, 1.0)
    time.sleep(0.05)
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
