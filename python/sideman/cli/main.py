"""The `sideman` command: one verb per file in this folder."""

from __future__ import annotations

import errno
import sys

import typer

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

app = typer.Typer(
    name="sideman",
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
    code 1."""
    try:
        app()
    except Cancelled as error:
        sys.exit(f"sideman: stopped: {error}")
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
