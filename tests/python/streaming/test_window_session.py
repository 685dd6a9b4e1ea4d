"""The sliding window live: where things lie in time, and what can know of what."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_model import small_model
from small_window import PARTS, Copying, small_window_model, window_spec

from sideman.errors import Cancelled, ModelError, SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import Call
from sideman.streaming.sessions import open_session, step_together
from sideman.streaming.window_session import WindowSession

MODEL = small_window_model()
TWO = Controls(2, 1.0, sampler="consistency")
FRAME = 16


def music(hops: int, samples: int, seed: int = 0) -> list[np.ndarray]:
    chance = np.random.default_rng(seed)
    return list(chance.standard_normal((hops, samples)).astype(np.float32))


def play(session, hops, controls=TWO, seed: int = 0, state=None):
    """All hops, one after the other: (float32 [parts, samples], the last state)."""
    state, played = session.start(seed) if state is None else state, []
    first = state.next_hop
    for number, heard in enumerate(hops):
        audio, state = session.step(state, heard, Slot(first + number), controls)
        played.append(audio)
    return np.concatenate(played, axis=1), state


def copying(back: int) -> LoadedModel:
    codec = FakeCodec(FakeCodecConfig(channels=16)).eval()  # orthogonal: every sample comes back
    network = Copying(back)
    return LoadedModel(window_spec(codec, network.config), codec, network)


@pytest.mark.parametrize(("hop", "w"), [(4, -1), (4, 0), (4, 1), (8, 1), (2, 3)])
def test_an_impulse_comes_back_where_the_regime_has_it(hop, w):
    """The slot of a hop begins `lead` = w hops after its end. A network that copies the newest frame
    it was told plays an impulse of one frame when that frame is the newest, hop + lead later; and in
    the retrospective regime where it was."""
    lead = w * hop
    session = WindowSession(copying(max(0, hop + lead)), ["bass"], hop, lead)
    hops = [np.zeros(session.hop_samples, np.float32) for _ in range(12)]
    hops[5][:FRAME] = np.random.default_rng(0).standard_normal(FRAME)
    played, _ = play(session, hops)
    heard_at = 5 * session.hop_samples
    slot_offset = session.reaction_samples  # the first answer lies there
    energy = np.square(played[0])
    sounding = np.flatnonzero(energy > 0.05 * energy.max())
    first = int(sounding[0]) + slot_offset
    assert first // FRAME == (heard_at + session.reaction_samples) // FRAME
    assert len(set(sounding // FRAME)) <= 3, "and nowhere else (the codec's echo apart)"


@torch.no_grad()
def test_after_fifty_hops_what_was_played_still_lies_where_it_sounded():
    """Each hop's latents are found in the window exactly where time has them, to the last sample of
    what was decoded: nothing slips."""
    session = WindowSession(MODEL, ["bass", "drums"], 4, 4)
    hops = music(50, session.hop_samples)
    played, state = play(session, hops)
    codec = MODEL.codec
    audio, _ = codec.decode(state.played, codec.decoder_state(2))
    newest = audio.shape[1] - FRAME  # the first frame of the window lacks the echo of its past
    assert np.abs(audio[:, -newest:].numpy() - played[:, -newest:]).max() < 1e-4


@torch.no_grad()
def test_joins_are_the_codecs_own():
    """Hop by hop or in one go, the decoded latents are the same sound: no fade is laid over."""
    session = WindowSession(MODEL, ["bass"], 4, 4)
    played, state = play(session, music(8, session.hop_samples))
    assert state.played.shape[-1] == 32
    whole = MODEL.codec.decode_all(state.played)
    assert np.abs(whole.numpy()[:, FRAME:] - played[:, FRAME:]).max() < 1e-4


def test_what_is_not_heard_yet_is_zero_and_the_future_changes_nothing():
    session = WindowSession(MODEL, ["bass"], 4, 6)
    hops = music(10, session.hop_samples)
    _, state = play(session, hops)
    context = session.context(state)
    known = 32 - 4 - 6
    assert torch.equal(context[:, known:], torch.zeros(8, 10))
    assert torch.equal(context[:, :known], state.heard[:, -known:])
    other = [*hops[:9], -hops[9]]
    _, changed = play(session, other)
    assert torch.equal(session.context(changed)[:, : known - 4], context[:, : known - 4])
    one, _ = play(session, hops[:9])
    two, _ = play(session, other[:9])
    assert np.array_equal(one, two)


def test_parts_are_items_of_their_own():
    """Several at once play what each plays alone, and not the same."""
    session = WindowSession(MODEL, PARTS, 4, 4)
    hops = music(6, session.hop_samples)
    together, _ = play(session, hops)
    for row, part in enumerate(PARTS):
        alone, _ = play(WindowSession(MODEL, [part], 4, 4), hops)
        assert np.abs(together[row] - alone[0]).max() < 1e-4
    for row in range(3):
        assert np.abs(together[row] - together[row + 1]).max() > 0.01


def test_sessions_in_one_batch_play_as_if_alone_beside_those_of_the_other_family():
    block = small_model()
    usual = Controls(2, 1.0)
    asked = [
        (open_session(MODEL, ["bass"], 4, 4), TWO), (open_session(block, ["piano"], 4, 3), usual),
        (open_session(MODEL, ["drums", "piano"], 4, 2), TWO),
        (open_session(MODEL, ["bass"], 2, 4), replace(TWO, steps=1)),
    ]  # fmt: skip
    states = [session.start(seed) for seed, (session, _) in enumerate(asked)]
    for hop in range(3):
        calls = [
            Call(session, state, music(3, session.hop_samples, 7 + n)[hop], Slot(hop), controls)
            for n, ((session, controls), state) in enumerate(zip(asked, states))
        ]
        answers = step_together(calls)
        for call, (audio, _) in zip(calls, answers, strict=True):
            alone, _ = call.session.step(call.state, call.heard, call.slot, call.controls)
            assert np.abs(audio - alone).max() < 1e-4
        states = [state for _, state in answers]


def test_the_same_seed_plays_the_same_and_another_one_does_not():
    session = WindowSession(MODEL, ["bass"], 4, 4)
    hops = music(4, session.hop_samples)
    assert np.array_equal(play(session, hops, seed=3)[0], play(session, hops, seed=3)[0])
    assert not np.array_equal(play(session, hops, seed=3)[0], play(session, hops, seed=4)[0])


def test_hops_that_were_left_out_are_silence_and_keep_their_place():
    session = WindowSession(MODEL, ["bass"], 4, 4)
    hops = music(6, session.hop_samples)
    _, state = play(session, hops[:3])
    audio, state = session.step(state, hops[5], Slot(5), TWO)
    assert state.next_hop == 6
    silent = session.start()
    assert torch.equal(state.heard[:, -11:-4], torch.zeros(8, 7)), "but for the codec's echo"
    assert torch.equal(state.played[..., -12:-4], torch.zeros(1, 8, 8))
    assert state.own.tolist() == [False] * 8 + [True] * 12 + [False] * 8 + [True] * 4
    far, _ = session.step(state, hops[0], Slot(900), TWO)
    fresh, _ = session.step(replace(silent, next_hop=900), hops[0], Slot(900), TWO)
    assert np.array_equal(far, fresh)


def test_after_a_gap_of_a_window_the_newest_of_the_music_is_known():
    session = WindowSession(MODEL, ["bass"], 4, 4)
    hops = music(12, session.hop_samples)
    _, state = play(session, hops[:2])
    before = np.concatenate(hops[2:11])  # more than the window has
    far, after = session.step(state, hops[11], Slot(900), TWO, before=before)
    fresh = replace(session.start(), next_hop=900 - 7)
    wanted, then = session.step(fresh, hops[11], Slot(900), TWO, before=before[-7 * session.hop_samples :])
    assert np.array_equal(far, wanted) and torch.equal(after.heard, then.heard)
    assert not after.own[:-4].any() and after.own[-4:].all()


@pytest.mark.parametrize(("hop", "missed"), [(1, 31), (4, 7), (4, 1)])
@torch.inference_mode()
def test_a_hole_is_one_piece_of_silence_and_not_decoded(monkeypatch, hop, missed):
    """What follows begins from the silence that sounded."""
    session, decodes = WindowSession(MODEL, ["bass", "piano"], hop, 4), []
    hops = music(2, session.hop_samples)
    _, state = play(session, hops[:1])
    decode = FakeCodec.decode

    def counted(self, latents, decoder):
        decodes.append(latents.shape[-1])
        return decode(self, latents, decoder)

    monkeypatch.setattr(FakeCodec, "decode", counted)
    audio, after = session.step(state, hops[1], Slot(1 + missed), TWO)
    assert decodes == [hop]
    alone = MODEL.codec.decode_all(after.played[..., -hop:]).numpy()
    assert np.array_equal(audio, alone)
    assert after.own.tolist() == ([False] * 32 + [True] * hop + [False] * hop * missed + [True] * hop)[-32:]
    assert not after.played[..., -hop * (missed + 1) : -hop].any()
    assert after.next_hop == 2 + missed


def test_a_diffusion_model_plays_too_and_heun_may_be_asked_for():
    model = small_window_model(kind="edm")
    session = WindowSession(model, ["bass"], 4, 4)
    for sampler in ("ancestral", "heun", "churned"):
        played, _ = play(session, music(3, session.hop_samples), Controls(3, 1.0, sampler=sampler))
        assert np.isfinite(played).all()
        assert np.abs(played).max() > 0


@pytest.mark.parametrize(
    ("parts", "hop", "lead", "why"),
    [
        (["bass"], 12, 20, "give a lead of at most 19"),
        (["flute"], 4, 4, "it knows bass"),
        (["bass"], 17, 1, "cannot play hops of 17"),
        (["bass"], 4, -5, "give a lead of -4"),
    ],
)
def test_what_does_not_fit_into_the_window_is_refused_with_what_does(parts, hop, lead, why):
    with pytest.raises(ModelError, match=why):
        WindowSession(MODEL, parts, hop, lead)


@pytest.mark.parametrize(
    ("controls", "why"),
    [
        (replace(TWO, mode="delay"), "set mode to accompany"),
        (replace(TWO, tags=(("dark", 1.0),)), "knows no tags"),
        (replace(TWO, sampler="euler"), "set sampler to auto"),
    ],
)
def test_what_this_family_cannot_is_one_line_and_the_next_hop_plays(controls, why):
    session = WindowSession(MODEL, ["bass"], 4, 4)
    hops = music(3, session.hop_samples)
    _, state = play(session, hops[:1])
    with pytest.raises(SettingsError, match=why):
        session.step(state, hops[1], Slot(1), controls)
    with pytest.raises(SettingsError, match="a hop is"):
        session.step(state, hops[1][:-1], Slot(1), TWO)
    with pytest.raises(SettingsError, match="comes next"):
        session.step(state, hops[1], Slot(0), TWO)
    with pytest.raises(Cancelled):
        session.step(state, hops[1], Slot(1), TWO, lambda: True)
    session.step(state, hops[1], Slot(1), TWO)


def test_samples_that_are_no_numbers_count_as_silence():
    session = WindowSession(MODEL, ["bass"], 4, 4)
    bad = np.full(session.hop_samples, np.nan, np.float32)
    one, _ = play(session, [bad])
    two, _ = play(session, [np.zeros(session.hop_samples, np.float32)])
    assert np.array_equal(one, two)


def test_only_what_the_model_played_is_pinned_not_its_holes_and_rests(monkeypatch):
    """Who sees nothing but his own rest goes on resting."""
    pinned = []

    def filling(network, sampler, steps, context, labels, played, hop, draw, asked, own):
        pinned.append(own[0, :-hop].tolist())
        return played[..., -hop:] + 1.0

    monkeypatch.setattr("sideman.streaming.window_session.fill", filling)
    session = WindowSession(MODEL, ["bass"], 4, 4)
    hops = music(3, session.hop_samples)
    silence = np.zeros(session.hop_samples, np.float32)
    _, state = play(session, hops)
    for number in (3, 4, 5):  # the music rests, and so does the part
        _, state = session.step(state, silence, Slot(number), replace(TWO, patience=1e-3))
    session.step(state, hops[0], Slot(6), TWO)
    assert not any(pinned[0]) and pinned[2] == [False] * 20 + [True] * 8
    assert pinned[-1] == [False] * 4 + [True] * 12 + [False] * 12
