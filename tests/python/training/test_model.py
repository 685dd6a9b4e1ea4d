"""Training the model: it learns, it resumes exactly, and it says what it cannot train on."""

from __future__ import annotations

import signal
from dataclasses import replace

import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_pieces import small_piece

from sideman.errors import DataError, SettingsError
from sideman.training.model import ModelOptions, ModelTraining, leads_of, network_of, preset, with_changes
from sideman.training.run_folder import RunFolder

CODEC = FakeCodec(FakeCodecConfig())
PIECES = [small_piece(number) for number in range(6)]


def training(folder, options: ModelOptions, checked=()) -> ModelTraining:
    return ModelTraining(options, PIECES, checked, CODEC, folder)


def short(steps: int) -> ModelOptions:
    return replace(preset("tiny", CODEC), steps=steps, batch=2, check_steps=10_000)


def test_loss_falls_and_the_music_and_clock_matter(tmp_path):
    options = replace(preset("tiny", CODEC), steps=120, check_steps=60, rate=3e-3)
    run = training(tmp_path, options, [small_piece(99), small_piece(100)])
    before = run.check(8)["checked"]
    run.run()
    after = run.check(8)
    assert after["checked"] < 0.9 * before
    assert after["checked_wrong_music"] > after["checked"] + 0.01
    assert after["checked_no_clock"] > after["checked"] + 0.01
    one = "checked_no_clock"
    assert run.check(8, only=[one]) == {one: after[one]}
    lines = run.folder.history()
    assert [line["step"] for line in lines if "checked" in line] == [60, 120]
    assert (tmp_path / "loss.png").is_file()


class Checked(ModelTraining):
    """Is checked, as quickly as can be."""

    def check(self):
        return {"checked": 1.0}

    @property
    def when(self) -> list[int]:
        return [line["step"] for line in self.folder.history() if "checked" in line]


def checked(folder, options: ModelOptions) -> Checked:
    return Checked(options, PIECES, (), CODEC, folder)


