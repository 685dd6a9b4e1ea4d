"""A server of one's own: found behind whatever is said before it; its last word where it fails."""

from __future__ import annotations

import subprocess
import sys

import pytest

from sideman.cli.serve import TOKEN_VARIABLE
from sideman.errors import ModelError
from sideman.playing import own_server


@pytest.fixture
def says(monkeypatch):
    """What the server's process does in place of serving."""
    start = subprocess.Popen

    def saying(code: str) -> None:
        monkeypatch.setattr(
            own_server.subprocess, "Popen", lambda words, **how: start([sys.executable, "-c", code], **how)
        )

    return saying


def test_warnings_before_its_first_line_are_no_failure(says):
    says("import sys, time; print('a.py:1: FutureWarning: pynvml', file=sys.stderr, flush=True); "
         "sys.stdout.buffer.write(b'caf\\xe9\\n'); "
         "print('serving on 127.0.0.1 port 4321, plain', flush=True); time.sleep(60)")
    with own_server.own_server() as port:
        assert port == 4321


def test_a_token_in_the_shell_is_not_its_own(says, monkeypatch):
    monkeypatch.setenv(TOKEN_VARIABLE, "of another server, to play with")
    monkeypatch.setenv("SIDEMAN_KEPT", "1")
    says("import os, time; "
         f"port = 1 if {TOKEN_VARIABLE!r} in os.environ else 2 * ('SIDEMAN_KEPT' in os.environ); "
         "print(f'serving on 127.0.0.1 port {port}', flush=True); time.sleep(60)")
    with own_server.own_server() as port:
        assert port == 2


@pytest.mark.parametrize(("code", "last"), [
    ("print('a warning'); print('sideman: the port is taken'); print()", "the port is taken; try"),
    ("", "it said nothing; try"),
])  # fmt: skip
def test_its_last_word_is_told_where_it_does_not_start(says, code, last):
    says(code)
    with pytest.raises(ModelError, match=f"cannot start a server: .*{last}"), own_server.own_server():
        raise AssertionError("there is none")
