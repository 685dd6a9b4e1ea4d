from __future__ import annotations

import pytest
import torch
from fake_session import PlainCodec

from sideman.evaluation.codec_gate import Kept, codec_gate


class Scrambled(PlainCodec):
    """Plays the frames in the wrong order: the same spectrum, no attack in its place."""

    def decode_all(self, latents):
        order = torch.randperm(latents.shape[-1], generator=torch.Generator().manual_seed(0))
        return super().decode_all(latents[..., order])


def test_a_codec_that_changes_only_the_level_keeps_everything(pieces):
    kept = codec_gate(PlainCodec(0.5), pieces, ("bass", "drums", "piano"))
    assert set(kept) == {"bass", "drums"}
    assert kept["bass"].a8 == pytest.approx(1, abs=0.05)
    assert kept["bass"].harmony_lift is not None
    assert kept["drums"].harmony_lift is None and kept["drums"].passes


def test_a_codec_that_loses_time_or_sound_fails(pieces):
    assert not codec_gate(Scrambled(), pieces, ("drums",))["drums"].passes
    assert not codec_gate(PlainCodec(0.0), pieces, ("drums",))["drums"].passes


def test_both_shares_must_pass():
    assert Kept(0.8, 0.8).passes
    assert not Kept(0.79, 1.0).passes
    assert not Kept(1.0, 0.79).passes
    assert not Kept(None, 0.5).passes
