"""What trainings begin with: a precision that the machine likes, or a clear no."""

from __future__ import annotations

import pytest
import torch
import typer

from sideman.cli.material import length, training_precision
from sideman.errors import SettingsError


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
