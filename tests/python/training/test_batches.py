"""Batches: the delay of what is heard, what is withheld, and that a step decides everything."""

from __future__ import annotations

import torch
from small_pieces import small_piece

from sideman.training.batches import Batches, Withhold

NOTHING = Withhold(heard=0, clock=0, past=0, past_block=0, past_noise=0)


def batches(lead: int = 3, leads: tuple[int, int] = (1, 8)) -> Batches:
    pieces = [small_piece(number) for number in range(4)]
    return Batches(
        pieces, ("bass", "drums"), torch.full((6,), -9.0), frames=32, block=4, leads=leads,
        usual_lead=lead, seed=0,
    )


def test_heard_music_arrives_lead_and_hop_frames_late():
    for lead in (1, 3, 8):
        batch = batches(lead).draw(0, 6, None)
        heard = batch.conditions.heard
        for row in range(6):
            start = next(
                (n, s)
                for n in range(4)
                for s in range(49)
                if torch.equal(
                    small_piece(n).parts["bass"][:, s : s + 32].float(), batch.part[row]
                )
            )
            piece, first = small_piece(start[0]), start[1]
            for frame in range(32):
                source = first + frame - lead - 4
                music = piece.contexts["bass"][0, :, source].float() if source >= 0 else -9.0
                assert (heard[row, :, frame] == music).all()


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
    assert plain.conditions.heard_known.all()
    assert plain.conditions.clock[:, -1].all()
    deaf = batches().draw(3, 8, Withhold(1, 0, 0, 0, 0))
    assert not deaf.conditions.heard_known.any()
    lost = batches().draw(3, 8, Withhold(0, 1, 0, 0, 0))
    assert not lost.conditions.clock.any()
    alone = batches().draw(3, 8, Withhold(0, 0, 1, 0, 0))
    assert not alone.known.any()
    gaps = batches().draw(3, 8, Withhold(0, 0, 0, 0.9, 0))
    blocks = gaps.known.view(8, 8, 4)
    assert 0 < gaps.known.mean() < 1
    assert torch.equal(blocks.amin(2), blocks.amax(2))
    noisy = batches().draw(3, 8, Withhold(0, 0, 0, 0, 0.5))
    assert not torch.equal(noisy.shown, noisy.part)
    assert torch.equal(noisy.part, plain.part)


def test_wrong_music_changes_the_music_alone():
    batch = batches().draw(0, 4, None)
    wrong = batch.told_wrongly()
    assert torch.equal(wrong.conditions.heard, batch.conditions.heard.roll(1, 0))
    assert torch.equal(wrong.part, batch.part)
    assert torch.equal(wrong.conditions.clock, batch.conditions.clock)
