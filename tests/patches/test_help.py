"""Help patches and examples hold together and speak only words that the object knows."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sideman.playing.pd_patch import Patch
from support import pd
from tools import pd_example
from tools.patches import max_file, pd_file

ROOT = Path(__file__).resolve().parents[2]
MAX_FILES = sorted([*ROOT.glob("help/*.maxhelp"), *ROOT.glob("examples/*.maxpat")])
PD_FILES = sorted([*ROOT.glob("help/*.pd"), *ROOT.glob("examples/*.pd")])


def names_in(source: str, pattern: str) -> set[str]:
    return set(re.findall(pattern, (ROOT / "externals" / source).read_text(encoding="utf-8")))


SETTINGS = names_in("core/settings_table.cpp", r'^\s*\{"(\w+)", \w+,'.replace("^", "(?m)^"))
COMMANDS = names_in("host/commands.cpp", r'\{CommandKind::\w+, "(\w+)"')


def patchers(patcher: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A patcher and all that are inside it."""
    yield patcher
    for item in patcher["boxes"]:
        if "patcher" in item["box"]:
            yield from patchers(item["box"]["patcher"])


def boxes_of(patcher: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["box"]["id"]: item["box"] for item in patcher["boxes"]}


def words_to_sideman(patcher: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """(first word, kind of box) of everything that is joined to a sideman~."""
    boxes = boxes_of(patcher)
    for line in patcher["lines"]:
        source, target = (boxes[line["patchline"][end][0]] for end in ("source", "destination"))
        if target["maxclass"] == "newobj" and target["text"].startswith("sideman~"):
            if source["maxclass"] == "message":
                yield source["text"].split()[0], "message"
            elif source["maxclass"] == "attrui":
                yield source["attr"], "attrui"


def load(path: Path) -> dict[str, Any]:
    return json.loads(path.read_text(encoding="utf-8"))["patcher"]


def test_the_tables_were_found() -> None:
    assert {"model", "lead", "mute"} < SETTINGS
    assert {"load", "tempo", "doctor"} < COMMANDS


@pytest.mark.parametrize("path", MAX_FILES, ids=lambda path: path.name)
def test_max_cords_join_what_exists(path: Path) -> None:
    for patcher in patchers(load(path)):
        boxes = boxes_of(patcher)
        assert len(boxes) == len(patcher["boxes"])
        for box in boxes.values():
            assert len(box.get("outlettype", [])) == box["numoutlets"], box["id"]
        for line in patcher["lines"]:
            (source, outlet), (target, inlet) = (
                line["patchline"][end] for end in ("source", "destination")
            )
            assert outlet < boxes[source]["numoutlets"]
            assert inlet < boxes[target]["numinlets"]


@pytest.mark.parametrize("path", MAX_FILES, ids=lambda path: path.name)
def test_max_objects_have_the_outlets_of_their_parts(path: Path) -> None:
    for patcher in patchers(load(path)):
        for box in boxes_of(patcher).values():
            if box["maxclass"] == "newobj" and box["text"].startswith("sideman~"):
                found = re.search(r"@parts ((?:[a-z]+ ?)+)", box["text"])
                assert box["numoutlets"] == 1 + (len(found[1].split()) if found else 1)


@pytest.mark.parametrize("path", MAX_FILES, ids=lambda path: path.name)
def test_max_messages_are_known_to_the_object(path: Path) -> None:
    for patcher in patchers(load(path)):
        for word, kind in words_to_sideman(patcher):
            assert word in (SETTINGS if kind == "attrui" else SETTINGS | COMMANDS), word


def test_max_help_has_tabs_and_shows_every_message_and_attribute() -> None:
    root = load(ROOT / "help" / "sideman~.maxhelp")
    assert (root["showontab"], root["showrootpatcherontab"]) == (0, 0)
    tabs = [item["box"] for item in root["boxes"]]
    assert all(tab["patcher"]["showontab"] == 1 for tab in tabs)
    assert tabs[-1]["text"] == "p ?"
    shown = {word for patcher in patchers(root) for word, _ in words_to_sideman(patcher)}
    assert shown >= SETTINGS | COMMANDS


def test_each_tab_of_the_max_help_switches_its_own_audio_and_an_example_that_of_all() -> None:
    for path in MAX_FILES:
        faces = [
            box
            for patcher in patchers(load(path))
            for box in boxes_of(patcher).values()
            if box["maxclass"] in ("ezdac~", "ezadc~")
        ]
        assert len(faces) >= (4 if path.suffix == ".maxhelp" else 1)
        assert {box.get("local", 0) for box in faces} == {int(path.suffix == ".maxhelp")}


def test_the_max_help_sends_doctor_to_objects_that_need_python() -> None:
    """The echo needs none: for it, doctor leaves Python out."""
    asked = []
    for patcher in patchers(load(ROOT / "help" / "sideman~.maxhelp")):
        boxes = boxes_of(patcher)
        for line in patcher["lines"]:
            ends = (boxes[line["patchline"][end][0]] for end in ("source", "destination"))
            source, target = (box.get("text", "") for box in ends)
            if source == "doctor":
                asked.append(target)
    assert asked == ["sideman~ mini"] * 2


def test_buffers_have_names_that_are_ours() -> None:
    """They are known to all patches: one's own `song` is not to be replaced by ours."""
    holders = {"buffer~", "table", "play~", "tabplay~", "render", "record"}
    named = set()
    for path in (*MAX_FILES, *PD_FILES):
        root = (pd_file if path.suffix == ".pd" else max_file).read(path)
        for box in (box for page in root.pages() for box in page.boxes):
            first, *words = box.text.split() or [""]
            if box.kind in ("obj", "msg") and first in holders:
                named |= {word for word in words if not word.isdigit()}
    assert len(named) >= 10
    assert not [name for name in named if not name.startswith("sideman-")]


def test_pd_help_shows_every_message_and_setting() -> None:
    pages = pd_file.read(ROOT / "help" / "sideman~-help.pd").pages()
    targets = ("sideman~", "s $0-sideman")  # which the object receives
    shown = {
        page.boxes[cord.source].text.split()[0]
        for page in pages
        for cord in page.cords
        if page.boxes[cord.source].kind == "msg" and page.boxes[cord.target].text.startswith(targets)
    }
    assert shown == (SETTINGS | COMMANDS) - {"parts", "mc"}
    assert any(box.text.startswith("sideman~ mini @parts") for box in pages[0].boxes)


@pytest.mark.parametrize("path", [*MAX_FILES, *PD_FILES], ids=lambda path: path.name)
def test_no_absolute_path(path: Path) -> None:
    assert not re.search(r"/Users/|/home/|[A-Z]:[/\\]", path.read_text(encoding="utf-8"))


def test_the_package_names_both_systems() -> None:
    info = json.loads((ROOT / "package" / "package-info.json").read_text(encoding="utf-8"))
    assert set(info["os"]) == {"macintosh", "windows"}
    assert info["os"]["macintosh"]["platform"] == ["x64", "aarch64"]


@pd.needs_pd
@pytest.mark.parametrize("path", PD_FILES, ids=lambda path: path.name)
def test_pd_opens_it_without_a_complaint(path: Path, tmp_path: Path) -> None:
    # Its own copy, with the echo: whether a model is installed is not the question here.
    text = re.sub(r"(obj.* sideman~ [^;]*)", r"\1 @backend echo", path.read_text(encoding="utf-8"))
    (tmp_path / "opened.pd").write_text(text, encoding="utf-8")
    shutil.copy(pd_example.PLACE, tmp_path)
    patch = Patch()
    patch.box("opened")
    pd.quit_after(patch, 100)
    run = pd.run(patch, tmp_path)
    assert [line for line in run.lines if not line.startswith("sideman")] == []
