"""SLIP frames, the way of OSC 1.1 through a byte stream (RFC 1055, an END at both ends)."""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["Frames", "framed"]

END, ESCAPE = 0xC0, 0xDB
ESCAPED = {END: bytes([ESCAPE, 0xDC]), ESCAPE: bytes([ESCAPE, 0xDD])}


def framed(datagram: bytes) -> bytes:
    """A datagram as a frame."""
    body = datagram.replace(b"\xdb", ESCAPED[ESCAPE]).replace(b"\xc0", ESCAPED[END])
    return b"\xc0" + body + b"\xc0"


class Frames:
    """Cuts a stream into datagrams. most: bytes of the longest; more makes it fail for good."""

    def __init__(self, most: int):
        self.most = most
        self.failed = False
        self._part = b""

    def take(self, data: bytes) -> Iterator[bytes]:
        """The datagrams that these bytes complete; none any more once it has failed."""
        if self.failed:
            return
        *whole, self._part = (self._part + data).split(b"\xc0")
        for frame in whole:
            if not frame:
                continue
            datagram = _unescaped(frame)
            if datagram is None or len(datagram) > self.most:
                self.failed = True
                return
            yield datagram
        if len(self._part) > 2 * self.most:
            self.failed = True


def _unescaped(frame: bytes) -> bytes | None:
    """None for an escape that stands for nothing."""
    pieces = frame.split(b"\xdb")
    found = [pieces[0]]
    for piece in pieces[1:]:
        meant = {0xDC: b"\xc0", 0xDD: b"\xdb"}.get(piece[0] if piece else -1)
        if meant is None:
            return None
        found.append(meant + piece[1:])
    return b"".join(found)
