"""An imported model of the window family in real Pd: it plays, hop + lead after what it heard."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest
from small_window import playable_import

from sideman import audio
from sideman.playing import pd_host

pytestmark = pytest.mark.skipif(not pd_host.available(), reason="no pd or no sideman~ built for it")


@pytest.mark.parametrize("host", ["pd", "none"])
def test_an_imported_model_plays_with_the_papers_r_and_w(host, tmp_path):
    folder = playable_import(tmp_path / "imported")
    run = subprocess.run(
        [sys.executable, "-m", "sideman.cli.main", "play", "--model", str(folder), "--host", host,
         "--r", "0.25", "--w", "1", "--part", "bass", "--part", "drums", "--set", "steps=1",
         "--out", str(tmp_path / "out")],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    assert "r 0.25, w 1: hop 16 frames, lead 16 frames" in run.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["host"], report["backend"]) == (host, "embedded")
    assert report["latency_samples"] == 32 * 2048
    assert report["missed"] + report["late"] <= 1
    parts = [audio.load(tmp_path / "out" / f"{part}.wav")[0][0] for part in ("bass", "drums")]
    for samples in parts:
        assert np.isfinite(samples).all()
        assert np.abs(samples[32 * 2048 :]).max() > 0
    assert not np.array_equal(*(samples[: min(map(len, parts))] for samples in parts))
