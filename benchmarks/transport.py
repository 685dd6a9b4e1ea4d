"""What the way to a server costs: ours beside OSC messages of float lists read by python-osc.

    python benchmarks/transport.py --rounds 20

1.5 s of audio (66150 floats) is packed, sent over loopback, received and put together in one
process, in turn in one run; medians in ms. `ready` is when a model could start: samples as one
float32 array. Ours is sealed and acknowledged; the other is what the published system does: floats
as OSC arguments, 10240 to a datagram, nothing acknowledged.
"""

from __future__ import annotations

import argparse
import socket
import statistics
import time

import numpy as np
from pythonosc.osc_message import OscMessage
from pythonosc.osc_message_builder import OscMessageBuilder

from sideman import _wire
from sideman.serve.hops import Heard, read_heard, write_heard

SAMPLES = 66150
FLOATS = 10240
Stages = dict[str, float]


def sockets() -> tuple[socket.socket, socket.socket]:
    """A sender connected to a receiver, with room for everything at once."""
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    receiver.bind(("127.0.0.1", 0))
    receiver.settimeout(2.0)
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    sender.connect(receiver.getsockname())
    return sender, receiver


def ours(audio: np.ndarray, kind: str, sealed: bool) -> tuple[Stages, int]:
    """Times of the stages, and bytes on the wire beside the audio."""
    client, server = _channels(sealed)
    sender, receiver = sockets()
    began = time.perf_counter()
    body = write_heard(Heard(audio[None], 1.0), kind)
    packed = time.perf_counter()
    now, sent, arrived, found = 1.0, 0, 0, None
    client.send(0, 0, body, now, now + 10)
    while found is None:
        for datagram in client.due(now):
            sender.send(datagram)
            sent += len(datagram)
            arrived += 1
        while arrived:
            server.receive(receiver.recv(2048), now)
            arrived -= 1
        found = server.collect()
        now += 0.001  # the pauses between bursts are left out: they are there for the network
    received = time.perf_counter()
    heard = read_heard(found[2]).audio[0]
    ready = time.perf_counter()
    assert heard.shape == audio.shape
    for one in (sender, receiver):
        one.close()
    stored = audio.nbytes if kind == "float32" else audio.nbytes // 2
    stages = {"pack": packed - began, "way": received - packed, "ready": ready - began}
    return stages, sent - stored


def float_lists(audio: np.ndarray) -> tuple[Stages, int]:
    """The same as one OSC argument a sample."""
    sender, receiver = sockets()
    began = time.perf_counter()
    datagrams = []
    for start in range(0, len(audio), FLOATS):
        message = OscMessageBuilder("/context")
        for value in (0, start, -(-len(audio) // FLOATS)):
            message.add_arg(value, "i")
        for sample in audio[start : start + FLOATS].tolist():
            message.add_arg(sample, "f")
        datagrams.append(message.build().dgram)
    packed = time.perf_counter()
    heard = np.zeros(len(audio), np.float32)
    for datagram in datagrams:
        sender.send(datagram)
        params = OscMessage(receiver.recv(65536)).params
        heard[params[1] : params[1] + len(params) - 3] = params[3:]
    ready = time.perf_counter()
    assert np.array_equal(heard, audio)
    for one in (sender, receiver):
        one.close()
    stages = {"pack": packed - began, "way": ready - packed, "ready": ready - began}
    return stages, sum(map(len, datagrams)) - audio.nbytes


def _channels(sealed: bool) -> tuple[_wire.Channel, _wire.Channel]:
    if not sealed:
        return _wire.Channel(1), _wire.Channel(1)
    token = _wire.token_key(b"a token for the benchmark")
    (open_a, secret_a), (open_b, secret_b) = _wire.make_key_pair(), _wire.make_key_pair()
    return (
        _wire.Channel(1, _wire.session_keys(True, open_a, secret_a, open_b, token, 1)),
        _wire.Channel(1, _wire.session_keys(False, open_b, secret_b, open_a, token, 1)),
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--rounds", type=int, default=20)
    asked = options.parse_args()
    audio = np.random.default_rng(0).uniform(-1, 1, SAMPLES).astype(np.float32)
    kinds = {
        "ours, sealed, float32": lambda: ours(audio, "float32", True),
        "ours, plain, float32": lambda: ours(audio, "float32", False),
        "ours, sealed, int16": lambda: ours(audio, "int16", True),
        "python-osc, float lists": lambda: float_lists(audio),
    }
    times: dict[str, list[Stages]] = {name: [] for name in kinds}
    overhead: dict[str, int] = {}
    for turn in range(asked.rounds + 1):
        for name, run in kinds.items():
            stages, overhead[name] = run()
            if turn:
                times[name].append(stages)
    print(f"{SAMPLES} samples; medians of {asked.rounds} rounds, ms")
    print("                           pack     way   ready   ratio   overhead bytes (per 1000)")
    medians = {
        name: {stage: 1000 * statistics.median(t[stage] for t in all_) for stage in all_[0]}
        for name, all_ in times.items()
    }
    slow = medians["python-osc, float lists"]["ready"]
    for name, m in medians.items():
        share = 1000 * overhead[name] / (SAMPLES * (2 if "int16" in name else 4))
        print(
            f"{name:24s} {m['pack']:7.2f} {m['way']:7.2f} {m['ready']:7.2f} "
            f"{slow / m['ready']:7.1f}   {overhead[name]:7d} ({share:.0f})"
        )


if __name__ == "__main__":
    main()
