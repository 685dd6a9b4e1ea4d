"""`sideman play`: hear a sound file, play a part to it, write what was played and a report."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import replace
from enum import Enum
from pathlib import Path
from typing import Annotated, Any

import typer

from sideman.cli.given import refuse

__all__ = ["register"]


class Host(str, Enum):
    """Where the engine runs: in Pure Data, in this process, or in whichever is at hand."""

    auto = "auto"
    pd = "pd"
    none = "none"


def register(app: typer.Typer) -> None:
    """Add the verb to the command."""
    app.command("play")(play)


def play(
    context: typer.Context,
    music: Annotated[Path | None, typer.Argument(help="A WAV, FLAC, AIFF, OGG or MP3 file; without: the demo.")] = None,
    part: Annotated[list[str] | None, typer.Option("--part", help="What to play; repeat for more.")] = None,
    model: Annotated[str, typer.Option(help="A model's name or folder.")] = "mini",
    backend: Annotated[str, typer.Option(help="embedded (the model), remote (through a server) or echo (no model).")] = "embedded",
    host: Annotated[
        Host,
        typer.Option(
            help="pd: real Pure Data; none: without a host. "
            "(A server: --backend remote --set host=NAME.)"
        ),
    ] = Host.auto,
    bpm: Annotated[
        float | None,
        typer.Option(
            min=20, max=400, help="The tempo, where it is known; without, that of song.json beside "
            "song.wav, if it has bpm, beats_per_bar and downbeat_sample."
        ),
    ] = None,
    downbeat: Annotated[float, typer.Option(min=0, help="Seconds to the first downbeat.")] = 0.0,
    setting: Annotated[
        list[str] | None, typer.Option("--set", help="Any other setting, as name=value; repeat for more.")
    ] = None,
    r: Annotated[float | None, typer.Option(help="The hop as the accompaniment paper says it: its share of the window.")] = None,
    w: Annotated[float | None, typer.Option(help="With --r: the lead in hops; 1, the paper's look-ahead, without.")] = None,
    fast: Annotated[bool, typer.Option(help="Without a host: as fast as the model can.")] = False,
    out: Annotated[Path, typer.Option(help="Where to write.")] = Path("build/play"),
) -> None:
    """Play a part to a sound file, live, and write the parts, the mix and a report."""
    from rich.console import Console

    from sideman.cli.fetching import fetch_codec
    from sideman.errors import SettingsError
    from sideman.playing import report, screen
    from sideman.playing.music import demo_path, load_music
    from sideman.playing.performance import Request, check_settings

    if host is Host.pd:
        refuse(context, ["fast"], "with --host pd, which plays in real time", "give --host none")
    console = Console()
    settings = {**_settings(setting or []), "model": model, "backend": backend}
    if r is None and w is not None:
        raise SettingsError("cannot use w alone: give --r, the hop's share of the window, with it")
    if r is not None:
        settings |= _paper_window(model, r, 1.0 if w is None else w)
    if not math.isfinite(downbeat):
        raise SettingsError(f"cannot use the downbeat {downbeat}: give the seconds to it")
    if downbeat and bpm is None:
        raise SettingsError("a downbeat is of a tempo: give --bpm with --downbeat")
    heard = load_music(music or demo_path(), bpm, downbeat)
    asked = Request(music=heard, parts=tuple(part or _usual_part(model)), settings=settings)
    check_settings(asked)
    _check_server(settings)
    out.mkdir(parents=True, exist_ok=True)  # what is played must not be lost for want of a place
    report.check_place(out, asked)
    if backend != "echo" and not settings.keys() & set(SERVER):  # no server elsewhere opens it
        fetch_codec(model, typer.echo)
    with _server(settings) as where:
        request = replace(asked, settings={**settings, **where})
        title = f"{request.music.path.name} in {_chosen(host, fast)}"
        with screen.Screen(console, title, request.music.seconds) as table:
            performance = _perform(request, _chosen(host, fast), fast, out, table.show)
    paths = report.write(out, request, performance)
    figures = report.figures(request, performance)
    console.print(screen.summary(performance, figures))
    for name, path in paths.items():
        console.print(f"{name:>10}  {path}", highlight=False, soft_wrap=True)
    for line in dict.fromkeys(performance.console):  # what the object says in its host
        typer.echo(f"sideman: {line}", err=True)
    if figures["missed"] and not performance.parts.any():
        raise typer.Exit(1)  # nothing was played


def _usual_part(model: str) -> list[str]:
    """The model's first part; a bass, where only the server knows the model."""
    from sideman.errors import ModelError
    from sideman.models.checkpoint import model_spec

    try:
        return list(model_spec(model).parts[:1])
    except ModelError:
        return ["bass"]


