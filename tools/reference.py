"""Writes the reference page of sideman~ for Max from the object's own tables.

    python -m tools.reference      docs/refpages/sideman~.maxref.xml

Settings come from the compiled table; messages from externals/host/commands.cpp; what leaves the
right outlet is told here, and held against externals/host/README.md by a test.
"""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as xml

from sideman import _core

__all__ = ["PAGE", "commands", "page", "says"]

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "refpages" / "sideman~.maxref.xml"
DESCRIPTION = (
    "Buffers the music at its first inlet, lets a live music diffusion model think about each hop, "
    "and plays the answer one lead later, a signal outlet for each part. The model runs in Python "
    "inside Max, or on another machine that sideman serve runs on. Nothing ever waits in the audio "
    "thread: an answer that comes late is faded over."
)
TYPES = {
    "toggle": "int", "integer": "int", "real": "float", "choice": "symbol", "text": "symbol",
    "words": "symbol", "tags": "atom",
}  # fmt: skip
ARGUMENTS = {
    "model": ("symbol", True), "r": ("float", False), "w": ("float", False), "bpm": ("float", False),
    "number": ("int", True), "beats": ("int", False), "name": ("symbol", True),
    "seconds": ("float", True), "from": ("symbol", True), "to": ("symbol", True),
}  # fmt: skip
OUT = (
    ("status", "idle, loading, ready, late, lost or error; once per change"),
    ("progress", "0 to 1, while loading"),
    ("backend", "echo, embedded or remote, when it is known or changes"),
    ("latency", "samples and milliseconds from inlet to outlet, whenever they change"),
    ("late", "how many hops came late so far, when the count has grown"),
    ("clock", "tempo, beat in the bar and confidence, at every beat that is heard"),
    ("record", "done or failed, the name and the seconds, when a recording has ended"),
    ("render", "progress and 0 to 1; then done or failed, the name and the seconds"),
    ("error", "the line that is also on the console"),
    ("info", "one figure each, after info; the last one is info end"),
    ("bench", "name and value, after bench: realtime_factor (thinking over a hop's length: below 1 it "
              "keeps up), hop_ms, lead_ms, reaction_ms, keeps_up (1 or 0); the last one is bench end"),
    ("doctor", "check and ok or failed, after doctor; the last one is doctor end"),
)


def commands() -> list[tuple[str, str, str]]:
    """(name, arguments, sentence) of every message that is no setting."""
    text = (ROOT / "externals" / "host" / "commands.cpp").read_text(encoding="utf-8")
    return re.findall(r'\{CommandKind::\w+, "(\w+)", "([^"]*)", "([^"]*)"\}', text)


def says() -> list[str]:
    """First words of what leaves the right outlet."""
    return [name for name, _ in OUT]


def page() -> str:
    """The whole page."""
    root = xml.Element("c74object", name="sideman~", module="msp", category="Sideman")
    _text(root, "digest", "Plays a part that fits the music it hears")
    _text(root, "description", DESCRIPTION)
    facts = xml.SubElement(root, "metadatalist")
    _text(facts, "metadata", "The Sideman developers", name="author")
    for tag in ("MSP", "Accompaniment", "Machine Learning"):
        _text(facts, "metadata", tag, name="tag")
    inlets = xml.SubElement(root, "inletlist")
    for number, digest in enumerate(("The music, and all messages", "A sketch: a line to follow")):
        _text(xml.SubElement(inlets, "inlet", id=str(number), type="signal"), "digest", digest)
    outlets = xml.SubElement(root, "outletlist")
    _text(xml.SubElement(outlets, "outlet", id="0", type="signal"), "digest", "A part; one outlet each")
    _text(xml.SubElement(outlets, "outlet", id="1", type="message"), "digest", "What the object says")
    arguments = xml.SubElement(root, "objarglist")
    model = xml.SubElement(arguments, "objarg", name="model", optional="1", type="symbol")
    _text(model, "digest", "A model's name or the path of its folder")
    _methods(root)
    _attributes(root)
    entries = xml.SubElement(root, "misc", name="Output")
    for name, meaning in OUT:
        _text(xml.SubElement(entries, "entry", name=name), "description", meaning)
    also = xml.SubElement(root, "seealsolist")
    for name in ("transport", "gain~", "sfplay~"):
        xml.SubElement(also, "seealso", name=name)
    xml.indent(root, " ")
    head = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>\n'
    return head + xml.tostring(root, encoding="unicode") + "\n"


def _methods(root: xml.Element) -> None:
    methods = xml.SubElement(root, "methodlist")
    signal = xml.SubElement(methods, "method", name="signal")
    _text(signal, "digest", "The music (left inlet) or a sketch (right inlet).")
    for name, arguments, sentence in commands():
        method = xml.SubElement(methods, "method", name=name)
        listed = xml.SubElement(method, "arglist")
        for word in arguments.split():
            kind, optional = ARGUMENTS[word.strip("[]")]
            xml.SubElement(
                listed, "arg", name=word.strip("[]"), type=kind, optional=str(int(optional))
            )
        _text(method, "digest", sentence)


def _attributes(root: xml.Element) -> None:
    attributes = xml.SubElement(root, "attributelist")
    for row in _core.settings_table():
        kind = TYPES[row["type"]]
        attribute = xml.SubElement(
            attributes, "attribute", name=row["name"], get="1", set="1", size="1",
            type="atom" if row["choices"] and kind in ("int", "float") else kind,
        )
        _text(attribute, "digest", row["label"])
        unit = f" In {row['unit']}." if row["unit"] else ""
        known = row["type"] in ("integer", "real") and row["minimum"] < row["maximum"] < 1e6
        span = f" From {row['minimum']:g} to {row['maximum']:g}." if known else ""
        default = f" Default: {row['default']}." if row["default"] else ""
        _text(attribute, "description", row["sentence"] + unit + span + default)
        inner = xml.SubElement(attribute, "attributelist")
        for name, value in (("label", row["label"]), ("save", "1")):
            xml.SubElement(
                inner, "attribute", name=name, get="1", set="1", type="symbol", size="1", value=value
            )
        if row["type"] == "choice":
            choices = xml.SubElement(attribute, "enumlist")
            for choice in row["choices"].split():
                xml.SubElement(choices, "enum", name=choice)


def _text(parent: xml.Element, element: str, text: str, /, **attributes: str) -> None:
    xml.SubElement(parent, element, attributes).text = text


if __name__ == "__main__":
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    print(PAGE.relative_to(ROOT))
