"""The judge of sound: it learns to tell two sounds apart, and teaches without being taught."""

from __future__ import annotations

import torch
from fake_codec import FakeCodec, FakeCodecConfig

from sideman.training.sound_judge import SoundJudge

CODEC = FakeCodec(FakeCodecConfig(frame_samples=512, sample_rate=44100)).requires_grad_(False)
PAST, FRAMES = 8, 24
PARTS = torch.tensor([0, 1, 2, 3])


def judge() -> SoundJudge:
    torch.manual_seed(0)
    return SoundJudge(CODEC, 4, 8, PAST)


def music(seed: int, size: float = 1.0) -> torch.Tensor:
    chance = torch.Generator().manual_seed(seed)
    return size * torch.randn(4, CODEC.channels, PAST + FRAMES, generator=chance)


def test_it_learns_to_tell_loud_from_quiet():
    one, chance = judge(), torch.Generator().manual_seed(2)
    descend, won = torch.optim.Adam(one.network.parameters(), 1e-2), []
    for step in range(30):
        loss, right = one.loss(one.sound(music(step)), one.sound(music(step + 100, 0.3)), PARTS, chance)
        descend.zero_grad()
        loss.backward()
        descend.step()
        won.append(right)
    assert won[-1] == 1.0


def test_who_plays_learns_from_it_and_it_does_not_learn_from_that():
    one = judge()
    played = music(1).requires_grad_(True)
    one.fooled(one.sound(played), one.sound(music(2)), PARTS).backward()
    assert (played.grad[..., PAST:].abs().amax((0, 1)) > 0).all()
    assert all(weight.grad is None and weight.requires_grad for weight in one.network.parameters())


def test_its_own_loss_asks_nothing_of_who_plays():
    one, chance = judge(), torch.Generator().manual_seed(2)
    played = music(1).requires_grad_(True)
    one.loss(one.sound(music(2)), one.sound(played), PARTS, chance)[0].backward()
    assert played.grad is None


@torch.no_grad()
def test_only_what_comes_after_the_past_is_judged():
    one = judge()
    played, real = music(1), music(2)
    before = one.fooled(one.sound(played), one.sound(real), PARTS)
    # The levels around a frame reach 1024 samples, which is two frames here, to both sides.
    played[..., : PAST - 3] *= 10
    assert torch.equal(before, one.fooled(one.sound(played), one.sound(real), PARTS))
