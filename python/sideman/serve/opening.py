"""What a guest asks to play with, and what he is told of it (docs/protocol.md, section 3)."""

from __future__ import annotations

from typing import Any

from sideman import _wire
from sideman.serve.messages import Field, build, parse
from sideman.serve.performers import Asked

__all__ = [
    "read_error",
    "read_open",
    "read_opened",
    "read_refused",
    "write_open",
    "write_opened",
]

MOST = _wire.datagram_bytes  # of a text that a server says: whatever it can send is read
OPEN = {
    "serial": Field(0, 0, 1 << 53),
    "model": Field("mini", most=900),  # a name or a path; the message is one datagram
    "parts": Field("", most=512),  # separated by spaces
    "hop": Field(-1, -1, 4096),
    "lead": Field(-1, -1, 4096),
    "seed": Field(0, -(1 << 63), (1 << 63) - 1),
    "device": Field("auto", most=32),
    "first": Field(0, 0, 1 << 53),  # the number of the stream's first hop on the wire
}
OPENED = {
    "serial": Field(0, 0, 1 << 53),
    "name": Field("", most=MOST),
    "sample_rate": Field(0, 1, 1 << 20),
    "frame_samples": Field(0, 1, 1 << 20),
    "hops": Field("", most=MOST),
    "lead_frames": Field(0, 0, 4096),
    "least_lead": Field(0, 0, 4096),
    "most_lead": Field(0, 0, 4096),
    "window_frames": Field(0, 0, 1 << 20),
    "parts": Field("", most=MOST),
    "tags": Field("", most=MOST),
    "any_tag": Field(0, 0, 1),
    "hop": Field(0, 1, 4096),
    "lead": Field(0, 0, 4096),
    "thinking": Field(0.0, 0),
}

ERROR = {"hop": Field(-1, -1, 1 << 53), "why": Field("", most=MOST)}
REFUSED = {"serial": Field(0, 0, 1 << 53), "why": Field("", most=MOST)}


def write_open(asked: Asked, serial: int, first: int) -> bytes:
    """The message of a client."""
    told = {
        "serial": serial, "model": asked.model, "parts": " ".join(asked.parts), "hop": asked.hop,
        "lead": asked.lead, "seed": asked.seed, "device": asked.device, "first": first,
    }
    return build("/sideman/open", told)


def read_open(message: bytes) -> tuple[Asked, int, int]:
    """(asked, serial, first). Raises SettingsError."""
    told = parse(message, OPEN)
    asked = Asked(
        told["model"], tuple(told["parts"].split()), told["hop"], told["lead"], told["seed"],
        told["device"],
    )
    return asked, told["serial"], told["first"]


def write_opened(serial: int, info: dict[str, Any], thinking: float) -> bytes:
    """The message of a server; info: as a performer has it."""
    least, most = info["leads"]
    names = ("name", "sample_rate", "frame_samples", "lead_frames", "window_frames", "hop", "lead")
    told = {
        "serial": serial, **{name: info[name] for name in names},
        "least_lead": least, "most_lead": most, "any_tag": int(info["any_tag"]),
        "hops": " ".join(map(str, info["hops"])), "parts": " ".join(info["parts"]),
        "tags": " ".join(info["tags"]), "thinking": float(thinking),
    }
    return build("/sideman/opened", told)


def read_opened(message: bytes) -> dict[str, Any]:
    """Info as a performer has it, with serial and thinking (seconds). Raises SettingsError."""
    told = parse(message, OPENED)
    told["hops"] = [int(hop) for hop in told["hops"].split()]
    told["leads"] = (told.pop("least_lead"), told.pop("most_lead"))
    told["parts"], told["tags"] = told["parts"].split(), told["tags"].split()
    told["any_tag"] = bool(told["any_tag"])
    return told


def read_error(message: bytes) -> tuple[int, str]:
    """(hop on the wire or -1, sentence)."""
    told = parse(message, ERROR)
    return told["hop"], told["why"]


def read_refused(message: bytes) -> tuple[int, str]:
    """(serial, sentence)."""
    told = parse(message, REFUSED)
    return told["serial"], told["why"]
