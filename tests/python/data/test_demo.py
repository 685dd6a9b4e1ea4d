"""The context that the package carries: short, lively, with its clock beside it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

import sideman
from sideman.audio import load
from sideman.data import demo
from sideman.data.demo import write_demo
from sideman.data.fluid import installed_sound_fonts
from sideman.errors import DataError, SettingsError

CARRIED = Path(sideman.__file__).parent / "media" / "duo_context.flac"


def test_carried_context_is_small_lively_and_describes_itself() -> None:
    audio, rate = load(CARRIED)
    card = json.loads(CARRIED.with_suffix(".json").read_text())
    assert CARRIED.stat().st_size <= 400_000
    assert (rate, audio.shape) == (44100, (1, card["samples"]))
    assert 18 < audio.shape[1] / rate < 22
    assert {"bpm", "beats_per_bar", "downbeat_sample", "chords"} <= set(card)
    assert card["parts"] == ["drums", "guitar", "piano"]
    playing = audio[0, card["downbeat_sample"] :]
    half_seconds = playing[: playing.size // 22050 * 22050].reshape(-1, 22050)
    assert np.sqrt(np.square(half_seconds).mean(axis=1)).min() > 3e-3


def test_demo_is_written_with_its_clock(fluidsynth, tmp_path: Path) -> None:
    write_demo(tmp_path / "deep" / "demo.flac", installed_sound_fonts())
    made = json.loads((tmp_path / "deep" / "demo.json").read_text())
    carried = json.loads(CARRIED.with_suffix(".json").read_text())
    assert set(made) == set(carried) and made["parts"] == carried["parts"]
    audio, _ = load(tmp_path / "deep" / "demo.flac")
    assert audio.shape == (1, made["samples"])
    playing = audio[0, made["downbeat_sample"] :]
    half_seconds = playing[: playing.size // 22050 * 22050].reshape(-1, 22050)
    assert np.sqrt(np.square(half_seconds).mean(axis=1)).min() > 3e-3


@pytest.fixture
def quick(monkeypatch) -> None:
    """Renders a little noise; no FluidSynth is needed."""
    noise = np.random.default_rng(0).normal(0, 0.1, 20 * 44100).astype(np.float32)
    monkeypatch.setattr(demo, "render_score", lambda score, fonts: ({"piano": noise}, Path("a.sf2")))


@pytest.mark.parametrize(("name", "text"), [
    ("song.flac", "my song"), ("song.json", '{"bpm": 90}'), ("song.json", "no facts"),
    ("song.json", json.dumps({**json.loads(CARRIED.with_suffix(".json").read_text()), "preset": "train"})),
])  # fmt: skip
def test_what_is_no_demo_is_neither_replaced_nor_left_beside_one(quick, tmp_path: Path, name, text) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(SettingsError, match=f"{name} there is not of an earlier demo; give another name"):
        write_demo(tmp_path / "song.flac", [])
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name).read_text() == text


def test_an_earlier_demo_may_be_replaced(quick, tmp_path: Path) -> None:
    for _ in range(2):
        write_demo(tmp_path / "demo.flac", [])
    shutil.copy(CARRIED, tmp_path / "duo.flac")
    shutil.copy(CARRIED.with_suffix(".json"), tmp_path / "duo.json")
    write_demo(tmp_path / "duo.flac", [])


def test_demo_where_no_sound_file_can_be_written_is_one_line(quick, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="choose another place"):
        write_demo(tmp_path / "caf\udce9.flac", [])


def test_demo_of_another_format_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="end it in .flac"):
        write_demo(tmp_path / "demo.wav", [])
