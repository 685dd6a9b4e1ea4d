"""The engine's own client (C++) and the server (Python), each with its own sockets and threads."""

from __future__ import annotations

import time

import numpy as np
import pytest
from live_client import marked_noise
from relay import Way
from running_server import Running, running

from sideman import _core
from sideman.serve import loader

RATE, FRAME = 44100, 2048
LEAD = 8  # frames: time enough on a busy machine
TOKEN = b"sixteen bytes or more"


def engine_at(port: int, **settings) -> _core.Engine:
    told = {"model": "echo", "hop": 4, "lead": LEAD, "port": port, **settings}
    engine = _core.Engine(told, backend="remote")
    engine.prepare(RATE, 512)
    engine.load()
    assert engine.wait_loaded(30_000)
    return engine


def play(engine: _core.Engine, heard: np.ndarray, vector: int = 512) -> np.ndarray:
    played = []
    for begin in range(0, heard.size, vector):
        played.append(engine.process(heard[begin : begin + vector]))
        assert engine.wait_idle(20_000)
    return np.concatenate(played, axis=1)


def delayed(heard: np.ndarray) -> np.ndarray:
    delay = (4 + LEAD) * FRAME
    return np.concatenate((np.zeros(delay, np.float32), heard[:-delay]))


def token_in(tmp_path) -> str:
    file = tmp_path / "token"
    file.write_bytes(TOKEN + b"\n")
    return str(file)


@pytest.mark.parametrize("sealed", [False, True])
def test_the_servers_echo_is_heard_to_the_bit_one_reaction_later(sealed, tmp_path):
    with running(token=TOKEN if sealed else None) as there:
        engine = engine_at(there.port, **({"token": token_in(tmp_path)} if sealed else {}))
        assert engine.info()["state"] == "ready", engine.poll()
        assert engine.info()["backend"] == "remote"
        heard = marked_noise(20 * 4 * FRAME)
        played = play(engine, heard)[0]
        stats = engine.stats()
        assert (stats["missed"], stats["failed"]) == (0, 0)
        assert np.array_equal(played[15 * FRAME :], delayed(heard)[15 * FRAME :])
        del engine


def test_a_lossy_way_changes_no_bit():
    with running(Way(loss=0.05, delay=0.004, jitter=0.002)) as there:
        engine = engine_at(there.port)
        heard = marked_noise(20 * 4 * FRAME)
        played = play(engine, heard)[0]
        assert engine.stats()["missed"] == 0
        assert there.relay.lost > 0
        assert np.array_equal(played[15 * FRAME :], delayed(heard)[15 * FRAME :])
        del engine


@pytest.mark.parametrize("sealed", [False, True])
def test_where_no_udp_passes_it_plays_by_tcp(sealed, tmp_path):
    way = Way(udp=False, delay=0.005, jitter=0.004)
    with running(way, token=TOKEN if sealed else None) as there:
        engine = engine_at(there.port, **({"token": token_in(tmp_path)} if sealed else {}))
        assert engine.info()["state"] == "ready", engine.poll()
        heard = marked_noise(20 * 4 * FRAME)
        played = play(engine, heard)[0]
        assert engine.stats()["missed"] == 0
        assert np.array_equal(played[15 * FRAME :], delayed(heard)[15 * FRAME :])
        del engine


def test_mini_plays_there_what_it_plays_here():
    heard = 0.3 * marked_noise(16 * 4 * FRAME)
    settings = {"model": "mini", "hop": 4, "lead": LEAD, "parts": ["bass", "guitar"], "seed": 3}
    settings |= {"steps": 2, "guidance": 2.0, "tags": ["jazz", 1.0, "bright", 0.5], "threads": 1}
    local = _core.Engine(settings, backend="embedded")
    local.prepare(RATE, 512)
    local.load()
    assert local.wait_loaded(60_000)
    expected = play(local, heard)
    with running() as there:
        engine = engine_at(there.port, **settings)
        assert engine.info()["state"] == "ready", engine.poll()
        found = play(engine, heard)
        assert np.abs(expected).max() > 0.01
        np.testing.assert_allclose(found, expected, atol=1e-5)
        del engine
    del local


@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({}, "is `sideman serve` running there"),
        ({"host": "no.such.machine.invalid"}, "no machine of the name"),
        ({"token": "/no/such/file"}, "cannot read the token"),
    ],
)
def test_what_cannot_be_reached_is_one_line(settings, why):
    engine = engine_at(9, **settings)
    assert engine.info()["state"] == "error"
    errors = [event["text"] for event in engine.poll() if why in str(event)]
    assert errors
    assert "\n" not in errors[0]
    del engine


def test_a_refusal_of_the_server_is_said(tmp_path):
    with running(token=TOKEN) as there:
        engine = engine_at(there.port)
        assert engine.info()["state"] == "error"
        assert any("a token is needed" in str(event) for event in engine.poll())
        del engine
        (tmp_path / "other").write_bytes(b"another token of that size")
        engine = engine_at(there.port, token=str(tmp_path / "other"))
        assert any("the token is another one" in str(event) for event in engine.poll())
        del engine
    with running() as there:
        engine = engine_at(there.port, model="none of these")
        assert any("this server has mini, echo" in str(event) for event in engine.poll())
        del engine


def test_a_server_that_dies_is_missed_hop_by_hop_and_found_again_where_it_was():
    there = Running()
    engine = engine_at(there.port)
    hop = marked_noise(4 * FRAME)
    play(engine, np.tile(hop, 3))
    assert engine.stats()["missed"] == 0
    port = there.port
    there.close()
    play(engine, np.tile(hop, 3))
    lost = engine.stats()["missed"]
    assert lost >= 2
    there = Running(port=port)
    try:
        for _ in range(40):
            time.sleep(0.1)
            before = engine.stats()["missed"]
            play(engine, hop)
            if engine.stats()["missed"] == before:
                break
        else:
            raise AssertionError("the server was not found again")
        before = engine.stats()["missed"]
        played = play(engine, np.tile(hop, 4))[0]
        assert engine.stats()["missed"] == before
        assert np.abs(played[-FRAME:]).max() > 0.1
    finally:
        del engine
        there.close()


def test_a_model_that_takes_the_server_for_itself_may_be_loaded_again(monkeypatch):
    """There is no room for its own session and the one that comes: it leaves first."""
    monkeypatch.setattr(loader, "_measure", lambda performer: 0.5 * performer.hop_seconds)
    with running() as there:
        engine = engine_at(there.port)
        for _ in range(2):
            engine.load()
            assert engine.wait_loaded(30_000)
            assert engine.info()["state"] == "ready", engine.poll()
            assert not [event for event in engine.poll() if event["kind"] == "error"]
        heard = marked_noise(20 * 4 * FRAME)
        assert np.array_equal(play(engine, heard)[0][15 * FRAME :], delayed(heard)[15 * FRAME :])
        del engine
