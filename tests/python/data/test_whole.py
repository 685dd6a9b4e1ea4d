"""What is written is whole or not there: a full disk, a dead run, another run in one folder."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st
from safetensors import SafetensorError

from sideman.audio import load, remedy, save
from sideman.data import whole
from sideman.data.pieces import load_piece, save_piece
from sideman.data.whole import partial_of, whole_folder
from sideman.errors import AudioError, DataError

SAMPLES = 20_000
NOISE = 0.1 * np.random.default_rng(0).standard_normal(SAMPLES).astype(np.float32)
CARD = {
    "id": "one", "style": "midi", "key": "", "bpm": 0.0, "beats_per_bar": 4, "downbeat_sample": 0,
    "samples": SAMPLES, "chords": [],
}  # fmt: skip


@contextmanager
def as_process(number: int, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Within it, this is another process."""
    with monkeypatch.context() as patch:
        patch.setattr(whole.os, "getpid", lambda: number)
        yield


@pytest.fixture(scope="module")
def limited():
    """Run with a limit on the size of files, which is as a disk that is full to libsndfile."""
    resource = pytest.importorskip("resource", reason="Windows has no such limit")

    def run(most: int, what) -> None:
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (most, before[1]))
        try:
            what()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)

    return run


def test_a_flac_is_written_to_its_end_or_refused_wherever_the_disk_is_full(
    limited, tmp_path_factory
) -> None:
    path = tmp_path_factory.mktemp("full") / "a.flac"
    save(path, NOISE, 44100)
    size = path.stat().st_size
    refused = []

    @given(st.integers(0, size + 200) | st.integers(size - 6000, size + 200))
    def some_room(room: int) -> None:
        path.unlink(missing_ok=True)
        try:
            limited(room, lambda: save(path, NOISE, 44100))
        except AudioError as error:
            assert "free some space" in str(error) and "\n" not in str(error)
            refused.append(room)
        else:
            assert load(path)[0].shape == (1, SAMPLES)

    some_room()
    assert max(refused) > size - 4096, "where its last block finds no room, nothing says so"


def test_no_piece_comes_of_a_flac_whose_end_found_no_room(tmp_path: Path, monkeypatch) -> None:
    written = soundfile.write

    def cut(path: str, audio: np.ndarray, *how: object, **told: object) -> None:
        written(path, audio[:-4096], *how, **told)

    monkeypatch.setattr(soundfile, "write", cut)
    with pytest.raises(DataError, match=r"cannot write piece .*one: .*; free some space$"):
        save_piece(tmp_path / "one", CARD, {"bass": NOISE})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("error", "what"),
    [
        (OSError(errno.ENOSPC, "full"), "free some space"),
        (OSError(errno.EDQUOT, "quota"), "free some space"),
        (PermissionError(errno.EACCES, "no"), "move it"),
        (OSError(errno.ENOTEMPTY, "not empty"), "move it"),
        (SafetensorError("I/O error: No space left on device (os error 28)"), "free some space"),
        (SafetensorError("I/O error: Permission denied (os error 13)"), "move it"),
        (soundfile.LibsndfileError(2), "free some space or move it"),  # which does not say why
    ],
)
def test_space_is_to_be_freed_where_there_is_none(error: Exception, what: str) -> None:
    assert remedy(error, "move it") == what


def test_a_folder_that_is_no_piece_is_not_said_to_want_space(tmp_path: Path) -> None:
    (tmp_path / "one").mkdir()
    (tmp_path / "one" / "somebody's.txt").write_text("not ours")
    with pytest.raises(DataError, match="cannot write piece .*; choose another folder") as told:
        save_piece(tmp_path / "one", CARD, {"bass": NOISE})
    assert "space" not in str(told.value)
    assert [path.name for path in tmp_path.iterdir()] == ["one"]


def test_of_two_runs_that_write_one_piece_the_first_keeps_it_and_none_fails(
    tmp_path: Path, monkeypatch
) -> None:
    running = (os.getpid(), os.getppid())
    for mine, other in (running, running[::-1]):
        folder = tmp_path / f"piece {mine}"
        with as_process(mine, monkeypatch), whole_folder(folder, "piece.json") as partial:
            (partial / "piece.json").write_text("mine")
            with as_process(other, monkeypatch), whole_folder(folder, "piece.json") as theirs:
                (theirs / "piece.json").write_text("theirs")
            assert (partial / "piece.json").read_text() == "mine"
        assert (folder / "piece.json").read_text() == "theirs"
    assert all(path.name.startswith("piece ") for path in tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="nobody can ask there whether a process runs")
def test_what_a_dead_run_left_goes_and_what_a_live_one_writes_stays(
    tmp_path: Path, monkeypatch
) -> None:
    other = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        with as_process(other.pid, monkeypatch):
            half, latents = partial_of(tmp_path / "one"), partial_of(tmp_path / "one.safetensors")
        half.mkdir()
        (half / "bass.flac").write_text("half")
        latents.write_text("half")
        elsewhere = half.with_name(half.name.replace(whole._HERE, "ffffff"))
        elsewhere.mkdir()  # another machine's, of which nobody knows here
        save_piece(tmp_path / "one", CARD, {"bass": NOISE})
        partial_of(tmp_path / "one.safetensors")
        assert half.exists() and latents.exists() and elsewhere.exists()
    finally:
        other.communicate(b"\n")
    assert partial_of(tmp_path / "one") != half and not half.exists()
    assert partial_of(tmp_path / "one.safetensors") != latents and not latents.exists()
    assert elsewhere.exists()
    assert load_piece(tmp_path / "one").audio("bass").any()


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1,
                        max_size=63), min_size=1, max_size=5, unique=True))  # fmt: skip
def test_partial_names_are_hidden_short_and_of_one_name_each(names: list[str]) -> None:
    folder = Path("nowhere")
    names = [name for name in names if name not in (".", "..")]
    partial = [partial_of(folder / name) for name in names]
    assert len(set(partial)) == len(names)
    for path in partial:
        assert path.parent == folder and len(os.fsencode(path.name)) < 48
        assert path.name.startswith(".") and path.suffix == ".partial"
