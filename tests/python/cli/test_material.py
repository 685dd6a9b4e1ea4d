"""What trainings begin with: a precision that the machine likes, or a clear no."""

from __future__ import annotations

import pytest
import torch
import typer
from note_pieces import write_piece

from sideman.audio import save
from sideman.cli.material import length, material, training_precision
from sideman.data.latents import codec_hash
from sideman.data.pieces import load_pieces
from sideman.errors import DataError, SettingsError
from sideman.models.checkpoint import load_model


def test_unknown_precision_is_refused():
    with pytest.raises(typer.BadParameter, match="not float8"):
        training_precision("float8", torch.device("cpu"))
    assert training_precision("auto", torch.device("cpu")) in ("float32", "bfloat16")
    assert training_precision("auto", torch.device("cuda")) == "bfloat16"


def test_a_training_lasts_for_minutes_or_for_steps():
    assert length(5.0, None) == {"minutes": 5.0, "steps": 0}
    assert length(None, 20) == {"minutes": 0.0, "steps": 20}
    assert length(None, None) == {"minutes": None, "steps": None}
    with pytest.raises(SettingsError, match="one of --minutes and --steps"):
        length(5.0, 20)


def test_a_run_knows_its_music_its_codec_and_how_it_was_mixed(tmp_path):
    folder = tmp_path / "data"
    for number in range(2):
        write_piece(folder, number)
    facts = material(folder, "mini", tmp_path / "cache", 1, None, 1).facts
    assert facts == material(folder, "mini", tmp_path / "cache", 1, None, 1).facts
    assert facts["codec"] == codec_hash(load_model("mini", precision="float32").codec)
    assert material(folder, "mini", tmp_path / "cache", 2, None, 1).facts["variants"] == 2
    piece = load_pieces(folder)[0]
    save(piece.folder / "bass.flac", 0.5 * piece.audio("bass"), piece.sample_rate)
    assert material(folder, "mini", tmp_path / "cache", 1, None, 1).facts["music"] != facts["music"]


def test_a_twenty_fourth_of_the_pieces_is_kept_back_and_the_facts_are_of_the_others(tmp_path):
    for number in range(26):
        write_piece(tmp_path / "data", number, seconds=1.0)
    found = material(tmp_path / "data", "mini", tmp_path / "cache", 1, None, 1)
    trained, checked = found.pieces
    assert not (tmp_path / "cache").exists(), "nothing is encoded before it is looked at"
    assert [len(checked), len(trained), found.facts["pieces"]] == [2, 24, 24]
    assert {piece.id for piece in checked} == {found.music[0].id, found.music[24].id}
    assert not {piece.id for piece in trained} & {piece.id for piece in checked}
    seconds = sum(piece.frames for piece in trained) * found.codec.frame_samples / found.codec.sample_rate
    assert found.facts["hours"] == round(seconds / 3600, 2) > 0


def test_material_that_is_too_short_is_known_before_it_is_encoded(tmp_path):
    write_piece(tmp_path / "data", 0, seconds=2.0)
    found = material(tmp_path / "data", "mini", None, 1, None, 1)
    found.check_length(43)
    with pytest.raises(DataError, match="no piece has 44 frames"):
        found.check_length(44)
