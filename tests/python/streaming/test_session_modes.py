"""Modes, and what a session makes of the music in them: continue, delay, and the change between."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_model import small_model
from small_session import HOP, MODEL, PLAIN, SILENCE, music, play, session

from sideman.diffusion.guidance import Guidance
from sideman.streaming.controls import Slot
from sideman.streaming.session import MOST_HEARD_AFTER


def test_continue_is_silent_while_the_musician_plays_and_then_goes_on_from_there():
    player = session()
    told = replace(PLAIN, mode="continue")
    primed, state = play(player, range(4), told)
    assert not primed.any()
    assert not state.playing
    on, after = play(player, [4], told, heard=lambda hop: SILENCE, state=state)
    assert after.playing
    assert on.any()
    other, _ = play(player, range(4), told, heard=lambda hop: music(hop + 9))
    _, elsewhere = play(player, range(4), told, heard=lambda hop: music(hop + 9))
    differently, _ = play(player, [4], told, heard=lambda hop: SILENCE, state=elsewhere)
    assert not np.allclose(on, differently, atol=1e-4), "it goes on from what was played"


def test_continue_takes_what_was_heard_as_its_own_past():
    player = session(lead=1)
    _, state = play(player, range(3), replace(PLAIN, mode="continue"))
    encoded = MODEL.codec.encode_all(torch.from_numpy(np.concatenate([music(h) for h in range(3)]))[None])
    assert torch.allclose(state.memory.played[0][:, -4:], encoded[0][:, -4:], atol=1e-5)
    assert not state.memory.heard_known.any()


def test_what_goes_on_was_heard_when_it_was_and_its_sound_begins_from_it():
    player = session()
    told = replace(PLAIN, mode="continue")
    _, state = play(player, range(3), told)
    reaction = player.reaction_samples / MODEL.spec.sample_rate
    wanted = player._clock_rows(told.clock.moved(-reaction))
    assert torch.equal(state.memory.clock[:, -4:], wanted)
    decoder = MODEL.codec.decoder_state(1)
    for hop in range(3):
        encoded = state.memory.played[..., 4 * hop : 4 * (hop + 1)]
        _, decoder = MODEL.codec.decode(encoded.contiguous(), decoder)
    assert torch.allclose(state.decoder.last, decoder.last, atol=1e-6)


def test_nobody_goes_on_from_what_was_never_played():
    player = session()
    told = replace(PLAIN, mode="continue")
    sounds, state = play(player, range(6), told, heard=lambda hop: SILENCE)
    assert not sounds.any() and not state.playing
    _, state = play(player, [6], told, state=state)
    sounds, _ = play(player, range(7, 9), told, heard=lambda hop: SILENCE, state=state)
    assert all(hop.any() for hop in sounds)


@pytest.mark.parametrize("offset", [0.01, -0.2])
def test_an_offset_of_the_input_is_not_music(offset):
    player = session()
    sounds, state = play(
        player, range(4), replace(PLAIN, patience=1.0), heard=lambda hop: SILENCE + np.float32(offset)
    )
    assert state.silent == player.start().silent + 4 and not sounds.any()
    _, state = play(player, [4], PLAIN, heard=lambda hop: music(4) + np.float32(offset), state=state)
    assert state.silent == 0


def test_after_a_gap_of_a_window_the_newest_of_the_music_is_known():
    """As after a server that played for minutes, and fails."""
    player = session()
    _, state = play(player, range(3), PLAIN)
    before = np.concatenate([music(hop) for hop in range(80, 100)])
    far, after = player.step(state, music(100), Slot(100), PLAIN, before=before)
    newest = before[-MOST_HEARD_AFTER * HOP :]
    fresh = replace(player.start(state.seed), next_hop=100 - MOST_HEARD_AFTER)
    sound, wanted = player.step(fresh, music(100), Slot(100), PLAIN, before=newest)
    assert np.array_equal(far, sound)
    assert torch.equal(after.memory.heard, wanted.memory.heard)
    assert after.memory.heard_known.all()


def test_continue_goes_on_for_ever():
    player = session()
    told = replace(PLAIN, mode="continue")
    sounds, _ = play(
        player, range(60), told, heard=lambda hop: music(hop) if hop < 4 else SILENCE
    )
    levels = np.sqrt((sounds[5:] ** 2).mean((1, 2)))
    assert (levels > 1e-4).all()


def test_delay_without_mix_is_the_dry_sound_a_reaction_later():
    player = session()
    sounds, _ = play(player, range(5), replace(PLAIN, mode="delay", mix=0.0))
    assert np.allclose(sounds[:, 0], np.stack([music(hop) for hop in range(5)]), atol=1e-6)


def test_feedback_brings_the_echo_back_each_reaction_weaker():
    player = session(lead=4)  # hop 4 + lead 4: the echo of a hop is heard two hops later
    told = replace(PLAIN, mode="delay", mix=0.0, feedback=0.5)
    first = 0.2 * music(0)
    sounds, _ = play(player, range(7), told, heard=lambda hop: first if hop == 0 else SILENCE)
    for hop, gain in ((0, 1.0), (2, 0.5), (4, 0.25), (6, 0.125)):
        assert np.allclose(sounds[hop, 0], gain * first, atol=1e-6), hop
    assert not sounds[[1, 3, 5]].any()


def test_the_gains_of_a_model_are_not_met_again_by_its_echo():
    """Or a feedback below 1 would grow from round to round."""
    gains = (12.0,) * len(MODEL.spec.parts)
    loud = replace(MODEL, spec=replace(MODEL.spec, gains_db=gains))
    told = replace(PLAIN, mode="delay", feedback=0.5)
    sounds, state = play(session(), range(6), told)
    louder, other = play(session(model=loud), range(6), told)
    assert torch.equal(state.own, other.own)
    assert not np.array_equal(sounds, louder)


def test_feedback_of_several_parts_dies_away_as_that_of_one_does():
    player = session(("bass", "drums"))
    told = replace(PLAIN, mode="delay", mix=0.0, feedback=0.9)
    heard = lambda hop: 0.1 * music(hop) if hop < 4 else SILENCE  # noqa: E731
    sounds, _ = play(player, range(24), told, heard=heard)
    assert np.abs(sounds[-4:]).max() < 0.7 * np.abs(sounds[4:8]).max()


def test_a_filter_that_runs_away_is_forgotten_again():
    player = session()
    for peak in (1e18, 3e38):
        heard = lambda hop, peak=peak: np.full(HOP, peak, np.float32) if hop == 1 else music(hop)  # noqa: E731
        sounds, _ = play(player, range(14), heard=heard)
        assert np.isfinite(sounds).all()


def test_delay_takes_the_music_as_its_sketch_and_does_not_hear_it():
    player = session()
    sounds, state = play(player, range(3), replace(PLAIN, mode="delay"))
    others, _ = play(player, range(3), replace(PLAIN, mode="delay"), heard=lambda h: music(h + 9))
    assert not np.allclose(sounds, others, atol=1e-4)
    assert state.memory.sketch.any()
    assert not state.memory.heard_known.any()


def test_in_delay_silence_is_sketched_too_also_where_hops_were_left_out():
    """Or the model would play on by itself when the musician stops."""
    player = session()
    told = replace(PLAIN, mode="delay")
    _, state = play(player, range(1), told)
    loud = state.memory.sketch[72].max()
    _, state = play(player, range(1, 4), told, heard=lambda hop: SILENCE, state=state)
    for later in (state, player.step(state, SILENCE, Slot(6), told)[1]):
        assert later.memory.sketch[-1].all(), "given"
        assert (later.memory.sketch[72, -8:] < loud - 0.5).all(), "and silent"


def test_after_delay_a_silent_second_inlet_is_no_sketch():
    """Its sketch was the music: the part that accompanies next is not told to be silent."""
    player = session()
    _, state = play(player, range(3), replace(PLAIN, mode="delay"))
    _, state = player.step(state, music(3), Slot(3), PLAIN, sketch=SILENCE)
    assert not state.memory.sketch[-1, -4:].any()


def test_in_continue_what_sounded_in_hops_that_were_left_out_is_the_past_too():
    player = session()
    told = replace(PLAIN, mode="continue")
    _, state = play(player, range(2), told)
    _, whole = play(player, range(2, 4), told, state=state)
    _, holed = player.step(state, music(3), Slot(3), told, before=music(2))
    assert torch.equal(holed.memory.played, whole.memory.played)
    assert torch.equal(holed.memory.known, whole.memory.known)


def test_of_many_hops_that_were_left_out_the_newest_are_heard():
    """All of them would make the next one late, and the ones after that."""
    player = session(model=small_model(context_frames=64))
    _, state = play(player, range(2), PLAIN)
    before = np.concatenate([music(hop) for hop in range(2, 12)])
    _, holed = player.step(state, music(12), Slot(12), PLAIN, before=before)
    _, whole = play(player, range(2, 13), PLAIN, state=state)
    told = holed.memory.heard_known[-44:].reshape(11, 4)
    assert not told[:4].any() and told[4:].all()
    assert torch.equal(holed.memory.heard[:, -24:], whole.memory.heard[:, -24:])
    assert not holed.memory.known[:, -44:-28].any(), "nobody rested there"
    assert holed.next_hop == 13


def test_in_delay_a_hole_beside_music_is_not_seen_as_a_rest():
    player = session()
    told = replace(PLAIN, mode="delay")
    _, state = play(player, range(2), told)
    _, holed = player.step(state, music(3), Slot(3), told, before=music(2))
    assert not holed.memory.known[:, -8:-4].any() and holed.memory.known[:, -4:].all()


def test_delay_keeps_the_place_in_the_beat_at_which_it_was_heard():
    player = session()
    _, state = player.step(player.start(), music(0), Slot(0), replace(PLAIN, mode="delay"))
    reaction = player.reaction_samples / MODEL.spec.sample_rate
    wanted = player._clock_rows(PLAIN.clock.moved(-reaction))
    assert torch.equal(state.memory.clock, wanted)
    _, state = player.step(player.start(), music(0), Slot(0), PLAIN)
    assert torch.equal(state.memory.clock, player._clock_rows(PLAIN.clock))


def test_who_goes_on_alone_listens_to_nobody(monkeypatch):
    """In mode continue no music is told; its share would be of nothing."""
    shares = []
    model = small_model()
    listening = replace(model, spec=replace(model.spec, listening=0.6))

    def guide(scale, **told):
        shares.append(told["listening"])
        return Guidance(scale, **told)

    monkeypatch.setattr("sideman.streaming.batch.Guidance", guide)
    player = session(model=listening)
    play(player, range(2), replace(PLAIN, guidance=2.0))
    play(player, range(2), replace(PLAIN, guidance=2.0, mode="continue"))
    play(player, range(2), replace(PLAIN, guidance=2.0, mode="delay"))
    assert shares == [0.6, 0.6, 0.0, 0.0, 0.6, 0.6]


CHANGES = [
    ({"mode": "accompany"}, {"mode": "delay", "mix": 0.0}),
    ({"mode": "delay", "mix": 0.0}, {"mode": "accompany"}),
    ({"mode": "delay", "mix": 0.0}, {"mode": "continue"}),
    ({"mode": "delay", "mix": 0.5}, {"mode": "delay", "mix": 0.0}),
    ({"mode": "delay", "mix": 0.0}, {"mode": "delay", "mix": 0.8}),
    ({"mode": "delay", "mix": 0.0, "feedback": 0.0}, {"mode": "delay", "mix": 0.0, "feedback": 0.9}),
]


@pytest.mark.parametrize("before, after", CHANGES)
def test_a_change_of_mode_mix_or_feedback_fades(before, after, monkeypatch):
    player = session()
    quiet = torch.zeros(1, HOP)  # the model's own audio: here the echo alone is looked at
    monkeypatch.setattr(type(MODEL.codec), "decode", lambda self, latents, state: (quiet, state))
    asked = lambda hop: replace(PLAIN, **(before if hop < 6 else after))  # noqa: E731
    sounds, _ = play(player, range(8), asked, heard=lambda hop: np.full(HOP, 0.3, np.float32))
    steps = np.abs(np.diff(sounds[:, 0].reshape(-1)))
    assert 0 < steps.max() < 0.05


def test_what_is_too_loud_for_the_engine_leaves_at_what_it_takes():
    player = session()
    loud = replace(PLAIN, mode="delay", mix=0.0, feedback=0.9)
    sounds, _ = play(player, range(6), loud, heard=lambda hop: np.full(HOP, 5.0, np.float32))
    assert np.abs(sounds).max() == 4.0


@pytest.mark.parametrize("mode", ["accompany", "continue"])
def test_a_sample_that_is_no_number_does_not_make_the_hop_silence(mode):
    def spoilt(hop):
        heard = music(hop)
        heard[7] = np.nan if hop % 2 else np.inf
        return heard

    player = session()
    told = replace(PLAIN, mode=mode, patience=1.0)
    plain, state = play(player, range(6), told)
    sounds, spoilt_state = play(player, range(6), told, heard=spoilt)
    assert [hop.any() for hop in sounds] == [hop.any() for hop in plain] == [mode == "accompany"] * 6
    assert (spoilt_state.silent, spoilt_state.playing) == (state.silent, state.playing)