def test_the_last_weights_of_a_run_are_checked_and_no_others_where_it_was_interrupted(tmp_path):
    """Or those that are kept because they were checked would never be the last ones."""
    whole = checked(tmp_path / "whole", short(3))
    whole.run()

    def stop(figures):
        if figures["step"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        checked(tmp_path / "parts", short(3)).run(stop)
    resumed = checked(tmp_path / "parts", short(3))
    resumed.run()
    assert whole.when == resumed.when == [3]
    assert "checked" in (tmp_path / "whole" / "metrics.csv").read_text().splitlines()[0]


def test_the_last_step_before_the_time_is_over_is_checked(tmp_path):
    run = checked(tmp_path, with_changes(short(0), minutes=1 / 6000))
    run.run()
    assert run.when == [run.step]


@pytest.mark.parametrize("steps", [2, 3])
def test_a_check_that_was_cut_off_is_made_when_the_run_goes_on(tmp_path, steps):
    class Impatient(Checked):
        def check(self):
            raise KeyboardInterrupt

    asked = replace(short(steps), check_steps=2, save_seconds=0.0)
    with pytest.raises(KeyboardInterrupt):
        Impatient(asked, PIECES, (), CODEC, tmp_path).run()
    resumed = checked(tmp_path, asked)
    assert resumed.step == 1
    resumed.run()
    assert resumed.when == sorted({2, steps})


def test_who_learns_one_block_at_a_time_learns_the_beginning_too(tmp_path, monkeypatch):
    """Live every performance begins without a past; a sequence always has one."""
    options = replace(preset("tiny", CODEC, "enc_dec"), steps=40, batch=1, check_steps=10_000)
    run, seen = training(tmp_path, options), []

    def loss(network, batch, noise, level):
        seen.append(batch.part.shape[-1])
        return network.global_token.sum() * 0

    monkeypatch.setattr(run, "_loss", loss)
    run.run()
    block, context = options.network.block_frames, options.network.context_frames
    short = [frames for frames in seen if frames != context + block]
    assert 4 <= len(short) <= 20 and len(set(short)) > 3
    assert all(frames % block == 0 and block <= frames <= context for frames in short)


def test_a_beginning_without_any_past_can_be_learnt(tmp_path, monkeypatch):
    options = replace(preset("tiny", CODEC, "enc_dec"), steps=2, batch=2, check_steps=10_000)
    run = training(tmp_path, options)
    monkeypatch.setattr(run, "_seen", lambda chance: slice(-options.network.block_frames, None))
    run.run()
    assert all(line["loss"] > 0 for line in run.folder.history() if "loss" in line)


def test_interrupted_and_resumed_equals_uninterrupted(tmp_path):
    whole = training(tmp_path / "whole", short(6))
    whole.run()

    def stop(figures):
        if figures["step"] == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        training(tmp_path / "parts", short(6)).run(stop)
    resumed = training(tmp_path / "parts", short(6))
    assert resumed.step == 3
    resumed.run()
    for name, weight in whole.network.state_dict().items():
        assert torch.equal(weight, resumed.network.state_dict()[name]), name
        assert torch.equal(whole.average.weights[name], resumed.average.weights[name]), name


@pytest.fixture
def listens_to_ctrl_c():
    """Tests that a shell runs in its background ignore it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def test_ctrl_c_within_a_step_comes_after_it(tmp_path, listens_to_ctrl_c):
    whole = training(tmp_path / "whole", short(5))
    whole.run()

    class Interrupted(ModelTraining):
        def take_step(self):
            if self.step == 3:
                signal.raise_signal(signal.SIGINT)
            return super().take_step()

    with pytest.raises(KeyboardInterrupt):
        Interrupted(short(5), PIECES, (), CODEC, tmp_path / "parts").run()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    resumed = training(tmp_path / "parts", short(5))
    assert resumed.step == 3
    resumed.run()
    for name, weight in whole.network.state_dict().items():
        assert torch.equal(weight, resumed.network.state_dict()[name]), name


def test_a_second_ctrl_c_does_not_wait_and_leaves_the_checkpoint_before(tmp_path, listens_to_ctrl_c):
    whole = training(tmp_path / "whole", short(5))
    whole.run()

    class Interrupted(ModelTraining):
        def take_step(self):
            figures = super().take_step()
            if self.step == 4:
                signal.raise_signal(signal.SIGINT)
                signal.raise_signal(signal.SIGINT)
            return figures

    every = replace(short(5), save_seconds=0.0)
    cut = Interrupted(every, PIECES, (), CODEC, tmp_path / "parts")
    with pytest.raises(KeyboardInterrupt):
        cut.run()
    assert not cut.whole
    cut.folder.release()
    resumed = training(tmp_path / "parts", short(5))
    assert resumed.step == 3
    resumed.run()
    for name, weight in whole.network.state_dict().items():
        assert torch.equal(weight, resumed.network.state_dict()[name]), name


def test_finished_run_is_not_trained_again(tmp_path):
    training(tmp_path, short(2)).run()
    again = training(tmp_path, short(2))
    steps = []
    again.run(steps.append)
    assert steps == []


def test_resuming_with_other_options_is_refused(tmp_path):
    training(tmp_path, short(2)).run()
    with pytest.raises(SettingsError, match="batch was 2, now 4"):
        training(tmp_path, replace(short(2), batch=4))


def test_a_run_may_begin_with_the_averaged_weights_of_another(tmp_path):
    first = training(tmp_path / "first", short(2))
    first.run()
    second = ModelTraining(short(2), PIECES, [], CODEC, tmp_path / "second", begin=first.folder.path)
    for name, weight in second.network.state_dict().items():
        assert torch.equal(weight, first.average.weights[name])
    with pytest.raises(DataError, match="no checkpoint yet"):
        ModelTraining(short(2), PIECES, [], CODEC, tmp_path / "third", begin=tmp_path / "none")


def test_a_run_tells_the_leads_that_it_learnt(tmp_path):
    training(tmp_path, replace(short(1), leads=(6, 6), usual_lead=6))
    assert leads_of(RunFolder(tmp_path)) == {"leads": (6, 6), "usual_lead": 6}


def test_minutes_end_a_run(tmp_path):
    options = with_changes(short(0), minutes=1 / 6000)
    run = training(tmp_path, options)
    run.run()
    assert run.progress >= 1
    assert 1 <= run.step < 100


def test_pieces_too_short_to_train_on_are_refused(tmp_path):
    with pytest.raises(DataError, match="no piece has 500 frames"):
        training(tmp_path, replace(short(1), frames=500))


def test_unknown_preset_is_refused():
    with pytest.raises(DataError, match="presets are base, mini, tiny"):
        preset("huge", CODEC)


def test_a_run_may_play_in_other_hops_than_the_presets(tmp_path):
    options = replace(preset("tiny", CODEC, hop=2), steps=1, batch=2, check_steps=10_000)
    run = training(tmp_path, options)
    run.run()
    assert network_of(run.folder).block_frames == 2


def test_who_sees_the_whole_past_may_play_in_hops_that_it_is_not_whole_blocks_of(tmp_path):
    options = replace(preset("tiny", CODEC, "enc_dec", hop=3), steps=2, batch=2)
    assert options.network.context_frames % 3 and options.frames % 3 == 0
    run = training(tmp_path, options)
    run.run()
    assert run.step == 2


def test_a_hop_that_the_context_is_not_whole_blocks_of_is_refused():
    with pytest.raises(DataError, match="hops of 5 frames: context of 32 frames"):
        preset("tiny", CODEC, hop=5)


def test_pieces_that_are_checked_are_told_tags_as_the_training_tells_them(tmp_path):
    run = training(tmp_path, short(1), [small_piece(99)])
    assert run.checks.tagger is run.batches.tagger


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_nothing_of_it(tmp_path):
    training(tmp_path, short(2)).run()
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.safetensors")}
    spoilt = training(tmp_path, short(4))
    next(spoilt.network.parameters()).data.fill_(float("nan"))
    with pytest.raises(DataError, match="the loss is no number any more.*anew .*--run .*--rate$"):
        spoilt.run()
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.safetensors")} == before
