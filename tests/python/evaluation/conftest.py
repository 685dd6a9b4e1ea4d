"""Three short pieces with known beats."""

from __future__ import annotations

import pytest
from note_pieces import write_piece

from sideman.data.pieces import Piece


@pytest.fixture(scope="session")
def pieces(tmp_path_factory: pytest.TempPathFactory) -> list[Piece]:
    folder = tmp_path_factory.mktemp("pieces")
    return [write_piece(folder, number) for number in range(3)]
