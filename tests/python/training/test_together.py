"""Two processes learn what one learns that accumulates twice as many batches; and what a process is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from note_pieces import write_piece
from safetensors.torch import load_file

from sideman.training.together import Together

TORCHRUN = (sys.executable, "-m", "torch.distributed.run")


@given(st.integers(1, 5), st.integers(1, 5), st.integers(1, 6))
def test_every_batch_is_learnt_from_once(count: int, accumulated: int, steps: int) -> None:
    numbers = [
        Together(place, count).number(local, accumulated)
        for place in range(count)
        for local in range(1, steps * accumulated + 1)
    ]
    assert sorted(numbers) == list(range(1, steps * accumulated * count + 1))


@given(st.integers(1, 5), st.integers(1, 5))
def test_a_step_has_the_same_batches_whoever_accumulates_them(count: int, accumulated: int) -> None:
    alone = {Together().number(local, count * accumulated) for local in range(1, count * accumulated + 1)}
    shared = {
        Together(place, count).number(local, accumulated)
        for place in range(count)
        for local in range(1, accumulated + 1)
    }
    assert alone == shared


def test_alone_nothing_is_averaged_and_nobody_waits() -> None:
    tensor = torch.arange(3.0)
    Together().average([tensor])
    assert tensor.tolist() == [0, 1, 2]
    assert Together().as_the_first(2.5, torch.device("cpu")) == 2.5
    with Together().in_turn():
        pass


ENDS = r"""
import atexit, os, sys
def count():  # goes last; one write, or the lines of two processes mix
    os.write(1, b"%d threads\n" % len(os.listdir("/proc/self/task")))
atexit.register(count)
import torch
from sideman.training.together import Together, join
join(torch.device("cpu"))
torch.optim.AdamW([torch.nn.Parameter(torch.ones(1))])
Together.found().as_the_first(1.0, torch.device("cpu"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads as Linux tells them")
def test_a_process_ends_without_threads_of_the_others(tmp_path) -> None:
    """One that lets go of a tensor while Python ends aborts the process, now and then."""
    (tmp_path / "ends.py").write_text(ENDS)
    done = subprocess.run(
        [*TORCHRUN, "--standalone", "--nproc-per-node", "2", tmp_path / "ends.py"],
        env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines() == ["1 threads"] * 2


def losses(run: Path) -> list[float]:
    lines = (run / "log.jsonl").read_text().splitlines()
    return [json.loads(line)["loss"] for line in lines]


@pytest.mark.parametrize("kind", ["model", "window"])
def test_two_processes_learn_what_one_learns_that_accumulates_twice_as_much(tmp_path, kind) -> None:
    for number in range(3):
        write_piece(tmp_path / "data", number)
    words = [
        "train", kind, "--data", tmp_path / "data", "--codec", "mini", "--preset", "tiny",
        "--steps", "10", "--batch", "2", "--threads", "1", "--device", "cpu",
    ]  # fmt: skip
    if kind == "model":
        words += ["--precision", "float32"]
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}

    def run(*command) -> None:
        done = subprocess.run(
            [str(word) for word in command], env=environment, capture_output=True, text=True,
            timeout=300,
        )
        assert done.returncode == 0, done.stderr[-3000:]
        assert done.stdout.count("done: 10 steps") == 1

    sideman = (sys.executable, "-m", "sideman.cli.main")
    run(*sideman, *words, "--run", tmp_path / "one", "--accumulate", "2")
    run(*TORCHRUN, "--standalone", "--nproc-per-node", "2", "-m", "--", "sideman.cli.main", *words,
        "--run", tmp_path / "two")
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    one, two = (load_file(tmp_path / run / "checkpoint.safetensors") for run in ("one", "two"))
    weights = [name for name in one if name.startswith("weights.network.")]
    assert weights
    for name in weights:
        assert torch.allclose(one[name], two[name], atol=2e-5), name
