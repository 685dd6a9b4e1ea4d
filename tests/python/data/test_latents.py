"""Encoded pieces: right frames, own part never in what is heard, encoded once, kept per codec."""

from __future__ import annotations

import json
import os
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from safetensors import SafetensorError

from sideman.audio import save
from sideman.data import latents
from sideman.data.latents import codec_hash, encode_pieces
from sideman.data.pieces import load_pieces
from sideman.errors import DataError
from sideman.workers import processes

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


def test_of_parts_that_nobody_learns_no_contexts_are_encoded(pieces, tmp_path, monkeypatch):
    (whole,) = encode_pieces(pieces, CODEC, tmp_path / "whole", 2)
    encode, rows = CODEC.encode_all, []
    monkeypatch.setattr(CODEC, "encode_all", lambda audio: rows.append(len(audio)) or encode(audio))
    (found,) = encode_pieces(pieces, CODEC, tmp_path / "cache", 2, hearing=["bass"])
    assert rows == [3, 1]
    assert list(found.contexts) == ["bass"]
    assert torch.equal(found.contexts["bass"], whole.contexts["bass"])
    assert all(torch.equal(found.parts[part], whole.parts[part]) for part in ("bass", "piano"))


def test_latents_without_some_contexts_are_not_taken_where_all_are_wanted(pieces, tmp_path):
    for hearing in (["bass"], ["piano"], [], ["piano"]):
        (found,) = encode_pieces(pieces, CODEC, tmp_path, 2, hearing=hearing)
        assert sorted(found.contexts) == (hearing or ["bass", "piano"])


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


def test_a_piece_whose_name_is_not_utf_8_is_encoded_too(pieces, tmp_path):
    (one,) = encode_pieces([replace(pieces[0], id="caf\udce9")], CODEC, tmp_path / "cache", 2)
    assert one.id == "caf\udce9" and one.frames == FRAMES
    assert [path.name[:7] for path in (tmp_path / "cache").glob("*/*")] == ["caf%E9-"]


def test_latents_of_another_mixing_are_not_taken(pieces, tmp_path, monkeypatch):
    encode_pieces(pieces, CODEC, tmp_path / "latents")
    monkeypatch.setattr(latents, "_sources", lambda: "else")
    encode_pieces(pieces, CODEC, tmp_path / "latents")
    assert len(list((tmp_path / "latents").iterdir())) == 2


def test_two_runs_that_encode_one_piece_do_not_write_into_one_file(pieces, tmp_path, monkeypatch):
    seen, save_file = [], latents.save_file

    def meanwhile(tensors, partial, metadata):
        seen.append(partial)
        if len(seen) == 1:  # another run writes it, from its start to its end
            with monkeypatch.context() as patch:
                patch.setattr(os, "getpid", os.getppid)
                (written,) = encode_pieces(pieces, CODEC, tmp_path / "cache")
            assert written.frames == FRAMES
        save_file(tensors, partial, metadata=metadata)

    monkeypatch.setattr(latents, "save_file", meanwhile)
    (found,) = encode_pieces(pieces, CODEC, tmp_path / "cache")
    assert len(set(seen)) == 2 and found.frames == FRAMES
    assert [path.suffix for path in (tmp_path / "cache").glob("*/*")] == [".safetensors"]


def test_what_another_run_has_encoded_meanwhile_is_not_encoded_again(pieces, tmp_path, monkeypatch):
    later = replace(pieces[0], id="two")
    (two,) = encode_pieces([later], CODEC, tmp_path / "theirs")
    encode, encoded = latents.encode_piece, []

    def meanwhile(piece, *how):
        encoded.append(piece.id)
        (there,) = (tmp_path / "theirs").glob("*/two-*")
        (tmp_path / "cache" / there.parent.name / there.name).write_bytes(there.read_bytes())
        return encode(piece, *how)

    monkeypatch.setattr(latents, "encode_piece", meanwhile)
    _, found = encode_pieces([pieces[0], later], CODEC, tmp_path / "cache")
    assert encoded == ["one"] and torch.equal(found.parts["bass"], two.parts["bass"])


@pytest.mark.parametrize(("number", "what"), [
    (28, "free some space, and run the same command again"),
    (13, "see that the folder can be written to, and run the same command again"),
])  # fmt: skip
def test_latents_that_cannot_be_written_leave_nothing_and_say_what_to_do(
    pieces, tmp_path, monkeypatch, number, what
):
    def fail(tensors, partial, metadata):
        with open(partial, "wb") as file:
            file.write(b"half")
        raise SafetensorError(f"Error while serializing: I/O error: it fails (os error {number})")

    monkeypatch.setattr(latents, "save_file", fail)
    with pytest.raises(DataError, match=rf"\(os error {number}\); {what}$"):
        encode_pieces(pieces, CODEC, tmp_path / "cache")
    assert [path for path in (tmp_path / "cache").rglob("*") if path.is_file()] == []


def test_damaged_latents_are_named(pieces, tmp_path):
    encode_pieces(pieces, CODEC, tmp_path / "cache", 3)
    (path,) = (tmp_path / "cache").glob("*/one-*.safetensors")
    path.write_bytes(b"damaged")
    with pytest.raises(DataError, match="one-.*safetensors.*delete the file"):
        encode_pieces(pieces, CODEC, tmp_path / "cache", 3)


@pytest.fixture
def pool(monkeypatch):
    """Asked to encode, this pool does nothing, or what `work` of it does; `asked` of what size."""
    monkeypatch.setattr(latents, "WORTH_POOL", 2)

    class Pool:
        asked, work = [], staticmethod(list)

        def __init__(self, workers, *how):
            self.asked.append(workers)

        def map(self, encode, missing):
            return self.work(missing)

        def shutdown(self, **how):
            pass

    monkeypatch.setattr(latents, "ProcessPoolExecutor", Pool)
    return Pool


def test_a_worker_that_dies_is_one_line(pieces, tmp_path, pool):
    def die(missing):
        raise BrokenProcessPool("a process was terminated abruptly")

    pool.work = staticmethod(die)
    with pytest.raises(DataError, match="a worker that encodes died: .* fewer --threads") as told:
        encode_pieces(pieces * 2, CODEC, tmp_path / "cache", workers=2)
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(("asked", "started"), [(0, 3), (2, 2), (99, 5)])
def test_no_more_workers_encode_than_are_asked_for_or_have_a_cpu_and_a_piece(
    pieces, tmp_path, pool, monkeypatch, asked, started
):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {4, 7, 9}, raising=False)
    with pytest.raises(DataError, match="cannot read latents"):  # nothing was encoded
        encode_pieces(pieces * 5, CODEC, tmp_path / "cache", workers=asked)
    assert pool.asked == [started]


def test_workers_are_as_many_as_cpus_where_no_affinity_is_told_and_61_at_most(monkeypatch):
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: set(range(200)), raising=False)
    assert processes(0, 1000) == processes(200, 1000) == 61
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert (processes(0, 1000), processes(0, 3), processes(0, 0)) == (5, 3, 1)
