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
from sideman.errors import SettingsError
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
    facts = material(folder, "mini", tmp_path / "cache", 1, None, 1)[-1]
    assert facts == material(folder, "mini", tmp_path / "cache", 1, None, 1)[-1]
    assert facts["codec"] == codec_hash(load_model("mini", precision="float32").codec)
    assert material(folder, "mini", tmp_path / "cache", 2, None, 1)[-1]["variants"] == 2
    piece = load_pieces(folder)[0]
    save(piece.folder / "bass.flac", 0.5 * piece.audio("bass"), piece.sample_rate)
    assert material(folder, "mini", tmp_path / "cache", 1, None, 1)[-1]["music"] != facts["music"]
