"""An instrument of one's own begins as a part of the base, and keeps what did best."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import torch
from small_model import small_model
from small_pieces import small_piece
from small_window import small_window_model

from sideman.cli.following import _shown
from sideman.errors import DataError, SettingsError
from sideman.models.checkpoint import LoadedModel, load_model
from sideman.models.transformer import BlockTransformer
from sideman.training import instrument
from sideman.training.instrument import (
    InstrumentTraining,
    check_name,
    closest_part,
    export_instrument,
    instrument_options,
    weights_for,
)
from sideman.training.model_card import OF_TAKES


def own_piece(number: int, frames: int = 80):
    piece = small_piece(number, frames=frames)
    return replace(
        piece, parts={"kalimba": piece.parts["bass"]}, contexts={"kalimba": piece.contexts["bass"]}
    )


PIECES = [own_piece(number) for number in range(3)]


@pytest.fixture(scope="module")
def base():
    return small_model()


def options(base, steps: int = 2):
    usual = instrument_options(base, "kalimba", "float32")
    return replace(usual, steps=steps, minutes=0.0, frames=32, batch=2, check_steps=1)


def test_it_begins_as_the_part_it_is_told_to(base):
    weights = weights_for(base, "guitar")
    alone = BlockTransformer(replace(base.network.config, parts=1))
    alone.load_state_dict(weights)
    row = base.spec.parts.index("guitar")
    assert torch.equal(alone.part.weight[0], base.network.part.weight[row])
    assert base.network.part.weight.shape[0] == 4


def test_a_part_that_the_base_lacks_is_refused(base):
    with pytest.raises(SettingsError, match="no part organ: give one of bass, drums, guitar, piano"):
        weights_for(base, "organ")


def test_the_closest_part_is_the_one_whose_loss_is_least(base, monkeypatch):
    losses = {"bass": 0.3, "drums": 0.5, "guitar": 0.1, "piano": 0.2}
    order, shown = iter(losses.values()), []
    monkeypatch.setattr(
        instrument.ModelTraining, "check", lambda self, only: {"checked_alone": next(order)}
    )
    found = closest_part(base, options(base), PIECES, done=lambda *counts: shown.append(counts))
    assert found == "guitar"
    assert shown == [(1, 4), (2, 4), (3, 4), (4, 4)]


def test_the_closest_part_is_sought_where_it_is_trained_by_the_one_loss_that_tells(base, monkeypatch):
    """On a processor in half precision it took ten times as long as on the GPU beside it."""
    asked = []

    def check(self, only):
        asked.append((self.device.type, only))
        return {"checked_alone": 0.0}

    monkeypatch.setattr(instrument.ModelTraining, "check", check)
    closest_part(base, options(base), PIECES, "meta")
    assert asked == [("meta", ["checked_alone"])] * 4


def test_a_check_computes_the_losses_of_the_score_and_what_the_terminal_shows(base, tmp_path):
    training = InstrumentTraining(
        options(base), PIECES, PIECES, base.codec, tmp_path, weights=weights_for(base, "bass")
    )
    figures = training.check(4)
    assert list(figures) == ["checked", "checked_alone", "checked_alone_wrong_music"]
    assert training.kept_score == (figures["checked"] + figures["checked_alone"]) / 2
    assert _shown({"step": 1, **figures})["checked"].startswith("checked ")
    training.run()
    first, last = training.folder.history()
    assert [name for name in first if "checked" in name] == list(figures)
    assert sum("checked" in name for name in last) == 6, "at the end all are told"


def test_where_its_loss_is_no_number_it_says_what_can_be_done_about_it(base, tmp_path):
    """There is no --rate."""
    training = InstrumentTraining(
        options(base), PIECES, PIECES, base.codec, tmp_path, weights=weights_for(base, "bass")
    )
    next(training.network.parameters()).data.fill_(float("nan"))
    with pytest.raises(DataError, match="no number .* anew with another --name and another --seed"):
        training.run()


def test_what_the_music_around_a_part_would_hear_is_never_drawn(base, tmp_path):
    """So it need not be encoded."""
    around = [replace(piece, parts={**piece.parts, "context": piece.contexts["kalimba"][0]}) for piece in PIECES]
    heard = [replace(piece, contexts={**piece.contexts, "context": piece.contexts["kalimba"]}) for piece in around]
    one, two = (
        InstrumentTraining(
            options(base), pieces, pieces, base.codec, tmp_path / str(place),
            weights=weights_for(base, "bass"),
        )
        for place, pieces in enumerate((around, heard))
    )
    for step in range(40):
        mine, theirs = (training._draw(step) for training in (one, two))
        assert torch.equal(mine.part, theirs.part) and torch.equal(mine.music, theirs.music)
    assert one.check(4) == two.check(4)


def test_the_weights_that_did_best_on_pieces_kept_back_are_the_result(base, tmp_path, monkeypatch):
    scores = iter((0.3, 0.1, 0.2))
    told = lambda *_: dict.fromkeys(("checked", "checked_alone"), next(scores))
    monkeypatch.setattr(instrument.ModelTraining, "check", told)
    training = InstrumentTraining(
        options(base, 3), PIECES, PIECES, base.codec, tmp_path, weights=weights_for(base, "bass")
    )
    after = {}
    training.run(lambda figures: after.update({training.step: training.average.weights["part.weight"].clone()}))
    kept = training.kept["part.weight"]
    assert torch.equal(kept, after[2])
    assert not torch.equal(kept, after[3])
    named = {"base": "small", "like": "bass", "pieces": 1, "hours": 0.1, "recordings": "abc"}
    config = json.loads((tmp_path / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps({**config, **named}))
    export_instrument(tmp_path, base, tmp_path / "out", "kalimba")
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "| checked | 0.1 |" in card, "the losses are those of the weights"


def test_the_exported_folder_is_a_model_with_that_one_part(base, tmp_path, monkeypatch):
    mini = load_model("mini", precision="float32")
    piece = small_piece(0, channels=mini.codec.channels, frames=160)
    own = replace(piece, parts={"kalimba": piece.parts["bass"]}, contexts={"kalimba": piece.contexts["bass"]})
    chosen = replace(instrument_options(mini, "kalimba", "float32"), steps=1, minutes=0.0, batch=1)
    told = dict.fromkeys(("checked", "checked_alone"), 0.1)
    monkeypatch.setattr(instrument.ModelTraining, "check", lambda *_: told)
    facts = {"recordings": "abc", "base": "mini", "like": "bass", "pieces": 1, "hours": 0.1}
    InstrumentTraining(
        chosen, [own], [own], mini.codec, tmp_path / "run", facts, weights=weights_for(mini, "bass")
    ).run()
    spec = export_instrument(
        tmp_path / "run", mini, tmp_path / "kalimba", "kalimba", takes=["1234", "5678"]
    )
    opened = load_model(tmp_path / "kalimba")
    assert opened.spec == spec
    assert (spec.name, spec.parts, spec.hop_frames) == ("kalimba", ("kalimba",), mini.spec.hop_frames)
    card = (tmp_path / "kalimba" / "MODEL_CARD.md").read_text()
    assert f"(of digest abc {OF_TAKES} 1234 5678); it" in card
    assert "tuned on 1 pieces" in card and "player of bass and keeps 100% of the tuning" in card
    last = "layers.0.feed_out.weight"
    weights = {}
    for share in (0.0, 0.5):
        export_instrument(tmp_path / "run", mini, tmp_path / "less", "kalimba", share=share)
        weights[share] = load_model(tmp_path / "less", precision="float32").network.state_dict()[last]
    card = (tmp_path / "less" / "MODEL_CARD.md").read_text()
    assert "keeps 50% of the tuning" in card and OF_TAKES not in card
    assert torch.equal(weights[0.0], mini.network.state_dict()[last])
    tuned = load_model(tmp_path / "kalimba", precision="float32").network.state_dict()[last]
    assert not torch.equal(tuned, weights[0.0])
    torch.testing.assert_close(weights[0.5], (tuned + weights[0.0]) / 2, atol=1e-4, rtol=1e-2)


def test_a_run_without_a_checkpoint_is_not_exported(base, tmp_path):
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(DataError, match="no checkpoint yet"):
        export_instrument(tmp_path, base, tmp_path / "out", "kalimba")


def test_a_window_model_cannot_be_tuned():
    with pytest.raises(SettingsError, match="window family"):
        instrument_options(small_window_model(), "kalimba", "float32")


@pytest.mark.parametrize("name", ["Kalimba", "", "../up", "my kalimba", "9lives", "a" * 40])
def test_a_name_that_no_folder_and_no_message_could_carry_is_refused(name):
    with pytest.raises(SettingsError, match="begins with a small letter and .* 31 characters at most"):
        check_name(name)


@pytest.mark.parametrize("name", ["mini", "bass", "context", "auto"])
def test_a_name_that_means_something_already_is_refused(name):
    with pytest.raises(SettingsError, match="is taken"):
        check_name(name)


def test_other_names_are_fine():
    check_name("my-kalimba-2")
    check_name("a" * 31)


def test_a_base_of_other_blocks_is_tuned_on_whole_ones(tmp_path):
    base = small_model(block_frames=3, context_frames=12)
    usual = instrument_options(base, "kalimba", "float32")
    assert usual.frames == 126
    pieces = [own_piece(0, frames=160)]
    asked = replace(usual, steps=1, minutes=0.0, batch=1)
    InstrumentTraining(
        asked, pieces, pieces, base.codec, tmp_path, weights=weights_for(base, "bass")
    ).run()


def test_what_was_tuned_of_a_base_of_few_steps_is_played_as_a_flow(base, tmp_path):
    forced = replace(base.spec, sampler="ping-pong", steps=1, guidance=1.0, schedule="log_snr")
    base = LoadedModel(forced, base.codec, base.network)
    facts = {"recordings": "abc", "base": "small", "like": "bass", "pieces": 1, "hours": 0.1}
    InstrumentTraining(
        options(base, 1), PIECES, PIECES, base.codec, tmp_path / "run", facts,
        weights=weights_for(base, "bass"),
    ).run()
    spec = export_instrument(tmp_path / "run", base, tmp_path / "out", "kalimba")
    assert (spec.sampler, spec.schedule, spec.steps) == ("euler", "quadratic", 6)
    assert spec.guidance == 2.25, "so that others are tried"
    assert export_instrument(tmp_path / "run", base, tmp_path / "out", "kalimba", 3.0).guidance == 3


def test_a_card_shows_no_check_after_the_last_checkpoint(base, tmp_path):
    facts = {"recordings": "abc", "base": "small", "like": "bass", "pieces": 1, "hours": 0.1}
    run = InstrumentTraining(
        options(base, 1), PIECES, PIECES, base.codec, tmp_path / "run", facts,
        weights=weights_for(base, "bass"),
    )
    run.run()
    run.folder.log({"step": 2, "checked": 0.001, "checked_alone": 0.001})
    export_instrument(tmp_path / "run", base, tmp_path / "out", "kalimba")
    card = (tmp_path / "out" / "MODEL_CARD.md").read_text()
    assert "| checked | " in card and "0.001" not in card
