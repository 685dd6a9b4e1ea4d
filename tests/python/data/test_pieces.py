"""Reading pieces: parts, their sum, the beat grid, and what is said of damaged ones."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import soundfile

from sideman.audio import save
from sideman.data.pieces import load_piece, load_pieces
from sideman.errors import DataError

SAMPLES = 4 * 2048


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A piece of two parts: bass and piano, constant levels."""
    piece = tmp_path / "set" / "one"
    piece.mkdir(parents=True)
    for part, level in (("bass", 0.25), ("piano", 0.125)):
        save(piece / f"{part}.flac", np.full(SAMPLES, level, dtype=np.float32), 44100)
    write_card(piece)
    return piece


def write_card(piece: Path, **changes: object) -> None:
    card = {
        "id": piece.name,
        "style": "pop",
        "key": "C major",
        "bpm": 120.0,
        "beats_per_bar": 4,
        "samples": SAMPLES,
        "downbeat_sample": 441,
        "parts": ["bass", "piano"],
        "chords": [[0.0, 0, "maj"], [2.0, 7, "7"]],
    }
    (piece / "piece.json").write_text(json.dumps(card | changes))


def test_audio_of_a_part_and_silence_for_an_absent_one(folder: Path) -> None:
    piece = load_piece(folder)
    assert piece.audio("bass").dtype == np.float32
    np.testing.assert_allclose(piece.audio("bass"), np.full(SAMPLES, 0.25), atol=1e-4)
    np.testing.assert_array_equal(piece.audio("drums"), np.zeros(SAMPLES, np.float32))


@pytest.mark.parametrize("channels", [1, 2])
def test_a_crop_is_what_the_whole_has_there_to_the_last_bit(folder: Path, channels: int) -> None:
    rng = np.random.default_rng(0)
    sound = 0.3 * rng.standard_normal((channels, 40_000)).astype(np.float32)
    save(folder / "bass.flac", sound, 44100)
    write_card(folder, samples=40_000)
    piece = load_piece(folder)
    padded = np.pad(piece.audio("bass"), (5000, 0))
    for start in (-5000, -4999, -1, 0, 1, 4095, 4096, 39_000, 39_500, *rng.integers(0, 39_000, 20)):
        found = piece.crop("bass", int(start), 1000)
        np.testing.assert_array_equal(found, padded[start + 5000 : start + 6000])
        assert found.dtype == np.float32


def test_of_a_crop_the_rest_of_the_file_is_not_read(folder: Path, monkeypatch) -> None:
    frames, read = [], soundfile.SoundFile.read
    monkeypatch.setattr(
        soundfile.SoundFile, "read", lambda self, count, **how: frames.append(count) or read(self, count, **how)
    )
    load_piece(folder).crop("bass", 4096, 100)
    load_piece(folder).crop("bass", -60, 100)
    load_piece(folder).crop("bass", -200, 100)
    assert frames == [100, 40, 0]


def test_a_crop_of_a_damaged_part_is_refused(folder: Path) -> None:
    piece = load_piece(folder)
    (folder / "piano.flac").write_bytes((folder / "bass.flac").read_bytes()[:100])
    for part in ("piano", "guitar"):  # cut off, and not there
        with pytest.raises(DataError, match="piece one is damaged: cannot read .*sideman synth again"):
            piece.crop(part, 4096, 2048)
    write_card(folder, samples=SAMPLES + 2048)
    with pytest.raises(DataError, match="piece one is damaged: bass has 8192 samples"):
        load_piece(folder).crop("bass", 0, 100)


def test_context_is_the_sum_of_the_others(folder: Path) -> None:
    piece = load_piece(folder)
    np.testing.assert_array_equal(piece.context("bass"), piece.audio("piano"))
    np.testing.assert_allclose(piece.context("drums"), np.full(SAMPLES, 0.375), atol=1e-4)


def test_beats_count_from_the_downbeat(folder: Path) -> None:
    piece = load_piece(folder)
    assert piece.beat_at(441) == 0.0
    assert piece.beat_at(0) == pytest.approx(-0.02)
    np.testing.assert_allclose(piece.beat_at(np.array([441, 22491])), [0.0, 1.0])
    assert [(c.start, c.root, c.quality) for c in piece.chords] == [(0, 0, "maj"), (2, 7, "7")]


def test_unknown_part_is_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="no part 'violin' in piece one: parts are bass, drums"):
        load_piece(folder).audio("violin")


def test_part_of_another_length_is_refused(folder: Path) -> None:
    write_card(folder, samples=SAMPLES + 2048)
    with pytest.raises(DataError, match="piece one is damaged: bass has 8192 samples"):
        load_piece(folder).audio("bass")


def test_lost_part_file_is_refused(folder: Path) -> None:
    (folder / "bass.flac").unlink()
    with pytest.raises(DataError, match="piece one is damaged: cannot read"):
        load_piece(folder).audio("bass")


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"id": "x"}'])
def test_unreadable_card_is_refused_with_its_folder(folder: Path, text: str) -> None:
    (folder / "piece.json").write_text(text)
    with pytest.raises(DataError, match="cannot read piece .*one: "):
        load_piece(folder)


@pytest.mark.parametrize(
    ("style", "command"),
    [
        ("rock", "synth"),
        ("midi", "synth --midi"),
        ("slakh", "prepare slakh"),
        ("own", "train instrument"),
    ],
)
def test_of_a_damaged_piece_it_is_said_which_command_makes_it_again(
    folder: Path, style: str, command: str
) -> None:
    remedy = f"; delete its folder and run sideman {command} again$"
    write_card(folder, style=style, samples="many")
    with pytest.raises(DataError, match=remedy):
        load_piece(folder)
    write_card(folder, style=style)
    piece = load_piece(folder)
    (folder / "bass.flac").unlink()
    for use in (piece.digest, lambda: piece.audio("bass"), lambda: piece.crop("bass", 0, 9)):
        with pytest.raises(DataError, match=remedy):
            use()


def test_of_a_piece_that_does_not_say_what_it_is_no_command_is_named(folder: Path) -> None:
    for text in ("", "{}", "[1]", '{"style": 5}'):
        (folder / "piece.json").write_text(text)
        with pytest.raises(DataError, match="and run the command that made it again$"):
            load_piece(folder)


def test_pieces_come_by_name_without_half_written_ones(folder: Path) -> None:
    other, hidden = folder.parent / "a-first", folder.parent / ".two.partial"
    for piece in (other, hidden):
        piece.mkdir()
        write_card(piece)
    assert [piece.id for piece in load_pieces(folder.parent)] == ["a-first", "one"]


def test_folder_without_pieces_says_how_to_make_some(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no pieces in .*make some with sideman synth"):
        load_pieces(tmp_path)


def test_the_beats_of_a_piece_that_was_cut_begin_with_it(folder: Path) -> None:
    write_card(folder, downbeat_sample=-44100 * 3)
    beats = load_piece(folder).beats()
    assert beats[0] == 0 and np.all(beats >= 0)
    write_card(folder, downbeat_sample=-44100 * 3 - 5)
    assert load_piece(folder).beats().tolist() == []  # the piece is shorter than a beat


def test_a_piece_without_tempo_has_no_beats(folder: Path) -> None:
    write_card(folder, bpm=0.0)
    piece = load_piece(folder)
    assert not piece.beat_known and piece.beats().size == 0
