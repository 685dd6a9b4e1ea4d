"""`sideman doctor`: is everything there that sideman~ needs, and is it fast enough?"""

from __future__ import annotations

import ctypes
import importlib.metadata
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from sideman.cli.given import refuse
from sideman.remedies import pip_install

__all__ = ["Finding", "findings", "register"]

PACKAGES = ("numpy", "torch", "safetensors", "soundfile", "scipy")
BRIDGES = {"win32": "libsideman_bridge.dll", "darwin": "libsideman_bridge.dylib"}
INSTALL = (
    "run, with the folder of Sideman's source: "
    + pip_install("--force-reinstall --no-deps FOLDER")
)
MAX_INSTALL = (
    "sideman max install path/to/Sideman, a folder that cmake makes of the source "
    "(docs/first-minutes.md)"
)
VECTOR = 64
RATE = 44100.0
LOAD_TIMEOUT_MS = 120_000.0
LONG_PATH = 200  # characters: Windows may refuse files whose whole path has more than 260


@dataclass(frozen=True)
class Finding:
    """One line of the report. `needed`: without it the object cannot play a model."""

    name: str
    ok: bool
    sentence: str
    needed: bool = True


@dataclass(frozen=True)
class Server:
    """Where `sideman serve` is said to run."""

    host: str
    port: int
    token: Path | None


def register(app: typer.Typer) -> None:
    """Add the verb to the command."""
    app.command("doctor")(doctor)


def doctor(
    context: typer.Context,
    model: Annotated[str, typer.Option(help="A model's name or folder.")] = "mini",
    threads: Annotated[int, typer.Option(min=1, help="Processor threads for the model.")] = 1,
    host: Annotated[Optional[str], typer.Option(help="A server to try as well: its name or address.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The server's port.")] = 7770,
    token: Annotated[Optional[Path], typer.Option(help="File with the server's token.")] = None,
) -> None:
    """Check the installation and measure the model; exit code 1 when a needed thing is missing."""
    if not host:
        refuse(context, ["port", "token"], "without --host", "give --host too, or leave it away")
    healthy = True
    for finding in findings(model, threads, Server(host, port, token) if host else None):
        mark = "ok " if finding.ok else "NO " if finding.needed else "-- "
        typer.echo(f"{mark} {finding.name:<11} {finding.sentence}")
        healthy = healthy and (finding.ok or not finding.needed)
    if not healthy:
        raise typer.Exit(1)


def findings(model: str, threads: int, server: Server | None = None) -> Iterator[Finding]:
    """Every check in order; the ones that rest on one that failed are left out."""
    yield _python()
    yield _venv()
    packages = [_package(name) for name in PACKAGES]
    yield from packages
    yield from _compiled()
    yield _pd()
    yield from _max()
    if server:
        yield from _reached(server, model)
    if all(package.ok for package in packages):
        yield _device(threads)
        yield from _played(model, threads)


def _python() -> Finding:
    version = f"{sys.version_info.major}.{sys.version_info.minor}.{sys.version_info.micro}"
    if (3, 10) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", True, f"{version} at {sys.executable}")
    return Finding(
        "python", False, f"{version} cannot be used: make the venv with Python 3.10 to 3.13"
    )


def _venv() -> Finding:
    if sys.platform == "win32" and len(sys.prefix) > LONG_PATH:
        return Finding(
            "venv", False, f"{sys.prefix}: Windows may not open files below so long a path; make the "
            r"venv at C:\sideman, or allow long paths in Windows",
        )
    if sys.prefix != sys.base_prefix:
        return Finding("venv", True, f"{sys.prefix} (set the object's 'python' to this folder)")
    make = (
        r'py -3.11 -m venv "$HOME\.sideman\venv" (PowerShell)' if sys.platform == "win32"
        else "python3 -m venv ~/.sideman/venv"
    )  # fmt: skip
    return Finding("venv", False, f"none: sideman~ needs one; run: {make}, then install sideman in it")


def _package(name: str) -> Finding:
    install = f"run: {pip_install(f'--force-reinstall {name}')}"
    try:
        version = importlib.metadata.version(name)
        importlib.import_module(name)
    except importlib.metadata.PackageNotFoundError:
        return Finding(name, False, f"is missing: run: {pip_install(name)}")
    except (ImportError, OSError) as error:  # a library of its own that does not load
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        return Finding(name, False, f"{version} does not load ({reason}): {install}")
    return Finding(name, True, version)


def _compiled() -> Iterator[Finding]:
    from sideman import __version__

    try:
        from sideman import _core
    except ImportError as error:
        yield Finding("engine", False, f"the compiled part is missing ({error}): {INSTALL}")
        return
    same = _core.__version__ == __version__
    yield Finding(
        "engine", same, f"sideman {__version__}" if same
        else f"is of {_core.__version__} and the package of {__version__}: {INSTALL}",
    )
    yield _bridge(Path(_core.__file__).parent, _core.BRIDGE_ABI)