def _paper_window(model: str, r: float, w: float) -> dict[str, int]:
    """hop and lead for a model of the window family, from the paper's r and w."""
    from sideman.errors import SettingsError
    from sideman.models.checkpoint import model_spec
    from sideman.streaming.paper_window import hop_and_lead, r_and_w

    spec = model_spec(model)
    window = spec.window_frames
    hop, lead = hop_and_lead(r, w, window, spec.hops) if w > 0 else (0, 0)
    if lead < 1:
        raise SettingsError(
            f"cannot play live with w {w:g}: what is heard must come before the slot; give 1, or more"
        )
    r, w = r_and_w(hop, lead, window)
    typer.echo(f"r {r:g}, w {w:g}: hop {hop} frames, lead {lead} frames")
    return {"hop": hop, "lead": lead}


def _chosen(host: Host, fast: bool) -> Host:
    from sideman.playing import pd_host

    if host is not Host.auto:
        return host
    return Host.pd if not fast and pd_host.available() else Host.none


def _perform(request: Any, host: Host, fast: bool, out: Path, on_tick: Any) -> Any:
    from sideman.playing import own_host, pd_host

    if host is Host.pd:
        return pd_host.perform(request, on_tick, work=out / "pd")
    return own_host.perform(request, on_tick, fast=fast)


@contextlib.contextmanager
def _server(settings: dict[str, object]) -> Iterator[dict[str, object]]:
    """Where the server is, as settings: one of our own for backend remote where none was named."""
    if settings["backend"] != "remote" or {"host", "port"} & settings.keys():
        yield {}
        return
    from sideman.playing.own_server import own_server

    with own_server() as port:
        yield {"port": port}


SERVER = ("host", "port", "token")


def _check_server(settings: dict[str, object]) -> None:
    """Raises SettingsError where a server is told of that nobody would ask."""
    from sideman.errors import SettingsError

    told = ", ".join(f"--set {name}" for name in SERVER if name in settings)
    backend = settings["backend"]
    if not told or backend == "remote" or (backend == "auto" and settings.get("host")):
        return
    remedy = "give --set host=NAME too" if backend == "auto" else "give --backend remote"
    raise SettingsError(
        f"cannot use {told} with --backend {backend}: no server would be asked; {remedy}, or leave "
        "it away"
    )


OPTIONS = {"model": "--model", "backend": "--backend", "parts": "--part"}


def _settings(pairs: list[str]) -> dict[str, object]:
    from sideman.errors import SettingsError

    settings: dict[str, object] = {}
    for pair in pairs:
        name, sign, value = pair.partition("=")
        if not sign:
            raise SettingsError(f"cannot take --set {pair}: no '='; write it as name=value")
        if name in OPTIONS:
            raise SettingsError(f"cannot take --set {pair}: give {OPTIONS[name]}")
        settings[name] = _words(value) if name == "tags" else value
    return settings


def _words(value: str) -> list[str | float]:
    """What a message of words and numbers would hold."""
    words: list[str | float] = []
    for word in value.split():
        try:
            words.append(float(word))
        except ValueError:
            words.append(word)
    return words
