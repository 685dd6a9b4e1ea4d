"""Encoded pieces: right frames, own part never in what is heard, encoded once, kept per codec."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig

from sideman.audio import save
from sideman.data import latents
from sideman.data.latents import codec_hash, encode_pieces
from sideman.data.pieces import load_pieces
from sideman.errors import DataError

CODEC = FakeCodec(FakeCodecConfig()).eval()
FRAMES = 40


@pytest.fixture
def pieces(tmp_path):
    folder = tmp_path / "set" / "one"
    rng = np.random.default_rng(0)
    samples = FRAMES * CODEC.frame_samples + 5
    for part in ("bass", "piano"):
        save(folder / f"{part}.flac", 0.1 * rng.standard_normal(samples).astype("f4"), 44100)
    card = {
        "id": "one", "style": "rock", "key": "C", "bpm": 90.0, "beats_per_bar": 3,
        "downbeat_sample": 8, "samples": samples, "parts": ["bass", "piano"], "chords": [],
    }
    (folder / "piece.json").write_text(json.dumps(card))
    return load_pieces(tmp_path / "set")


def test_parts_and_contexts_are_what_the_codec_makes_of_them(pieces, tmp_path):
    (found,) = encode_pieces(pieces, CODEC, tmp_path / "cache", 3)
    samples = FRAMES * CODEC.frame_samples
    bass, piano = (
        CODEC.encode_all(torch.from_numpy(pieces[0].audio(part)[:samples])[None])[0].half()
        for part in ("bass", "piano")
    )
    assert found.frames == FRAMES
    assert torch.allclose(found.parts["bass"], bass, atol=2e-3)
    assert torch.allclose(found.contexts["bass"][0], piano, atol=2e-3)
    assert torch.allclose(found.contexts["piano"][0], bass, atol=2e-3)
    assert found.contexts["bass"].shape == (3, 6, FRAMES)
    assert found.beats[0] == pytest.approx((8 - 8) * 90 / 60 / 44100)
    assert (found.bpm, found.beats_per_bar) == (90.0, 3)


def test_other_contexts_differ_in_level_and_stay_the_same_each_time(pieces, tmp_path):
    (one,) = encode_pieces(pieces, CODEC, tmp_path / "a", 2)
    (again,) = encode_pieces(pieces, CODEC, tmp_path / "b", 2)
    full, other = one.contexts["bass"][0].float(), one.contexts["bass"][1].float()
    ratio = float(other.norm() / full.norm())
    assert 0.2 < ratio < 4.1
    assert abs(ratio - 1) > 0.01
    assert torch.equal(one.contexts["bass"], again.contexts["bass"])


def test_second_time_nothing_is_encoded_and_another_codec_has_its_own_folder(pieces, tmp_path):
    seen = []
    (first,) = encode_pieces(pieces, CODEC, tmp_path, done=lambda *done: seen.append(done))
    broken = FakeCodec(FakeCodecConfig()).eval()
    broken.encode_all = None
    (again,) = encode_pieces(pieces, broken, tmp_path)
    assert seen == [(1, 1)]
    assert torch.equal(first.parts["piano"], again.parts["piano"])
    assert np.array_equal(first.beats, again.beats)
    other = FakeCodec(FakeCodecConfig(channels=5)).eval()
    assert codec_hash(other) != codec_hash(CODEC)
    encode_pieces(pieces, other, tmp_path)
    assert len([path for path in tmp_path.iterdir() if path.name != "set"]) == 2


def test_another_piece_of_the_same_id_has_latents_of_its_own(pieces, tmp_path):
    (one,) = encode_pieces(pieces, CODEC, tmp_path / "cache")
    folder = tmp_path / "set" / "one"
    save(folder / "bass.flac", np.zeros(pieces[0].samples, "f4"), 44100)
    (other,) = encode_pieces(load_pieces(tmp_path / "set"), CODEC, tmp_path / "cache")
    assert not torch.equal(one.parts["bass"], other.parts["bass"])
    assert torch.equal(one.parts["piano"], other.parts["piano"])
    card = json.loads((folder / "piece.json").read_text())
    (folder / "piece.json").write_text(json.dumps({**card, "bpm": 100.0}))
    (faster,) = encode_pieces(load_pieces(tmp_path / "set"), CODEC, tmp_path / "cache")
    assert faster.bpm == 100.0


def test_latents_of_another_mixing_are_not_taken(pieces, tmp_path, monkeypatch):
    encode_pieces(pieces, CODEC, tmp_path / "latents")
    monkeypatch.setattr(latents, "_sources", lambda: "else")
    encode_pieces(pieces, CODEC, tmp_path / "latents")
    assert len(list((tmp_path / "latents").iterdir())) == 2


def test_damaged_latents_are_named(pieces, tmp_path):
    encode_pieces(pieces, CODEC, tmp_path / "cache", 3)
    (path,) = (tmp_path / "cache").glob("*/one-*.safetensors")
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="one-.*safetensors.*delete the file"):
        encode_pieces(pieces, CODEC, tmp_path / "cache", 3)
