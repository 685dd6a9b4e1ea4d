"""Class, table, reference page, help and README say the same, in both directions."""

from __future__ import annotations

import re
from xml.etree import ElementTree as xml

from sideman import _core
from tools import reference
from tools.patches.__main__ import ROOT

SETTINGS = {row["name"] for row in _core.settings_table()}
COMMANDS = {name for name, _, _ in reference.commands()}


def test_the_page_is_what_its_program_writes() -> None:
    """After a change of the tables: python -m tools.reference."""
    assert reference.PAGE.read_text(encoding="utf-8") == reference.page()


def test_the_page_names_every_message_and_attribute_and_no_other() -> None:
    root = xml.parse(reference.PAGE).getroot()
    assert root.get("name") == reference.PAGE.name.removesuffix(".maxref.xml")
    assert {m.get("name") for m in root.iter("method")} == COMMANDS | {"signal"}
    assert {a.get("name") for a in root.find("attributelist")} == SETTINGS
    assert all(len(digest.text) >= 3 for digest in root.iter("digest"))


def test_the_class_of_max_takes_its_names_from_the_tables() -> None:
    text = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / "externals" / "max").glob("*.cpp")
    )
    assert "settings_table()" in text and "command_table()" in text
    named = set(re.findall(r'class_addmethod\([^;]*?"(\w+)"', text))
    assert named.isdisjoint(COMMANDS), "a message beside the table"


def test_what_leaves_the_right_outlet_is_what_the_readme_of_the_hosts_says() -> None:
    text = (ROOT / "externals" / "host" / "README.md").read_text(encoding="utf-8")
    section = text.split("## Messages out")[1].split("\n\n`info` names")[0]
    assert re.findall(r"^\| `(\w+)", section, re.M) == reference.says()


def test_the_readmes_name_every_message() -> None:
    for path in (ROOT / "README.md", ROOT / "externals" / "host" / "README.md"):
        text = path.read_text(encoding="utf-8")
        missing = {name for name in COMMANDS if not re.search(rf"`{name}[` ]", text)}
        assert not missing, path
