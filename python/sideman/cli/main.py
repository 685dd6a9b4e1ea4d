"""The `sideman` command: one verb per file in this folder."""

from __future__ import annotations

import errno
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from sideman import __version__
from sideman.cli import (
    doctor,
    evaluate,
    importing,
    max_package,
    models,
    play,
    prepare,
    serve,
    synth,
    train,
)
from sideman.errors import Cancelled, SidemanError

__all__ = ["app", "main"]

INTERRUPTED = 130  # what a shell expects of whoever Ctrl-C ended


class _Verbs(TyperGroup):
    """Ctrl-C in any verb that says nothing of it itself is one line."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt:
            typer.echo("sideman: stopped", err=True)
            raise typer.Exit(INTERRUPTED) from None


app = typer.Typer(
    name="sideman",
    cls=_Verbs,
    help="A live accompanist: plays a part that fits the music it hears.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"sideman {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: bool = typer.Option(
        False, "--version", callback=_print_version, is_eager=True, help="Print the version."
    ),
) -> None:
    """Options that stand before the verb."""


for _verb in (play, serve, doctor, synth, prepare, train, evaluate, importing, max_package, models):
    _verb.register(app)


def main() -> None:
    """Run the command; a SidemanError, and a file that cannot be had, becomes one line on stderr and exit
    code 1; Ctrl-C one and 130."""
    try:
        app()
    except Cancelled as error:
        typer.echo(f"sideman: stopped: {error}", err=True)
        sys.exit(INTERRUPTED)
    except SidemanError as error:
        sys.exit(f"sideman: {error}")
    except OSError as error:
        full = error.errno in (errno.ENOSPC, getattr(errno, "EDQUOT", None))
        if not full and error.filename is None:
            raise
        if not full:
            sys.exit(f"sideman: cannot use {error.filename}: {error.strerror}; give another path")
        sys.exit(f"sideman: cannot write {error.filename or 'a file'}: {error.strerror}; free some space "
                 "and run the same command again")


if __name__ == "__main__":
    main()
