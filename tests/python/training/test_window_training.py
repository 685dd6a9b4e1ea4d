"""Training of the window family: what is told, that it learns, resumes, exports and is distilled."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_pieces import small_piece

from sideman.data.latents import codec_hash
from sideman.diffusion.inpainting import karras
from sideman.errors import DataError, SettingsError
from sideman.models import checkpoint
from sideman.models.checkpoint import load_model
from sideman.models.unet import UNetConfig
from sideman.models.window import WindowConfig, WindowNetwork
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.sessions import open_session
from sideman.training.distill import (
    Distillation,
    DistillOptions,
    distill_preset,
    heun_steps,
    step_odds,
)
from sideman.training.export import export_model
from sideman.training.loop import averaged_weights
from sideman.training.run_folder import RunFolder
from sideman.training.window import (
    WindowOptions,
    WindowTraining,
    edm_loss,
    window_batches,
    window_of,
    window_preset,
)

CHANNELS = 8
CODEC = FakeCodec(FakeCodecConfig(channels=CHANNELS)).eval()
PIECES = [small_piece(number, CHANNELS) for number in range(6)]
UNET = UNetConfig(
    img_resolution=32, model_channels=8, channel_mult=(1, 2), num_blocks=1, attn_resolutions=(16,),
    dropout=0.0,
)  # fmt: skip
USUAL = WindowOptions(
    WindowConfig(unet=UNET), steps=2, batch=4, rate=2e-3, warm_up=5, unheard=(0, 8),
    check_steps=10_000,
)  # fmt: skip


def training(folder, options=USUAL, checked=()) -> WindowTraining:
    return WindowTraining(options, PIECES, checked, CODEC, folder, {"pieces": 6, "hours": 0.1})


def student_of(run: RunFolder, **changes) -> DistillOptions:
    options = distill_preset("tiny", window_of(run))
    return replace(options, **{"steps": 2, "minutes": 0.0, "batch": 4, "unheard": (0, 8), **changes})


def test_nothing_that_was_not_heard_is_told_and_every_row_has_its_part():
    windows = window_batches(USUAL, PIECES, CODEC, 0)
    part, heard, labels = windows.draw(3, 64)
    assert part.shape == heard.shape == (64, 1, CHANNELS, 32)
    assert torch.equal(labels.sum(1), torch.ones(64))
    last = heard[:, 0, :, -8:].abs().amax((1, 2))
    assert 0 < int((last == 0).sum()) < 64, "both lengths are drawn"
    assert torch.equal(part, windows.draw(3, 64)[0])
    assert not torch.equal(part, windows.draw(4, 64)[0])


def test_the_loss_is_none_where_the_data_are_found_and_the_same_for_each_level_where_nothing_is():
    class Zero(torch.nn.Module):
        config = WindowConfig(unet=UNET)

        def forward(self, x, c_noise, context, labels):
            return torch.zeros_like(x)

    x0, noise = torch.randn(2, 2000, 1, 4, 4, generator=torch.Generator().manual_seed(0))
    losses = [
        edm_loss(Zero(), x0, noise, torch.full((len(x0),), sigma), (None, None)).mean().item()
        for sigma in (0.05, 1.0, 20.0)
    ]
    assert losses == pytest.approx([1, 1, 1], rel=0.05), "F has unit variance at every level"
    assert edm_loss(Zero(), 0 * x0, 0 * noise, torch.ones(len(x0)), (None, None)).max() == 0


def test_loss_falls_and_the_music_matters(tmp_path):
    options = replace(USUAL, steps=150, check_steps=75, batch=8)
    run = training(tmp_path, options, [small_piece(99, CHANNELS), small_piece(100, CHANNELS)])
    before = run.check(8)["checked"]
    run.run()
    after = run.check(8)
    assert after["checked"] < 0.9 * before
    assert after["checked_wrong_music"] > after["checked"]
    assert (tmp_path / "loss.png").is_file()


@pytest.mark.parametrize("kind", ["window", "window with dropout", "distill"])
def test_interrupted_and_resumed_equals_uninterrupted(kind, tmp_path):
    training(tmp_path / "teacher").run()
    teacher = RunFolder(tmp_path / "teacher")

    def make(folder):
        if kind != "distill":
            dropout = 0.2 if kind == "window with dropout" else 0.0
            network = WindowConfig(unet=replace(UNET, dropout=dropout))
            return training(folder, replace(USUAL, steps=6, network=network))
        options = student_of(teacher, steps=6)
        return Distillation(options, PIECES, [], CODEC, folder, teacher.path)

    whole = make(tmp_path / "whole")
    whole.run()

    def stop(figures):
        if figures["step"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(tmp_path / "parts").run(stop)
    resumed = make(tmp_path / "parts")
    assert resumed.step == 3
    resumed.run()
    for module in whole.modules:
        for name, weight in whole.modules[module].state_dict().items():
            assert torch.equal(weight, resumed.modules[module].state_dict()[name]), (module, name)


def test_heun_steps_of_the_teacher_follow_its_flow_row_by_row():
    """For data that are all 1 the flow ends there; each row on levels of its own."""

    def denoise(x, sigma, told):
        return torch.ones_like(x)

    grid = torch.tensor(karras(18, 1e-4, 80, 9))
    index = torch.tensor([0, 10])
    levels = torch.stack([grid[index + step] for step in range(8)])
    noise = torch.randn(2, 1, 3, 3, generator=torch.Generator().manual_seed(0))
    led = heun_steps(denoise, 1 + levels[0][:, None, None, None] * noise, levels, None)
    assert torch.allclose(led, 1 + levels[-1][:, None, None, None] * noise, atol=1e-3)


def test_longer_jumps_are_drawn_more_often():
    odds = step_odds(17)
    assert odds.sum() == pytest.approx(1)
    assert (odds / odds[0]).tolist() == pytest.approx(list(range(1, 18)))


def test_a_student_starts_as_its_teacher_and_its_target_follows_it(tmp_path):
    training(tmp_path / "teacher").run()
    teacher = RunFolder(tmp_path / "teacher")
    run = Distillation(
        student_of(teacher, target=0.5), PIECES, [], CODEC, tmp_path / "student", teacher.path
    )
    taught = averaged_weights(teacher)
    for name, weight in run.network.state_dict().items():
        assert torch.equal(weight, taught[name])
    run.run()
    moved, target = run.network.state_dict(), run.target.state_dict()
    name = "unet.map_layer0.weight"
    assert not torch.equal(moved[name], taught[name])
    assert not torch.equal(target[name], taught[name])
    assert torch.equal(run.teacher.state_dict()[name], taught[name])


def test_a_codec_that_looks_ahead_is_refused(monkeypatch):
    monkeypatch.setattr(CODEC, "is_causal", False, raising=False)
    with pytest.raises(DataError, match="looks ahead"):
        window_batches(USUAL, PIECES, CODEC, 0)


def test_presets_are_named_and_a_run_of_something_else_teaches_nobody(tmp_path):
    assert window_preset("paper").network == WindowConfig()
    assert distill_preset("paper", WindowConfig()).network.preconditioning == "consistency"
    for preset in (window_preset, lambda name: distill_preset(name, WindowConfig())):
        with pytest.raises(DataError, match="presets are paper, tiny"):
            preset("huge")
    RunFolder.open(tmp_path, {"family": "block"})
    with pytest.raises(DataError, match="none of `train window`"):
        window_of(RunFolder(tmp_path))
    training(tmp_path / "run").run()
    with pytest.raises(SettingsError, match="batch was 4, now 8"):
        training(tmp_path / "run", replace(USUAL, batch=8))


def test_a_student_teaches_nobody_and_a_preset_fits_its_teacher(tmp_path):
    training(tmp_path / "teacher").run()
    teacher = RunFolder(tmp_path / "teacher")
    student = Distillation(
        student_of(teacher), PIECES, (), CODEC, tmp_path / "student", tmp_path / "teacher"
    )
    student.run()
    assert student.targets.young is False, "the target begins as good as the teacher"
    run = RunFolder(tmp_path / "student")
    with pytest.raises(DataError, match="is a student itself"):
        Distillation(student_of(teacher), PIECES, (), CODEC, tmp_path / "again", run.path)
    whole = student_of(teacher, unheard=(0, 32))
    with pytest.raises(DataError, match="leaves up to 32"):
        Distillation(whole, PIECES, (), CODEC, tmp_path / "again", teacher.path)
    assert not (tmp_path / "again").exists()


@torch.no_grad()
def test_teacher_and_student_are_exported_and_play(tmp_path, monkeypatch):
    monkeypatch.setitem(
        checkpoint.CODECS, "sideman", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    with torch.enable_grad():
        training(tmp_path / "teacher").run()
        teacher = RunFolder(tmp_path / "teacher")
        options = student_of(teacher)
        Distillation(options, PIECES, [], CODEC, tmp_path / "student", teacher.path).run()
    for name, sampler, steps in (("teacher", "ancestral", 5), ("student", "consistency", 2)):
        spec = export_model(tmp_path / name, CODEC, tmp_path / f"{name}-out", name)
        assert (spec.family, spec.sampler, spec.steps) == ("window", sampler, steps)
        model = load_model(tmp_path / f"{name}-out", precision="float32")
        assert isinstance(model.network, WindowNetwork)
        weights = averaged_weights(RunFolder(tmp_path / name))
        for key, weight in model.network.state_dict().items():
            assert torch.equal(weight.float(), weights[key].half().float()), key
        session = open_session(model, ["bass", "piano"], spec.hop_frames, spec.lead_frames)
        heard = np.random.default_rng(0).standard_normal(session.hop_samples).astype(np.float32)
        controls = Controls(steps, 1.0, sampler=sampler)
        audio, _ = session.step(session.start(), heard, Slot(0), controls)
        assert audio.shape == (2, session.hop_samples)
        assert np.isfinite(audio).all()
    card = (tmp_path / "student-out" / "MODEL_CARD.md").read_text()
    assert "| 1 | diffusion | 2 |" in card
    assert "| 2 | distillation, 18 scales | 2 |" in card


def test_a_run_of_another_codec_neither_begins_a_window_nor_teaches(tmp_path):
    facts = {"codec": codec_hash(CODEC)}
    WindowTraining(USUAL, PIECES, (), CODEC, tmp_path / "teacher", facts).run()
    teacher = RunFolder(tmp_path / "teacher")
    other = FakeCodec(replace(CODEC.config, sample_rate=1700)).eval()
    for make in (
        lambda: WindowTraining(USUAL, PIECES, (), other, tmp_path / "run", begin=teacher.path),
        lambda: Distillation(
            student_of(teacher), PIECES, (), other, tmp_path / "run", teacher.path
        ),
    ):
        with pytest.raises(DataError, match="cannot begin with .* another codec; give the one"):
            make()
    assert not (tmp_path / "run").exists()
