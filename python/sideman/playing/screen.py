"""The table that a performance shows while it plays."""

from __future__ import annotations

from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.table import Table

from sideman.playing.performance import Performance, Tick

__all__ = ["Screen", "summary"]


class Screen:
    """A live table in a terminal; a line every five seconds where the output is no terminal."""

    def __init__(self, console: Console, title: str, seconds: float) -> None:
        self._console = console
        self._title = title
        self._seconds = seconds
        self._live = Live(console=console, refresh_per_second=8) if console.is_terminal else None
        self._said: tuple[str, int] = ("", -1)

    def __enter__(self) -> Screen:
        if self._live:
            self._live.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live:
            self._live.__exit__(kind, error, trace)

    def show(self, tick: Tick) -> None:
        """Show the newest counters."""
        if self._live:
            self._live.update(self._table(tick))
            return
        now = (tick.state, int(tick.seconds // 5))
        if now != self._said:
            self._said = now
            self._console.print(
                f"{tick.seconds:5.1f} s of {self._seconds:.1f}  {tick.state}  "
                f"hops {tick.hops}  late {tick.late}  missed {tick.missed}"
            )

    def _table(self, tick: Tick) -> Table:
        table = Table(title=self._title)
        for name in ("time", "state", "hops", "late", "missed"):
            table.add_column(name, justify="right")
        time = f"{tick.seconds:.1f} / {self._seconds:.1f} s"
        table.add_row(time, tick.state, str(tick.hops), str(tick.late), str(tick.missed))
        return table


def summary(performance: Performance, report: dict) -> Table:
    """The figures at the end, as a table."""
    latency = report["latency_ms"]
    table = Table(title=f"sideman played {', '.join(report['parts'])}", show_header=False)
    table.add_row("host, backend", f"{performance.host}, {report['backend']}")
    table.add_row("hops, late, missed", f"{report['hops']}, {report['late']}, {report['missed']}")
    table.add_row(
        "hop, lead, reaction",
        f"{report['hop_frames']} frames, {report['lead_frames']} frames, "
        f"{report['reaction_ms']:.0f} ms",
    )
    table.add_row(
        "thinking per hop",
        f"{latency['p50']:.1f} ms median, {latency['p95']:.1f} p95, {latency['max']:.1f} worst",
    )
    table.add_row("real-time factor", f"{report['realtime_factor']:.2f}")
    return table
