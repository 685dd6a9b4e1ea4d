"""The order of a stream's hops."""

from __future__ import annotations

import math

from hypothesis import given
from hypothesis import strategies as st

from sideman.serve.queue import Queue


def taken(queue: Queue, now: float) -> list[int]:
    return [hop for hop, _ in queue.take(now)]


def test_hops_that_come_in_order_wait_for_nothing():
    queue = Queue()
    for hop in range(5):
        queue.put(hop, 100.0, "x")
        assert list(queue.take(0.0)) == [(hop, "x")]
    assert queue.next_due() == math.inf


def test_one_that_overtook_waits_for_its_turn_but_no_longer_than_it_can():
    queue = Queue()
    queue.put(0, 1.0, None)
    assert taken(queue, 0.0) == [0]
    queue.put(2, 1.2, None)
    assert taken(queue, 1.1) == []
    assert queue.next_due() == 1.2
    queue.put(1, 1.1, None)
    assert taken(queue, 1.1) == [1, 2]
    queue.put(4, 1.6, None)
    assert taken(queue, 1.6) == [4]
    assert queue.put(3, 1.4, "late") == (3, "late")
    assert taken(queue, 2.0) == [], "its turn is over"


@given(st.permutations(range(12)), st.lists(st.floats(0, 3), min_size=12, max_size=12))
def test_whatever_comes_no_hop_is_taken_twice_or_after_a_later_one(order, moments):
    queue, found = Queue(), []
    for hop, now in zip(order, sorted(moments)):
        queue.put(hop, 0.2 * hop, None)
        found += taken(queue, now)
    found += taken(queue, 100.0)
    assert found == sorted(set(found))
    assert not taken(queue, 200.0)


def test_a_stranger_stream_of_hops_fills_no_memory():
    queue = Queue()
    queue.put(0, 0.0, None)
    assert taken(queue, 0.0) == [0]
    gone = [queue.put(hop, 1e9, hop) for hop in range(5, 10_000, 2)]
    assert gone[:16] == [None] * 16
    assert gone[16:] == [(hop, hop) for hop in range(5, 10_000 - 32, 2)], "the oldest makes room"
    assert len(taken(queue, 2e9)) == 16
