"""A server process of one's own, for playing through one without having started it."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator

from sideman.errors import ModelError

__all__ = ["own_server"]

PATIENCE_S = 20.0
TOKEN_VARIABLE = "SIDEMAN_TOKEN"  # where `sideman serve` looks for one


@contextlib.contextmanager
def own_server() -> Iterator[int]:
    """Start `sideman serve` on a free port of this machine and give the port; stop it at the end.

    Raises ModelError when it does not start.
    """
    # A token in the shell is for another server: with it ours would let in nobody who gives none.
    plain = {name: value for name, value in os.environ.items() if name != TOKEN_VARIABLE}
    process = subprocess.Popen(
        [sys.executable, "-m", "sideman.cli.main", "serve", "--port", "0"],
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", env=plain,
    )
    try:
        yield _port(process.stdout or ())
    finally:
        process.terminate()
        try:
            process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        if process.stdout:
            process.stdout.close()


def _port(lines: Iterable[str]) -> int:
    """From what the server says; there may be warnings before it."""
    last = "it said nothing"
    for line in lines:
        if found := re.search(r"serving on \S+ port (\d+)", line):
            return int(found[1])
        last = line.strip() or last
    raise ModelError(f"cannot start a server: {last}; try `sideman serve` by itself")
