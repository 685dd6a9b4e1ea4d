from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from note_pieces import write_piece

from sideman.errors import DataError, SettingsError
from sideman.models.codec import Codec, CodecConfig, load_codec
from sideman.models.codec_analysis import HISTORY_SAMPLES
from sideman.training.codec import CodecOptions, CodecTraining
from sideman.training.codec_loss import SpectralLoss
from sideman.training.codec_statistics import measure_statistics

OPTIONS = CodecOptions(steps=4, batch=2, frames=8, warm_up=1, rate=1e-3)
CONFIG = CodecConfig(width=16, layers=2)


@pytest.fixture(scope="module")
def music(tmp_path_factory):
    folder = tmp_path_factory.mktemp("music")
    return [write_piece(folder, number, seconds=4.0) for number in range(2)]


def weights(training):
    return {name: value.clone() for name, value in training.codec.state_dict().items()}


def test_latents_of_the_music_have_about_unit_variance(music):
    codec = Codec(CONFIG)
    measure_statistics(codec, music)
    frames = music[0].samples // 2048 * 2048
    parts = [piece.audio(part)[:frames] for piece in music for part in piece.parts]
    latents = codec.encode_all(torch.from_numpy(np.stack(parts)))
    assert 0.6 < latents.std() < 1.4
    assert latents.abs().max() < 10
    assert codec.scale.min() > 0.01


def test_silent_pieces_give_no_statistics(music, monkeypatch):
    def silence(self, part):
        return np.zeros(self.samples, dtype=np.float32)

    monkeypatch.setattr(type(music[0]), "audio", silence)
    with pytest.raises(DataError, match="silent"):
        measure_statistics(Codec(CONFIG), music)


def test_an_interrupted_run_ends_where_an_uninterrupted_one_does(music, tmp_path):
    whole = CodecTraining(OPTIONS, CONFIG, music, tmp_path / "whole")
    before = weights(whole)
    whole.run()

    def interrupt(figures):
        if figures["step"] == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        CodecTraining(OPTIONS, CONFIG, music, tmp_path / "parts").run(interrupt)
    resumed = CodecTraining(OPTIONS, CONFIG, music, tmp_path / "parts")
    assert resumed.step == 2
    resumed.run()
    for name, value in weights(whole).items():
        torch.testing.assert_close(weights(resumed)[name], value, atol=0, rtol=0)
    changed = [name for name in before if not torch.equal(before[name], weights(whole)[name])]
    assert changed and all(name.startswith("correction.") for name in changed)


def test_crops_are_those_of_the_whole_parts_and_cut_from_the_files(music, tmp_path, monkeypatch):
    run = CodecTraining(replace(OPTIONS, frames=72), CONFIG, music, tmp_path)
    history, wanted, early = HISTORY_SAMPLES, [], 0
    for step in range(12):
        rng = np.random.default_rng([OPTIONS.seed, step])
        for index in rng.integers(0, len(run.crops), size=OPTIONS.batch):
            piece, part = run.crops[index]
            start = int(rng.integers(0, piece.samples - run.needed))
            early += start < history
            gain = np.float32(10 ** (rng.uniform(-9.0, 6.0) / 20))
            whole = np.pad(piece.audio(part), (history, 0))
            wanted.append(gain * whole[start : start + history + run.needed])
        wanted.append(int(rng.integers(0, 100_000)))
    assert 0 < early < 24, "some begin with silence"

    def whole_file(*_):
        raise AssertionError("a whole file was decoded")

    monkeypatch.setattr(type(music[0]), "audio", whole_file)
    for step in range(12):
        run.step = step
        heard, first_frame = run._draw()
        one, two, frame = wanted[3 * step : 3 * step + 3]
        assert np.array_equal(heard, np.stack([one, two])) and first_frame == frame


def test_a_run_leaves_a_codec_that_opens(music, tmp_path):
    training = CodecTraining(OPTIONS, CONFIG, music, tmp_path)
    training.run()
    opened = load_codec(tmp_path)
    for name, value in opened.state_dict().items():
        assert torch.equal(value, training.codec.state_dict()[name])
    assert json.loads((tmp_path / "config.json").read_text())["steps"] == 4
    assert (tmp_path / "loss.png").stat().st_size > 0


def test_a_run_goes_on_for_longer_than_it_was_asked_first(music, tmp_path):
    CodecTraining(OPTIONS, CONFIG, music, tmp_path).run()
    longer = CodecTraining(replace(OPTIONS, steps=6), CONFIG, music, tmp_path)
    assert (longer.step, longer.progress) == (4, 4 / 6)
    longer.run()
    by_time = CodecTraining(replace(OPTIONS, steps=0, minutes=5.0), CONFIG, music, tmp_path)
    assert by_time.step == 6 and 0 < by_time.progress < 1
    assert (tmp_path / "metrics.csv").read_text().startswith("step,seconds,loss,norm\n4,")


def test_a_run_that_was_begun_before_options_were_added_goes_on(music, tmp_path):
    CodecTraining(OPTIONS, CONFIG, music, tmp_path).run()
    config = json.loads((tmp_path / "config.json").read_text())
    del config["check_steps"]
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert CodecTraining(OPTIONS, CONFIG, music, tmp_path).step == 4


def test_a_loss_that_is_no_number_ends_the_run_and_keeps_nothing_of_it(music, tmp_path):
    CodecTraining(OPTIONS, CONFIG, music, tmp_path).run()
    before = {path.name: path.read_bytes() for path in tmp_path.glob("*.safetensors")}
    assert len(before) == 2
    spoilt = CodecTraining(replace(OPTIONS, steps=8), CONFIG, music, tmp_path)
    next(spoilt.codec.correction.parameters()).data.fill_(float("nan"))
    with pytest.raises(DataError, match="step 5: the loss is no number any more"):
        spoilt.run()
    assert {path.name: path.read_bytes() for path in tmp_path.glob("*.safetensors")} == before


def test_other_options_need_another_folder(music, tmp_path):
    CodecTraining(OPTIONS, CONFIG, music, tmp_path)
    with pytest.raises(SettingsError, match="rate"):
        CodecTraining(replace(OPTIONS, rate=0.5), CONFIG, music, tmp_path)


def test_pieces_too_short_to_cut_from_are_refused(music, tmp_path):
    with pytest.raises(DataError, match="no piece lasts"):
        CodecTraining(replace(OPTIONS, frames=500), CONFIG, music, tmp_path)


def test_wrong_notes_in_the_bass_cost_no_less_than_in_the_treble():
    loss = SpectralLoss(44100)
    n = torch.arange(44100) / 44100

    def sine(hertz):
        return 0.2 * torch.sin(2 * torch.pi * hertz * n)[None]

    assert loss(sine(220.0), sine(220.0)) < 1e-6
    bass, treble = (loss(sine(f * 2 ** (1 / 3)), sine(f)) for f in (110.0, 1760.0))
    assert bass >= treble > 0.05
