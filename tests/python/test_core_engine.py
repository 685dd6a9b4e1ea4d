"""The engine without a host: echo, and a model through this very interpreter."""

from __future__ import annotations

import subprocess
import sys
import textwrap
from pathlib import Path

import numpy as np
import pytest
from fake_codec import FakeCodec, FakeCodecConfig
from small_model import small_model

from sideman import __version__, _core, bridge
from sideman.errors import SettingsError
from sideman.models import checkpoint

RATE = 44100
MODEL_RATE = 8000  # of the small model here: the lowest that the engine takes


def play(engine: _core.Engine, heard: np.ndarray, vector: int) -> np.ndarray:
    played = []
    for begin in range(0, heard.size, vector):
        played.append(engine.process(heard[begin : begin + vector]))
        assert engine.wait_idle(20_000)
    return np.concatenate(played, axis=1)


def ready(settings: dict, backend: str, rate: float = RATE, vector: int = 512) -> _core.Engine:
    engine = _core.Engine({"hop": 4, "lead": 3, **settings}, backend=backend)
    engine.prepare(rate, vector)
    engine.load()
    assert engine.wait_loaded(60_000)
    assert engine.info()["state"] == "ready", engine.poll()
    return engine


def noise(samples: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(-0.5, 0.5, samples).astype(np.float32)


class QuietCodec(FakeCodec):
    """An untrained network shouts, and the engine takes no samples beyond 4."""

    def decode(self, latents, state):
        audio, state = super().decode(latents, state)
        return audio * 0.05, state


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setitem(
        checkpoint.CODECS, "fake", lambda config: QuietCodec(FakeCodecConfig(**config))
    )
    model = small_model(codec=FakeCodecConfig(sample_rate=MODEL_RATE))
    checkpoint.save_model(tmp_path, model.spec, model.codec, model.network, kind="fake")
    return tmp_path


CONTROLS = {  # what the engine asks for when nothing is set
    "steps": -1, "guidance": -1.0, "clock": None, "tags": (), "mode": "accompany", "inertia": 1.0,
    "sampler": "auto", "feedback": 0.0, "mix": 1.0, "track": True, "patience": 1.0,
    "temperature": -1.0,
}


def test_the_module_is_of_the_packages_version() -> None:
    assert _core.__version__ == __version__
    assert _core.BRIDGE_ABI == 4


@pytest.mark.parametrize("vector", [1024, 4096])
def test_echo_is_the_music_delayed_by_hop_and_lead(vector: int) -> None:
    engine = ready({"parts": ["bass", "drums"]}, "echo", vector=vector)
    heard = noise(2 * RATE)
    played = play(engine, heard, vector)
    delay = 7 * 2048
    assert engine.info()["latency_samples"] == delay
    assert played.shape == (2, heard.size)
    assert not played[:, :delay].any()
    settled = delay + 4 * 2048
    assert np.array_equal(played[:, settled:], np.stack([heard[4 * 2048 : -delay]] * 2))


def test_music_comes_alone_or_with_a_sketch() -> None:
    engine = ready({}, "echo")
    alone, row = engine.process(noise(64)), engine.process(noise(64)[None])
    sketched = engine.process(np.stack([noise(64), noise(64)]))
    assert alone.shape == row.shape == sketched.shape == (1, 64)
    with pytest.raises(ValueError, match="float32"):
        engine.process(np.zeros((3, 64), np.float32))


def test_events_tell_the_way_to_ready() -> None:
    engine = ready({}, "echo")
    events = engine.poll()
    states = [event["state"] for event in events if event["kind"] == "status"]
    assert states == ["loading", "ready"]
    assert [e["text"] for e in events if e["kind"] == "backend"] == ["echo"]
    assert engine.poll() == []


def test_settings_are_taken_refused_and_read_back() -> None:
    engine = ready({"seed": 5}, "echo")
    engine.set("fallback", "hold")
    assert engine.settings().get("seed") == 5
    assert engine.settings().get("fallback") == "hold"
    for refused in (lambda: engine.set("fallback", "scream"), lambda: engine.prepare(0, 64),
                    lambda: engine.tempo(-1), lambda: _core.Engine({"hopp": 1}),
                    lambda: _core.Engine({}, backend="telepathy")):
        with pytest.raises(SettingsError):
            refused()


def test_a_model_plays_through_this_interpreter(folder: Path) -> None:
    settings = {"model": str(folder), "parts": ["drums", "piano"], "seed": 9, "fade": 1}
    engine = ready(settings, "embedded", rate=MODEL_RATE, vector=16)
    engine.reset()
    heard = noise(64 * 12)
    played = play(engine, heard, 16)
    client = bridge.open(str(folder), ["drums", "piano"], "cpu", 1, lambda: False)
    client.reset(4, 3, ["drums", "piano"], 9)
    answers = []
    for hop in range(12):
        answer = np.zeros((2, 64), np.float32)
        before = np.concatenate([np.zeros(12 * 16, np.float32), heard[: (hop + 1) * 64]])
        window = np.stack([before, np.zeros_like(before)], axis=1)[-12 * 16 :]
        client.step(hop, memoryview(window), CONTROLS, memoryview(answer))
        answers.append(answer)
    expected = np.concatenate(answers, axis=1)
    delay = 7 * 16
    join = 64  # the first slot fades in
    length = played.shape[1] - delay
    assert np.array_equal(played[:, delay + join :], expected[:, join:length])
    assert engine.info()["model"] == "small"
    assert engine.stats()["failed"] == engine.stats()["late"] == 0


def test_a_model_that_is_not_there_is_one_line_and_silence() -> None:
    engine = _core.Engine({"model": "no such model"}, backend="embedded")
    engine.prepare(RATE, 512)
    engine.load()
    assert engine.wait_loaded(60_000)
    assert engine.info()["state"] == "error"
    (line,) = [event["text"] for event in engine.poll() if event["kind"] == "error"]
    assert "no such model" in line and "\n" not in line
    assert not engine.process(noise(512)).any()


def test_python_ends_well_while_a_model_computes() -> None:
    code = """
        import sys, threading, types, time, numpy as np
        began = threading.Event()
        fake = types.ModuleType("sideman.bridge")
        class Client:
            info = dict(name="slow", sample_rate=44100, frame_samples=512, hops=[4], lead_frames=3,
                        leads=(1, 64), window_frames=64, parts=[], tags=[], any_tag=False)
            def reset(self, *arguments): pass
            def step(self, hop, window, controls, out):
                if hop > 0 and np.asarray(window).any(): began.set(); print("computes"); time.sleep(0.5)
                np.asarray(out)[...] = 0
                return True, None
        fake.open = lambda *arguments: Client()
        sys.modules["sideman.bridge"] = fake
        from sideman import _core
        engine = _core.Engine({"model": "slow"}, backend="embedded")
        engine.prepare(44100, 512); engine.load(); assert engine.wait_loaded(20000)
        assert engine.info()["state"] == "ready", engine.poll()
        while not began.wait(0.002): engine.process(np.full(512, 0.25, np.float32))
        time.sleep(0.1)
        print("done"); sys.exit(5)
    """
    ended = subprocess.run(
        [sys.executable, "-u", "-c", textwrap.dedent(code)], capture_output=True, text=True, timeout=60
    )
    assert ended.stdout == "computes\ndone\n", "it ended in the middle of a hop"
    assert ended.stderr == ""
    assert ended.returncode == 5
