"""The Pd way to play: its patch, and what it understands of Pd's words."""

from __future__ import annotations

import os
import re
import sys

import numpy as np
import pytest

from sideman import _core
from sideman.errors import SettingsError, SidemanError
from sideman.playing import pd_host
from sideman.playing.music import Music
from sideman.playing.pd_patch import Patch, escape
from sideman.playing.performance import Request


def request_for(tmp_path, bpm=None, parts=("bass", "drums"), **settings):
    return Request(Music(tmp_path / "in.wav", np.zeros((1, 44100)), 44100, bpm=bpm), parts, settings)


def boxes(text):
    return re.findall(r"^#X (?:obj|msg) -?\d+ -?\d+ (.*);$", text, flags=re.MULTILINE)


def cords(text):
    return [tuple(map(int, cord)) for cord in re.findall(r"connect (\d+) (\d+) (\d+) (\d+)", text)]


def test_words_are_escaped_as_pd_reads_them():
    assert escape("a b;c,d$1\\e") == r"a\ b\;c\,d\$1\\e"


def test_cords_join_boxes_in_the_order_of_creation():
    patch = Patch()
    patch.chain(patch.box("osc~ 440"), patch.box("dac~"))
    assert cords(patch.text()) == [(0, 0, 1, 0)]


def test_every_cord_joins_two_boxes(tmp_path):
    text = pd_host.patch_text(request_for(tmp_path, bpm=120.0))
    count = len(boxes(text))
    assert all(source < count and target < count for source, _, target, _ in cords(text))


def test_each_part_is_recorded_beside_what_was_heard(tmp_path):
    text = pd_host.patch_text(request_for(tmp_path))
    names = boxes(text)
    sideman = next(i for i, name in enumerate(names) if name.startswith("sideman~"))
    writer = names.index("writesf~ 3")
    assert {(sideman, 0, writer, 1), (sideman, 1, writer, 2)} <= set(cords(text))


def test_a_clock_is_told_only_where_it_is_known(tmp_path):
    assert "tempo" not in pd_host.patch_text(request_for(tmp_path))
    assert r"meter 4 \, tempo 96" in pd_host.patch_text(request_for(tmp_path, bpm=96.0))


def test_the_music_begins_when_what_plays_first_has_risen(tmp_path):
    names = boxes(text := pd_host.patch_text(request_for(tmp_path, bpm=120.0)))
    wait = names.index(f"delay {pd_host.RISE_MS}")
    assert {names[target] for source, _, target, _ in cords(text) if source == wait} == {
        "1", "start", "metro 50", r"meter 4 \, tempo 120", "delay 0"
    }  # fmt: skip
    longest = next(s["maximum"] for s in _core.settings_table() if s["name"] == "fade")
    assert pd_host.RISE_MS > longest


def test_settings_and_hostile_paths_reach_the_object_whole(tmp_path):
    text = pd_host.patch_text(request_for(tmp_path, python="/a b;quit", lead=3))
    assert r"@python /a\ b\;quit" in text and "@lead 3" in text


def test_the_log_counts_from_the_start_of_the_music():
    ticks = []
    log = pd_host._Log(ticks.append)
    for hops, late in ((10, 2), (11, 2), (12, 3)):
        log.take("sideman-says: status ready")
        for name, value in {"hops": hops, "late": late, "missed": 0, "backend": "echo"}.items():
            log.take(f"sideman-says: info {name} {value}")
        log.take("sideman-says: info end")
    assert [(t.hops, t.late, t.seconds) for t in log.ticks] == [(0, 0, 0.0), (1, 0, 0.05), (2, 1, 0.1)]
    assert log.facts["backend"] == "echo"


def test_the_log_keeps_the_objects_lines():
    log = pd_host._Log(lambda tick: None)
    log.take("sideman~: cannot open model x: it is not there; give a name")
    log.take("sideman-says: error cannot open model x")
    log.take("some other object: noise")
    assert log.console == ["cannot open model x: it is not there; give a name"]
    assert log.error == "cannot open model x"


def test_what_the_object_complains_of_is_its_line_too():
    log = pd_host._Log(lambda tick: None)
    log.take("error: sideman~: lead 99999: not accepted; give a whole number")
    log.take("error: other: noise")
    assert log.console == ["lead 99999: not accepted; give a whole number"]


@pytest.mark.parametrize(("checkout", "given", "says"), [
    (True, "", "run: make pd"),
    (False, "", "set SIDEMAN_PD_PATH to the folder that holds it"),
    (True, "elsewhere", "no sideman~ for Pd in elsewhere"),
])  # fmt: skip
def test_where_the_object_is_not_found_the_line_says_how_it_is(
    tmp_path, monkeypatch, checkout, given, says
):
    monkeypatch.setenv("SIDEMAN_PD_PATH", given)
    monkeypatch.setattr(pd_host, "CHECKOUT", tmp_path)
    monkeypatch.setattr(pd_host.shutil, "which", lambda name: "/usr/bin/pd")
    if checkout:
        (tmp_path / "CMakePresets.json").touch()
    with pytest.raises(SidemanError, match="cannot play in Pure Data: .*--host none") as told:
        pd_host.perform(request_for(tmp_path), lambda tick: None, tmp_path / "work")
    assert says in str(told.value) and "\n" not in str(told.value)


def test_without_pd_the_message_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SidemanError, match="--host none"):
        pd_host.perform(request_for(tmp_path), lambda tick: None, tmp_path / "work")


def test_a_folder_with_a_patch_of_the_users_own_is_refused_and_left_as_it_is(tmp_path, monkeypatch):
    monkeypatch.setattr(pd_host, "available", lambda: True)
    (tmp_path / "mine.pd").write_text("my patch")
    (tmp_path / "out.wav").write_text("my sound")
    with pytest.raises(SettingsError, match="mine.pd there is not of an earlier run"):
        pd_host.perform(request_for(tmp_path), lambda tick: None, tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.pd", "out.wav"]


def test_tags_are_words_with_weights_in_the_patch_too(tmp_path):
    text = pd_host.patch_text(request_for(tmp_path, tags=["bright", 1.0, "deep bass", 0.5]))
    assert any("@tags bright 1 deep\\ bass 0.5" in box for box in boxes(text))


@pytest.mark.skipif(sys.platform == "win32", reason="a script stands for Pd")
@pytest.mark.parametrize(("then", "why"), [
    ("exec sleep 60", "did not come to an end in time"),  # it says no more
    ("exec 2>&-; exec sleep 60", "did not come to an end in time"),  # nor ends
    ("exit 3", "ended with code 3"),
])  # fmt: skip
def test_however_pd_ends_what_it_said_is_where_the_line_tells(tmp_path, monkeypatch, then, why):
    fake = tmp_path / "bin" / "pd"
    fake.parent.mkdir()
    fake.write_text(f"#!/bin/sh\necho 'priority 94: refused' >&2\n{then}\n")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(fake.parent), prepend=os.pathsep)
    monkeypatch.setattr(pd_host, "available", lambda: True)
    monkeypatch.setattr(pd_host, "LOAD_TIMEOUT_S", 1.0)
    monkeypatch.setattr(pd_host, "LEAVE_TIMEOUT_S", 0.5)
    with pytest.raises(SidemanError, match=why) as told:
        pd_host.perform(request_for(tmp_path), lambda tick: None, tmp_path / "work")
    log = tmp_path / "work" / "pd.log"
    assert str(told.value).endswith(f"its words are in {log}")
    assert log.read_text() == "priority 94: refused\n"
