"""sideman.bridge as the C++ calls it: views in, views out, errors that leave the stream usable."""

from __future__ import annotations

import gc
import json
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from clicks import drums, steady
from fake_codec import FakeCodec, FakeCodecConfig
from small_model import small_model

from sideman import bridge
from sideman.errors import Cancelled, ModelError, SettingsError
from sideman.models import checkpoint, shared
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.session import Session

HOP = 4 * 16
WINDOW = 32 * HOP


@pytest.fixture
def saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[LoadedModel], Path]:
    """Puts a model on disk, with its codec known by name."""
    monkeypatch.setitem(
        checkpoint.CODECS, "fake", lambda config: FakeCodec(FakeCodecConfig(**config))
    )

    def save(model: LoadedModel) -> Path:
        checkpoint.save_model(tmp_path, model.spec, model.codec, model.network, kind="fake")
        return tmp_path

    return save


@pytest.fixture
def folder(saved) -> Path:
    """The small model on disk."""
    return saved(small_model())


def never() -> bool:
    return False


def opened(folder: Path, parts: tuple[str, ...] = ("bass",), cancelled=never) -> bridge.Client:
    return bridge.open(str(folder), list(parts), "cpu", 1, cancelled)


def window(seed: int) -> memoryview:
    noise = np.random.default_rng(seed).standard_normal((WINDOW, 2)).astype(np.float32)
    return memoryview(noise).toreadonly()


def asked(steps: int = 1, guidance: float = 1.0, clock=None, **others) -> dict:
    """Controls as the engine gives them."""
    settings = {
        "steps": steps, "guidance": guidance, "clock": clock, "tags": (), "mode": "accompany",
        "inertia": 1.0, "sampler": "auto", "feedback": 0.0, "mix": 1.0, "track": False,
        "temperature": 1.0,
    }
    return {**settings, **others}


def out(parts: int = 1) -> memoryview:
    return memoryview(np.full((parts, HOP), np.nan, np.float32))


def test_info_puts_the_models_own_hop_first(folder: Path) -> None:
    info = opened(folder).info
    assert info == {
        "name": "small", "sample_rate": 1600, "frame_samples": 16, "hops": [4], "lead_frames": 3,
        "leads": (1, 8), "window_frames": 12, "parts": ["bass", "drums", "guitar", "piano"],
        "tags": list(small_model().spec.tags),
        "any_tag": False,
    }


def test_a_hop_is_what_the_session_plays(folder: Path) -> None:
    parts = ("drums", "piano")
    client = opened(folder, parts)
    client.reset(4, 2, parts, seed=7)
    session = Session(checkpoint.load_model(folder), parts, 4, 2)
    state = session.start(7)
    for hop in range(5):
        played = out(2)
        clock = (100.0, hop * 1.5, 3) if hop % 2 else None
        continues, _ = client.step(hop, window(hop), asked(3, 1.5, clock), played)
        heard, sketch = np.asarray(window(hop))[-HOP:].T
        controls = Controls(3, 1.5, Clock(*clock) if clock else None)
        expected, state = session.step(state, heard, Slot(hop), controls, sketch=sketch)
        assert np.array_equal(np.asarray(played), expected)
        assert continues == (hop > 0)