def _bridge(folder: Path, abi: int) -> Finding:
    library = folder / BRIDGES.get(sys.platform, "libsideman_bridge.so")
    if not library.is_file():
        return Finding(
            "bridge", False, f"{library} is missing: this Python has no shared libpython; "
            "make the venv with a Python built with --enable-shared and install sideman again",
        )
    try:
        entry = ctypes.CDLL(str(library)).sideman_bridge
        entry.restype, entry.argtypes = ctypes.c_void_p, [ctypes.c_uint32]
        speaks = entry(abi) is not None
    except (OSError, AttributeError) as error:
        return Finding("bridge", False, f"{library} does not load ({error}): {INSTALL}")
    if not speaks:
        return Finding("bridge", False, f"{library} does not speak ABI {abi}: {INSTALL}")
    return Finding("bridge", True, f"ABI {abi}, {library}")


def _pd() -> Finding:
    from sideman.playing import pd_host

    path = shutil.which("pd")
    if path is None:
        return Finding("pd", False, "Pure Data is not installed; only needed to play in it", False)
    if not pd_host.available():
        return Finding("pd", False, f"{path}, but {pd_host.no_external()}", False)
    return Finding("pd", True, path, False)


def _max() -> Iterator[Finding]:
    """The package in every Max of this user, and whether macOS would open it."""
    from sideman import __version__
    from sideman.package.packages import NAME, lacking, packages_folders, version_of

    for folder in packages_folders():
        package = folder / NAME
        if not package.exists():
            yield Finding("max", False, f"not in {folder}; run: {MAX_INSTALL}", False)
        elif sys.platform == "darwin" and _quarantined(package):
            yield Finding(
                "max", False, f"macOS will not open what lies in {package}; run: "
                f"xattr -dr com.apple.quarantine '{package}'",
            )
        elif lacks := lacking(package):
            yield Finding(
                "max", False, f"{package} {lacks}; build here with -DSIDEMAN_BUILD_MAX=ON and run: "
                f"{MAX_INSTALL}", False
            )
        elif (version := version_of(package)) != __version__:
            yield Finding(
                "max", False, f"{package} is {version} and this Python's sideman {__version__}: update "
                "the older one", False
            )
        else:
            yield Finding("max", True, str(package), False)


def _quarantined(package: Path) -> bool:
    """Whether macOS marks an external as come from the net."""
    return any(
        subprocess.run(
            ["xattr", "-p", "com.apple.quarantine", str(external)], capture_output=True, check=False
        ).returncode == 0
        for external in package.glob("externals/*.mxo")
    )  # fmt: skip


def _reached(server: Server, model: str) -> Iterator[Finding]:
    """Ask the server for the model, as the object does."""
    asked = {"model": model, "host": server.host, "port": server.port}
    if server.token:
        asked["token"] = str(server.token)
    info = _opened(asked, "remote")
    if isinstance(info, str):
        yield Finding("server", False, info)
    elif info:
        yield Finding(
            "server", True, f"{server.host} port {server.port} plays {info['model']}; {_lead(info)}"
        )


def _device(threads: int) -> Finding:
    import torch

    others = [
        name
        for name, there in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
        )
        if there
    ]
    also = f"; also here: {' '.join(others)}" if others else ""
    return Finding("device", True, f"cpu with {threads} thread{'s' * (threads > 1)}{also}")


def _played(model: str, threads: int) -> Iterator[Finding]:
    """Open the model in the engine, as the object does, and let it measure; what it has to fetch
    first is not counted."""
    from sideman.cli.fetching import fetch_codec
    from sideman.errors import ModelError

    try:
        fetch_codec(model, typer.echo)
    except ModelError as error:
        yield Finding("model", False, str(error))
        return
    info = _opened({"model": model, "threads": threads}, "embedded")
    if isinstance(info, str):
        yield Finding("model", False, info)
    elif info:
        yield Finding("model", True, f"{info['model']} plays {' '.join(info['model_parts'])}")
        yield _speed(info)


def _opened(settings: dict[str, Any], backend: str) -> dict[str, Any] | str | None:
    """The engine's facts once it is ready, or its own line why it is not; None without an engine,
    which was said already."""
    try:
        from sideman import _core
    except ImportError:
        return None
    engine = _core.Engine(settings, backend)
    engine.prepare(RATE, VECTOR)
    engine.load()
    engine.wait_loaded(LOAD_TIMEOUT_MS)
    info = engine.info()
    if info["state"] == "ready":
        return info
    lines = [event["text"] for event in engine.poll() if event["kind"] == "error"]
    return lines[-1] if lines else f"{settings['model']} did not open in time"


def _lead(info: dict[str, Any]) -> str:
    return f"recommended lead: {info['lead_frames']} frames (reaction {info['reaction_ms']:.0f} ms)"


def _speed(info: dict[str, Any]) -> Finding:
    factor = info["realtime_factor"]
    if factor >= 1.0:
        return Finding(
            "speed", False, f"a hop takes {factor:.2f} of its own time: too slow for live play; "
            "use fewer steps, or a longer hop where the model has one",
        )
    return Finding(
        "speed", True, f"a hop takes {factor:.2f} of its own time; {_lead(info)}",
    )
