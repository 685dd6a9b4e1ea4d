"""Who may come in: the handshake of docs/protocol.md, section 2, without sockets.

Nothing is kept of a stranger, what he is sent is never larger than what he sent, and he is answered
at a limited rate. Times in seconds.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from sideman import _wire
from sideman.errors import SettingsError
from sideman.serve.messages import Field, address_of, build, parse

__all__ = ["HELLO_BYTES", "Bucket", "Door", "Entry", "hello", "read_welcome"]

VERSION = 1
HELLO_BYTES = 320  # a hello is filled up to this, so that no answer is larger
HELLO = {
    "version": Field(0, 0, 1 << 31),
    "key": Field(b"", most=32),
    "proof": Field(b"", most=32),
    "filling": Field(b"", most=1024),
}
WELCOME = {
    "version": Field(0, 0, 1 << 31),
    "session": Field(0, 0, 1 << 53),
    "key": Field(b"", most=32),
    "proof": Field(b"", most=32),
}
NO = {"why": Field("", most=200)}
COPY_TOKEN = "copy the server's token file here and set `token` to its path"


class Bucket:
    """Allows `rate` things a second, `burst` at once."""

    def __init__(self, rate: float, burst: int):
        self.rate, self.burst = rate, burst
        self._level, self._at = float(burst), 0.0

    def take(self, now: float) -> bool:
        """Whether one more is allowed now."""
        self._level = min(self.burst, self._level + max(0.0, now - self._at) * self.rate)
        self._at = now
        if self._level < 1:
            return False
        self._level -= 1
        return True


@dataclass(frozen=True)
class Entry:
    """A session that begins: its channel, the keys of it (None: plain), and the welcome that its
    guest is sent."""

    session: int
    channel: _wire.Channel
    keys: tuple[bytes, bytes] | None
    welcome: bytes
    client: bytes


class Door:
    """Answers hellos. token: None on loopback alone."""

    def __init__(self, token: bytes | None, hellos_a_second: float = 20.0):
        self._token = None if token is None else _wire.token_key(token)
        self._hellos = Bucket(hellos_a_second, burst=40)
        self._refusals = Bucket(hellos_a_second, burst=40)

    def hears(self, datagram: bytes, now: float) -> Entry | bytes | None:
        """What a stranger's datagram leads to: a session, a refusal to be sent, or nothing."""
        if len(datagram) < HELLO_BYTES or address_of(datagram) != "/sideman/hello":
            return None
        try:
            told = parse(datagram, HELLO)
        except SettingsError:
            return None
        if told["version"] != VERSION:
            return self.refuse(
                f"version {told['version']} is not spoken here; use one of version {VERSION}", now
            )
        if self._token is None:
            if told["proof"]:
                return self.refuse("no token is known here; leave it out", now)
            return self._plain(told["key"]) if self._hellos.take(now) else None
        if not told["proof"]:
            return self.refuse(f"a token is needed; {COPY_TOKEN}", now)
        if len(told["key"]) != 32 or not _wire.same(
            told["proof"], _wire.hello_proof(self._token, told["key"])
        ):
            return self.refuse(f"the token is another one; {COPY_TOKEN}", now)
        return self._sealed(told["key"], now) if self._hellos.take(now) else None

    def refuse(self, why: str, now: float) -> bytes | None:
        """What he is sent who cannot come in; nothing where others were sent too much of it."""
        return build("/sideman/no", {"why": why}) if self._refusals.take(now) else None

    def _plain(self, client: bytes) -> Entry:
        session = secrets.randbelow(1 << 53)
        welcome = build("/sideman/welcome", {"version": VERSION, "session": session})
        return Entry(session, _wire.Channel(session), None, welcome, client)

    def _sealed(self, client: bytes, now: float) -> Entry | bytes | None:
        session = secrets.randbelow(1 << 53)
        own, secret = _wire.make_key_pair()
        keys = _wire.session_keys(False, own, secret, client, self._token, session)
        if keys is None:
            return self.refuse("the key is no honest one", now)
        proof = _wire.welcome_proof(self._token, client, own, session)
        welcome = build(
            "/sideman/welcome",
            {"version": VERSION, "session": session, "key": own, "proof": proof},
        )
        return Entry(session, _wire.Channel(session, keys), keys, welcome, client)


def hello(key: bytes, token: bytes | None) -> bytes:
    """What a client says first. key: its open key; token: as `_wire.token_key` makes it."""
    told = {"version": VERSION, "key": key}
    if token is not None:
        told["proof"] = _wire.hello_proof(token, key)
    short = build("/sideman/hello", {**told, "filling": bytes(4)})
    return build("/sideman/hello", {**told, "filling": bytes(4 + HELLO_BYTES - len(short))})


def read_welcome(
    datagram: bytes, key: bytes, secret: bytes, token: bytes | None
) -> _wire.Channel | None:
    """The client's channel; None for what is not this server's answer to this hello.

    Raises SettingsError with the server's reason when it refused.
    """
    address = address_of(datagram)
    if address == "/sideman/no":
        raise SettingsError(f"the server refused: {parse(datagram, NO)['why']}")
    if address != "/sideman/welcome":
        return None
    told = parse(datagram, WELCOME)
    if told["version"] != VERSION:
        return None
    if token is None:
        return None if told["proof"] else _wire.Channel(told["session"])
    if len(told["key"]) != 32:  # anybody may have sent it
        return None
    expected = _wire.welcome_proof(token, key, told["key"], told["session"])
    if not _wire.same(told["proof"], expected):
        return None
    keys = _wire.session_keys(True, key, secret, told["key"], token, told["session"])
    return keys and _wire.Channel(told["session"], keys)
