"""docs/protocol.md names every message and every name of it, and nothing that is not there."""

from __future__ import annotations

import re
from pathlib import Path

from sideman import _wire
from sideman.serve import door, hops, opening, server

PAGE = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text(encoding="utf-8")
CODE = Path(__file__).parents[3]


def test_every_address_in_the_code_is_on_the_page_and_the_other_way_round():
    files = [
        *(CODE / "python/sideman/serve").glob("*.py"),
        *(CODE / "externals/backends/osc").glob("*.cpp"),
    ]
    used = set()
    for file in files:
        used |= set(re.findall(r"/sideman/[a-z]+", file.read_text(encoding="utf-8")))
    told = set(re.findall(r"`(/sideman/[a-z]+)", PAGE)) | set(re.findall(r"(/sideman/[a-z]+)", PAGE))
    assert used == told


def test_every_name_is_on_the_page():
    tables = (
        door.HELLO, door.WELCOME, door.NO, opening.OPEN, opening.OPENED, opening.ERROR,
        opening.REFUSED, hops.HEARD, hops.PLAYED,
    )
    for name in {name for table in tables for name in table}:
        assert f"`{name}`" in PAGE, name


def test_the_numbers_on_the_page_are_those_of_the_code():
    assert f"at most {_wire.datagram_bytes} bytes" in PAGE
    assert f"has {door.HELLO_BYTES} bytes" in PAGE
    assert f"at least {_wire.least_token_bytes} random" in PAGE
    assert f"UDP port, {server.PORT}" in PAGE
    assert f"{_wire.most_body_bytes >> 20} MiB" in PAGE
    assert f"for {server.ServerOptions().silence:g} s" in PAGE
    assert f"within {server.ServerOptions().patience:g} s" in PAGE
