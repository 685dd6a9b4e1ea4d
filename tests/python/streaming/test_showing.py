"""What is shown as a sketch, where hops were left out and where its source changes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from small_model import small_model
from small_session import PLAIN, SILENCE, music, play, session

from sideman.streaming.controls import Slot
from sideman.streaming.session import MOST_HEARD_AFTER

DELAY = replace(PLAIN, mode="delay")


def shown(hop: int) -> np.ndarray:
    return music(hop + 1000)


def other(hop: int) -> np.ndarray:
    return music(hop + 2000)


def newest(state) -> torch.Tensor:
    """The sketch of the hop just played."""
    return state.memory.sketch[:, -4:]


def test_what_was_shown_in_hops_that_were_left_out_is_known():
    player = session()
    _, state = play(player, range(2), sketch=shown)
    _, whole = play(player, range(2, 5), state=state, sketch=shown)
    before, sketch_before = (np.concatenate([one(2), one(3)]) for one in (music, shown))
    _, holed = player.step(
        state, music(4), Slot(4), PLAIN, sketch=shown(4), before=before, sketch_before=sketch_before
    )
    assert torch.equal(holed.memory.sketch, whole.memory.sketch)
    assert torch.equal(holed.sketched, whole.sketched)


def test_a_sketch_alone_in_hops_that_were_left_out_is_no_silence():
    player = session()
    _, state = play(player, range(2), sketch=shown)
    told = {"sketch": SILENCE, "before": SILENCE, "sketch_before": shown(2)}
    _, holed = player.step(state, SILENCE, Slot(3), PLAIN, **told)
    assert (holed.silent, holed.unsketched) == (1, 1)


@pytest.mark.parametrize("missed", [1, MOST_HEARD_AFTER, MOST_HEARD_AFTER + 2])
def test_what_was_shown_before_a_hole_is_not_the_sketch_after_it(missed):
    player, after = session(model=small_model(context_frames=64)), []
    for before in (shown, other):
        _, state = play(player, range(3), sketch=before)
        after.append(player.step(state, music(9), Slot(3 + missed), PLAIN, sketch=shown(9))[1])
    assert torch.equal(newest(after[0]), newest(after[1]))


def test_of_many_hops_that_were_left_out_the_newest_are_seen():
    player, after = session(model=small_model(context_frames=64)), []
    for before in (shown, other):
        _, state = play(player, range(3), sketch=before)
        told = {"sketch": shown(11), "sketch_before": np.concatenate([shown(n) for n in range(8)])}
        after.append(player.step(state, music(9), Slot(11), PLAIN, **told)[1].memory.sketch)
    newest_seen = 4 * (MOST_HEARD_AFTER + 1)
    assert torch.equal(after[0][:, -newest_seen:], after[1][:, -newest_seen:])
    assert after[0][-1, -newest_seen:].all() and not after[0][-1, 12:-newest_seen].any()


def test_what_was_shown_before_a_hop_without_a_sketch_is_not_the_sketch_after_it():
    player, after = session(), []
    for before in (shown, other):
        _, state = play(player, range(3), sketch=before)
        _, state = play(player, [3], state=state)
        after.append(play(player, [4], state=state, sketch=shown)[1])
    assert torch.equal(newest(after[0]), newest(after[1]))


@pytest.mark.parametrize("between", [None, lambda hop: SILENCE, shown])
def test_delay_that_is_left_and_taken_up_again_plays_no_ghost(between):
    """Of what it gave back before it is told nothing, nor of what the second inlet showed."""
    player, after = session(), []
    for before in (music, other):
        _, state = play(player, range(3), DELAY, heard=before)
        _, state = play(player, range(3, 6), PLAIN, state=state, sketch=between)
        after.append(play(player, [6], DELAY, state=state, heard=lambda hop: SILENCE)[1])
        assert newest(after[-1])[-1].all(), "given"
    assert torch.equal(newest(after[0]), newest(after[1]))
    _, fresh = play(player, [0], DELAY, heard=lambda hop: SILENCE)
    assert torch.equal(newest(after[0]), newest(fresh))


def test_the_second_inlet_does_not_follow_the_music_of_delay():
    player, after = session(), []
    for before in (music, other):
        _, state = play(player, range(3), DELAY, heard=before)
        after.append(play(player, [3], PLAIN, state=state, sketch=shown)[1])
    assert torch.equal(newest(after[0]), newest(after[1]))


def test_a_sketch_that_goes_on_follows_what_was_shown_before():
    player, after = session(), []
    for before in (shown, other):
        _, state = play(player, range(3), sketch=before)
        after.append(play(player, [3], state=state, sketch=shown)[1])
    assert not torch.equal(newest(after[0]), newest(after[1]))
