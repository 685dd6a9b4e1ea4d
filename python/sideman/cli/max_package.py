"""`sideman max install|uninstall`: the package in Max's Packages folder."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = ["register"]

STAGED = Path("build/package/Sideman")

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
    ] = STAGED,
    packages: Packages = None,
    link: Annotated[bool, typer.Option("--link", help="Link instead of copying.")] = False,
) -> None:
    """Copy the package; one that lies there already is replaced."""
    from sideman.package.packages import install as put
    from sideman.package.packages import lacking, packages_folders, set_aside_in

    for target in put(package, [packages] if packages else packages_folders(), link):
        typer.echo(f"{target}: restart Max, then File > Show Package Manager, or a new sideman~")
        if lacks := lacking(target):
            typer.echo(f"this package {lacks}; build it here with -DSIDEMAN_BUILD_MAX=ON")
        if set_aside_in(target).exists():
            typer.echo(f"what you saved in the package before is in {set_aside_in(target)}")


def uninstall(
    package: Annotated[
        Optional[Path],
        typer.Argument(
            help="What was copied by hand, to tell what in it is yours; default: "
            f"{STAGED.as_posix()}, where it is there."
        ),
    ] = None,
    packages: Packages = None,
) -> None:
    """Take the package out; models and the Python environment stay."""
    from sideman.package.packages import packages_folders, set_aside_in
    from sideman.package.packages import uninstall as take_out

    if package is None and (STAGED / "package-info.json").is_file():
        package = STAGED
    gone = take_out([packages] if packages else packages_folders(), package)
    for target in gone:
        typer.echo(f"removed {target}")
        if set_aside_in(target).exists():
            typer.echo(f"what you saved in it is in {set_aside_in(target)}")
    if not gone:
        typer.echo("nothing to remove: no Sideman in any Packages folder")
