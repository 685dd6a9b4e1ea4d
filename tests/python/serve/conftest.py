"""A server in this process, and an event loop for each test."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest


@pytest.fixture
def on_loop() -> Callable[[Callable[[], Awaitable[None]]], None]:
    """Runs a coroutine function on a loop of its own, for at most two minutes."""

    def run(test: Callable[[], Awaitable[None]]) -> None:
        asyncio.run(asyncio.wait_for(test(), 120))

    return run
