"""The messages of the published external, written and read (accompaniment system, arXiv 2604.07612).

A chunk is `i i i f*`: batch, place, count, then thousands of floats; they are read at once and not
one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from sideman.errors import SettingsError
from sideman.serve.messages import address_of

__all__ = ["Chunk", "MOST_FLOATS", "padded", "read", "read_chunk", "write", "write_chunk"]

MOST_FLOATS = 13000  # a float costs 5 bytes in OSC, and a datagram has at most 65507


@dataclass(frozen=True)
class Chunk:
    """A piece of a batch. place: up, the first sample within the hop; down, which chunk this is;
    count: chunks of the batch."""

    batch: int
    place: int
    count: int
    samples: np.ndarray


def padded(text: str) -> bytes:
    """An OSC string."""
    data = text.encode("ascii") + b"\0"
    return data + bytes(-len(data) % 4)


def write_chunk(address: str, chunk: Chunk) -> bytes:
    """The datagram of a chunk."""
    numbers = np.array([chunk.batch, chunk.place, chunk.count], ">i4").tobytes()
    samples = chunk.samples.astype(">f4").tobytes()
    return padded(address) + padded(",iii" + "f" * len(chunk.samples)) + numbers + samples


def read_chunk(datagram: bytes) -> Chunk:
    """Raises SettingsError for what is no chunk."""
    head = len(padded(address_of(datagram)))
    tags_end = datagram.find(b"\0", head)
    tags = datagram[head:tags_end]
    count = len(tags) - 4
    if tags_end < 0 or not tags.startswith(b",iii") or tags[4:] != b"f" * count:
        raise SettingsError("a chunk is three whole numbers, then floats")
    start = head + len(tags) + 1 + (-(len(tags) + 1) % 4)
    if len(datagram) != start + 12 + 4 * count:
        raise SettingsError(f"a chunk of {count} floats has another length")
    batch, place, total = np.frombuffer(datagram, ">i4", 3, start).tolist()
    samples = np.frombuffer(datagram, ">f4", count, start + 12).astype(np.float32)
    return Chunk(batch, place, total, samples)


def write(address: str, *values: Any) -> bytes:
    """A short message; whole numbers are int32, others float32, as the external expects."""
    message = OscMessageBuilder(address)
    for value in values:
        message.add_arg(value)
    return message.build().dgram


def read(datagram: bytes) -> list[Any]:
    """The arguments of a short message. Raises SettingsError for what is none."""
    try:
        return list(OscMessage(datagram).params)
    except Exception as error:  # whatever a stranger's bytes bring a parser to
        raise SettingsError(f"the message cannot be read: {error}") from error
