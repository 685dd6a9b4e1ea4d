"""A model folder: saved and opened again, and every kind of damage named in one line."""

from __future__ import annotations

import json
import re

import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from safetensors.torch import load_file, save_file
from small_model import small_model

from sideman.errors import ModelError
from sideman.models import checkpoint
from sideman.models.checkpoint import bytes_of, load_model, save_model


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setitem(
        checkpoint.CODECS, "fake", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    model = small_model()
    save_model(tmp_path, model.spec, model.codec, model.network, card="# small\n", kind="fake")
    return tmp_path


def refused(folder) -> str:
    with pytest.raises(ModelError) as caught:
        load_model(folder)
    message = str(caught.value)
    assert "\n" not in message
    return message


def test_saved_model_opens_equal_within_half_precision(folder):
    model, opened = small_model(), load_model(folder, precision="float32")
    assert opened.spec == model.spec
    assert opened.network.config == model.network.config
    assert torch.equal(opened.codec.basis, model.codec.basis)
    for name, weight in model.network.state_dict().items():
        assert torch.equal(opened.network.state_dict()[name], weight.half().float())
    assert not opened.network.training
    assert (folder / "MODEL_CARD.md").read_text() == "# small\n"


def test_unknown_name_lists_what_is_installed():
    with pytest.raises(ModelError, match="no model of that name.*installed models:"):
        load_model("no-such-model")


def test_broken_json(folder):
    (folder / "model.json").write_text("{")
    assert "model.json" in refused(folder)


def test_json_that_is_not_an_object(folder):
    (folder / "model.json").write_text("[]")
    assert "not a JSON object" in refused(folder)


@pytest.mark.parametrize("section", ["spec", "network", "codec"])
def test_missing_section(folder, section):
    described = json.loads((folder / "model.json").read_text())
    del described[section]
    (folder / "model.json").write_text(json.dumps(described))
    assert section in refused(folder)


def test_unknown_and_missing_fields(folder):
    described = json.loads((folder / "model.json").read_text())
    described["spec"]["colour"] = "blue"
    (folder / "model.json").write_text(json.dumps(described))
    assert "colour" in refused(folder)
    del described["spec"]["colour"], described["spec"]["steps"]
    (folder / "model.json").write_text(json.dumps(described))
    assert "steps" in refused(folder)


def test_missing_superfluous_and_misshapen_weights(folder):
    path = folder / "model.safetensors"
    good = load_file(str(path))
    less = {name: value for name, value in good.items() if name != "network.part.weight"}
    save_file(less, str(path))
    assert "network.part.weight is missing" in refused(folder)
    save_file({**good, "network.extra": torch.zeros(1)}, str(path))
    assert "network.extra is unknown" in refused(folder)
    save_file({**good, "network.part.weight": torch.zeros(2, 2)}, str(path))
    assert "shape [2, 2], model.json asks for [4, 32]" in refused(folder)


def test_weights_that_are_no_safetensors_are_never_unpickled(folder):
    class Trap:
        def __reduce__(self):
            return (open, (str(folder / "sprung"), "w"))

    torch.save({"network.part.weight": Trap()}, folder / "model.safetensors")
    assert "model.safetensors" in refused(folder)
    assert not (folder / "sprung").exists()


@pytest.mark.parametrize(
    ("room", "name", "value"),
    [
        ("network", "heads", 0), ("network", "block_frames", 0), ("network", "width", -8),
        ("spec", "frame_samples", 0), ("spec", "sample_rate", "44100"), ("spec", "steps", 0),
    ],
)  # fmt: skip
def test_sizes_that_cannot_be_are_refused(folder, room, name, value):
    whole = json.loads((folder / "model.json").read_text())
    wrong = {**whole, room: {**whole[room], name: value}}
    (folder / "model.json").write_text(json.dumps(wrong))
    assert "export the model again" in refused(folder)


def test_bytes_are_those_of_the_values_whatever_type_and_layout():
    values = torch.arange(24.0).reshape(2, 3, 2, 2)
    assert bytes_of(values.to(memory_format=torch.channels_last)) == values.numpy().tobytes()
    assert len(bytes_of(values.bfloat16())) == 48
    assert bytes_of(torch.tensor(1, dtype=torch.int64)) == (1).to_bytes(8, "little")


@pytest.mark.parametrize(
    ("where", "told", "why"),
    [
        ("spec", {"hop_frames": 2, "hops": [2]}, "hops .its network plays 4 frames"),
        ("spec", {"hop_frames": 2}, "hops .frames, with hop_frames among"),
        ("spec", {"sample_rate": 48000}, "sample_rate .the model has 1600"),
        ("spec", {"window_frames": 4}, "window_frames .the model has 12"),
        ("spec", {"version": 7}, "version .1 at most"),
        ("spec", {"tags": ["dark"]}, "tags .its network knows 3"),
        ("spec", {"parts": ["a", "b", "c", "d", "e"]}, "parts .its network knows 4"),
        ("spec", {"parts": ["../bass"]}, "parts .'../bass' cannot be one"),
        ("spec", {"parts": ["mix"]}, "parts .'mix' cannot be one"),
        ("spec", {"parts": ["bass", "bass"]}, "parts .'bass' cannot be one"),
        ("spec", {"leads": [1]}, "leads"),
        ("spec", {"leads": "18"}, "leads .a list"),
        ("spec", {"lead_frames": 2.5}, "lead_frames .a whole number"),
        ("spec", {"steps": True}, "steps .a whole number"),
        ("network", {"width": 3072, "heads": 12}, "the network's sizes .they ask for"),
        ("network", {"layers": 10**9}, "the network's sizes .they ask for"),
        ("network", {"layers": 10**9, "width": None}, "the network's sizes .they ask for"),
        ("network", {"layers": 10**9, "width": "abc"}, "width .it is no whole number"),
        ("codec", {"frame_samples": 2**24}, "the codec's frame_samples .it is 16777216"),
        ("codec", {"sample_rate": 2**40}, "the codec's sample_rate"),
        ("codec", {"frame_samples": 0}, "the codec's frame_samples .it is 0"),
    ],
)
def test_what_model_json_contradicts_is_named(folder, where, told, why):
    described = json.loads((folder / "model.json").read_text())
    facts = described["codec"]["config"] if where == "codec" else described[where]
    facts.update(told)
    for name in [name for name, value in facts.items() if value is None]:
        del facts[name]
    (folder / "model.json").write_text(json.dumps(described))
    assert re.search(why, refused(folder))


def test_weights_that_are_no_numbers_are_refused(folder):
    tensors = load_file(folder / "model.safetensors")
    tensors["network.to_flow.weight"][0, 0] = float("nan")
    save_file(tensors, folder / "model.safetensors")
    assert "network.to_flow.weight is not finite" in refused(folder)
