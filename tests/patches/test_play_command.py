"""`sideman play`, as a user runs it: in real Pd and without a host, with and without a model."""

from __future__ import annotations

import json
import subprocess
import sys

import numpy as np
import pytest

from sideman import audio
from sideman.playing import pd_host
from sideman.playing.music import demo_path

needs_pd = pytest.mark.skipif(not pd_host.available(), reason="no pd or no sideman~ built for it")


def play(*arguments):
    return subprocess.run(
        [sys.executable, "-m", "sideman.cli.main", "play", *map(str, arguments)],
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip


@pytest.fixture
def noise(tmp_path):
    samples = np.random.default_rng(0).uniform(-0.5, 0.5, 3 * 44100).astype(np.float32)
    audio.save(tmp_path / "in.wav", samples, 44100)
    return tmp_path / "in.wav", samples


@pytest.mark.parametrize("host", [pytest.param("pd", marks=needs_pd), "none"])
def test_echo_comes_back_at_hop_plus_lead_bit_for_bit(noise, tmp_path, host):
    path, samples = noise
    run = play(path, "--host", host, "--backend", "echo", "--set", "lead=12", "--part", "bass",
               "--part", "drums", "--out", tmp_path / "out")  # fmt: skip
    assert run.returncode == 0, run.stderr
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["host"], report["backend"], report["parts"]) == (host, "echo", ["bass", "drums"])
    delay = (report["hop_frames"] + report["lead_frames"]) * 2048
    assert report["latency_samples"] == delay
    for part in report["parts"]:
        played, _ = audio.load(tmp_path / "out" / f"{part}.wav")
        np.testing.assert_array_equal(played[0, delay : delay + samples.size], samples)


@pytest.mark.parametrize(
    "where", [pytest.param(("--host", "pd"), marks=needs_pd), ("--host", "none", "--fast")]
)
def test_the_default_model_plays_a_part_to_the_demo(tmp_path, where):
    run = play(*where, "--out", tmp_path / "out")
    assert run.returncode == 0, run.stderr + run.stdout
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["backend"] == "embedded" and report["model"] == "mini"
    assert report["hops"] + report["missed"] > 90
    assert report["missed"] <= (0 if "--fast" in where else 10)  # on a busy machine some may be
    assert report["reaction_ms"] <= 700
    played, rate = audio.load(tmp_path / "out" / "bass.wav")
    seconds = played[0, : played.shape[1] // rate * rate].reshape(-1, rate)
    assert (np.sqrt((seconds**2).mean(axis=1)) > 1e-3).mean() > 0.4
    assert np.abs(played).max() <= 1.0


def test_a_missing_file_is_one_line():
    run = play("/no/such.wav", "--host", "none")
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1 and "/no/such.wav" in run.stderr


def test_a_setting_out_of_range_is_one_line():
    run = play(demo_path(), "--host", "none", "--backend", "echo", "--set", "fade=-5")
    assert run.returncode == 1
    assert run.stderr.count("\n") == 1 and "fade" in run.stderr


@needs_pd
def test_a_model_that_is_not_there_is_one_line_and_no_report(tmp_path):
    run = play("--host", "pd", "--model", "nosuch", "--out", tmp_path / "out")
    assert run.returncode == 1
    assert "nosuch" in run.stderr and run.stderr.count("\n") == 1
    assert not (tmp_path / "out" / "report.json").exists()


def test_what_the_object_says_is_shown_and_tags_are_words_with_weights(noise, tmp_path):
    path, _ = noise
    heard = {}
    for name, tags in (("plain", ""), ("bright", "bright 1"), ("none", "kazoo 1")):
        run = play(
            path, "--host", "none", "--fast", "--set", "lead=4",  # auto measures: not twice the same
            "--set", f"tags={tags}", "--out", tmp_path / name,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        assert ("sideman: tags kazoo: model mini knows" in run.stderr) == (name == "none")
        heard[name] = audio.load(tmp_path / name / "bass.wav")[0]
    assert not np.array_equal(heard["plain"], heard["bright"])
    assert np.array_equal(heard["plain"], heard["none"])


@pytest.mark.parametrize(("pair", "option"), [("model=x", "--model"), ("parts=a b", "--part")])
def test_what_has_an_option_of_its_own_is_not_set_otherwise(pair, option):
    run = play("--set", pair)
    assert run.returncode == 1 and f"give {option}" in run.stderr
