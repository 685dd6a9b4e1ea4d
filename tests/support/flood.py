"""A flood of datagrams from a process of its own: `with Flood(port, datagrams, rate) as flood: ...`."""

from __future__ import annotations

import contextlib
import secrets
import select
import socket
import subprocess
import sys
import time

from sideman import _wire
from sideman.serve.door import hello
from sideman.serve.messages import build

__all__ = ["Flood", "hostile"]

AT_ONCE = 100


def hostile(session: int, captured: list[bytes]) -> list[bytes]:
    """What strangers send who know a session's number and have what its guest sent."""
    key, _ = _wire.make_key_pair()
    number = session.to_bytes(8, "big")
    head = b"/sideman/sealed\0,hhb\0\0\0\0" + number + bytes(7) + b"\x05" + (1320).to_bytes(4, "big")
    return [
        secrets.token_bytes(1400),
        secrets.token_bytes(40),
        b"",
        hello(key, None),
        hello(key, _wire.token_key(b"a token that is not the one")),
        head + secrets.token_bytes(1320),  # takes a whole look to be found out
        head[:-4] + (0).to_bytes(4, "big"),
        b"/sideman/plain\0\0,hhb\0\0\0\0" + number + bytes(8) + bytes(4),
        build("/sideman/open", {"serial": 1}),
        *captured[:20],
    ]


class Flood:
    """Sends to a port of this machine, `rate` datagrams a second, until it is left."""

    def __init__(self, port: int, datagrams: list[bytes], rate: int):
        words = [str(port), str(rate), str(len(datagrams)), *(each.hex() for each in datagrams)]
        self._order = "".join(word + "\n" for word in words)
        self.sent = 0
        self.seconds = 0.0

    def __enter__(self) -> Flood:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._process.stdin.write(self._order)
        self._process.stdin.flush()
        self._process.stdout.readline()  # it has begun
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        sent, seconds = self._process.stdout.readline().split()
        self.sent, self.seconds = int(sent), float(seconds)
        self._process.stdout.close()
        self._process.wait()

    @property
    def rate(self) -> float:
        """Datagrams a second that were sent."""
        return self.sent / self.seconds


def _main() -> None:
    port, rate, count = (int(sys.stdin.readline()) for _ in range(3))
    datagrams = [bytes.fromhex(sys.stdin.readline()) for _ in range(count)]
    sent, begin = 0, time.perf_counter()
    print("begun", flush=True)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
        out.connect(("127.0.0.1", port))
        while not select.select([sys.stdin], [], [], 0)[0]:
            for i in range(AT_ONCE):
                with contextlib.suppress(OSError):
                    out.send(datagrams[(sent + i) % len(datagrams)])
            sent += AT_ONCE
            time.sleep(max(0.0, begin + sent / rate - time.perf_counter()))
    print(sent, time.perf_counter() - begin, flush=True)


if __name__ == "__main__":
    _main()
