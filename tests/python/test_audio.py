"""What a path that cannot be read is told."""

from __future__ import annotations

import pytest

from sideman.audio import load
from sideman.errors import AudioError


def test_a_file_that_is_not_there_is_told_apart_from_one_that_is_no_sound(tmp_path):
    with pytest.raises(AudioError, match="there is no such file"):
        load(tmp_path / "nothing.wav")
    (tmp_path / "text.wav").write_text("no sound")
    with pytest.raises(AudioError, match="[^.]; give a WAV, FLAC or AIFF file"):
        load(tmp_path / "text.wav")
