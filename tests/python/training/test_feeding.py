"""Where trainings compute and who draws their batches."""

from __future__ import annotations

import os
from dataclasses import replace
from types import SimpleNamespace

import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_pieces import small_piece

from sideman.errors import ModelError
from sideman.models.unet import UNetConfig
from sideman.models.window import WindowConfig
from sideman.training import feeding
from sideman.training.distill import Distillation, distill_preset
from sideman.training.feeding import Feed, training_device
from sideman.training.forcing import ForcingTraining
from sideman.training.forcing_options import forcing_preset
from sideman.training.model import ModelTraining, network_of, preset
from sideman.training.run_folder import RunFolder
from sideman.training.window import WindowTraining, window_of, window_preset

CODEC = FakeCodec(FakeCodecConfig(channels=8)).eval()
PIECES = [small_piece(number, 8, 96) for number in range(4)]
META = torch.device("meta")
pytestmark = pytest.mark.filterwarnings("ignore:.*copying from a non-meta parameter")


def model_options():
    network = replace(preset("tiny", CODEC).network, width=32, layers=2, hidden=48, context_frames=8)
    return replace(preset("tiny", CODEC), network=network, minutes=0.0, steps=1, batch=2, frames=16)


def window_options():
    unet = UNetConfig(
        img_resolution=8, model_channels=8, channel_mult=(1, 2), num_blocks=1,
        attn_resolutions=(4,), dropout=0.0,
    )  # fmt: skip
    usual = window_preset("tiny")
    return replace(
        usual, network=WindowConfig(unet=unet), minutes=0.0, steps=1, batch=2, unheard=(0, 2)
    )


@pytest.fixture
def valueless(monkeypatch):
    """On the meta device tensors have shapes, and a place that is checked, but no values."""
    monkeypatch.setattr(feeding, "MOST_WORKERS", 0)
    for name, instead in (("item", 0.0), ("__float__", 0.0), ("__bool__", True)):
        usual = getattr(torch.Tensor, name)
        monkeypatch.setattr(
            torch.Tensor,
            name,
            lambda self, usual=usual, instead=instead: instead if self.is_meta else usual(self),
        )


def steps_of(training, numbers=(1,)) -> None:
    assert training.device == META
    for training.step in numbers:
        figures = training.take_step()
        assert figures
    assert all(weight.device == META for weight in training.average.weights.values())


def test_a_step_of_stage_1_leaves_nothing_on_the_processor(tmp_path, valueless):
    options = model_options()
    steps_of(ModelTraining(options, PIECES, [], CODEC, tmp_path, device=META))


def test_a_step_of_a_window_and_of_its_student_leaves_nothing_on_the_processor(
    tmp_path, valueless, monkeypatch
):
    WindowTraining(window_options(), PIECES, [], CODEC, tmp_path / "teacher").save()
    steps_of(WindowTraining(window_options(), PIECES, [], CODEC, tmp_path / "other", device=META))
    teacher = tmp_path / "teacher"
    options = distill_preset("tiny", window_of(RunFolder(teacher)))
    options = replace(options, batch=2, minutes=0.0, steps=1, unheard=(0, 2))
    steps_of(
        Distillation(options, PIECES, [], CODEC, tmp_path / "student", teacher, device=META)
    )


def test_a_step_of_every_phase_of_stage_2_leaves_nothing_on_the_processor(tmp_path, valueless):
    first = ModelTraining(model_options(), PIECES, [], CODEC, tmp_path / "first")
    first.save()
    options = replace(
        forcing_preset("tiny", network_of(RunFolder(tmp_path / "first"))),
        minutes=0.0, steps=4, jump_steps=1, head_start=2, batch=2, blocks=3, exit_layer=1, head=4,
    )
    steps_of(
        ForcingTraining(
            options, PIECES, [], CODEC, tmp_path / "second", tmp_path / "first", device=META
        ),
        range(1, 5),
    )


def test_other_processes_draw_what_the_trainer_would(monkeypatch):
    monkeypatch.setattr(feeding, "cpus", lambda: 3)
    gpu = torch.device("cuda")
    feed = Feed(lambda step: {"step": step, "drawn": torch.full((2,), float(step))}, gpu)
    assert feed._workers == 2
    seen = [feed(step) for step in (5, 6, 7, 20, 21)]
    assert [one["step"] for one in seen] == [5, 6, 7, 20, 21]
    assert [one["drawn"][0].item() for one in seen] == [5, 6, 7, 20, 21]


@pytest.mark.parametrize(
    ("batches", "workers", "ahead"), [(1, 0, 0), (2, 1, 1), (8, 2, 3), (99, 2, 4)]
)
def test_no_more_is_drawn_ahead_than_shared_memory_has_room_for(
    batches, workers, ahead, monkeypatch
):
    """Half of what is free; one is with the trainer. In a container of Docker's there are 64 MB."""
    drawn, asked = torch.zeros(1000), []
    free = 2 * batches * drawn.untyped_storage().nbytes()

    class Noted(feeding.DataLoader):
        def __init__(self, *told, **named):
            asked.append((named["num_workers"], named["prefetch_factor"]))
            super().__init__(*told, **named)

    monkeypatch.setattr(feeding, "cpus", lambda: 3)
    monkeypatch.setattr(feeding, "DataLoader", Noted)
    monkeypatch.setattr(feeding.shutil, "disk_usage", lambda place: SimpleNamespace(free=free))
    feed = Feed(lambda step: (drawn + step, {}), torch.device("cuda"))
    assert [feed(step)[0][0].item() for step in (5, 6, 7, 8)] == [5, 6, 7, 8]
    assert asked == [(workers, ahead)] * bool(workers)


@pytest.mark.parametrize("device", ["cpu", "mps"])
def test_elsewhere_than_on_a_cuda_gpu_nothing_is_forked(device, monkeypatch):
    monkeypatch.setattr(feeding, "cpus", lambda: 3)
    feed = Feed(lambda step: os.getpid(), torch.device(device))
    assert feed(1) == feed(2) == os.getpid()


def test_a_device_that_is_not_there_is_named():
    with pytest.raises(ModelError, match="cannot compute on abacus"):
        training_device("abacus")
    assert training_device("cpu") == torch.device("cpu")
