"""Ctrl-C in long work: one line, the exit code that shells expect, and what was finished stays."""

from __future__ import annotations

import importlib
import os
import signal
import subprocess
import sys
import time

import pytest
from note_pieces import write_piece
from small_window import playable_import

from sideman.cli.main import main
from sideman.data.fluid import fluidsynth_missing

WORK = {  # a command, and what takes its time
    "synth {out}": "data.synthesis.synthesise",
    "synth {out} --midi {data}": "data.midi.render_songs",
    "synth --demo {out}": "data.demo.write_demo",
    "prepare slakh {data} {out}": "data.slakh.prepare_slakh",
    "evaluate --out {out}": "data.synthesis.synthesise",
    "evaluate --pieces {data} --out {out}": "evaluation.study.run",
    "evaluate stages --before mini --after mini --pieces {data} --out {out}": "evaluation.stages.compare",
    "evaluate reach --model mini --pieces {data} --out {out}": "evaluation.reach.measure_reach",
    "evaluate distilled --teacher {window} --student {window} --pieces {data} --out {out}": "evaluation.reach.measure_reach",
    "evaluate controls --part bass --pieces {data} --out {out}": "evaluation.adherence.measure_controls",
    "evaluate clock --pieces {data} --out {out}": "evaluation.tracking.track",
    "evaluate etiquette --pieces {data} --out {out}": "evaluation.etiquette.ask",
    "evaluate codec --codec mini --pieces {data} --out {out}": "evaluation.codec_table.compare",
    "evaluate instrument {data} --model mini --out {out}": "data.recordings.find_takes",
    "train codec --data {data} --run {out}": "training.codec.measure_statistics",
    "train model --data {data} --codec mini --run {out} --preset tiny": "data.latents.encode_pieces",
    "train window --data {data} --codec mini --run {out} --preset tiny": "data.latents.encode_pieces",
    "train instrument {data} --name kalimba": "data.recordings.find_takes",
    "train export {data} --codec mini --out {out}": "training.export.export_model",
    "import {data} --out {out}": "models.published.import_checkpoint",
    "play --host none --out {out}": "playing.own_host.perform",
    "play --host pd --out {out}": "playing.pd_host.perform",
}  # fmt: skip


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    for number in range(2):
        write_piece(folder, number)
    return folder


@pytest.fixture(scope="module")
def window(tmp_path_factory):
    return playable_import(tmp_path_factory.mktemp("window") / "tiny")


@pytest.mark.parametrize(("words", "work"), WORK.items(), ids=WORK)
def test_every_verb_that_works_for_long_ends_with_one_line(
    words, work, data, window, tmp_path, monkeypatch, capsys
):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    room, _, name = work.rpartition(".")
    monkeypatch.setattr(importlib.import_module(f"sideman.{room}"), name, interrupted)
    if fluidsynth_missing():
        monkeypatch.setattr("sideman.data.fluid.installed_sound_fonts", lambda: [])
    told = [word.format(data=data, window=window, out=tmp_path / "out") for word in words.split()]
    monkeypatch.setattr(sys, "argv", ["sideman", *told])
    with pytest.raises(SystemExit) as left:
        main()
    assert left.value.code == 130
    said = "".join(capsys.readouterr())
    assert said.count("stopped") == 1 and "Traceback" not in said


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no process groups")
def test_ctrl_c_in_a_terminal_leaves_whole_pieces_and_one_line(tmp_path):
    """It reaches the workers as well, which finish what they write."""
    if reason := fluidsynth_missing():
        pytest.skip(reason)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background ignores it
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "sideman.cli.main", "synth", str(tmp_path / "set"), "--minutes", "60",
             "--workers", "2"],
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
    finally:
        signal.signal(signal.SIGINT, before)
    deadline = time.monotonic() + 60
    while not list(tmp_path.glob("set/.*.partial")) and time.monotonic() < deadline:
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said.startswith("sideman: stopped: ") and said.count("\n") == 1
    assert list(tmp_path.glob("set/*/piece.json")) and not list(tmp_path.glob("set/.*"))
