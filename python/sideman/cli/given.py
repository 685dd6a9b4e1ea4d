"""Which options of a command somebody has typed, so that one that does nothing can be refused."""

from __future__ import annotations

from collections.abc import Sequence

import typer

from sideman.errors import SettingsError

__all__ = ["given_options", "refuse"]


def given_options(context: typer.Context) -> list[str]:
    """Names of the parameters that were given on the command line."""
    return [
        name for name in context.params
        if (source := context.get_parameter_source(name)) and source.name == "COMMANDLINE"
    ]


def refuse(
    context: typer.Context, names: Sequence[str], where: str, remedy: str = "leave it away"
) -> None:
    """Raises SettingsError where any of these was given: `where` is what makes it do nothing."""
    given = given_options(context)
    if useless := [f"--{name.replace('_', '-')}" for name in names if name in given]:
        told = ", ".join(useless)
        raise SettingsError(f"cannot use {told} {where}: it would change nothing; {remedy}")
