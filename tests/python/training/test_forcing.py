"""Stage 2: who learns when, exact resuming, and from raw pieces to a folder that plays."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_pieces import small_piece

from sideman.data.latents import codec_hash
from sideman.diffusion.schedules import log_snr, uniform
from sideman.errors import DataError, SettingsError
from sideman.models import checkpoint
from sideman.models.checkpoint import load_model
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import Session
from sideman.training.export import export_model
from sideman.training.forcing import ForcingTraining
from sideman.training.forcing_options import ForcingOptions, forcing_preset
from sideman.training.loop import averaged_weights
from sideman.training.matching import Matching
from sideman.training.model import ModelTraining, network_of, preset
from sideman.training.run_folder import RunFolder

CODEC = FakeCodec(FakeCodecConfig()).eval()
PIECES = [small_piece(number, frames=96) for number in range(4)]


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    network = replace(preset("tiny", CODEC).network, width=32, layers=2, hidden=48, context_frames=8)
    options = replace(preset("tiny", CODEC), network=network, steps=2, batch=2, frames=16)
    ModelTraining(options, PIECES, [], CODEC, folder).run()
    return folder


def options(first, steps: int) -> ForcingOptions:
    network = network_of(RunFolder(first))
    return replace(
        forcing_preset("tiny", network), minutes=0.0, steps=steps, jump_steps=0, head_start=4, batch=2,
        blocks=3, exit_layer=1, head=4, warm_up=1,
    )


def weights(module) -> dict[str, torch.Tensor]:
    return {name: weight.clone() for name, weight in module.state_dict().items()}


def changed(module, before) -> bool:
    return any(not torch.equal(w, before[name]) for name, w in module.state_dict().items())


def test_at_first_the_model_jumps_alone(first, tmp_path):
    asked = replace(options(first, 4), jump_steps=3)
    run = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    critic, seen = weights(run.reader.network), []
    run.run(lambda figures: seen.append((set(figures), changed(run.reader.network, critic))))
    assert all("jump" in names for names, _ in seen)
    assert ["flow" in names for names, _ in seen] == [False, False, False, True]
    assert [critics for _, critics in seen] == [False, False, False, True]


def test_the_discriminator_has_a_head_start_while_the_model_learns_to_jump(first, tmp_path):
    run = ForcingTraining(options(first, 6), PIECES, [], CODEC, tmp_path, first)
    seen = []

    def watch(figures):
        seen.append((set(figures), changed(run.network, model), changed(run.reader.network, critic)))

    model, critic = weights(run.network), weights(run.reader.network)
    run.run(watch)
    kinds = [figures for figures, _, _ in seen]
    assert ["jump" in figures for figures in kinds] == [True] * 4 + [False] * 2
    assert all("flow" in figures for figures in kinds[:2])
    assert all("critic" in figures and "loss" not in figures for figures in kinds[2:4])
    assert all({"critic", "contrast", "ear", "loss"} <= figures for figures in kinds[4:])
    assert all(model and critic for _, model, critic in seen)
    assert not changed(run.teacher, model), "what the first stage knew stays"
    assert all(weight.requires_grad for weight in run.reader.network.parameters())
    assert (tmp_path / "loss.png").is_file()
    assert (tmp_path / "metrics.csv").is_file()


def test_interrupted_and_resumed_equals_uninterrupted(first, tmp_path):
    whole = ForcingTraining(options(first, 7), PIECES, [], CODEC, tmp_path / "whole", first)
    whole.run()

    def stop(figures):
        if figures["step"] == 5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        ForcingTraining(options(first, 7), PIECES, [], CODEC, tmp_path / "parts", first).run(stop)
    resumed = ForcingTraining(options(first, 7), PIECES, [], CODEC, tmp_path / "parts", first)
    assert resumed.step == 5
    resumed.run()
    for kind, module in whole.modules.items():
        for name, weight in module.state_dict().items():
            assert torch.equal(weight, resumed.modules[kind].state_dict()[name]), name


def test_the_discriminator_learns_to_tell_rollouts_from_music(first, tmp_path):
    asked = replace(options(first, 100), head_start=100, batch=16, blocks=6, critic_rate=3e-3)
    run = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    won = []
    run.run(lambda figures: won.append(figures.get("real_won", 0.0)))
    assert sum(won[-25:]) / 25 > 0.75


def test_a_judge_of_the_sound_who_is_not_asked_learns_and_says_nothing(first, tmp_path):
    asked = replace(options(first, 6), sound=0.0)
    run = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    ear, seen = weights(run.ear.network), set()
    run.run(seen.update)
    assert "loss" in seen and "ear" not in seen
    assert not changed(run.ear.network, ear)


def test_the_best_average_by_what_it_plays_is_the_result(first, tmp_path):
    asked = replace(options(first, 8), check_steps=2, rate=0.05)
    run = ForcingTraining(asked, PIECES, PIECES[:2], CODEC, tmp_path, first)
    seen, rehearse = [], run.rehearsal.figures

    def watched(network):
        seen.append((rehearse(network)["played"], weights(network)))
        return rehearse(network)

    run.rehearsal.figures = watched
    run.run()
    assert len(seen) == 4
    best = min(seen, key=lambda one: one[0])[1]
    kept = averaged_weights(RunFolder(tmp_path))
    assert all(torch.equal(kept[name], weight) for name, weight in best.items())
    resumed = ForcingTraining(asked, PIECES, PIECES[:2], CODEC, tmp_path, first)
    assert resumed.kept_score == run.kept_score
    assert all(torch.equal(resumed.kept[name], weight) for name, weight in best.items())


def test_in_the_head_start_only_a_model_that_cannot_jump_yet_learns_fast(first, tmp_path):
    asked = replace(options(first, 5), rate=1e-5, jump_rate=1e-3)
    new = ForcingTraining(asked, PIECES, [], CODEC, tmp_path / "new", first)
    new.run()
    further = ForcingTraining(
        asked, PIECES, [], CODEC, tmp_path / "further", first, student=tmp_path / "new"
    )
    further.step = 1

    def rate(run: ForcingTraining, teaching: bool) -> float:
        run._set_rates(teaching)
        return run.optimizer.param_groups[0]["lr"] / run.rate

    assert [rate(new, teaching) for teaching in (False, True)] == pytest.approx([1e-3, 1e-5])
    assert [rate(further, teaching) for teaching in (False, True)] == pytest.approx([1e-5, 1e-5])


def test_one_long_piece_does_not_keep_the_others_from_being_rehearsed(first, tmp_path):
    pieces = [small_piece(number, frames=64) for number in range(5)] + [small_piece(5, frames=300)]
    run = ForcingTraining(options(first, 5), PIECES, pieces, CODEC, tmp_path, first)
    assert run.rehearsal.real.shape[-1] == 64
    assert len({row.sum().item() for row in run.rehearsal.real}) > 5


def test_a_run_of_other_parts_is_nothing_to_begin_with(first, tmp_path):
    other = shutil.copytree(first, tmp_path / "other")
    config = json.loads((other / "config.json").read_text())
    (other / "config.json").write_text(json.dumps({**config, "parts": ["kalimba"]}))
    with pytest.raises(DataError, match="it plays kalimba, and stage 2 is of bass, drums"):
        ForcingTraining(options(first, 5), PIECES, [], CODEC, tmp_path / "run", other)


def test_runs_of_any_seed_rehearse_the_same_pieces(first, tmp_path):
    one, two = (
        ForcingTraining(
            replace(options(first, 1), seed=seed), PIECES[:2], PIECES[2:], CODEC,
            tmp_path / str(seed), first,
        )
        for seed in (1, 2)
    )
    assert torch.equal(one.rehearsal.real, two.rehearsal.real)
    assert not torch.equal(one._feed(1).part, two._feed(1).part)


def test_the_fake_flow_follows_what_is_played_before_and_in_the_game(first, tmp_path):
    run = ForcingTraining(options(first, 6), PIECES, [], CODEC, tmp_path, first)
    fake, seen = weights(run.matching.fake), []
    run.run(lambda figures: seen.append(("fake" in figures, changed(run.matching.fake, fake))))
    assert seen == [(False, False)] * 2 + [(True, True)] * 4


def test_the_fake_flow_has_learnt_a_rollout_before_it_pulls_it(first, tmp_path, monkeypatch):
    """Where it comes later the model runs away from it (docs/experiments.md)."""
    run, order = ForcingTraining(options(first, 6), PIECES, [], CODEC, tmp_path, first), []
    pull, loss = Matching.pull, Matching.loss
    monkeypatch.setattr(Matching, "pull", lambda *a: order.append(("pull", a[1])) or pull(*a))
    monkeypatch.setattr(Matching, "loss", lambda *a: order.append(("learn", a[1])) or loss(*a))
    run.run()
    pulled = [place for place, (name, _) in enumerate(order) if name == "pull"]
    assert pulled
    for place in pulled:
        assert order[place - 1] == ("learn", order[place][1])


def test_a_first_stage_that_is_not_asked_pulls_nothing(first, tmp_path):
    asked = replace(options(first, 6), match=0.0)
    run = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    fake, seen = weights(run.matching.fake), set()
    run.run(seen.update)
    assert "loss" in seen and "fake" not in seen
    assert not changed(run.matching.fake, fake)


def test_the_model_learns_from_judges_that_have_not_seen_the_rollout(first, tmp_path):
    run = ForcingTraining(options(first, 5), PIECES, [], CODEC, tmp_path, first)
    order = []

    def noted(name, work):
        def work_and_note(*given):
            order.append(name)
            return work(*given)
        return work_and_note

    for name in ("_teach", "_judge", "_hear"):
        setattr(run, name, noted(name, getattr(run, name)))
    run.run()
    assert order == ["_judge", "_hear"] * 2 + ["_teach", "_judge", "_hear"]


def test_a_forced_run_is_exported_for_the_steps_that_came_nearest_when_its_best_was_kept(
    first, tmp_path
):
    run = ForcingTraining(options(first, 5), PIECES, [], CODEC, tmp_path / "run", first)
    run.run()
    checks = [
        {"latent_1": 2.0, "mel_1": 2.0, "latent_2": 1.0, "mel_2": 1.0, "played": 1.4},
        {"latent_1": 1.0, "mel_1": 1.1, "latent_2": 1.2, "mel_2": 1.0, "played": 1.1},
    ]
    with (tmp_path / "run" / "log.jsonl").open("a") as log:
        log.writelines(json.dumps(line) + "\n" for line in checks)
    assert export_model(tmp_path / "run", CODEC, tmp_path / "out", "forced").steps == 1
    assert export_model(tmp_path / "run", CODEC, tmp_path / "out", "forced", steps=2).steps == 2


def test_a_model_is_played_at_its_runs_own_times_and_of_older_runs_at_those_it_learnt(first, tmp_path):
    asked = replace(options(first, 5), schedule="quadratic")
    ForcingTraining(asked, PIECES, [], CODEC, tmp_path / "run", first).run()
    config = json.loads((tmp_path / "run" / "config.json").read_text())
    for gone, played_at in ((None, "uniform"), ("play_schedule", "quadratic"), ("schedule", "log_snr")):
        config.pop(gone, None)  # as in runs of when there was none of it
        (tmp_path / "run" / "config.json").write_text(json.dumps(config))
        spec = export_model(tmp_path / "run", CODEC, tmp_path / "out", "forced")
        assert spec.schedule == played_at


def test_it_is_rehearsed_at_the_times_at_which_it_is_played(first, tmp_path):
    rehearsals = {
        name: ForcingTraining(
            replace(options(first, 5), play_schedule=name), PIECES, PIECES, CODEC, tmp_path / name, first
        ).rehearsal
        for name in ("uniform", "log_snr")
    }
    assert {name: rehearsal.schedule(2) for name, rehearsal in rehearsals.items()} == {
        "uniform": uniform(2), "log_snr": log_snr(2),
    }


def test_a_schedule_that_there_is_not_is_refused_with_those_that_there_are(first):
    with pytest.raises(SettingsError, match="no schedule 'cosine': schedules are log_snr, quadratic, un"):
        replace(options(first, 5), schedule="cosine")
    with pytest.raises(SettingsError, match="no schedule 'cosine'"):
        replace(options(first, 5), play_schedule="cosine")


def test_a_forced_run_that_was_not_checked_is_exported_for_two_steps_without_guidance(
    first, tmp_path, monkeypatch
):
    monkeypatch.setitem(
        checkpoint.CODECS, "sideman", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    ForcingTraining(options(first, 5), PIECES, [], CODEC, tmp_path / "run", first).run()
    export_model(tmp_path / "run", CODEC, tmp_path / "out", "forced")
    model = load_model(tmp_path / "out")
    spec = model.spec
    assert (spec.steps, spec.guidance) == (2, 1.0)
    assert (spec.sampler, spec.schedule) == ("ping-pong", "uniform")
    session = Session(model, ["bass"], spec.hop_frames, spec.lead_frames)
    heard = np.zeros(session.hop_samples, np.float32)
    controls = Controls(spec.steps, spec.guidance, sampler=spec.sampler)
    assert np.isfinite(session.step(session.start(), heard, Slot(0), controls)[0]).all()
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "| 1 | flow | 2 |" in card
    assert "| 2 | ARC-Forcing | 5 |" in card


def test_it_cannot_begin_with_a_run_that_has_no_weights(first, tmp_path):
    with pytest.raises(DataError, match="no checkpoint yet"):
        ForcingTraining(options(first, 1), PIECES, [], CODEC, tmp_path / "run", tmp_path / "none")


def test_unknown_preset_is_refused(first):
    with pytest.raises(DataError, match="presets are mini, tiny"):
        forcing_preset("huge", network_of(RunFolder(first)))


def test_after_blocks_of_its_own_it_is_drawn_from_there_and_judged_without_them(first, tmp_path):
    asked = replace(options(first, 5), lead_in=3)
    run = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    batch = run.batches.draw(0, 2, None)
    batch.known[:] = 0
    past, block, free = run._past, run.options.network.block_frames, 2
    played = run._played(batch, free, torch.Generator().manual_seed(1))
    assert played.shape[-1] == asked.frames
    late = run._late(batch, free)
    assert torch.equal(late.part, batch.part[..., free * block :][..., : asked.frames])
    own = past - free * block
    assert not late.known[:, :own].any() and late.known[:, own:].all()
    assert torch.equal(played[..., :own], batch.part[..., free * block : past])
    shown, judged = run._judged(late, played, free)
    assert not shown.known[:, :past].any() and not judged[..., :past].any()
    assert torch.equal(judged[..., past:], played[..., past:])


def test_wherever_it_is_cut_a_sequence_is_not_told_what_sounds_with_its_last_block(first, tmp_path):
    """With hearing `cutoff`; or the teacher would know the future, and the model follow him."""
    asked = replace(options(first, 5), lead_in=3)
    run = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    batch = run.batches.draw(0, 2, None)
    batch.conditions.heard_known[:] = 1
    network = replace(asked.network, hearing="cutoff")
    object.__setattr__(run.options, "network", network)
    for free in (0, 2):
        known = run._late(batch, free).conditions.heard_known
        for row, lead in zip(known, batch.conditions.lead.tolist()):
            end = asked.frames - network.block_frames - lead
            assert row[:end].all() and not row[end:].any()


@pytest.mark.parametrize("phase", [{"jump_steps": 9}, {"head_start": 4}, {"head_start": 0}])
def test_a_loss_that_is_no_number_ends_the_run_and_keeps_nothing_of_it(first, tmp_path, phase):
    asked = replace(options(first, 9), **phase)
    run = ForcingTraining(replace(asked, steps=2), PIECES, [], CODEC, tmp_path, first)
    run.run()
    before = (tmp_path / "checkpoint.safetensors").read_bytes()
    spoilt = ForcingTraining(asked, PIECES, [], CODEC, tmp_path, first)
    next(spoilt.network.parameters()).data.fill_(float("nan"))
    with pytest.raises(DataError, match="step 3: the loss is no number any more.*--run and --seed"):
        spoilt.run()
    assert (tmp_path / "checkpoint.safetensors").read_bytes() == before


def test_a_run_of_another_codec_is_neither_begun_with_nor_gone_on_from(first, tmp_path):
    other = {"codec": codec_hash(FakeCodec(replace(CODEC.config, sample_rate=1700)))}
    begun = shutil.copytree(first, tmp_path / "first")
    config = json.loads((begun / "config.json").read_text())
    (begun / "config.json").write_text(json.dumps({**config, **other}))
    with pytest.raises(DataError, match="cannot begin with .*first: .* another codec; give"):
        ForcingTraining(options(first, 1), PIECES, [], CODEC, tmp_path / "run", begun)
    ForcingTraining(options(first, 1), PIECES, [], CODEC, tmp_path / "other", first, other).run()
    with pytest.raises(DataError, match="cannot begin with .*other: .* another codec; give"):
        ForcingTraining(
            options(first, 1), PIECES, [], CODEC, tmp_path / "run", first,
            student=tmp_path / "other",
        )
    assert not (tmp_path / "run").exists()


def test_what_a_killed_run_logged_after_its_last_checkpoint_is_not_exported(first, tmp_path):
    """Nor would the weights be those of that line."""
    run = ForcingTraining(options(first, 5), PIECES, [], CODEC, tmp_path / "run", first)
    run.run()
    kept = {"step": 4, "latent_1": 2.0, "mel_1": 2.0, "latent_2": 1.0, "mel_2": 1.0, "played": 1.4}
    lost = {"step": 6, "latent_1": 1.0, "mel_1": 1.0, "latent_2": 2.0, "mel_2": 2.0, "played": 1.1}
    for line in (kept, lost):
        run.folder.log(line)
    assert export_model(tmp_path / "run", CODEC, tmp_path / "out", "forced").steps == 2
