"""What a path that cannot be read is told."""

from __future__ import annotations

import os

import numpy as np
import pytest

from sideman.audio import load, save
from sideman.errors import AudioError


def test_a_file_that_is_not_there_is_told_apart_from_one_that_is_no_sound(tmp_path):
    with pytest.raises(AudioError, match="there is no such file"):
        load(tmp_path / "nothing.wav")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioError, match="[^.]; give a WAV, FLAC or AIFF file"):
        load(tmp_path / "text.wav")


def test_a_path_that_is_not_utf_8_is_one_line_that_can_be_printed(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.flac")
    try:
        path.write_bytes(b"")
    except OSError:
        pytest.skip("the files of this system have no such names")
    for use in (lambda: load(path), lambda: save(path, np.zeros(9, "f4"), 44100)):
        with pytest.raises(AudioError, match="caf%E9.flac: its path is not UTF-8") as told:
            use()
        assert str(told.value).encode() and "\n" not in str(told.value)
