"""The model in real Pd: two parts in one object, tags and modes changed while it plays."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile
import torch

from sideman.models.checkpoint import load_model
from sideman.playing.music import demo_path, load_music
from sideman.playing.pd_patch import Patch, escape
from support import pd

pytestmark = pd.needs_pd

RATE = 44100
MUSIC_S, ALL_S = 16.0, 21.0
CHANGES = (
    (3.0, "tags purple"), (3.5, "mode dance"), (5.0, "tags bright"), (8.0, "mode delay"),
    (12.0, "mode continue"),
)  # fmt: skip
PARTS = ("bass", "piano")


@pytest.fixture(scope="module")
def performance(tmp_path_factory) -> tuple[np.ndarray, dict[str, list[str]], pd.Run]:
    """The recording [parts, samples] from the start of the music, the last figures, the run."""
    folder: Path = tmp_path_factory.mktemp("modes")
    music = load_music(demo_path())
    heard = music.mono[: round(MUSIC_S * RATE)]
    pd.save_wav(folder / "in.wav", np.pad(heard, (0, round((ALL_S + 1) * RATE) - len(heard))))
    patch = Patch()
    sideman = patch.box(
        f"sideman~ mini @parts {' '.join(PARTS)} @python {escape(sys.prefix)}"
    )
    reader, writer = patch.box("readsf~ 1"), patch.box(f"writesf~ {len(PARTS)}")
    patch.cord(reader, 0, sideman)
    for index in range(len(PARTS)):
        patch.cord(sideman, index, writer, index)
    patch.cord(sideman, len(PARTS), patch.box(f"print {pd.SAYS}"))
    ready = [patch.box(text) for text in ("route status", "route ready", "spigot 1", "t b b")]
    patch.cord(sideman, len(PARTS), ready[0])
    patch.chain(*ready)
    shut = patch.message("0")
    patch.cord(ready[3], 1, shut)
    patch.cord(shut, 0, ready[2], 1)
    for text, target in (("1", reader), ("start", writer)):
        box = patch.message(text)
        patch.cord(ready[3], 0, box)
        patch.chain(box, target)

    def at(seconds: float, text: str, target: int | None = None) -> None:
        delay, box = patch.box(f"delay {1000 * seconds:g}"), patch.message(text)
        patch.cord(ready[3], 0, delay)
        patch.chain(delay, box, *([] if target is None else [target]))

    at(0.0, rf"tempo {music.bpm:g}", sideman)
    at(music.downbeat_s, "beat 1", sideman)
    at(2.0, "info", sideman)
    for seconds, text in CHANGES:
        at(seconds, text, sideman)
    at(ALL_S, "info", sideman)
    at(ALL_S + 0.2, "stop", writer)
    at(ALL_S + 0.6, r"\; pd quit")
    for text, target in (("open in.wav", reader), ("open -wave -bytes 4 out.wav", writer)):
        pd.on_load(patch, text, target=target)
    pd.on_load(patch, r"\; pd dsp 1")
    run = pd.run(patch, folder, timeout=150)
    figures: dict[str, list[str]] = {}
    for line in run.said:
        if line.startswith("info "):
            figures.setdefault(line.split()[1], []).append(" ".join(line.split()[2:]))
    played, _ = soundfile.read(folder / "out.wav", dtype="float32")
    return played.T, figures, run


def level(played: np.ndarray, start: float, end: float) -> float:
    return float(np.sqrt((played[:, round(start * RATE) : round(end * RATE)] ** 2).mean()))


def test_what_it_does_not_know_is_one_line_each_and_the_music_goes_on(performance):
    _, _, run = performance
    complaints = [line for line in run.complaints if not line.startswith("lead is now")]
    assert len(complaints) == 2, complaints
    tag, mode = complaints
    assert "purple" in tag and "bright" in tag, "it says what there is"
    assert mode.startswith("mode dance: ")


def test_nothing_is_late_after_warm_up(performance):
    _, figures, run = performance
    assert run.code == 0
    assert float(figures["realtime_factor"][-1]) < 1
    since = {name: int(figures[name][-1]) - int(figures[name][0]) for name in figures if name in
             ("hops", "late", "missed", "failed")}  # fmt: skip
    assert since["hops"] > 90
    assert since["missed"] == since["failed"] == 0
    assert since["late"] <= 1, "none on a free machine; others may share this one"


def test_each_mode_sounds_when_it_shall(performance):
    played, figures, _ = performance
    reaction = float(figures["reaction_ms"][-1]) / 1000 + 0.3
    assert level(played[:1], 1.0, 5.0) > 3e-3
    assert level(played[1:], 1.0, 5.0) > 3e-3
    assert level(played, 5.0 + reaction, 8.0) > 3e-3
    assert level(played, 8.0 + reaction, 12.0) > 3e-3
    assert level(played, 12.0 + reaction, MUSIC_S) < 1e-4, "in continue the musician plays alone"
    assert level(played, MUSIC_S + reaction, ALL_S) > 1e-3, "and then it goes on"


def test_no_step_is_larger_than_the_codecs_own_on_the_music(performance):
    played, _, _ = performance
    music = load_music(demo_path()).mono
    model = load_model("mini")
    codec = model.codec
    whole = torch.from_numpy(music[: len(music) // codec.frame_samples * codec.frame_samples])
    with torch.no_grad():
        true = codec.decode_all(codec.encode_all(whole[None]))[0].numpy()
    for part, sound in zip(PARTS, played, strict=True):  # each as loud as the model asks for
        assert np.abs(np.diff(sound)).max() <= model.spec.gain(part) * np.abs(np.diff(true)).max()


