"""`sideman max install|uninstall`: the package in Max's Packages folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["register"]

Packages = Annotated[
    Optional[Path],
    typer.Option(help="A Packages folder; default: those of every Max in Documents."),
]


def register(app: typer.Typer) -> None:
    """Add the verb with its two sub-verbs."""
    group = typer.Typer(help="Put the package into Max's Packages folder, or take it out.")
    group.command("install")(install)
    group.command("uninstall")(uninstall)
    app.add_typer(group, name="max")


def install(
    package: Annotated[
        Path, typer.Argument(help="The folder Sideman that cmake --install made.")
    ] = Path("build/package/Sideman"),
    packages: Packages = None,
    link: Annotated[bool, typer.Option("--link", help="Link instead of copying.")] = False,
) -> None:
    """Copy the package; one that lies there already is replaced."""
    from sideman.package.packages import install as put
    from sideman.package.packages import packages_folders, set_aside_in

    for target in put(package, [packages] if packages else packages_folders(), link):
        typer.echo(f"{target}: restart Max, then File > Show Package Manager, or a new sideman~")
        if not list(target.glob("externals/*")):
            typer.echo(
                "this package has no externals: it was staged without the Max SDK; build it with "
                "-DSIDEMAN_BUILD_MAX=ON"
            )
        if set_aside_in(target).exists():
            typer.echo(f"what you saved in the package before is in {set_aside_in(target)}")


def uninstall(packages: Packages = None) -> None:
    """Take the package out; models and the Python environment stay."""
    from sideman.package.packages import packages_folders, set_aside_in
    from sideman.package.packages import uninstall as take_out

    gone = take_out([packages] if packages else packages_folders())
    for target in gone:
        typer.echo(f"removed {target}")
        if set_aside_in(target).exists():
            typer.echo(f"what you saved in it is in {set_aside_in(target)}")
    if not gone:
        typer.echo("nothing to remove: no Sideman in any Packages folder")
