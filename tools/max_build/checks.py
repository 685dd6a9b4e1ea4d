"""What a built external exports and needs, held against the SDK's lists."""

from __future__ import annotations

import plistlib
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from . import builds
from .sdk import Names

__all__ = ["Check", "cpp_names", "linux", "macos", "windows"]

ENTRY = "ext_main"
LINUX_SYSTEM = re.compile(r"lib(c|m|dl|pthread|rt|stdc\+\+|gcc_s)\.so|ld-linux")
WINDOWS_SYSTEM = {"kernel32", "msvcrt", "user32", "advapi32", "shell32", "ws2_32", "mswsock"}
CPP_RUNTIME = re.compile(r"_(_Z|__cxa_|_Unwind_|__gxx_personality)")
# What libc++ of macOS 11 lacks: the streams' own vtables, and helpers of later versions.
CPP_NEWER = re.compile(
    r"_*(ZT[VT]NSt3__1\d+(basic_[io]?(fstream|stringstream)|basic_(filebuf|stringbuf)|bad_function_call)"
    r"|ZNSt3__1\d+(__libcpp_verbose_abort|__hash_memory))"
)


@dataclass(frozen=True)
class Check:
    """One line of the table."""

    name: str
    ok: bool
    found: str


def linux(built: builds.Built, names: Names) -> list[Check]:
    """Exports, libraries and Max names of the ELF module."""
    exported = _symbols(["nm", "-D", "--defined-only", str(built.binary)])
    # A name that a library of the system answers carries that library's version.
    open_names = {
        name
        for name in _symbols(["nm", "-D", "--undefined-only", str(built.binary)], weak=False)
        if "@" not in name
    }
    needed = re.findall(r"NEEDED\s+(\S+)", _output(["objdump", "-p", str(built.binary)]))
    return [
        _exports(exported),
        _libraries(needed, [name for name in needed if not LINUX_SYSTEM.match(name)]),
        _max_names(open_names, names),
    ]


def windows(built: builds.Built, names: Names) -> list[Check]:
    """Format, exports, libraries and Max names of the DLL."""
    text = _output(["x86_64-w64-mingw32-objdump", "-p", str(built.binary)])
    table = text[text.find("[Ordinal/Name Pointer] Table") :].split("\n\n")[0]
    exported = set(re.findall(r"^\t\[\s*\d+\] (\w+)$", table, re.M))
    parts = re.split(r"DLL Name: (\S+)", text)
    imports = {
        library.lower().removesuffix(".dll"): set(re.findall(r"^\t[0-9a-f]+\t *\d+  (\w+)$", body, re.M))
        for library, body in zip(parts[1::2], parts[2::2], strict=True)
    }
    strange = set(imports) - WINDOWS_SYSTEM - {"maxapi", "maxaudio"}
    wanted = imports.get("maxapi", set()) | imports.get("maxaudio", set())
    return [
        Check("format", "Magic\t\t\t020b" in text, "PE32+ (x64)"),
        _exports(exported),
        _libraries(imports, strange),
        _max_names(wanted, names),
    ]


def macos(built: builds.Built, names: Names) -> list[Check]:
    """Bundle, architectures, signature, system and names of the universal Mach-O."""
    tools, binary = builds.llvm(), str(built.binary)
    headers = _output([str(tools / "llvm-objdump"), "--macho", "--arch=all", "--private-headers", binary])
    archs = _output([str(tools / "llvm-lipo"), "-archs", binary]).split()
    results = [
        Check("format", headers.count(" BUNDLE ") == 2, "Mach-O bundle"),
        Check("archs", sorted(archs) == ["arm64", "x86_64"], " ".join(archs)),
        Check("signature", headers.count("LC_CODE_SIGNATURE") == 2, "ad hoc, per architecture"),
        Check("system", re.findall(r"minos ([\d.]+)", headers) == ["11.0"] * 2, "macOS 11.0"),
        _bundle(built),
    ]
    loaded = set(re.findall(r"name (/\S+)", headers))
    results.append(_libraries(loaded, [one for one in loaded if not one.startswith("/usr/lib/")]))
    system = set(re.findall(r"\w+", built.system_names.read_text(errors="replace")))
    for arch in archs:
        nm = [str(tools / "llvm-nm"), "--arch", arch]
        results.append(_exports(_symbols([*nm, "-g", "--defined-only", binary], strip=True)))
        wanted = _symbols([*nm, "--undefined-only", binary])
        # The system's names may have a variant: fstat$INODE64 is fstat with today's inodes.
        own = {name.removeprefix("_") for name in wanted if name.partition("$")[0] not in system}
        results.append(_max_names({n for n in own if not CPP_RUNTIME.match("_" + n)}, names))
        results.append(cpp_names(wanted))
    return results


def _bundle(built: builds.Built) -> Check:
    contents = built.bundle / "Contents"
    plist = plistlib.loads((contents / "Info.plist").read_bytes())
    right = plist["CFBundlePackageType"] == "iLaX" and plist["CFBundleExecutable"] == built.binary.name
    right = right and (contents / "PkgInfo").read_text() == "iLaX????"
    return Check("bundle", right, built.bundle.name)


def cpp_names(wanted: set[str]) -> Check:
    """That what is wanted of the system's libc++ is no newer than macOS 11."""
    newer = sorted(name for name in wanted if CPP_NEWER.match(name))
    return Check("libc++", not newer, f"newer than macOS 11: {_listed(newer)}" if newer
                 else "nothing newer than macOS 11")  # fmt: skip


def _exports(exported: set[str]) -> Check:
    return Check("exports", exported == {ENTRY}, _listed(exported))


def _libraries(needed: Iterable[str], strange: Iterable[str]) -> Check:
    strange = sorted(strange)
    return Check("libraries", not strange, f"not the system's: {_listed(strange)}" if strange
                 else _listed(Path(one).name for one in needed))  # fmt: skip


def _max_names(wanted: set[str], names: Names) -> Check:
    unknown = wanted - names.every
    if unknown or not wanted:
        return Check("Max names", False, f"not in the SDK's lists: {_listed(unknown) or 'none used'}")
    audio = len(wanted & (names.max_audio - names.max_api))
    return Check("Max names", True, f"{len(wanted)} used, {audio} of them MaxAudio's, all listed")


def _symbols(command: list[str], *, weak: bool = True, strip: bool = False) -> set[str]:
    found = set()
    for line in _output(command).splitlines():
        words = line.split()
        if not words or line.endswith(":") or (not weak and words[-2] in ("w", "v")):
            continue
        found.add(words[-1].removeprefix("_") if strip else words[-1])
    return found


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def _listed(names: Iterable[str]) -> str:
    return " ".join(sorted(names))
