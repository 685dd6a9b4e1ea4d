"""What plays for the published external: its places, what stays, and what lies ahead."""

from __future__ import annotations

import numpy as np
import pytest

from sideman.errors import ModelError, SettingsError
from sideman.models.shared import shared_model
from sideman.serve import published_player
from sideman.serve.published_player import Player, slot_samples


def music(seed: int, samples: int) -> np.ndarray:
    return (0.1 * np.random.default_rng(seed).standard_normal(samples)).astype(np.float32)


@pytest.mark.parametrize(("r", "slot"), [(0.25, 66150), (0.125, 33075), (0.0625, 16537)])
def test_slots_are_those_of_the_published_window(r, slot):
    assert slot_samples(r, 1) == slot
    assert slot_samples(0.5, 0) == 132300
    with pytest.raises(SettingsError, match="give r of at most 0.33"):
        slot_samples(0.5, 1)


def test_what_was_played_stays_and_what_lies_ahead_is_played_from_there():
    player = Player(shared_model("mini"), ("bass",))
    hop = player._session.hop_samples
    chance = np.random.default_rng(0)
    player.hear((0.1 * chance.standard_normal(5 * hop + 100)).astype(np.float32))
    assert player.heard == 5 * hop + 100
    near = player._played.end
    known = player.play(0, near)
    assert known.shape == (1, near)
    assert not known[:, : player._session.reaction_samples].any()
    ahead = player.play(0, near + 3 * hop)
    assert np.array_equal(ahead[:, :near], known)
    assert np.array_equal(player.play(0, near + 3 * hop), ahead), "looking ahead changes nothing"
    player.hear((0.1 * chance.standard_normal(hop)).astype(np.float32))
    assert np.array_equal(player.play(0, near), known)


def test_music_that_was_lost_keeps_its_place_and_costs_no_playing(monkeypatch):
    player = Player(shared_model("mini"), ("bass",))
    size = player._session.hop_samples
    player.hear(music(0, 4 * size + 100))
    steps = []
    step = player._session.step
    monkeypatch.setattr(player._session, "step", lambda *told: steps.append(told[2].hop_id) or step(*told))
    player.miss(3 * size)
    assert player.heard == 7 * size + 100 and not steps
    player.hear(music(1, size))
    assert steps == [7], "and the session knows that three hops are missing"
    assert player._played.end == 8 * size + player._session.reaction_samples


def test_memory_does_not_grow(monkeypatch):
    monkeypatch.setattr(published_player, "WINDOW_SAMPLES", 20000)
    player = Player(shared_model("mini"), ("bass",))
    for _ in range(10):
        player.hear(np.zeros(8192, np.float32))
    assert player._played.audio.shape[1] <= 40000 + 2 * 8192


def test_a_hop_that_fails_moves_nothing_that_comes_after_it(monkeypatch):
    player = Player(shared_model("mini"), ("bass",))
    size, reaction = player._session.hop_samples, player._session.reaction_samples
    step, steps = player._session.step, []

    def failing(state, heard, slot, controls):
        steps.append(slot.hop_id)
        if slot.hop_id == 2:
            raise ModelError("cannot play hop 2: what the model gives is not sound")
        return step(state, heard, slot, controls)

    monkeypatch.setattr(player._session, "step", failing)
    with pytest.raises(ModelError):
        player.hear(music(0, 4 * size + 100))
    assert (player.heard, player._played.end) == (4 * size + 100, 4 * size + reaction)
    player.hear(music(1, size))
    assert steps == [0, 1, 2, 4], "hop 3 went with the one that failed"
    assert player._played.end == 5 * size + reaction
