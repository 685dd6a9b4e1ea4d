"""Music for a performance: any rate, mono or stereo, with the clock that is known of it."""

from __future__ import annotations

import json

import numpy as np
import pytest

from sideman import audio
from sideman.errors import AudioError
from sideman.playing.music import HOST_RATES, load_music


def write_tone(path, rate, channels=1, seconds=0.5):
    time = np.arange(int(rate * seconds)) / rate
    tone = np.sin(2 * np.pi * 440 * time).astype(np.float32) * 0.5
    audio.save(path, np.tile(tone, (channels, 1)), rate)
    return path


@pytest.mark.parametrize("rate", HOST_RATES)
def test_host_rates_are_kept(tmp_path, rate):
    music = load_music(write_tone(tmp_path / "a.wav", rate))
    assert music.rate == rate
    assert music.seconds == pytest.approx(0.5)


@pytest.mark.parametrize("rate", [8000, 22050, 192000])
def test_other_rates_are_converted_and_keep_their_pitch(tmp_path, rate):
    music = load_music(write_tone(tmp_path / "a.wav", rate, seconds=1.0))
    assert music.rate == HOST_RATES[0]
    spectrum = np.abs(np.fft.rfft(music.mono * np.hanning(music.mono.size)))
    assert np.argmax(spectrum) * music.rate / music.mono.size == pytest.approx(440, abs=1.5)


def test_stereo_is_heard_as_mono_and_kept_for_the_mix(tmp_path):
    music = load_music(write_tone(tmp_path / "a.wav", 44100, channels=2))
    assert music.audio.shape[0] == 2
    assert music.mono.ndim == 1


def test_clock_comes_from_the_file_beside_unless_given(tmp_path):
    path = write_tone(tmp_path / "a.wav", 44100)
    facts = {"bpm": 96.0, "beats_per_bar": 3, "downbeat_sample": 22050}
    path.with_suffix(".json").write_text(json.dumps(facts))
    music = load_music(path)
    assert (music.bpm, music.beats_per_bar, music.downbeat_s) == (96.0, 3, 0.5)
    assert load_music(path, bpm=120.0).bpm == 120.0


def test_without_any_clock_the_tempo_is_unknown(tmp_path):
    assert load_music(write_tone(tmp_path / "a.wav", 44100)).bpm is None


@pytest.mark.parametrize("content", [b"", b"not a sound file", b"RIFF\0\0\0\0WAVE"])
def test_bad_files_are_one_line(tmp_path, content):
    path = tmp_path / "bad.wav"
    path.write_bytes(content)
    with pytest.raises(AudioError) as error:
        load_music(path)
    assert "\n" not in str(error.value) and "bad.wav" in str(error.value)


def test_samples_that_are_not_numbers_are_refused(tmp_path):
    path = tmp_path / "nan.wav"
    audio.save(path, np.array([0.0, np.nan, 0.0], np.float32), 44100)
    with pytest.raises(AudioError, match="not numbers"):
        load_music(path)


@pytest.mark.parametrize(("text", "why"), [
    ('{"bpm": 96, "beats_per_bar": 1e9, "downbeat_sample": 0}', "beats_per_bar 1e+09"),
    ('{"bpm": 96}', "it lacks beats_per_bar, downbeat_sample"),
    ('{"bpm": "fast", "beats_per_bar": 4, "downbeat_sample": 0}', "fast"),
    ('{"bpm": null, "beats_per_bar": 4, "downbeat_sample": 0}', "NoneType"),
    ('{"bpm": 0, "beats_per_bar": 4, "downbeat_sample": 0}', "bpm 0"),
    ('{"bpm": 96, "beats_per_bar": 4, "downbeat_sample": NaN}', "nan"),
    ('{"bpm": 96, "beats_per_bar": 4,', "line 1 column"),
])  # fmt: skip
def test_bad_clock_beside_is_one_line(tmp_path, text, why):
    path = write_tone(tmp_path / "a.wav", 44100)
    path.with_suffix(".json").write_text(text)
    with pytest.raises(AudioError, match="--bpm") as told:
        load_music(path)
    assert why in str(told.value) and "\n" not in str(told.value)


@pytest.mark.parametrize("content", [
    b"{}", b"[]", b'{"title": "Blue", "track": {"bpm": 120}}', b"no JSON", b"\xff\xfe{", b"",
])  # fmt: skip
def test_a_file_of_that_name_that_tells_of_no_clock_is_left_alone(tmp_path, content):
    path = write_tone(tmp_path / "a.wav", 44100)
    path.with_suffix(".json").write_bytes(content)
    assert load_music(path).bpm is None
