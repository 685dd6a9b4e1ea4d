"""Progress of long work in the terminal, and how it is stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from sideman.cli.material import Material
    from sideman.training.loop import Loop, Training

__all__ = ["bar", "follow", "in_turn", "stopped", "stretches"]


@contextmanager
def bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A progress bar; it yields a function (done, total)."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeRemainingColumn

    columns = ("{task.description}", BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, disable=not _first()) as progress:
        task = progress.add_task(what, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


@contextmanager
def stretches() -> Iterator[Callable[[str, int, int], None]]:
    """A bar per named stretch of work: it yields a function (name, done, total)."""
    from rich.progress import BarColumn, Progress, TimeRemainingColumn

    with Progress("{task.description}", BarColumn(), TimeRemainingColumn()) as progress:
        tasks: dict[str, Any] = {}

        def show(name: str, done: int, total: int) -> None:
            if name not in tasks:
                tasks[name] = progress.add_task(name)
            progress.update(tasks[name], completed=done, total=total)

        yield show


def in_turn(
    kind: Callable[..., Training], options: Any, music: Material, run: Path, *told: Any
) -> Training:
    """A training; of several processes the first encodes and opens its run, then the others."""
    from sideman.folders import made_ready
    from sideman.training.together import Together

    music.check_length(options.drawn_frames)
    made_ready(run, "--run")
    with Together.found().in_turn():
        return kind(options, *music.pieces, music.codec, run, *told)


def follow(training: Loop, command: str) -> None:
    """Run a training with a progress bar; Ctrl-C leaves a checkpoint and says how to go on."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("step {task.fields[step]} {task.fields[loss]} {task.fields[checked]}"),
        BarColumn(),
        TimeRemainingColumn(),
    )
    try:
        with Progress(*columns, disable=not _first()) as progress:
            task = progress.add_task("", total=1.0, step=training.step, loss="", checked="")
            training.run(
                lambda figures: progress.update(
                    task, completed=training.progress, **_shown(figures)
                )
            )
    except KeyboardInterrupt:
        stopped(command)
    if _first():
        typer.echo(f"done: {training.step} steps in {training.folder.path}")


def stopped(command: str) -> None:
    """Say how to go on, and exit as who was interrupted does."""
    if _first():
        typer.echo(f"stopped; go on from the last checkpoint with: {command}")
    raise typer.Exit(130)


def _first() -> bool:
    """Whether this process speaks for all that train together; where there is one, it does."""
    import sys

    together = sys.modules.get("sideman.training.together")
    return together is None or together.Together.found().first


def _shown(figures: dict[str, Any]) -> dict[str, Any]:
    """What of a step's figures fits into one line."""
    shown: dict[str, Any] = {"step": figures["step"]}
    kinds = [kind for kind in ("loss", "critic", "flow") if kind in figures]
    if kinds:
        shown["loss"] = f"{kinds[0]} {figures[kinds[0]]:.4f}"
    if "checked" in figures:
        told = "checked_alone" if "checked_alone" in figures else "checked"
        music = figures[f"{told}_wrong_music"] - figures[told]
        shown["checked"] = f"checked {figures['checked']:.4f} music +{music:.4f}"
    return shown
