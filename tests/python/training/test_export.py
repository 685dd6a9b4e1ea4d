"""From a run to a folder that plays, and what is said when that cannot be."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from safetensors.torch import load_file
from small_pieces import small_piece

from sideman.data.latents import codec_hash
from sideman.data.tags import TAGS
from sideman.errors import DataError, SettingsError
from sideman.models import checkpoint
from sideman.models.checkpoint import load_model
from sideman.models.transformer import BlockTransformer
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import Session
from sideman.training import export
from sideman.training.export import check_place, export_model
from sideman.training.model import ModelTraining, preset, weights_from
from sideman.training.run_folder import RunFolder

CODEC = FakeCodec(FakeCodecConfig()).eval()
OTHER = FakeCodec(replace(CODEC.config, sample_rate=1700)).eval()  # of the same shapes


@pytest.fixture
def run(tmp_path):
    options = replace(preset("tiny", CODEC), steps=2, check_steps=2)
    pieces = [small_piece(number) for number in range(3)]
    training = ModelTraining(
        options, pieces, pieces[:2], CODEC, tmp_path / "run", {"pieces": 3, "hours": 0.1}
    )
    training.run()
    return training


def test_exported_run_plays_with_the_averaged_weights(run, tmp_path, monkeypatch):
    monkeypatch.setitem(
        checkpoint.CODECS, "sideman", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    export_model(run.folder.path, CODEC, tmp_path / "out", "first", steps=3, guidance=1.5)
    model = load_model(tmp_path / "out")
    spec = model.spec
    assert (spec.name, spec.steps, spec.guidance) == ("first", 3, 1.5)
    assert spec.tags == TAGS
    assert (spec.hops, spec.lead_frames, spec.leads) == ((4,), 3, (1, 8))
    for name, weight in model.network.state_dict().items():
        assert torch.equal(weight, run.average.weights[name].half().float())
    session = Session(model, ["drums"], spec.hop_frames, spec.lead_frames)
    heard = np.zeros(session.hop_samples, np.float32)
    audio, _ = session.step(session.start(), heard, Slot(0), Controls(spec.steps, spec.guidance))
    assert audio.shape == (1, session.hop_samples)


def test_a_model_of_other_hops_may_be_gone_on_from(run, tmp_path, monkeypatch):
    monkeypatch.setitem(
        checkpoint.CODECS, "sideman", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    export_model(run.folder.path, CODEC, tmp_path / "out", "first")
    base = load_model(tmp_path / "out", precision="float32")
    weights = weights_from(base, preset("tiny", CODEC, hop=2), CODEC)
    for name, weight in base.network.state_dict().items():
        assert torch.equal(weights[name], weight)
    with pytest.raises(DataError, match="other sizes"):
        weights_from(base, preset("mini", CODEC, hop=2), CODEC)
    with pytest.raises(DataError, match="cannot begin with first: .* another codec; give its own"):
        weights_from(base, preset("tiny", CODEC, hop=2), OTHER)


def test_card_tells_data_time_and_losses(run, tmp_path):
    export_model(run.folder.path, CODEC, tmp_path / "out", "first", steps=3, guidance=1.5)
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "3 procedurally composed pieces (0.1 hours)" in card
    assert "| 1 | flow | 2 | 0 | 8 x 64 frames |" in card
    assert "checked_wrong_music" in card


def test_a_card_tells_nothing_that_was_logged_after_the_last_checkpoint(run, tmp_path):
    run.folder.log({"step": 3, "checked": 0.123})
    export_model(run.folder.path, CODEC, tmp_path / "out", "first")
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "checked_wrong_music" in card and "0.123" not in card


@pytest.mark.parametrize("told", [{"guidance": 20.5}, {"guidance": float("nan")}, {"steps": 51}])
def test_defaults_that_nothing_could_be_played_with_are_not_written(run, told, tmp_path):
    (name,) = told
    with pytest.raises(SettingsError, match=f"cannot use {name} .*: give [01] to [25]0"):
        export_model(run.folder.path, CODEC, tmp_path / "out", "first", **told)
    assert not (tmp_path / "out").exists()


def test_a_model_of_other_runs_is_not_replaced_and_one_of_the_same_is(run, tmp_path):
    out, path = tmp_path / "out", run.folder.path
    check_place(out, [path])
    out.mkdir()
    (out / "mine.txt").write_text("nothing that is written")
    check_place(out, [path])
    export_model(path, CODEC, out, "first")
    moved = shutil.copytree(path, tmp_path / "moved")
    for same in (path, moved):
        check_place(out, [same])
    one, two = (tuned(run, tmp_path / str(seed), seed).folder.path for seed in (1, 2))
    for other in ([one], [path, one]):
        with pytest.raises(SettingsError, match="model.json there is not known to be .*--replace"):
            check_place(out, other)
    export_model(one, CODEC, tmp_path / "mean", "mean", beside=[two])
    check_place(tmp_path / "mean", [two, one])
    with pytest.raises(SettingsError, match="--replace"):
        check_place(tmp_path / "mean", [one])


def test_a_mean_is_played_in_as_many_steps_as_all_its_runs_were_nearest_with():
    """In whichever order they are named."""

    def checked(one: float, two: float) -> SimpleNamespace:
        line = {"step": 1, "played": 1.0, "latent_1": one, "mel_1": one, "latent_2": two, "mel_2": two}
        return SimpleNamespace(config=dict, kept_history=lambda: [{"step": 0}, line])

    a_little_one, much_two = checked(5.0, 5.1), checked(9.0, 5.0)
    for folders in ([a_little_one, much_two], [much_two, a_little_one]):
        assert export._forced(folders).steps == 2
    assert export._forced([a_little_one]).steps == 1
    assert export._forced([checked(9.0, 9.0)]).steps == 1, "the quicker one"


def test_a_run_that_trained_on_may_replace_what_it_was(run, tmp_path):
    export_model(run.folder.path, CODEC, tmp_path / "out", "first")
    run.folder.release()
    options = replace(run.options, steps=4)
    pieces = [small_piece(number) for number in range(3)]
    facts = {"pieces": 3, "hours": 0.1}
    ModelTraining(options, pieces, pieces[:2], CODEC, run.folder.path, facts).run()
    check_place(tmp_path / "out", [run.folder.path])


def test_another_run_of_the_same_options_is_another_one(run, tmp_path):
    export_model(run.folder.path, CODEC, tmp_path / "out", "first")
    again = shutil.copytree(run.folder.path, tmp_path / "again")
    first, *others = (again / "log.jsonl").read_text().splitlines()
    told = {**json.loads(first), "seconds": 12.34}
    (again / "log.jsonl").write_text("\n".join([json.dumps(told), *others, ""]))
    with pytest.raises(SettingsError, match="--replace"):
        check_place(tmp_path / "out", [again])


@pytest.mark.parametrize("name", ["model.json", "model.safetensors", "MODEL_CARD.md"])
def test_what_nobody_knows_the_run_of_is_not_replaced(run, tmp_path, name):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / name).write_bytes(b"\xff somebody's")
    with pytest.raises(SettingsError, match=f"cannot write to .*out: {name} there"):
        check_place(tmp_path / "out", [run.folder.path])


def test_run_without_checkpoint_is_refused(tmp_path):
    RunFolder.open(tmp_path, {"network": {"channels": 6}, "usual_lead": 3, "leads": [1, 8]})
    with pytest.raises(DataError, match="no checkpoint yet"):
        export_model(tmp_path, CODEC, tmp_path / "out", "first", steps=3, guidance=1.5)


def test_codec_of_other_channels_is_refused(run, tmp_path):
    other = FakeCodec(FakeCodecConfig(channels=5))
    with pytest.raises(DataError, match="trained for 6 latent channels, the codec has 5"):
        export_model(run.folder.path, other, tmp_path / "out", "first", steps=3, guidance=1.5)


def test_card_tells_every_stage(run, tmp_path):
    options = replace(preset("tiny", CODEC), steps=1, batch=3)
    second = ModelTraining(
        options, [small_piece(0)], [], CODEC, tmp_path / "two", begin=run.folder.path
    )
    second.run()
    export_model(tmp_path / "two", CODEC, tmp_path / "out", "second", steps=3, guidance=1.5)
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "| 1 | flow | 2 | 0 | 8 x 64 frames |" in card
    assert "| 2 | flow | 1 | 0 | 3 x 64 frames |" in card


def test_a_run_begun_by_a_relative_path_is_exported_from_anywhere(run, tmp_path, monkeypatch):
    monkeypatch.chdir(run.folder.path.parent)
    options = replace(preset("tiny", CODEC), steps=1, batch=3)
    second = ModelTraining(
        options, [small_piece(0)], [], CODEC, tmp_path / "two", begin=run.folder.path.name
    )
    second.run()
    monkeypatch.chdir("/")
    export_model(tmp_path / "two", CODEC, tmp_path / "out", "second", steps=3, guidance=1.5)
    assert "| 2 | flow | 1 |" in (tmp_path / "out" / "MODEL_CARD.md").read_text()


def test_a_run_and_the_one_it_began_with_may_move(run, tmp_path):
    first = shutil.copytree(run.folder.path, tmp_path / "first")
    options = replace(preset("tiny", CODEC), steps=2, batch=3)

    def second(begin, steps=2):
        return ModelTraining(
            replace(options, steps=steps), [small_piece(0)], [], CODEC, tmp_path / "two", begin=begin
        )

    begun = second(first)
    begun.run()
    begun.folder.release()
    moved = shutil.move(first, tmp_path / "moved")
    assert export_model(tmp_path / "two", CODEC, tmp_path / "out", "second").name == "second"
    assert "| 1 | flow | 2 |" in (tmp_path / "out" / "MODEL_CARD.md").read_text(), "its own stage"
    assert second(moved, 3).step == 2


def test_a_run_does_not_go_on_from_other_weights_at_the_same_place(run, tmp_path):
    first = shutil.copytree(run.folder.path, tmp_path / "first")
    options = replace(preset("tiny", CODEC), steps=2, batch=3)
    begun = ModelTraining(options, [small_piece(0)], [], CODEC, tmp_path / "two", begin=first)
    begun.run()
    begun.folder.release()
    further = RunFolder(first)
    weights = {name: weight + 1 for name, weight in further.peek().weights.items()}
    further.save(weights, {"step": 9, "seconds": 1.0})
    with pytest.raises(SettingsError, match="begin_weights was"):
        ModelTraining(options, [small_piece(0)], [], CODEC, tmp_path / "two", begin=first)


def test_another_codec_than_the_one_it_was_trained_with_is_refused(run, tmp_path):
    options = replace(preset("tiny", CODEC), steps=1, batch=3)
    facts = {"codec": codec_hash(CODEC)}
    ModelTraining(options, [small_piece(0)], [], CODEC, tmp_path / "mine", facts).run()
    assert export_model(tmp_path / "mine", CODEC, tmp_path / "out", "right")
    with pytest.raises(DataError, match="on the latents of another codec"):
        export_model(tmp_path / "mine", OTHER, tmp_path / "wrong", "wrong")
    with pytest.raises(DataError, match="cannot begin with .*mine: .* another codec; give the one"):
        ModelTraining(
            options, [small_piece(0)], [], OTHER, tmp_path / "next", begin=tmp_path / "mine"
        )


def tuned(run, folder, seed, **facts):
    options = replace(preset("tiny", CODEC), steps=1, seed=seed)
    begin = run.folder.path
    training = ModelTraining(options, [small_piece(0)], [], CODEC, folder, facts, begin)
    training.run()
    return training


def test_runs_that_began_alike_are_exported_as_the_mean_of_their_weights(run, tmp_path, monkeypatch):
    monkeypatch.setitem(
        checkpoint.CODECS, "sideman", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    one, two, three = (tuned(run, tmp_path / str(seed), seed) for seed in (1, 2, 3))
    others = [two.folder.path, three.folder.path]
    export_model(one.folder.path, CODEC, tmp_path / "out", "mean", beside=others)
    apart = 0
    for name, weight in load_model(tmp_path / "out").network.state_dict().items():
        weights = [training.average.weights[name] for training in (one, two, three)]
        assert torch.equal(weight, (sum(weights) / 3).half().float()), name
        apart += sum((weight != other.half().float()).sum().item() for other in weights)
    assert apart, "the mean is none of them"
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "The last 3 began alike and ran apart" in card
    assert card.count("| flow | 1 |") == 3


def test_runs_that_did_not_begin_alike_are_not_averaged(run, tmp_path):
    one = tuned(run, tmp_path / "one", 1)
    two = tuned(one, tmp_path / "two", 1)
    with pytest.raises(DataError, match="they differ in 'begin'"):
        export_model(one.folder.path, CODEC, tmp_path / "out", "mean", beside=[two.folder.path])
    with pytest.raises(DataError, match="it began with random weights, and .* \\(--begin\\)"):
        export_model(run.folder.path, CODEC, tmp_path / "out", "mean", beside=[one.folder.path])
    mine, other = (
        tuned(run, tmp_path / codec_hash(codec), 1, codec=codec_hash(codec)).folder.path
        for codec in (CODEC, OTHER)
    )
    with pytest.raises(DataError, match="they differ in 'codec'"):
        export_model(mine, CODEC, tmp_path / "out", "mean", beside=[other])
    assert not (tmp_path / "out").exists()


def begun(folder, number, weights=None, **facts):
    """A run as `--begin` with the name of a model leaves it."""
    options = replace(preset("tiny", CODEC), steps=1, seed=number)
    training = ModelTraining(
        options, [small_piece(0)], [], CODEC, folder, facts, weights=weights
    )
    training.average.weights = {
        name: torch.full_like(weight, number) for name, weight in training.average.weights.items()
    }
    training.save()
    return folder


def test_runs_that_began_with_one_model_are_averaged_too(tmp_path):
    one, *others = (begun(tmp_path / str(number), number, base="mini") for number in (1, 2, 6))
    export_model(one, CODEC, tmp_path / "out", "mean", beside=others)
    found = load_file(tmp_path / "out" / "model.safetensors")
    weights = [weight for name, weight in found.items() if name.startswith("network.")]
    assert weights and all((weight == 3).all() for weight in weights)
    assert "The last 3 began alike" in (tmp_path / "out" / "MODEL_CARD.md").read_text()


@pytest.mark.parametrize(
    ("theirs", "key"),
    [({"base": "other"}, "base"), ({}, "base"), ({"base": "mini", "like": "bass"}, "like")],
)
def test_runs_that_did_not_begin_with_one_model_are_not(tmp_path, theirs, key):
    one, two = begun(tmp_path / "one", 1, base="mini"), begun(tmp_path / "two", 2, **theirs)
    with pytest.raises(DataError, match=f"they differ in '{key}'; .* the same run or model"):
        export_model(one, CODEC, tmp_path / "out", "mean", beside=[two])
    assert not (tmp_path / "out").exists()


def test_runs_that_began_with_two_models_of_one_name_are_not(tmp_path):
    network = BlockTransformer(preset("tiny", CODEC).network)
    old = {name: weight.clone() for name, weight in network.state_dict().items()}
    new = {name: weight + 1 for name, weight in old.items()}
    one, same, two = (
        begun(tmp_path / str(number), number, weights, base="mini")
        for number, weights in enumerate((old, old, new))
    )
    export_model(one, CODEC, tmp_path / "out", "mean", beside=[same])
    with pytest.raises(DataError, match="they differ in 'base'"):
        export_model(one, CODEC, tmp_path / "out", "mean", beside=[two])


def test_what_a_window_cannot_be_told_is_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"family": "window"}')
    with pytest.raises(DataError, match="with guidance, level_on: a window has steps alone"):
        export_model(tmp_path, CODEC, tmp_path / "out", "one", level_on=[1], guidance=2.0)
