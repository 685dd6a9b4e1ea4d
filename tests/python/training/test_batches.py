"""Batches: the delay of what is heard, what is withheld, and that a step decides everything."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_pieces import small_piece

from sideman.data.tags import TAGS
from sideman.errors import DataError
from sideman.models.sketch import GROUPS
from sideman.training.batches import Batches, Withhold

NOTHING = Withhold(
    heard=0, clock=0, past=0, past_block=0, past_noise=0, past_colour=0, sketch=0, tags=0, some=0,
    clock_errors=0,
)
PIECES = [small_piece(number) for number in range(4)]


class QuietCodec(FakeCodec):
    """Silence is -9 everywhere, so that it can be told from music."""

    def silence_latent(self):
        return torch.full((self.channels,), -9.0)


def batches(
    lead: int = 3, leads: tuple[int, int] = (1, 8), hearing: str = "delayed"
) -> Batches:
    return Batches(
        PIECES, ("bass", "drums"), QuietCodec(FakeCodecConfig()), frames=32, block=4, leads=leads,
        usual_lead=lead, seed=0, hearing=hearing,
    )


def crop_of(part: torch.Tensor) -> tuple[int, int]:
    """Number of the piece and first frame of a crop."""
    return next(
        (number, start)
        for number, piece in enumerate(PIECES)
        for start in range(49)
        if torch.equal(piece.parts["bass"][:, start : start + 32].float(), part)
    )


def test_heard_music_arrives_lead_and_hop_frames_late():
    for lead in (1, 3, 8):
        batch = batches(lead).draw(0, 6, None)
        heard = batch.conditions.heard
        for row in range(6):
            number, first = crop_of(batch.part[row])
            piece = PIECES[number]
            music = piece.contexts["bass"][0, :, first : first + 32].float()
            assert torch.equal(batch.music[row], music)
            for frame in range(32):
                source = first + frame - lead - 4
                music = piece.contexts["bass"][0, :, source].float() if source >= 0 else -9.0
                assert (heard[row, :, frame] == music).all()


def test_with_a_lead_of_minus_a_block_the_slot_itself_is_heard():
    batch = batches(-4, (-4, -4)).draw(0, 6, None)
    assert torch.equal(batch.conditions.heard, batch.music)
    assert set(batch.conditions.lead.tolist()) == {-4}


def test_what_comes_after_the_slot_is_never_heard():
    with pytest.raises(DataError, match="a lead of -5 frames: -4 hears the slot itself"):
        batches(3, (-5, 8))


def test_a_step_decides_the_batch():
    one, again, other = (batches().draw(step, 4, Withhold()) for step in (5, 5, 6))
    assert torch.equal(one.shown, again.shown)
    assert torch.equal(one.known, again.known)
    assert torch.equal(one.conditions.clock, again.conditions.clock)
    assert not torch.equal(one.shown, other.shown)


def test_leads_vary_around_the_usual_one_and_are_told():
    leads = torch.cat([batches().draw(s, 16, NOTHING).conditions.lead for s in range(12)])
    assert set(leads.tolist()) == set(range(1, 9))
    assert (leads == 3).float().mean() > 0.4


def test_each_thing_can_be_withheld_alone():
    plain = batches().draw(3, 8, NOTHING)
    assert plain.known.all()
    assert torch.equal(plain.shown, plain.part)
    unsketched = batches().draw(3, 8, replace(NOTHING, sketch=1))
    assert unsketched.conditions.heard_known.all()
    assert plain.conditions.clock[:, -1].all()
    assert plain.conditions.tags.any(1).all()
    assert plain.conditions.sketch[:, -3:].all()

    def without(**told: float):
        return batches().draw(3, 8, replace(NOTHING, **told))

    assert not without(heard=1, sketch=1).conditions.heard_known.any()
    assert not without(clock=1).conditions.clock.any()
    assert not without(sketch=1).conditions.sketch.any()
    assert not without(tags=1).conditions.tags.any()
    assert not without(past=1).known.any()
    gaps = without(past_block=0.9)
    blocks = gaps.known.view(8, 8, 4)
    assert 0 < gaps.known.mean() < 1
    assert torch.equal(blocks.amin(2), blocks.amax(2))
    noisy = without(past_noise=0.5)
    assert not torch.equal(noisy.shown, noisy.part)
    assert torch.equal(noisy.part, plain.part)


def test_a_wrong_colour_lasts_and_is_the_same_in_a_whole_band():
    batch = batches().draw(3, 32, replace(NOTHING, past_colour=1))
    off = batch.shown - batch.part
    rows = off.abs().amax((1, 2)) > 0
    assert 0.25 < rows.float().mean() < 0.75
    bands = torch.tensor(FakeCodec(FakeCodecConfig()).bands)
    for band in bands.unique():
        inside = off[:, bands == band].flatten(1)
        assert (inside.amax(1) - inside.amin(1)).max() < 1e-5
    assert (off[rows].amax((1, 2)) - off[rows].amin((1, 2))).min() > 1e-3


def test_some_withholds_single_components_of_sketch_and_tags():
    some = batches().draw(3, 64, replace(NOTHING, some=0.5)).conditions
    for _, flag in GROUPS.values():
        assert 0.2 < some.sketch[:, flag].mean() < 0.8
    styles = some.tags[:, : TAGS.index("dark"), 0].any(1)
    assert 0.2 < styles.float().mean() < 0.8


def test_a_clock_with_errors_differs_from_the_true_one_and_doubts_itself():
    plain = batches().draw(3, 16, NOTHING).conditions.clock
    wrong = batches().draw(3, 16, replace(NOTHING, clock_errors=1)).conditions.clock
    assert plain.shape == wrong.shape
    assert not torch.allclose(plain, wrong, atol=0.05)
    assert 0 < wrong[:, -1].mean() < plain[:, -1].mean()


def test_a_missing_sketch_leaves_the_music_more_often_than_a_given_one():
    batch = batches().draw(3, 256, replace(NOTHING, sketch=0.5, heard=0.0)).conditions
    sketched = batch.sketch[:, -3:].any(1).any(1)
    heard = batch.heard_known.any(1)
    assert heard[~sketched].all()
    assert 0.3 < heard[sketched].float().mean() < 0.7


def test_with_a_cutoff_the_music_is_told_at_its_own_time_up_to_lead_frames_before_the_end():
    batch = batches(3, hearing="cutoff").draw(0, 6, None)
    for row in range(6):
        number, first = crop_of(batch.part[row])
        music = PIECES[number].contexts["bass"][0, :, first : first + 32].float()
        assert torch.equal(batch.conditions.heard[row], music)
        assert np.flatnonzero(batch.conditions.heard_known[row]).tolist() == list(range(25))


def test_blocks_of_the_past_lie_whole_before_the_last_one_and_the_first_may_be_cut_off():
    made = Batches(
        PIECES, ("bass",), FakeCodec(FakeCodecConfig()), frames=35, block=3, leads=(1, 8),
        usual_lead=3, seed=0, hearing="cutoff",
    )
    known = made.draw(1, 64, Withhold(past=0, past_block=1)).known
    assert known.shape == (64, 35)
    blocks = known[:, 2:].unflatten(1, (11, 3))
    assert torch.equal(blocks.amin(2), blocks.amax(2))
    assert torch.equal(known[:, 0], known[:, 1]) and known[:, 0].any() and not known[:, 0].all()


def test_a_part_that_no_piece_has_is_never_drawn():
    assert batches().parts_present == ["bass"]


def test_wrong_music_changes_the_music_alone():
    batch = batches().draw(0, 4, None)
    wrong = batch.told_wrongly()
    assert torch.equal(wrong.conditions.heard, batch.conditions.heard.roll(1, 0))
    assert torch.equal(wrong.part, batch.part)
    assert torch.equal(wrong.conditions.clock, batch.conditions.clock)


def test_a_piece_whose_beat_nobody_knows_tells_no_clock():
    known = small_piece(0)
    unknown = replace(known, beats=np.zeros_like(known.beats), bpm=0.0)
    made = Batches([unknown], ("bass",), FakeCodec(FakeCodecConfig()), 32, 4, (1, 8), 3, 0)
    drawn = made.draw(1, 4, replace(NOTHING, clock_errors=1.0))
    assert not drawn.conditions.clock.any()
    assert not drawn.true_clock.any()


def test_where_the_tempo_moves_that_of_the_moment_is_told():
    codec, piece = FakeCodec(FakeCodecConfig()), small_piece(0)
    seconds = np.arange(piece.frames) * codec.frame_samples / codec.sample_rate
    moving = replace(piece, beats=2 * seconds + 0.1 * seconds**2, bpm=99.0)
    made = Batches([moving], ("bass",), codec, piece.frames, 4, (1, 8), 3, 0)
    told = made.draw(1, 1, None).conditions.clock[0, 10].numpy()
    np.testing.assert_allclose(110 * 2**told[1:-1], 60 * (2 + 0.2 * seconds[1:-1]), rtol=1e-4)
