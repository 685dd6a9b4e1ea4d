"""Codecs side by side: what differs shows, what is the same does not."""

from __future__ import annotations

import pytest
import torch
from fake_session import PlainCodec

from sideman.evaluation.codec_table import compare, untrained
from sideman.models.codec import Codec


def test_a_codec_that_changes_nothing_is_at_no_distance_and_keeps_everything(pieces):
    for row in compare({"plain": PlainCodec(1.0)}, pieces, ("bass", "drums")):
        assert row.mel_distance == pytest.approx(0, abs=1e-6)
        assert row.mel_error == pytest.approx(0, abs=1e-4)
        assert row.a8_kept == pytest.approx(1)


def test_half_the_level_is_six_decibels_away_and_further_than_none(pieces):
    near, far = compare(
        {"near": PlainCodec(0.9), "far": PlainCodec(0.5)}, pieces, ("drums",)
    )
    assert far.mel_error == pytest.approx(6, abs=1.0)
    assert near.mel_error < far.mel_error
    assert near.mel_distance < far.mel_distance
    assert near.harmony_kept is None


def test_codecs_of_other_frames_are_measured_by_one_ruler(pieces):
    coarse = PlainCodec(0.5)
    coarse.frame_samples = 2 * PlainCodec(0.5).frame_samples
    fine, other = compare({"fine": PlainCodec(0.5), "coarse": coarse}, pieces, ("drums",))
    assert other.mel_distance == pytest.approx(fine.mel_distance, rel=0.02)


def test_a_part_that_is_silent_in_every_piece_is_left_out(pieces):
    class Silent:
        def __init__(self, piece):
            self._piece = piece

        def __getattr__(self, name):
            return getattr(self._piece, name)

        def audio(self, part):
            return self._piece.audio(part) * (part != "bass")

    silent = [Silent(piece) for piece in pieces]
    rows = compare({"plain": PlainCodec(1.0)}, silent, ("bass", "drums"))
    assert [row.part for row in rows] == ["drums"]


def test_parts_that_no_piece_has_are_left_out(pieces):
    rows = compare({"plain": PlainCodec(1.0)}, pieces, ("bass", "kazoo"))
    assert [row.part for row in rows] == ["bass"]


def test_untrained_is_the_same_codec_with_a_decoder_that_bends_nothing():
    codec = Codec()
    torch.nn.init.normal_(codec.correction.out.weight, std=0.1)
    plain = untrained(codec)
    assert not plain.correction.out.weight.any() and codec.correction.out.weight.any()
    latents = torch.randn(1, codec.channels, 8)
    assert torch.equal(plain.decode_all(latents), Codec().decode_all(latents))
