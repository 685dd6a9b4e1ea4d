"""The names that Max gives to externals, as its SDK lists them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Names", "read"]

# Windows calls every library's own; one that is taken from Max's is an accident of linking.
PRIVATE = {"DllMain"}


@dataclass(frozen=True)
class Names:
    """Function names of the two libraries that an external may need."""

    max_api: frozenset[str]
    max_audio: frozenset[str]

    @property
    def every(self) -> frozenset[str]:
        return self.max_api | self.max_audio


def read(root: Path) -> Names:
    """Read the linker list and the import libraries; raises OSError when one is missing."""
    support = root / "c74support"
    flags = (root / "script" / "max-linker-flags.txt").read_text(encoding="utf-8")
    listed = set(re.findall(r"-U,_(\w+)", flags))
    api = _imported(support / "max-includes" / "x64" / "MaxAPI.lib")
    audio = _imported(support / "msp-includes" / "x64" / "MaxAudio.lib")
    return Names(frozenset(listed | api) - PRIVATE, frozenset(audio) - PRIVATE)


def _imported(library: Path) -> set[str]:
    """The names of an import library: every exported function has an `__imp_` twin."""
    return {name.decode() for name in re.findall(rb"__imp_(\w+)\0", library.read_bytes())}
