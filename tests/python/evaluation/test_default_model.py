"""The model that the package carries meets its thresholds on pieces that it has never heard.

Minutes the first time; what build/evaluate holds for the same weights and code is not played again.
"""

from __future__ import annotations

import json
from pathlib import Path

import typer
from typer.testing import CliRunner

from sideman.cli import evaluate
from sideman.evaluation.scores import ROWS

OUT = Path(__file__).resolve().parents[3] / "build" / "evaluate"


def test_mini_follows_harmony_and_beat_on_twelve_held_out_pieces():
    app = typer.Typer(callback=lambda: None)
    evaluate.register(app)
    options = ["evaluate", "--model", "mini", "--synth", "12", "--out", str(OUT), "--check"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
    told = json.loads((OUT / "report.json").read_text(encoding="utf-8"))
    assert told["shortfalls"] == []
    for rows in told["parts"].values():
        assert set(rows) == set(ROWS)
        assert all(figures["a8"]["pieces"] == 12 for figures in rows.values())
