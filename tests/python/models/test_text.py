"""Prompts in free words through a tiny random T5: mixing, loading with a model, and what is refused."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pytest
import torch
from fake_codec import FakeCodec, FakeCodecConfig
from small_model import small_model
from tiny_t5 import save_tiny_t5

from sideman.errors import ModelError, SettingsError
from sideman.models import checkpoint
from sideman.models.checkpoint import load_model, save_model
from sideman.models.text import TextEncoder
from sideman.streaming.controls import Controls, Slot
from sideman.streaming.session import Session

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("t5")
    save_tiny_t5(folder)
    return folder


@pytest.fixture
def encoder(folder):
    return TextEncoder(folder, tokens=6)


def test_prompts_are_told_apart_and_padding_is_zero(encoder):
    warm, fast = encoder.embed([("warm bass", 1.0)]), encoder.embed([("fast bass", 1.0)])
    assert warm.shape == (1, 6, 16)
    assert not torch.allclose(warm, fast)
    assert warm[0, :3].any(1).all(), "two words and the end"
    assert not warm[0, 3:].any()


def test_prompts_mix_by_weight_and_none_is_nothing(encoder):
    warm, fast = encoder.embed([("warm", 0.4)]), encoder.embed([("fast", 1.0)])
    mixed = encoder.embed([("warm", 0.25), ("fast", 0.75)])
    torch.testing.assert_close(mixed, 0.25 * warm + 0.75 * fast)
    torch.testing.assert_close(encoder.embed([("warm", 1.0), ("fast", 0.0)]), warm)
    assert not encoder.embed([]).any()
    assert not encoder.embed([("warm", 0.0)]).any()


def test_long_prompts_are_cut(encoder):
    assert encoder.embed([("a slow warm bass a slow warm bass", 1.0)]).shape == (1, 6, 16)


def test_a_prompt_costs_its_pass_once(encoder):
    passes = []
    encoder._encoder.register_forward_hook(lambda *_: passes.append(1))
    first = encoder.embed([("slow piano", 1.0)])
    assert torch.equal(encoder.embed([("slow piano", 1.0)]), first)
    assert len(passes) == 1
    encoder.embed([("slow", 1.0), ("slow piano", 0.5)])
    assert len(passes) == 2


def model_folder(tmp_path, monkeypatch, channels: int):
    monkeypatch.setitem(
        checkpoint.CODECS, "sideman", lambda config: FakeCodec(FakeCodecConfig(**config))
    )
    made = small_model(text_channels=channels)
    save_model(tmp_path, made.spec, made.codec, made.network)
    described = json.loads((tmp_path / "model.json").read_text())
    described["text"] = {"tokens": 6}
    (tmp_path / "model.json").write_text(json.dumps(described))
    save_tiny_t5(tmp_path / "text")
    return tmp_path


def test_a_model_that_reads_prompts_plays_differently_by_them(tmp_path, monkeypatch):
    model = load_model(model_folder(tmp_path, monkeypatch, 16))
    session = Session(model, ["bass"], 4, 3)
    heard = np.ones(session.hop_samples, np.float32)

    def played(*tags: tuple[str, float]) -> np.ndarray:
        return session.step(session.start(), heard, Slot(0), Controls(2, 1.0, tags=tags))[0]

    warm, fast, both = played(("warm bass", 1.0)), played(("fast", 1.0)), played(("dark", 1.0))
    assert not np.allclose(warm, fast, atol=1e-4)
    assert not np.allclose(warm, both, atol=1e-4), "a tag of the model is no prompt"


def test_a_model_without_text_refuses_prompts_by_name():
    session = Session(small_model(), ["bass"], 4, 3)
    with pytest.raises(SettingsError, match="cannot use tag warm bass: small knows dark"):
        session.step(
            session.start(), np.zeros(session.hop_samples, np.float32), Slot(0),
            Controls(2, 1.0, tags=(("warm bass", 1.0),)),
        )


def test_an_encoder_of_another_width_is_refused(tmp_path, monkeypatch):
    folder = model_folder(tmp_path, monkeypatch, 12)
    with pytest.raises(ModelError, match="gives 16 channels, the network reads 12"):
        load_model(folder)


def test_an_empty_folder_and_a_damaged_one_are_refused(tmp_path, folder):
    with pytest.raises(ModelError, match="no text encoder in"):
        TextEncoder(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(ModelError, match="cannot read the text encoder"):
        TextEncoder(tmp_path)


def test_without_the_extra_the_error_says_what_to_install(folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "transformers", None)
    with pytest.raises(ModelError, match="-m pip install transformers"):
        TextEncoder(folder)


def test_code_beside_an_encoder_is_never_run(folder, tmp_path):
    """Nor is anybody asked whether it may."""
    ran = tmp_path / "ran"
    copied = tmp_path / "text"
    shutil.copytree(folder, copied)
    config = {"model_type": "odd", "auto_map": {"AutoConfig": "odd.Odd", "AutoTokenizer": "odd.Odd"}}
    (copied / "config.json").write_text(json.dumps(config))
    (copied / "tokenizer_config.json").write_text(json.dumps({"auto_map": config["auto_map"]}))
    (copied / "odd.py").write_text(f"open({str(ran)!r}, 'w').write('ran')\nclass Odd: pass\n")
    with pytest.raises(ModelError, match="cannot read"):
        TextEncoder(copied, tokens=6)
    assert not ran.exists()
