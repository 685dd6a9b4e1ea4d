"""Who comes in, who does not, and that strangers cost nothing and get nothing."""

from __future__ import annotations

import pytest
from nacl import bindings
from nacl.encoding import RawEncoder
from nacl.hash import blake2b

from sideman import _wire
from sideman.errors import SettingsError
from sideman.serve.door import HELLO_BYTES, Bucket, Door, Entry, hello, read_welcome
from sideman.serve.messages import Field, build, parse

TOKEN = b"sixteen bytes or more"


def greet(door: Door, token: bytes | None, now: float = 1.0):
    key, secret = _wire.make_key_pair()
    known = None if token is None else _wire.token_key(token)
    return door.hears(hello(key, known), now), key, secret, known


@pytest.mark.parametrize("token", [None, TOKEN])
def test_who_knows_the_token_comes_in_and_both_understand_each_other(token):
    entry, key, secret, known = greet(Door(token), token)
    assert isinstance(entry, Entry)
    client = read_welcome(entry.welcome, key, secret, known)
    assert client.session == entry.session
    client.send(0, 0, b"heard", 1.0, 2.0)
    for datagram in client.due(1.0):
        entry.channel.receive(datagram, 1.0)
    assert entry.channel.collect() == (0, 0, b"heard")
    entry.channel.send(0, 0, b"played", 1.0, 2.0)
    for datagram in entry.channel.due(1.0):
        client.receive(datagram, 1.0)
    assert client.collect() == (0, 0, b"played")


@pytest.mark.parametrize(
    ("server", "client", "why"),
    [
        (TOKEN, None, "a token is needed; copy the server's token file here"),
        (TOKEN, b"another one of that kind", "the token is another one; copy .* to its path$"),
        (None, TOKEN, "no token is known here"),
    ],
)
def test_who_does_not_is_told_so_in_less_than_he_said(server, client, why):
    answer, key, secret, known = greet(Door(server), client)
    assert isinstance(answer, bytes)
    assert len(answer) <= HELLO_BYTES
    with pytest.raises(SettingsError, match=why):
        read_welcome(answer, key, secret, known)


def test_a_welcome_is_never_larger_than_a_hello():
    for token in (None, TOKEN):
        entry, *_ = greet(Door(token), token)
        assert len(entry.welcome) <= HELLO_BYTES == len(hello(bytes(32), None))


def test_what_is_no_full_hello_is_not_answered():
    door = Door(None)
    whole = hello(bytes(range(32)), None)
    for datagram in (b"", bytes(2000), whole[:-4], build("/sideman/hello", {"version": 1})):
        assert door.hears(datagram, 1.0) is None
    spoilt = bytearray(whole)
    spoilt[20] = 255
    assert not isinstance(door.hears(bytes(spoilt), 1.0), Entry)


def test_another_version_is_told_which_one_is_spoken():
    said = build("/sideman/hello", {"version": 2, "key": bytes(32), "filling": bytes(300)})
    answer = Door(None).hears(said, 1.0)
    assert "version 1" in parse(answer, {"why": Field("", most=200)})["why"]


def test_a_welcome_of_somebody_else_is_not_believed():
    entry, key, secret, known = greet(Door(TOKEN), TOKEN)
    other, *_ = greet(Door(TOKEN), TOKEN)
    assert read_welcome(other.welcome, key, secret, known) is None
    assert read_welcome(entry.welcome[:-8] + bytes(8), key, secret, known) is None
    assert read_welcome(entry.welcome, key, secret, known) is not None


def test_a_welcome_with_a_key_that_is_none_is_not_believed():
    _, key, secret, known = greet(Door(TOKEN), TOKEN)
    for spoilt in ({}, {"key": b"short"}):
        told = {"version": 1, "session": 7, **spoilt, "proof": bytes(32)}
        assert read_welcome(build("/sideman/welcome", told), key, secret, known) is None


def test_strangers_are_answered_at_a_limited_rate():
    door = Door(TOKEN, hellos_a_second=10)
    answered = sum(greet(door, None, now=1.0 + i / 1000)[0] is not None for i in range(1000))
    assert 40 <= answered <= 51
    assert greet(door, TOKEN, now=10.0)[0] is not None, "later there is room again"


def test_a_bucket_fills_with_time_and_never_above_its_burst():
    bucket = Bucket(rate=2, burst=3)
    assert [bucket.take(0.0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.take(1.0) for _ in range(3)] == [True, True, False]
    assert [bucket.take(100.0) for _ in range(4)] == [True, True, True, False]
    assert not bucket.take(50.0), "a clock that goes back gives nothing"


def test_a_stranger_who_has_only_the_protocols_page_comes_in():
    """The handshake and the envelope written from docs/protocol.md with PyNaCl alone."""

    def hashed(data: bytes, key: bytes = b"", size: int = 32) -> bytes:
        return blake2b(data, digest_size=size, key=key, encoder=RawEncoder)

    secret = bytes(range(1, 33))
    key = bindings.crypto_scalarmult_base(secret)
    known = hashed(b"sideman 1 token" + TOKEN)
    said = build("/sideman/hello", {
        "version": 1, "key": key, "proof": hashed(b"sideman 1 hello" + key, known),
        "filling": bytes(200),
    })
    entry = Door(TOKEN).hears(said, 1.0)
    assert isinstance(entry, Entry)
    told = parse(entry.welcome, {"session": Field(0), "key": Field(b""), "proof": Field(b"")})
    server, session = told["key"], told["session"].to_bytes(8, "big")
    assert told["proof"] == hashed(b"sideman 1 welcome" + key + server + session, known)
    shared = bindings.crypto_scalarmult(secret, server)
    keys = hashed(b"sideman 1 session" + shared + key + server + session, known, 64)
    message = build("/sideman/ping", {})[:-4] + b",d\0\0" + bytes(8)
    box = bindings.crypto_aead_xchacha20poly1305_ietf_encrypt(
        message, session, bytes(24), keys[:32]
    )
    blob = len(box).to_bytes(4, "big") + box + bytes(-len(box) % 4)
    datagram = b"/sideman/sealed\0,hhb\0\0\0\0" + session + bytes(8) + blob
    assert entry.channel.receive(datagram, 1.0) is None
    assert entry.channel.counts["received"] == 1
    (pong, *_) = entry.channel.due(1.0)
    assert pong.startswith(b"/sideman/sealed\0,hhb\0\0\0\0" + session)
    size = int.from_bytes(pong[40:44], "big")
    nonce = bytes(16) + pong[32:40]
    opened = bindings.crypto_aead_xchacha20poly1305_ietf_decrypt(
        pong[44 : 44 + size], session, nonce, keys[32:]
    )
    assert opened.startswith(b"/sideman/pong\0")
