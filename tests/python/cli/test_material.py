"""What trainings begin with: a precision that the machine likes, or a clear no."""

from __future__ import annotations

import pytest
import torch
import typer

from sideman.cli.material import training_precision


def test_unknown_precision_is_refused():
    with pytest.raises(typer.BadParameter, match="not float8"):
        training_precision("float8", torch.device("cpu"))
    assert training_precision("auto", torch.device("cpu")) in ("float32", "bfloat16")
    assert training_precision("auto", torch.device("cuda")) == "bfloat16"
