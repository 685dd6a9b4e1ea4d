"""`sideman import`, `sideman prepare` and the paper's r and w, from the terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest
from paper import PAPER
from typer.testing import CliRunner

from sideman.cli.main import app
from sideman.errors import SettingsError
from sideman.models.checkpoint import model_spec
from sideman.remedies import pip_install


def sideman(*words: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "sideman.cli.main", *map(str, words)],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip


def test_a_checkpoint_becomes_a_model_and_another_file_one_line(tmp_path):
    done = sideman("import", PAPER / "ckpt_cd_tiny.ckpt", "--out", tmp_path / "paper")
    assert done.returncode == 0, done.stderr
    assert "a consistency model in" in done.stdout
    assert "sha256 of the source" in done.stdout
    assert f"it needs: {pip_install('music2latent')}\n" in done.stdout
    assert "weights are fetched from Hugging Face" in done.stdout
    assert model_spec(tmp_path / "paper").family == "window"
    (tmp_path / "other.ckpt").write_bytes(b"something else")
    refused = sideman("import", tmp_path / "other.ckpt", "--out", tmp_path / "other")
    assert refused.returncode == 1
    assert refused.stderr.startswith("sideman: cannot import")
    assert refused.stderr.count("\n") == 1
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--r", "0.2"], "give 0.1875 or 0.203125"),
        (["--r", "0.5"], "an r of at most 0.328125"),
        (["--r", "0.125", "--w", "0"], "cannot play live with w 0"),
    ],
)
def test_r_and_w_that_cannot_be_are_refused_before_anything_is_opened(options, why, tmp_path):
    sideman("import", PAPER / "ckpt_cd_tiny.ckpt", "--out", tmp_path / "paper")
    refused = sideman("play", "--model", tmp_path / "paper", *options, "--out", tmp_path / "out")
    assert refused.returncode == 1
    assert why in refused.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("words", "what"),
    [(("synth", "out", "--midi", "songs"), "mido"), (("prepare", "slakh", "none", "out"), "mido pyyaml")],
)
def test_what_is_not_installed_is_told_with_the_pip_of_this_python(words, what, monkeypatch):
    monkeypatch.setattr("sideman.data.fluid.installed_sound_fonts", lambda: [])
    monkeypatch.setitem(sys.modules, "mido", None)
    refused = CliRunner().invoke(app, words).exception
    assert isinstance(refused, SettingsError)
    assert str(refused).endswith(f"run: {pip_install(what)}")


def test_a_dataset_that_is_not_there_is_one_line(tmp_path):
    refused = sideman("prepare", "slakh", tmp_path / "none.tar.gz", tmp_path / "out")
    assert refused.returncode == 1
    assert "cannot read" in refused.stderr
