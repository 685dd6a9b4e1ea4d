"""Three short pieces with known beats."""

from __future__ import annotations

from pathlib import Path

import pytest
from note_pieces import write_piece

from sideman.data.pieces import Piece


@pytest.fixture
def pieces(tmp_path: Path) -> list[Piece]:
    return [write_piece(tmp_path / "pieces", number) for number in range(3)]
