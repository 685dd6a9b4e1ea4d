"""Messages as names with values: what is said beside the audio (docs/protocol.md, section 3).

Every such message is `name value name value ...`. A name that the reader does not know is passed
over, one that is missing has its default: both sides can learn new ones without breaking the other.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Union

from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from sideman.errors import SettingsError

__all__ = ["Field", "address_of", "build", "parse"]

Value = Union[int, float, str, bytes]
TYPES = {int: "h", float: "d", str: "s", bytes: "b"}
MOST_VALUES = 256  # names and values of the longest message are a fifth of that


@dataclass(frozen=True)
class Field:
    """What a name stands for: the default, whose type is the type, and for numbers the range, for
    texts and blobs the most bytes."""

    default: Value
    low: float = -math.inf
    high: float = math.inf
    most: int = 256

    def taken(self, name: str, value: Any) -> Value:
        """The value in the field's type. Raises SettingsError for another type or range."""
        kind = type(self.default)
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if type(value) is not kind:
            raise SettingsError(f"{name} is {type(value).__name__}; give {kind.__name__}")
        if isinstance(value, (str, bytes)):
            size = len(value.encode()) if isinstance(value, str) else len(value)
            if size > self.most:
                raise SettingsError(f"{name} has {size} bytes; give at most {self.most}")
        elif not (math.isfinite(value) and self.low <= value <= self.high):
            raise SettingsError(f"{name} is {value}; give {self.low:g} to {self.high:g}")
        return value


def build(address: str, values: Mapping[str, Value]) -> bytes:
    """The message as bytes."""
    message = OscMessageBuilder(address)
    for name, value in values.items():
        message.add_arg(name, "s")
        message.add_arg(value, TYPES[type(value)])
    return message.build().dgram


def address_of(message: bytes) -> str:
    """The address of a message; empty when it is none."""
    address, _, _ = message.partition(b"\0")
    text = address.decode("ascii", "replace")
    return text if text.startswith("/") else ""


def parse(message: bytes, fields: Mapping[str, Field]) -> dict[str, Any]:
    """The values of all fields. Raises SettingsError for what is no such message."""
    tags = message.find(b",")
    if 0 <= tags and message.find(b"\0", tags) - tags > 1 + MOST_VALUES:  # parsed it would hold up all
        raise SettingsError(f"the message has more than {MOST_VALUES} values")
    try:
        params = OscMessage(message).params
    except Exception as error:  # whatever a stranger's bytes bring a parser to
        raise SettingsError(f"the message cannot be read: {error}") from error
    if len(params) % 2 or not all(isinstance(name, str) for name in params[::2]):
        raise SettingsError("the message is not made of names and values")
    values = {name: field.default for name, field in fields.items()}
    for name, value in zip(params[::2], params[1::2]):
        if name in fields:
            values[name] = fields[name].taken(name, value)
    return values
