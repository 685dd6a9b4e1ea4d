"""What the terminal shows of a server: a row for each guest, and one for strangers."""

from __future__ import annotations

import time

import numpy as np
from rich.table import Table

from sideman.serve.guest import Guest
from sideman.serve.server import Server

__all__ = ["table_of"]

COLUMNS = (
    "guest", "plays", "hops", "late", "dropped", "failed", "thinking ms", "round trip ms",
    "again", "silent s",
)


def table_of(server: Server) -> Table:
    """thinking: median and 95th percentile of the last hops; again: datagrams sent once more."""
    table = Table(title=f"sideman serve, {server.options.host} port {server.port}", expand=True)
    for column in COLUMNS:
        table.add_column(column, justify="left" if column in ("guest", "plays") else "right")
    for guest, peer in server.guests.values():
        table.add_row(f"{peer[0]}:{peer[1]}", *_row(guest))
    table.caption = f"{len(server.guests)} guests; {server.strangers} datagrams of strangers"
    return table


def _row(guest: Guest) -> list[str]:
    figures, counts = guest.figures, guest.channel.counts
    asked, trip = guest.asked, guest.channel.trip
    plays = "-" if asked is None else f"{asked.model} {' '.join(asked.parts)}".strip()
    thought = "-"
    if figures.thought:
        middle, high = np.percentile([1000 * one for one in figures.thought], (50, 95))
        thought = f"{middle:.0f} / {high:.0f}"
    heard = guest.channel.heard
    return [
        plays, str(figures.hops), str(figures.late), str(figures.dropped), str(figures.failed),
        thought, "-" if trip is None else f"{1000 * trip[0]:.1f}", str(counts["sent_again"]),
        "-" if heard < 0 else f"{time.perf_counter() - heard:.0f}",
    ]
