"""sideman~ in real Pd, its model in a server process: it plays, and the patch outlives the server."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest
from support.server_process import ServerProcess

from sideman import audio
from sideman.playing import pd_host

pytestmark = pytest.mark.skipif(not pd_host.available(), reason="no pd or no sideman~ built for it")
RATE, SECONDS = 44100, 6


@pytest.fixture
def music(tmp_path):
    samples = np.random.default_rng(0).uniform(-0.3, 0.3, SECONDS * RATE).astype(np.float32)
    audio.save(tmp_path / "in.wav", samples, RATE)
    return tmp_path / "in.wav", samples


def command(*arguments):
    return [sys.executable, "-m", "sideman.cli.main", "play", *map(str, arguments)]


def play(*arguments):
    return subprocess.run(command(*arguments), capture_output=True, text=True, timeout=240)


@pytest.fixture
def server():
    there = ServerProcess()
    yield there
    there.end()


def test_a_server_of_its_own_plays_the_echo_to_the_bit(music, tmp_path):
    path, samples = music
    run = play(path, "--host", "pd", "--backend", "remote", "--model", "echo",
               "--set", "hop=4", "--set", "lead=12", "--out", tmp_path / "out")  # fmt: skip
    assert run.returncode == 0, run.stdout + run.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["host"], report["backend"]) == ("pd", "remote")
    assert report["missed"] <= 1  # a busy machine may be late once
    delay = 16 * 2048
    assert report["latency_samples"] == delay
    played, _ = audio.load(tmp_path / "out" / "bass.wav")
    same = played[0, delay : delay + samples.size] == samples
    hops = same[: same.size // 8192 * 8192].reshape(-1, 8192).all(axis=1)
    assert hops.mean() > 0.8


def test_a_server_killed_while_playing_fades_to_silence_and_the_patch_plays_on(
    music, server, tmp_path
):
    path, samples = music
    killer = threading.Timer(3.0, lambda: server.signal(signal.SIGKILL))
    with subprocess.Popen(
        command(path, "--host", "pd", "--backend", "remote", "--model", "echo",
                "--set", f"port={server.port}", "--set", "hop=4", "--set", "lead=3",
                "--out", tmp_path / "out"),
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
    ) as run:  # fmt: skip
        lines = []
        for line in run.stdout:
            lines.append(line)
            if " ready " in line and killer.ident is None:
                killer.start()  # from here on the music plays
    killer.cancel()
    assert run.returncode == 0, "".join(lines)
    played, _ = audio.load(tmp_path / "out" / "bass.wav")
    assert played.shape[1] >= samples.size, "the patch went on to the end"
    assert np.abs(played).max() <= 0.31, "and nothing louder than the music came out"
    (heard,) = np.nonzero(played[0])
    assert RATE < heard[-1] < samples.size - RATE, "it played until the server was killed"
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["hops"] > 0 and report["missed"] > 0
