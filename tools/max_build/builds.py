"""One CMake build per platform; macOS twice, joined into one bundle."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Broken", "Built", "Missing", "build", "llvm"]

ROOT = Path(__file__).resolve().parents[2]
NAME = "sideman~"
LLVM_FOLDERS = ("/usr/lib/llvm-16/bin", "/usr/lib/llvm-17/bin", "/usr/lib/llvm-18/bin")
LLVM_TOOLS = ("ld64.lld", "llvm-lipo", "llvm-nm", "llvm-objdump", "llvm-ar", "llvm-ranlib")


class Missing(Exception):
    """A tool is not installed; the message says which and how to get it."""


class Broken(Exception):
    """The build failed; the message is its last line of reason."""


@dataclass(frozen=True)
class Built:
    """The binary, and for macOS the bundle's folder and what stands for the system's library."""

    binary: Path
    bundle: Path | None = None
    system_names: Path | None = None


def build(platform: str, sdk: Path, sources: Mapping[str, Path], folder: Path) -> Built:
    """Build for one platform; sources: checkouts of libraries that are not to be fetched, by the
    names that CMake fetches them by. Raises Missing or Broken."""
    for tool in ("cmake", "ninja"):
        _need(tool, tool, f"apt-get install {tool}-build" if tool == "ninja" else "install cmake")
    options = ["-DSIDEMAN_BUILD_PD=OFF", "-DSIDEMAN_BUILD_MAX=ON", "-DCMAKE_BUILD_TYPE=Release"]
    options += [f"-DMAX_SDK_BASE={sdk.resolve()}", "-DLIBSAMPLERATE_ENABLE_SINC_BEST_CONVERTER=OFF"]
    for name, source in sources.items():
        options.append(f"-DFETCHCONTENT_SOURCE_DIR_{name.upper()}={source.resolve()}")
    return {"linux": _linux, "windows": _windows, "macos": _macos}[platform](options, folder)


def llvm() -> Path:
    """The folder of LLVM's Mach-O tools; raises Missing."""
    for folder in map(Path, (os.environ.get("SIDEMAN_LLVM", ""), *LLVM_FOLDERS)):
        if all((folder / tool).exists() for tool in LLVM_TOOLS):
            return folder
    raise Missing(f"no folder with {', '.join(LLVM_TOOLS)}: apt-get install lld-16 llvm-16")


def _linux(options: list[str], folder: Path) -> Built:
    _need("nm", "nm", "apt-get install binutils")
    _cmake([*options, "-DCMAKE_CXX_VISIBILITY_PRESET=hidden"], folder)
    return Built(next((folder / "max").glob(f"{NAME}.mxl_*")))


def _windows(options: list[str], folder: Path) -> Built:
    _need("x86_64-w64-mingw32-g++-posix", "mingw", "apt-get install g++-mingw-w64-x86-64-posix")
    toolchain = ROOT / "cmake" / "toolchain-mingw.cmake"
    _cmake([*options, f"-DCMAKE_TOOLCHAIN_FILE={toolchain}"], folder)
    return Built(folder / "max" / f"{NAME}.mxe64")


def _macos(options: list[str], folder: Path) -> Built:
    zig, tools = _zig(), llvm()
    # zig builds its C++ library once per target; kept beside the build unless the user has a place.
    caches = {f"ZIG_{kind}_CACHE_DIR": str(folder.resolve() / "zig") for kind in ("GLOBAL", "LOCAL")}
    slices = []
    for arch in ("arm64", "x86_64"):
        toolchain = ROOT / "cmake" / "toolchain-macos-zig.cmake"
        arguments = [f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", f"-DSIDEMAN_ZIG={zig}"]
        arguments += [f"-DSIDEMAN_MACOS_ARCH={arch}", f"-DSIDEMAN_LLVM={tools}"]
        slice_folder = folder.with_name(f"{folder.name}-{arch}")
        _cmake([*options, *arguments], slice_folder, caches)
        slices.append(slice_folder / "max" / f"{NAME}.mxo" / "Contents" / "MacOS" / NAME)
    bundle = folder / f"{NAME}.mxo"
    shutil.rmtree(bundle, ignore_errors=True)
    shutil.copytree(slices[0].parents[2], bundle)
    binary = bundle / "Contents" / "MacOS" / NAME
    _run([str(tools / "llvm-lipo"), "-create", *map(str, slices), "-output", str(binary)])
    system = zig.parent / "lib" / "libc" / "darwin" / "libSystem.tbd"
    return Built(binary, bundle, system)


def _zig() -> Path:
    given = os.environ.get("SIDEMAN_ZIG") or shutil.which("zig")
    if given:
        return Path(given).resolve()
    package = importlib.util.find_spec("ziglang")
    if package is None or package.origin is None:
        raise Missing("no zig: pip install ziglang, or give SIDEMAN_ZIG=path")
    return Path(package.origin).parent / "zig"


def _need(tool: str, name: str, remedy: str) -> None:
    if shutil.which(tool) is None:
        raise Missing(f"no {name} ({tool}): {remedy}")


def _cmake(options: list[str], folder: Path, environment: dict[str, str] | None = None) -> None:
    _run(["cmake", "-G", "Ninja", "-S", str(ROOT), "-B", str(folder), *options], environment)
    _run(["cmake", "--build", str(folder), "--target", "sideman_max"], environment)


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(
        command, env={**(environment or {}), **os.environ}, check=False, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode != 0:
        reasons = [line for line in done.stdout.splitlines() if "rror" in line]
        raise Broken((reasons or done.stdout.splitlines() or ["no output"])[0].strip())
