"""The objects that the patches may use: inlets and outlets of each, as the hosts' references say."""

from __future__ import annotations

import re

__all__ = ["MAX", "MAX_UI", "PD", "PD_UI", "sideman_outlets"]

SIGNAL, ANY = "signal", ""

MAX: dict[str, tuple[int, tuple[str, ...]]] = {
    "adc~ 1": (1, (SIGNAL,)),
    "adc~ 2": (1, (SIGNAL,)),
    "buffer~": (1, ("float", "bang")),
    "delay": (2, ("bang",)),
    "gate": (2, (ANY,)),
    "inlet": (0, (ANY,)),
    "loadmess": (1, (ANY,)),
    "metro": (2, ("bang",)),
    "outlet": (1, ()),
    "pcontrol": (1, (ANY,)),
    "play~": (1, (SIGNAL, "bang")),
    "prepend": (1, (ANY,)),
    "print": (1, ()),
    "route": (1, ()),  # one outlet for each word, and one for the rest
    "sel": (1, ()),
    "sfplay~": (2, (SIGNAL, "bang")),
    "t": (1, ()),
    "transport": (2, ("int", "int", "float", "float", "float", "int", "float", "int", "float")),
}
MAX_UI: dict[str, tuple[int, tuple[str, ...], tuple[float, float]]] = {
    "attrui": (1, (ANY,), (260, 22)),
    "ezadc~": (1, (SIGNAL, SIGNAL), (45, 45)),
    "ezdac~": (2, (), (45, 45)),
    "gain~": (1, (SIGNAL, ""), (22, 100)),
    "toggle": (1, ("int",), (24, 24)),
}
PD: dict[str, tuple[int, int]] = {
    "*~": (2, 1),
    "adc~ 1": (1, 1),
    "adc~ 2": (1, 1),
    "dac~": (2, 0),
    "inlet": (0, 1),
    "inlet~": (0, 1),
    "line~": (2, 1),
    "list": (2, 1),
    "list trim": (1, 1),
    "loadbang": (0, 1),
    "metro": (2, 1),
    "openpanel": (1, 1),
    "outlet": (1, 0),
    "outlet~": (1, 0),
    "*": (2, 1),
    "del": (2, 1),
    "print": (1, 0),
    "r": (0, 1),
    "route": (1, 0),
    "s": (1, 0),
    "samplerate~": (1, 1),
    "sel": (1, 0),
    "soundfiler": (1, 2),
    "table": (0, 0),
    "tabplay~": (1, 2),
    "t": (1, 0),  # one outlet for each letter
    "unpack": (1, 0),  # the same
}
PD_UI: dict[str, tuple[int, int]] = {
    "floatatom": (1, 1), "symbolatom": (1, 1), "tgl": (1, 1), "bng": (1, 1), "hsl": (1, 1),
}  # fmt: skip


def sideman_outlets(text: str) -> int:
    """Outlets of a sideman~ box: one per part, and one for messages."""
    found = re.search(r"@parts((?: [a-z]+)+)", text)
    return 1 + (len(found[1].split()) if found else 1)


def counts(text: str, table: dict, host: str) -> tuple[int, tuple[str, ...]]:
    """Inlets and outlet types of an object box. Raises KeyError for an object that is not known."""
    name, *words = text.split()
    if name == "sideman~":
        return 2, (*[SIGNAL] * (sideman_outlets(text) - 1), ANY)
    if text in table:
        found = table[text]
    else:
        found = table[name]
    inlets, outlets = found
    if name in ("route", "sel"):
        return inlets, (ANY,) * (len(words) + 1)
    if name in ("t", "unpack"):
        return inlets, (ANY,) * len(words)
    return inlets, outlets if host == "max" else (SIGNAL if name.endswith("~") else ANY,) * outlets
