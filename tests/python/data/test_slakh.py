"""A Slakh2100 of three tracks, flat, split and packed: pieces, splits, damage, going on."""

from __future__ import annotations

import io
import shutil
import tarfile
from pathlib import Path

import mido
import numpy as np
import pytest
import soundfile

from sideman.data import slakh
from sideman.data.pieces import load_pieces
from sideman.data.slakh import Prepared, prepare_slakh, split_of
from sideman.errors import DataError

RATE, SECONDS = 44100, 7
STEMS = {"S00": "Bass", "S01": "Drums", "S02": "Guitar", "S03": "Guitar", "S04": "Strings (continued)"}


def sound(number: int, seconds: float = SECONDS) -> np.ndarray:
    chance = np.random.default_rng(number)
    return (0.1 * chance.standard_normal(int(seconds * RATE))).astype(np.float32)


def track(folder: Path, stems: dict[str, str] = STEMS, seconds: float = SECONDS) -> Path:
    (folder / "stems").mkdir(parents=True)
    lines = ["stems:"]
    for number, (name, kind) in enumerate(stems.items()):
        lines += [f"  {name}:", f"    inst_class: {kind}", "    audio_rendered: true"]
        soundfile.write(folder / "stems" / f"{name}.flac", sound(number, seconds), RATE)
    (folder / "metadata.yaml").write_text("\n".join(lines) + "\n")
    midi, line = mido.MidiFile(ticks_per_beat=480), mido.MidiTrack()
    line.append(mido.MetaMessage("time_signature", numerator=3, denominator=4, time=0))
    line.append(mido.MetaMessage("set_tempo", tempo=500_000, time=0))
    line.append(mido.MetaMessage("set_tempo", tempo=400_000, time=4 * 480))
    midi.tracks.append(line)
    midi.save(folder / "all_src.mid")
    (folder / "mix.flac").write_bytes(b"not looked at")
    return folder


@pytest.fixture
def split(tmp_path) -> Path:
    """The split layout, with a track that is left out because it has none of our parts."""
    root = tmp_path / "slakh2100_flac_redux"
    track(root / "train" / "Track00001")
    track(root / "validation" / "Track01600", {"S00": "Bass", "S01": "Piano"})
    track(root / "test" / "Track01900", {"S00": "Reed"})
    track(root / "omitted" / "Track00002")
    return root


def without_length(flac: Path) -> None:
    """As one that was piped: the number of its samples is unknown (RFC 9639, section 8.2)."""
    data = bytearray(flac.read_bytes())
    data[21:26] = bytes([data[21] & 0xF0]) + bytes(4)
    flac.write_bytes(data)


def flat(split: Path) -> Path:
    root = split.with_name("flat")
    for folder in split.glob("*/Track*"):
        if folder.parent.name != "omitted":
            shutil.copytree(folder, root / folder.name)
    return root


def packed(root: Path, mode: str) -> Path:
    path = root.with_suffix(".tar.gz" if mode == "w:gz" else ".tar")
    with tarfile.open(path, mode) as archive:
        archive.add(root, root.name)
    return path


@pytest.mark.parametrize("layout", ["split", "flat", "packed", "gzipped", "flat packed"])
def test_every_layout_gives_the_same_pieces(layout, split, tmp_path):
    source = {
        "split": lambda: split, "flat": lambda: flat(split),
        "packed": lambda: packed(split, "w"), "gzipped": lambda: packed(split, "w:gz"),
        "flat packed": lambda: packed(flat(split), "w"),
    }[layout]()  # fmt: skip
    out = tmp_path / "out"
    assert prepare_slakh(source, out) == Prepared(made=2, left_out=1)
    (first,), (second,) = load_pieces(out / "train"), load_pieces(out / "validation")
    assert (first.id, first.parts) == ("Track00001", ("bass", "drums", "guitar"))
    assert second.parts == ("bass", "piano")
    step = 1 / 32768  # of the stems' own 16 bits
    assert np.abs(first.audio("bass") - sound(0)).max() <= step
    assert np.abs(first.audio("guitar") - (sound(2) + sound(3))).max() <= 3 * step
    assert not (out / "test").exists()


def test_beats_are_those_of_the_midi_file(split, tmp_path):
    prepare_slakh(split, tmp_path / "out")
    (piece,) = load_pieces(tmp_path / "out" / "train")
    assert piece.beats_per_bar == 3
    seconds = np.array([0, 1.0, 2.0, 2.4, 2.8])
    np.testing.assert_allclose(piece.beat_at(seconds * RATE), [0, 2, 4, 5, 6], atol=1e-9)
    assert piece.bpm_at(0.5 * RATE) == pytest.approx(120)
    assert piece.bpm_at(3.0 * RATE) == pytest.approx(150)


