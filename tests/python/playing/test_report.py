"""The report of a performance: aligned files, honest counters, a picture."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from sideman import audio
from sideman.errors import SettingsError
from sideman.playing import report
from sideman.playing.music import Music
from sideman.playing.performance import Performance, Request, Tick

FACTS = {
    "backend": "echo", "model": "echo", "hop_frames": 4, "lead_frames": 3, "reaction_ms": 325.08,
    "latency_samples": 14336, "latency_p50_ms": 5.0, "latency_p95_ms": 7.0, "latency_max_ms": 9.0,
    "realtime_factor": 0.02,
}  # fmt: skip


@pytest.fixture
def played(tmp_path):
    rate, samples = 44100, 44100
    stereo = np.full((2, samples), 0.4, np.float32)
    heard = np.concatenate([stereo[0], np.zeros(22050, np.float32)])
    parts = np.zeros((2, heard.size), np.float32)
    parts[:, 14336:] = 0.8
    request = Request(Music(tmp_path / "in.wav", stereo, rate, bpm=120.0), ("bass", "drums"))
    ticks = (Tick(0.1, "ready"), Tick(0.3, "ready", 1), Tick(0.5, "late", 2, 1), Tick(0.7, "ready", 3, 1))
    return request, Performance("none", heard, parts, rate, FACTS, ticks)


def test_every_file_is_written_and_aligned(played, tmp_path):
    request, performance = played
    paths = report.write(tmp_path / "out", request, performance)
    assert set(paths) == {"bass", "drums", "mix", "report", "picture"}
    bass, rate = audio.load(paths["bass"])
    assert rate == 44100
    np.testing.assert_array_equal(bass[0], performance.parts[0])
    mix, _ = audio.load(paths["mix"])
    assert mix.shape == (2, performance.heard.size)
    assert np.abs(mix).max() <= 1.0
    assert paths["picture"].read_bytes().startswith(b"\x89PNG")


def test_report_counts_what_the_last_tick_counted(played, tmp_path):
    request, performance = played
    paths = report.write(tmp_path / "out", request, performance)
    facts = json.loads(paths["report"].read_text())
    assert (facts["hops"], facts["late"], facts["missed"]) == (3, 1, 0)
    assert facts["parts"] == ["bass", "drums"]
    assert facts["latency_ms"] == {"p50": 5.0, "p95": 7.0, "max": 9.0}
    required = {"host", "backend", "hop_frames", "lead_frames", "reaction_ms", "realtime_factor"}
    assert required <= set(facts)


def test_the_files_of_an_earlier_performance_may_be_replaced(played, tmp_path):
    request, performance = played
    report.write(tmp_path / "out", request, performance)
    report.check_place(tmp_path / "out", request)
    report.check_place(tmp_path / "new", request)


def test_files_that_no_performance_wrote_are_not_replaced(played, tmp_path):
    request, _ = played
    (tmp_path / "notes.txt").write_text("other files do not matter")
    report.check_place(tmp_path, request)
    (tmp_path / "bass.wav").write_text("my own bass")
    with pytest.raises(SettingsError, match="bass.wav there is not of an earlier performance"):
        report.check_place(tmp_path, request)


def test_the_music_that_is_played_is_not_replaced_by_its_mix(played, tmp_path):
    request, performance = played
    paths = report.write(tmp_path / "out", request, performance)
    again = Request(replace(request.music, path=paths["mix"]), request.parts)
    with pytest.raises(SettingsError, match="mix.wav there is the music to be played"):
        report.check_place(tmp_path / "out", again)


@pytest.mark.parametrize("name", ["report", "picture", "mix", "Mix"])
def test_a_part_that_is_called_as_another_file_is_refused_before_it_plays(played, tmp_path, name):
    request, _ = played
    with pytest.raises(SettingsError, match=f"a part {name}: .* give the part another name"):
        report.check_place(tmp_path / "out", replace(request, parts=("bass", name)))


@pytest.mark.parametrize("name", ["../../evil", "/tmp/evil", "", ".bass", "b\udce9ss"])
def test_a_part_writes_nowhere_but_into_the_folder(played, tmp_path, name):
    request, _ = played
    with pytest.raises(SettingsError, match="its file is called by it; give a name of letters"):
        report.check_place(tmp_path / "out", replace(request, parts=("bass", name)))


def test_a_folder_whose_path_is_not_utf_8_is_told_before_it_plays(played, tmp_path):
    request, _ = played
    with pytest.raises(SettingsError, match="caf%E9: its path is not UTF-8"):
        report.check_place(tmp_path / "caf\udce9", request)


@pytest.mark.parametrize("name", ["report", "picture"])
def test_whatever_a_part_is_called_every_file_is_what_it_should_be(played, tmp_path, name):
    request, performance = played
    report.write(tmp_path, replace(request, parts=("bass", name)), performance)
    part, _ = audio.load(tmp_path / f"{name}.wav")
    np.testing.assert_array_equal(part[0], performance.parts[1])
    assert json.loads((tmp_path / "report.json").read_text())["parts"] == ["bass", name]
    assert (tmp_path / "report.png").read_bytes().startswith(b"\x89PNG")
