"""Rests that last are not seen; short ones and those of others are."""

from __future__ import annotations

import torch

from sideman.models.codec import Codec
from sideman.models.rests import rests, without_rests

CODEC = Codec().eval()


def sound(frames: int) -> torch.Tensor:
    chance = torch.Generator().manual_seed(0)
    audio = 0.1 * torch.randn(1, frames * CODEC.frame_samples, generator=chance)
    return CODEC.encode_all(audio)


def silence(frames: int) -> torch.Tensor:
    return CODEC.silence_latent()[None, :, None].expand(1, -1, frames)


def test_a_rest_lasts_from_eight_frames_on():
    played = sound(12)
    for frames, expected in ((4, False), (7, False), (8, True), (20, True)):
        row = torch.cat((played, silence(frames)), -1)
        assert rests(row, CODEC).tolist() == [expected], frames
    assert rests(silence(7), CODEC).tolist() == [False], "too short to tell"


def test_who_comes_back_is_seen_again_and_rows_do_not_mix():
    row = torch.cat((sound(8), silence(16), sound(8)), -1)
    other = sound(32)
    known = torch.ones(2, 32)
    seen = without_rests(torch.cat((row, other)), known, 4, CODEC)
    assert seen[1].all()
    assert seen[0].unflatten(0, (-1, 4)).amin(1).tolist() == [1, 1, 1, 0, 0, 0, 1, 1]
    assert known.all(), "what was given is left alone"


def test_blocks_of_any_length_are_looked_at_where_they_end_as_in_live_playing():
    played = torch.cat((sound(12), silence(18)), -1)
    seen = without_rests(played, torch.ones(1, 30), 10, CODEC)
    live = [0 if rests(played[..., :end], CODEC)[0] else 1 for end in (10, 20, 30)]
    assert seen[0].unflatten(0, (-1, 10)).amin(1).tolist() == live == [1, 0, 0]


def test_what_was_not_known_stays_so():
    known = torch.zeros(1, 16)
    assert not without_rests(sound(16), known, 4, CODEC).any()