def test_it_goes_on_where_it_was_and_a_damaged_track_is_named(split, tmp_path):
    out = tmp_path / "out"
    broken = split / "validation" / "Track01600" / "stems" / "S01.flac"
    whole = broken.read_bytes()
    broken.write_bytes(whole[:100])
    with pytest.raises(DataError, match=r"Track01600: stems/S01.flac is damaged"):
        prepare_slakh(split, out)
    assert [piece.id for piece in load_pieces(out / "train")] == ["Track00001"]
    broken.write_bytes(whole)
    seen = []
    done = prepare_slakh(split, out, lambda name, so_far: seen.append(name))
    assert done == Prepared(made=1, there=1, left_out=1)
    assert seen == ["Track00001", "Track01600", "Track01900"]


@pytest.mark.parametrize(
    ("spoil", "why"),
    [
        (lambda t: (t / "metadata.yaml").write_text("stems: ["), "metadata.yaml is damaged"),
        (lambda t: (t / "metadata.yaml").write_text("other: 1"), "metadata.yaml is damaged"),
        (lambda t: (t / "metadata.yaml").write_text("!!python/object/apply:os.system [ls]"),
         "metadata.yaml is damaged"),
        (lambda t: (t / "all_src.mid").write_bytes(b"MThd"), "all_src.mid is damaged"),
        (lambda t: mido.MidiFile(type=2, tracks=[mido.MidiTrack()] * 2).save(t / "all_src.mid"),
         "all_src.mid is damaged .it holds songs that have nothing to do with one another"),
        (lambda t: mido.MidiFile(ticks_per_beat=0).save(t / "all_src.mid"),
         "all_src.mid is damaged .it has a time division of 0"),
        (lambda t: (t / "all_src.mid").unlink(), "has no all_src.mid"),
        (lambda t: (t / "stems" / "S00.flac").write_bytes(b"odd"), "stems/S00.flac is damaged"),
        (lambda t: without_length(t / "stems" / "S00.flac"), "stems/S00.flac is damaged"),
        (lambda t: (t / "stems" / "S00.flac").unlink(), "has no stems/S00.flac"),
    ],
)  # fmt: skip
def test_damage_is_one_line_and_leaves_no_half_piece(spoil, why, tmp_path):
    spoil(track(tmp_path / "in" / "Track00001"))
    with pytest.raises(DataError, match=f"{why}.*; fetch the archive again$") as refused:
        prepare_slakh(tmp_path / "in", tmp_path / "out")
    assert "\n" not in str(refused.value)
    assert not list((tmp_path / "out").rglob("piece.json"))


def test_what_is_larger_than_any_stem_or_of_another_rate_is_said_with_what_to_do(
    tmp_path, monkeypatch
):
    made = track(tmp_path / "in" / "Track00001")
    soundfile.write(made / "stems" / "S00.flac", sound(0), 16000)
    with pytest.raises(DataError, match="at 16000 Hz, and the full Slakh2100 at 44100; give that"):
        prepare_slakh(tmp_path / "in", tmp_path / "out")
    monkeypatch.setattr(slakh, "MOST_MEMBER", 1000)
    with pytest.raises(DataError, match="more than any stem; fetch the archive again"):
        prepare_slakh(packed(tmp_path / "in", "w"), tmp_path / "out")


def test_what_is_no_slakh_is_refused(tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="no tracks in"):
        prepare_slakh(tmp_path / "empty", tmp_path / "out")
    (tmp_path / "bad.tar").write_bytes(b"no archive")
    with pytest.raises(DataError, match="cannot read"):
        prepare_slakh(tmp_path / "bad.tar", tmp_path / "out")
    with pytest.raises(DataError, match="cannot read"):
        prepare_slakh(tmp_path / "none.tar", tmp_path / "out")
    with tarfile.open(tmp_path / "up.tar", "w") as archive:
        member = tarfile.TarInfo("../../Track00001/metadata.yaml")
        member.size = 4
        archive.addfile(member, io.BytesIO(b"a: 1"))
    with pytest.raises(DataError, match="damaged"):
        prepare_slakh(tmp_path / "up.tar", tmp_path / "out")


def test_short_tracks_are_left_out_and_splits_go_by_number(tmp_path):
    track(tmp_path / "in" / "Track00003", seconds=3)
    assert prepare_slakh(tmp_path / "in", tmp_path / "out") == Prepared(left_out=1)
    for name, split in (("Track01500", "train"), ("Track01501", "validation"),
                        ("Track01875", "validation"), ("Track01876", "test")):  # fmt: skip
        assert split_of(name) == split
    with pytest.raises(DataError, match="no track"):
        split_of("Song1")


def test_an_archive_that_is_not_there_is_said_to_be_so(tmp_path):
    with pytest.raises(DataError, match="there is no such file"):
        prepare_slakh(tmp_path / "slakh.tar.gz", tmp_path / "out")
