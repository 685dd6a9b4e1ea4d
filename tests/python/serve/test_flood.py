"""Fifty thousand datagrams a second of strangers, while the engine plays in real time."""

from __future__ import annotations

import pytest
from flood import Flood, hostile
from live_client import RATE, marked_noise, open_engine, play_live
from relay import Way, relayed
from server_process import ServerProcess

from sideman import _wire

TOKEN = b"sixteen bytes or more"
SECONDS = 12
A_SECOND = 50_000


@pytest.fixture
def token_file(tmp_path):
    file = tmp_path / "token"
    file.write_bytes(TOKEN)
    return file


def test_a_flood_changes_nothing_of_what_a_guest_plays_and_hears(token_file):
    """The strangers know the session's number and have captured what the guest sent."""
    server = ServerProcess(token_file=token_file)
    try:
        with relayed(server.port, Way()) as thief:
            engine = open_engine(thief.port, token=str(token_file))
            stolen = [each for each in thief.captured if _wire.session_of(each) is not None]
            session = _wire.session_of(stolen[0])
            with Flood(server.port, hostile(session, stolen), A_SECOND) as flood:
                recording = play_live(engine, marked_noise(SECONDS * RATE))
            del engine
    finally:
        server.end()
    assert recording.strange_samples() == 0
    hops, lost = recording.on_time(since=2.0)
    assert hops >= 40
    if flood.rate <= 0.4 * A_SECOND:
        pytest.skip(f"no flood: this machine sends {flood.rate:.0f} a second of {A_SECOND}")
    # A busy machine may lose a few; one that listens to the flood, most.
    assert lost <= hops / 10, recording.lines
