"""`sideman serve` in a process of its own, to be signalled and killed."""

from __future__ import annotations

import re
import subprocess
import sys

__all__ = ["ServerProcess"]


class ServerProcess:
    """`sideman serve` in a process of its own."""

    def __init__(self, port: int = 0):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "sideman.cli.main", "serve", "--port", str(port)],
            stdout=subprocess.PIPE, text=True,
        )
        self.port = int(re.search(r"port (\d+)", self.process.stdout.readline())[1])

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()
