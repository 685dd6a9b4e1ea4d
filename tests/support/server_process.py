"""`sideman serve` in a process of its own, to be signalled and killed."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

__all__ = ["ServerProcess"]


class ServerProcess:
    """`sideman serve` in a process of its own."""

    def __init__(self, port: int = 0, token_file: Path | None = None):
        token = [] if token_file is None else ["--token-file", str(token_file)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sideman.cli.main", "serve", "--port", str(port), *token],
            stdout=subprocess.PIPE, text=True,
        )
        self.port = int(re.search(r"port (\d+)", self.process.stdout.readline())[1])

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
