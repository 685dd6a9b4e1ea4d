"""What is told of a model that was opened: whatever the server can send is read."""

from __future__ import annotations

import pytest

from sideman import _wire
from sideman.serve.messages import build
from sideman.serve.opening import read_opened, read_refused, write_opened
from sideman.serve.performers import Asked, EchoPerformer

INFO = EchoPerformer(Asked("echo", ("bass",))).info


def filled(**long) -> bytes:
    """The longest message that goes into one datagram, with so much in one place."""
    for size in range(_wire.message_bytes, 0, -1):
        words = {name: make(size) for name, make in long.items()}
        if len(message := write_opened(1, {**INFO, **words}, 0.1)) <= _wire.message_bytes:
            _wire.Channel(1).wrap(message)
            return message
    raise AssertionError("it never fits")


@pytest.mark.parametrize("place", ["tags", "parts"])
def test_of_a_model_with_many_words_all_are_read(place):
    told = read_opened(filled(**{place: lambda size: ["four"] * (size // 5)}))
    assert len(told[place]) > 150 and set(told[place]) == {"four"}


def test_a_model_may_have_many_hops_and_a_long_name():
    assert len(read_opened(filled(hops=lambda size: [*range(1, size // 4)]))["hops"]) > 200
    assert len(read_opened(filled(name=lambda size: "n" * size))["name"]) > 800


def test_a_reason_in_a_script_of_three_bytes_a_letter_is_read():
    why = "模" * 400  # as much as a server says
    assert read_refused(build("/sideman/refused", {"serial": 1, "why": why})) == (1, why)
