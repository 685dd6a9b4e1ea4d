"""`sideman serve`: play for others, on this machine or over the network."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from sideman.cli.given import refuse
from sideman.errors import SettingsError

if TYPE_CHECKING:
    import asyncio

    from rich.console import Console
    from rich.table import Table

    from sideman.serve.server import Server

__all__ = ["register"]

TOKEN_VARIABLE = "SIDEMAN_TOKEN"
LINE_SECONDS = 60.0
END_SECONDS = 2.0  # that a hop may still take once the guests have their goodbyes
# By protocol, the options that it does not look at.
USELESS = {"multi_track": ("token_file", "guests"), "sideman": ("client", "client_port")}


def register(app: typer.Typer) -> None:
    """Add the verb `serve`."""
    app.command("serve")(serve)


def serve(
    context: typer.Context,
    host: Annotated[
        str, typer.Option(help="Address to listen on; any but 127.0.0.1 needs a token (multi_track "
                               "has none).")
    ] = "127.0.0.1",
    port: Annotated[
        Optional[int],
        typer.Option(
            min=0, max=65535, help="UDP port; 0 = any free one; 7770, or 7000 for multi_track."
        ),
    ] = None,
    token_file: Annotated[
        Optional[Path],
        typer.Option(help=f"File with the token; else the variable {TOKEN_VARIABLE}."),
    ] = None,
    new_token: Annotated[
        Optional[Path], typer.Option(help="Write a new token to this file, and stop.")
    ] = None,
    model: Annotated[
        Optional[list[str]],
        typer.Option(help="NAME=FOLDER: a model of your own; may be given several times."),
    ] = None,
    guests: Annotated[int, typer.Option(min=1, max=1024, help="The most sessions at once.")] = 64,
    threads: Annotated[int, typer.Option(min=0, help="CPU threads for a hop; 0 = all.")] = 1,
    device: Annotated[
        str, typer.Option(help="auto (the processor), cuda or mps: where models of guests compute who "
                               "leave that open.")
    ] = "auto",
    protocol: Annotated[
        str, typer.Option(help="sideman; or multi_track, for the published external.")
    ] = "sideman",
    client: Annotated[
        str, typer.Option(help="multi_track: this machine's address that is heard and answered.")
    ] = "127.0.0.1",
    client_port: Annotated[
        int, typer.Option(min=1, max=65535, help="multi_track: its port for answers.")
    ] = 8000,
) -> None:
    """Play for sideman~ objects in other processes or machines. Ctrl-C stops."""
    if new_token is not None:
        _write_token(new_token)
        return
    if protocol not in USELESS:
        raise SettingsError(f"no protocol {protocol!r}: give sideman or multi_track")
    refuse(context, USELESS[protocol], f"with --protocol {protocol}")
    import asyncio

    import torch

    from sideman.models.shared import device_named

    if threads:
        torch.set_num_threads(threads)
    device_named(device)  # one that is not there is told now, not to every guest
    if protocol == "multi_track":
        _check_at_home(host, client)
        if sys.platform == "win32":  # the other loop goes deaf where nobody listens at the client's port
            asyncio.set_event_loop_policy(asyncio.WindowsSelectorEventLoopPolicy())
        asyncio.run(_serve_published(host, port, client, client_port, model or ["mini"], device))
        return
    from sideman.serve.server import PORT, Server, ServerOptions

    options = ServerOptions(
        host=host, port=PORT if port is None else port, token=_token(token_file),
        folders=_folders(model or []), guests=guests, device=device,
    )
    server = Server(options)
    try:
        asyncio.run(_serve(server))
    except KeyboardInterrupt:  # Windows
        if server.is_at_work:
            typer.echo("sideman: stopped", err=True)
            os._exit(130)
        raise


async def _serve(server: Server) -> None:
    from rich.console import Console

    from sideman.serve.table import table_of

    await server.start()
    stopped = _signalled()
    typer.echo(f"serving on {_where(server)}; Ctrl-C stops")
    console = Console()
    put_away = None
    try:
        if console.is_terminal:
            put_away = await _draw_until(stopped, lambda: table_of(server), console)
        else:
            while not await _within(stopped, LINE_SECONDS):
                typer.echo(f"{len(server.guests)} guests, {server.strangers} strangers' datagrams")
    finally:
        await server.close(END_SECONDS)
        if put_away is not None and not put_away():
            os._exit(0)  # the guests are told; even a last word would wait for that terminal
    typer.echo("stopped")
    if server.is_at_work:
        os._exit(0)  # Python would wait until a model has been read, which nothing stops


def _where(server: Server) -> str:
    """The host with what its name came to, the port, and who may come there."""
    from sideman.serve.server import is_loopback

    host, address = server.options.host, server.address
    place = f"{host}{f' ({address})' * (address != host)} port {server.port}"
    if server.options.token is None:
        return f"{place}, plain, this machine alone"
    if is_loopback(address) and not is_loopback(host):  # of /etc/hosts: many machines' own name
        alone = "this machine alone comes there: for others give --host 0.0.0.0"
        return f"{place}, sealed, but {alone}"
    return f"{place}, sealed with the token"


async def _draw_until(
    stopped: asyncio.Event, table: Callable[[], Table], console: Console
) -> Callable[[], bool]:
    """Draw the table twice a second, on threads of its own: a terminal that stops reading must stop
    neither the server nor its end. What puts the table away, if the terminal reads, is for after it."""
    from rich.live import Live

    live, drawing = Live(table(), console=console, auto_refresh=False), threading.Thread()
    live.start()

    def put_away() -> bool:
        reads = not drawing.is_alive()
        if reads:
            live.stop()
        return reads

    try:
        while not await _within(stopped, 0.5):
            if not drawing.is_alive():
                draw = partial(live.update, table(), refresh=True)
                drawing = threading.Thread(target=draw, daemon=True)
                drawing.start()
    except BaseException:
        put_away()
        raise
    return put_away


async def _serve_published(
    host: str, port: int | None, client: str, client_port: int, models: list[str], device: str
) -> None:
    from sideman.models.checkpoint import model_spec
    from sideman.serve.published import PublishedOptions, PublishedServer, check_playable

    if len(models) != 1:
        raise SettingsError(f"multi_track plays one model, not {len(models)}; give one --model")
    _, _, folder = models[0].rpartition("=")
    check_playable(folder, model_spec(folder))  # not only once the external asks for it
    options = PublishedOptions(host, 7000 if port is None else port, client, client_port, folder, device)
    server = PublishedServer(options, typer.echo)
    await server.start()
    typer.echo(
        f"serving multi_track on {host} port {server.port} for {client} port {client_port}; "
        "Ctrl-C stops"
    )
    try:
        await _signalled().wait()
    finally:
        await server.close(END_SECONDS)
    typer.echo("stopped")
    if server.is_at_work:
        os._exit(0)  # as in _serve


def _check_at_home(*addresses: str) -> None:
    """Raises SettingsError where one is of the network: the published external knows no token."""
    from sideman.serve.server import is_loopback

    for address in addresses:
        if not is_loopback(address):
            raise SettingsError(
                f"cannot serve multi_track to {address}: its external knows no token, so it is "
                "served on this machine alone; give 127.0.0.1, or play from there with sideman~"
            )


def _signalled() -> asyncio.Event:
    """An event that is set when the process is told to stop."""
    import asyncio
    import signal

    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for name in ("SIGINT", "SIGTERM"):
        try:
            loop.add_signal_handler(getattr(signal, name), stopped.set)
        except (NotImplementedError, AttributeError):  # Windows: Ctrl-C raises instead
            pass
    return stopped


async def _within(event: asyncio.Event, seconds: float) -> bool:
    import asyncio

    try:
        await asyncio.wait_for(event.wait(), seconds)
    except (TimeoutError, asyncio.TimeoutError):
        return False
    return True


def _token(file: Path | None) -> bytes | None:
    import os

    if file is None:
        text = os.environ.get(TOKEN_VARIABLE, "")
        return text.strip().encode() or None
    try:
        token = file.read_bytes().rstrip(b" \t\r\n")  # as the object does
    except OSError as error:
        raise SettingsError(
            f"cannot read the token in {file}: {error.strerror}; "
            f"make one by: sideman serve --new-token {file}"
        ) from error
    if not token:
        raise SettingsError(f"{file} holds no token; make one by: sideman serve --new-token {file}")
    return token


def _write_token(file: Path) -> None:
    import os
    import secrets

    try:
        made = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        raise SettingsError(f"{file} is there already; remove it, or give another name") from None
    except OSError as error:
        raise SettingsError(f"cannot write {file}: {error.strerror}") from error
    with os.fdopen(made, "w") as out:
        out.write(secrets.token_urlsafe(32) + "\n")
    typer.echo(f"a new token is in {file}, readable by you alone; copy the file to where sideman~ is")


def _folders(given: list[str]) -> dict[str, str]:
    folders = {}
    for one in given:
        name, equals, folder = one.partition("=")
        if not (name and equals and (Path(folder).expanduser() / "model.json").is_file()):
            raise SettingsError(
                f"cannot serve model {one}: give NAME=FOLDER, a folder with a model.json"
            )
        folders[name] = str(Path(folder).expanduser())
    return folders
