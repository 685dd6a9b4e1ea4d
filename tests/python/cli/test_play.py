"""`sideman play`: what it refuses before it begins."""

from __future__ import annotations

import os

import numpy as np
import pytest
from typer.testing import CliRunner

from sideman.audio import save
from sideman.cli import fetching
from sideman.cli.main import app
from sideman.errors import AudioError, ModelError, SettingsError
from sideman.playing import own_host, pd_host


def refused(*words: str) -> Exception | None:
    return CliRunner().invoke(app, ["play", *words]).exception


def test_pd_plays_in_real_time_and_does_not_pretend_otherwise(tmp_path):
    told = refused("--host", "pd", "--fast", "--out", str(tmp_path / "out"))
    assert isinstance(told, SettingsError) and "cannot use --fast with --host pd" in str(told)
    assert not (tmp_path / "out").exists()


def test_a_part_writes_nowhere_but_into_the_folder(tmp_path):
    words = ["--backend", "echo", "--host", "none", "--fast", "--out", str(tmp_path / "a" / "b" / "out")]
    told = refused(*words, "--part", "../../evil")
    assert isinstance(told, SettingsError) and "../../evil" in str(told)
    assert not (tmp_path / "a" / "evil.wav").exists()


@pytest.fixture
def unplayed(monkeypatch):
    """Nobody plays: what would be played is a failure."""
    for host in (own_host, pd_host):
        monkeypatch.setattr(host, "perform", lambda *_, **__: pytest.fail("it was played"))


@pytest.mark.parametrize("told", ["lead=99999", "tempo=fast", "clock=", "steps=0"])
def test_a_setting_is_refused_by_the_same_line_in_every_host(tmp_path, unplayed, told):
    out = tmp_path / "out"
    words = ["--backend", "echo", "--set", told, "--out", str(out)]
    lines = {host: refused("--host", host, *words) for host in ("none", "pd")}
    assert isinstance(lines["pd"], SettingsError), lines["pd"]
    assert str(lines["pd"]) == str(lines["none"]) and told.partition("=")[0] in str(lines["pd"])
    assert not out.exists()


@pytest.mark.parametrize(("words", "told"), [
    (["--set", "host=gpu"], "--set host with --backend embedded"),
    (["--set", "port=7771", "--set", "token=t"], "--set port, --set token with --backend embedded"),
    (["--backend", "echo", "--set", "host=gpu"], "--set host with --backend echo"),
    (["--backend", "auto", "--set", "port=7771"], "--set port with --backend auto"),
])  # fmt: skip
def test_a_server_that_nobody_would_ask_is_refused(tmp_path, unplayed, words, told):
    line = refused(*words, "--host", "none", "--out", str(tmp_path / "out"))
    assert isinstance(line, SettingsError) and f"cannot use {told}: no server" in str(line)
    assert ("--set host=NAME" if "auto" in words else "--backend remote") in str(line)


@pytest.mark.parametrize(("words", "fetched"), [
    ([], True),
    (["--backend", "auto"], True),
    (["--backend", "remote"], True),  # a server of one's own
    (["--backend", "remote", "--set", "host=gpu"], False),
    (["--backend", "auto", "--set", "host=gpu"], False),
    (["--backend", "echo"], False),
])  # fmt: skip
def test_what_a_codec_lacks_is_fetched_before_anybody_waits_for_the_model(
    tmp_path, monkeypatch, words, fetched
):
    def fetch(model, say):
        raise ModelError(f"cannot fetch the codec of {model}")

    def perform(*_, **__):
        raise ModelError("it was opened")

    monkeypatch.setattr(fetching, "fetch_codec", fetch)
    monkeypatch.setattr(own_host, "perform", perform)
    line = refused("--host", "none", "--out", str(tmp_path / "out"), *words)
    assert str(line) == ("cannot fetch the codec of mini" if fetched else "it was opened")


def test_music_whose_name_is_not_utf_8_is_one_line(tmp_path):
    save(tmp_path / "a.flac", np.zeros(44100, "f4"), 44100)
    music = tmp_path / os.fsdecode(b"caf\xe9.flac")
    try:
        (tmp_path / "a.flac").rename(music)
    except OSError:
        pytest.skip("the files of this system have no such names")
    told = refused(str(music), "--out", str(tmp_path / "out"))
    assert isinstance(told, AudioError) and "caf%E9.flac: its path is not UTF-8" in str(told)