def test_below_zero_steps_and_guidance_are_the_models_own(folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    own, said = out(), out()
    first.step(0, window(0), asked(-1, -1.0, None), own)
    second.step(0, window(0), asked(2, 2.0, None), said)
    assert np.array_equal(own, said)


def test_a_gap_in_the_hops_is_told(folder: Path) -> None:
    client = opened(folder)
    assert not client.step(0, window(0), asked(1, 1.0, None), out())[0]
    assert client.step(1, window(1), asked(1, 1.0, None), out())[0]
    assert not client.step(3, window(3), asked(1, 1.0, None), out())[0]
    assert client.step(4, window(4), asked(1, 1.0, None), out())[0]


def test_reset_makes_the_same_stream_again(folder: Path) -> None:
    client = opened(folder)
    played = [out(), out(), out()]
    for seed, answer in zip((3, 3, 4), played):
        client.reset(4, 3, ["bass"], seed)
        client.step(0, window(0), asked(1, 1.0, None), answer)
    assert np.array_equal(played[0], played[1])
    assert not np.array_equal(played[0], played[2])


def test_nothing_of_the_views_is_kept(folder: Path) -> None:
    client = opened(folder)
    heard, played = window(0), out()
    client.step(0, heard, asked(1, 1.0, None), played)
    gc.collect()
    heard.release()  # raises BufferError while an array holds the view
    played.release()


def test_a_withdrawn_hop_raises_and_the_next_one_plays(folder: Path) -> None:
    withdrawn = False
    client = opened(folder, cancelled=lambda: withdrawn)
    withdrawn = True
    with pytest.raises(Cancelled):
        client.step(0, window(0), asked(1, 1.0, None), out())
    withdrawn = False
    played = out()
    client.step(1, window(1), asked(1, 1.0, None), played)
    assert np.isfinite(played).all()


@pytest.mark.parametrize(
    ("heard", "room"),
    [(HOP - 1, (1, HOP)), (HOP, (2, HOP)), (HOP, (1, HOP + 1)), (HOP, (1, HOP - 1))],
)
def test_memory_of_the_wrong_shape_is_refused(
    folder: Path, heard: int, room: tuple[int, int]
) -> None:
    client = opened(folder)
    view, wrong = memoryview(np.zeros((heard, 1), np.float32)), memoryview(np.zeros(room, np.float32))
    with pytest.raises(SettingsError, match="cannot play"):
        client.step(0, view, asked(1, 1.0, None), wrong)
    client.step(0, window(0), asked(1, 1.0, None), out())


def test_two_clients_share_the_weights_and_not_the_stream(folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    assert first._model is second._model
    one, two = out(), out()
    first.step(0, window(0), asked(1, 1.0, None), out())
    first.step(1, window(1), asked(1, 1.0, None), one)
    second.step(0, window(1), asked(1, 1.0, None), two)
    assert not np.array_equal(one, two)


def test_the_weights_go_with_their_last_client(folder: Path) -> None:
    first, second = opened(folder), opened(folder)
    held = len(shared._models)
    del first
    gc.collect()
    assert len(shared._models) == held
    del second
    gc.collect()
    assert len(shared._models) == held - 1


def test_many_threads_load_a_model_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads = []
    load_model = shared.load_model

    def counted(*arguments):
        loads.append(arguments)
        return load_model(*arguments)

    monkeypatch.setattr(shared, "load_model", counted)
    clients: list[bridge.Client] = []
    threads = [threading.Thread(target=lambda: clients.append(opened(folder))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(clients) == 4
    assert len(loads) == 1


def test_threads_are_those_of_the_caller(folder: Path) -> None:
    seen = {}

    def play(threads: int) -> None:
        bridge.open(str(folder), ["bass"], "cpu", threads, never)
        seen[threads] = torch.get_num_threads()

    try:
        for threads in (1, 2):
            thread = threading.Thread(target=play, args=(threads,))
            thread.start()
            thread.join()
        assert seen == {1: 1, 2: 2}
    finally:
        torch.set_num_threads(1)


def test_what_cannot_be_opened_is_one_line(folder: Path) -> None:
    for arguments in (
        ("no such model", ["bass"], "cpu"),
        (str(folder), ["kazoo"], "cpu"),
        (str(folder), ["bass"], "abacus"),
    ):
        with pytest.raises(ModelError) as refused:
            bridge.open(*arguments, 1, never)
        assert "\n" not in str(refused.value)


def test_a_model_that_hears_what_it_plays_to_is_not_played_live(folder: Path) -> None:
    described = json.loads((folder / "model.json").read_text())
    described["spec"].update(lead_frames=-4, leads=[-4, -4])
    (folder / "model.json").write_text(json.dumps(described))
    with pytest.raises(ModelError, match="cannot play .* live: it hears the music of its own slot"):
        opened(folder)


def test_no_parts_means_the_models_first(folder: Path) -> None:
    client = opened(folder, parts=())
    client.step(0, window(0), asked(1, 1.0, None), out(1))


def test_what_a_hop_asks_for_reaches_the_session(folder: Path) -> None:
    plain, told = opened(folder), opened(folder)
    tag = small_model().spec.tags[0]
    one, other = out(), out()
    plain.step(0, window(0), asked(2), one)
    told.step(0, window(0), asked(2, tags=((tag, 0.5),)), other)
    assert not np.array_equal(one, other)
    with pytest.raises(SettingsError, match="cannot use tag kazoo"):
        told.step(1, window(1), asked(tags=(("kazoo", 1.0),)), out())
    with pytest.raises(SettingsError, match="cannot use mode"):
        told.step(1, window(1), asked(mode="sleep"), out())
    assert told.step(1, window(1), asked(), out())[0]


def test_the_heard_clock_is_told_only_when_the_session_tracks(saved) -> None:
    """In hops of 2048 samples at 44.1 kHz, so that the tracker can count frames."""
    folder = saved(small_model(codec=FakeCodecConfig(frame_samples=512, sample_rate=44100)))
    audio = drums(steady(110, 12), 12)[: 200 * 2048].reshape(200, 2048)
    clients = {True: opened(folder), False: opened(folder)}
    for hop, heard in enumerate(audio):
        played = np.empty((1, 2048), np.float32)
        told = {
            track: client.step(hop, memoryview(heard[:, None]), asked(track=track), memoryview(played))[1]
            for track, client in clients.items()
        }
        if hop == 0:
            assert told[True] is None, "nothing is known yet"
    assert told[False] is None
    bpm, beat, beats_per_bar, confidence = told[True]
    clock = clients[True]._session.heard_clock(clients[True]._state)
    assert (bpm, beat) == (clock.bpm, clock.beat)
    assert bpm == pytest.approx(110, rel=0.03)
    assert confidence > 0.5 and beats_per_bar == clock.beats_per_bar


def test_the_music_of_hops_that_were_left_out_is_heard_from_the_window(folder: Path) -> None:
    whole, holed = opened(folder), opened(folder)
    heard = np.concatenate([np.asarray(window(hop))[-HOP:] for hop in range(4)])
    for hop in range(4):
        shown = memoryview(np.ascontiguousarray(heard[: (hop + 1) * HOP]))
        whole.step(hop, shown, asked(), out())
        if hop in (0, 3):
            holed.step(hop, shown, asked(), out())
    assert np.array_equal(whole._state.memory.heard, holed._state.memory.heard)
    assert np.array_equal(whole._state.memory.sketch, holed._state.memory.sketch)
    assert whole._state.memory.sketch.any()
