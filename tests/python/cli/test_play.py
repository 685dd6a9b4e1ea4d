"""`sideman play`: what it refuses before it begins."""

from __future__ import annotations

import os

import numpy as np
import pytest
from typer.testing import CliRunner

from sideman.audio import save
from sideman.cli.main import app
from sideman.errors import AudioError, SettingsError


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


def test_music_whose_name_is_not_utf_8_is_one_line(tmp_path):
    save(tmp_path / "a.flac", np.zeros(44100, "f4"), 44100)
    music = tmp_path / os.fsdecode(b"caf\xe9.flac")
    try:
        (tmp_path / "a.flac").rename(music)
    except OSError:
        pytest.skip("the files of this system have no such names")
    told = refused(str(music), "--out", str(tmp_path / "out"))
    assert isinstance(told, AudioError) and "caf%E9.flac: its path is not UTF-8" in str(told)
