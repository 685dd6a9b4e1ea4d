"""Two processes learn what one learns that accumulates twice as many batches; and what a process is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from hypothesis import given
from hypothesis import strategies as st
from note_pieces import write_piece
from safetensors.torch import load_file
from small_pieces import small_piece

from sideman.training.model import ModelTraining, preset
from sideman.training.run_folder import RunFolder
from sideman.training.together import Together

TORCHRUN = (sys.executable, "-m", "torch.distributed.run")
TWO = (*TORCHRUN, "--standalone", "--nproc-per-node", "2")
SUPPORT = Path(__file__).parents[2] / "support"


def in_two(script: str, folder: Path) -> subprocess.CompletedProcess:
    """What a script told a folder does in two processes."""
    (folder / "script.py").write_text(script)
    path = os.pathsep.join((str(SUPPORT), os.environ.get("PYTHONPATH", "")))
    return subprocess.run(
        [*TWO, folder / "script.py", folder], capture_output=True, text=True, timeout=180,
        env={**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": path},
    )  # fmt: skip


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
    assert Together().agree(2.5, True, torch.device("cpu")) == (2.5, True)
    weight = torch.nn.Linear(1, 1)
    Together().average_gradients(weight, tensor)
    assert tensor.tolist() == [0, 1, 2] and weight.weight.grad is None
    with Together().in_turn():
        pass


def test_who_has_no_gradient_counts_with_zeros_and_what_nobody_has_stays_without(monkeypatch):
    here, there, nowhere = weights = torch.nn.ParameterList(torch.zeros(1) for _ in range(3))
    here.grad, loss = torch.tensor([4.0]), torch.tensor([1.0])
    theirs = torch.tensor([0.0, 6.0, 0.0, 3.0, 0.0, 1.0, 0.0])  # gradients, loss, who has which

    def all_reduce(flat: torch.Tensor) -> None:
        flat += theirs

    monkeypatch.setattr("torch.distributed.all_reduce", all_reduce)
    Together(0, 2).average_gradients(weights, loss)
    assert here.grad.tolist() == [2] and there.grad.tolist() == [3]
    assert nowhere.grad is None, "no momentum moves it, as in one process"
    assert loss.tolist() == [2]


ENDS = r"""
import atexit, os, sys
def count():  # goes last; one write, or the lines of two processes mix
    os.write(1, b"%d threads\n" % len(os.listdir("/proc/self/task")))
atexit.register(count)
import torch
from sideman.training.together import Together, join
join(torch.device("cpu"))
torch.optim.AdamW([torch.nn.Parameter(torch.ones(1))])
Together.found().agree(1.0, False, torch.device("cpu"))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="counts threads as Linux tells them")
def test_a_process_ends_without_threads_of_the_others(tmp_path) -> None:
    """One that lets go of a tensor while Python ends aborts the process, now and then."""
    done = in_two(ENDS, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout.splitlines() == ["1 threads"] * 2


INTERRUPTED = r"""
import os, signal, sys, time
from pathlib import Path
from types import SimpleNamespace
import torch
from torch.distributed import get_rank
from sideman.training.loop import Training
from sideman.training.run_folder import RunFolder
from sideman.training.together import join

join(torch.device("cpu"))
folder = Path(sys.argv[1])

class Line(Training):
    def take_step(self):
        if self.step == 3 and not self.together.first:
            os.kill(os.getpid(), signal.SIGTERM)
        network = self.modules["network"]
        return self.descend(lambda number: {"loss": network(torch.ones(1, 1)).sum()})

    def save(self):
        time.sleep(1 if self.together.first else 0)  # whoever is ended meanwhile saves nothing
        super().save()

asked = SimpleNamespace(
    steps=50, minutes=0, rate=1e-3, warm_up=1, save_seconds=1e9, check_steps=10**9, accumulate=1,
    average=0.9,
)
network = torch.nn.Linear(1, 1)
optimizer = torch.optim.AdamW(network.parameters())
run = Line(asked, RunFolder.open(folder / "run", {}), {"network": network}, optimizer)
try:
    run.run()
except KeyboardInterrupt:
    (folder / f"left-{get_rank()}").write_text(str(run.step))
    os._exit(130)  # at once, and torchrun ends the other
"""


@pytest.mark.skipif(sys.platform == "win32", reason="nobody is told SIGTERM there")
def test_where_one_is_told_to_end_all_leave_after_the_same_step_once_it_is_saved(tmp_path) -> None:
    done = in_two(INTERRUPTED, tmp_path)
    left = {path.name: path.read_text() for path in tmp_path.glob("left-*")}
    assert left.get("left-1") == "3" and set(left.values()) == {"3"}, done.stderr[-3000:]
    assert RunFolder(tmp_path / "run").peek().progress["step"] == 3


FORCED = r"""
import sys
from dataclasses import replace
from pathlib import Path
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from safetensors.torch import save_file
from small_pieces import small_piece
from sideman.training import forcing
from sideman.training.forcing_options import forcing_preset
from sideman.training.model import network_of
from sideman.training.run_folder import RunFolder
from sideman.training.together import Together, join

join(torch.device("cpu"))
folder, together, counts = Path(sys.argv[1]), Together.found(), []
usual = forcing.draw_counts
forcing.draw_counts = lambda *told: counts.append(usual(*told)[0]) or usual(*told)
asked = replace(
    forcing_preset("tiny", network_of(RunFolder(folder / "first"))), minutes=0.0, steps=6, batch=2,
    jump_steps=0, head_start=2, blocks=3, exit_layer=1, head=4, warm_up=1, lead_in=1,
)
pieces, codec = [small_piece(n, frames=96) for n in range(4)], FakeCodec(FakeCodecConfig()).eval()
with together.in_turn():
    run = forcing.ForcingTraining(asked, pieces, [], codec, folder / "run", folder / "first")
run.run()
weights = {
    f"{kind}.{name}": weight.contiguous()
    for kind, module in run.modules.items() for name, weight in module.state_dict().items()
}
save_file({**weights, "counts": torch.tensor(counts)}, folder / f"{together.place}.safetensors")
"""


def test_processes_that_learn_from_what_they_play_have_the_same_weights_in_the_end(tmp_path):
    codec = FakeCodec(FakeCodecConfig())
    usual = preset("tiny", codec)
    network = replace(usual.network, width=32, layers=2, hidden=48, context_frames=8)
    asked = replace(usual, network=network, steps=1, batch=2, frames=16)
    ModelTraining(asked, [small_piece(0)], [], codec, tmp_path / "first").run()
    done = in_two(FORCED, tmp_path)
    assert done.returncode == 0, done.stderr[-3000:]
    one, two = (load_file(tmp_path / f"{place}.safetensors") for place in (0, 1))
    assert set(one["counts"].tolist()) == {1, 2}, "on which it hangs what has a gradient"
    for name, weight in one.items():
        assert torch.equal(weight, two[name]), name


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
    run(*TWO, "-m", "--", "sideman.cli.main", *words,
        "--run", tmp_path / "two")
    assert losses(tmp_path / "two") == pytest.approx(losses(tmp_path / "one"), rel=1e-4)
    one, two = (load_file(tmp_path / run / "checkpoint.safetensors") for run in ("one", "two"))
    weights = [name for name in one if name.startswith("weights.network.")]
    assert weights
    for name in weights:
        assert torch.allclose(one[name], two[name], atol=2e-5), name
