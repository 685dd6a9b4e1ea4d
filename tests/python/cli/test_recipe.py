"""The recipe from an empty folder to a model that is evaluated, in small; killed hard, it goes on to
the same weights."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from safetensors.torch import load_file

from sideman.data.fluid import fluidsynth_missing

SIDEMAN = (sys.executable, "-m", "sideman.cli.main")
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1"}
STEPS = 24


def sideman(*words: object) -> str:
    done = subprocess.run(
        [*SIDEMAN, *map(str, words)], env=ENVIRONMENT, capture_output=True, text=True, timeout=500
    )
    assert done.returncode == 0, f"{words}\n{done.stdout[-1000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def killed_once_it_has_a_checkpoint(run: Path, *words: object) -> int:
    """The step of the checkpoint that a killed run leaves."""
    process = subprocess.Popen(
        [*SIDEMAN, *map(str, words), "--run", str(run)], env=ENVIRONMENT,
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        if step_of(run) >= 3:
            break
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    return step_of(run)


def step_of(run: Path) -> int:
    path = run / "checkpoint.safetensors"
    if not path.exists():
        return 0
    with open(path, "rb") as file:
        header = json.loads(file.read(int.from_bytes(file.read(8), "little")))
    return json.loads(header["__metadata__"]["progress"])["step"]


def test_the_recipe_runs_from_an_empty_folder_to_a_report(tmp_path) -> None:
    if reason := fluidsynth_missing():
        pytest.skip(reason)
    data, heldout = tmp_path / "train", tmp_path / "heldout"
    sideman("synth", data, "--minutes", 1.5, "--seed", 1)
    sideman("synth", heldout, "--preset", "heldout", "--minutes", 0.7)
    sideman("train", "codec", "--data", data, "--run", tmp_path / "codec", "--minutes", 0.1,
            "--threads", 1)
    common = ("--data", data, "--codec", tmp_path / "codec", "--preset", "tiny", "--threads", 1)
    first = ("train", "model", *common, "--steps", STEPS, "--precision", "float32",
             "--save-seconds", 0)
    sideman(*first, "--run", tmp_path / "whole")
    step = killed_once_it_has_a_checkpoint(tmp_path / "killed", *first)
    assert 3 <= step < STEPS
    sideman(*first, "--run", tmp_path / "killed")
    whole, killed = (load_file(tmp_path / run / "checkpoint.safetensors") for run in ("whole", "killed"))
    assert all(whole[name].equal(killed[name]) for name in whole if name.startswith("weights."))
    assert set(whole) == set(killed)

    sideman("train", "forcing", *common, "--begin", tmp_path / "whole", "--run", tmp_path / "forced",
            "--steps", 6, "--jump-steps", 2, "--head-start", 2, "--batch", 2)
    model = tmp_path / "model"
    sideman("train", "export", tmp_path / "forced", "--codec", tmp_path / "codec", "--out", model,
            "--name", "recipe")
    sideman("evaluate", "--model", model, "--pieces", heldout, "--limit", 2, "--workers", 2,
            "--out", tmp_path / "report")
    report = json.loads((tmp_path / "report" / "report.json").read_text())
    assert report and (tmp_path / "report" / "report.png").stat().st_size > 10_000
