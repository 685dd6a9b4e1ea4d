"""Numbers of the published accompaniment system (tests/fixtures/paper/README.md), and its small U-Net."""

from __future__ import annotations

import functools
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from sideman.models.unet import UNet, UNetConfig

__all__ = ["PAPER", "config_of", "gauss", "numbers", "small_codec", "small_unet", "tensors"]

PAPER = Path(__file__).resolve().parents[1] / "fixtures" / "paper"


@functools.cache
def tensors(name: str) -> dict[str, torch.Tensor]:
    return load_file(str(PAPER / f"{name}.safetensors"))


@functools.cache
def numbers(name: str) -> dict:
    return json.loads((PAPER / f"{name}.json").read_text())


def config_of(constructor: dict) -> UNetConfig:
    """The constructor's arguments that have more than one published value."""
    known = UNetConfig.__dataclass_fields__
    as_tuple = {k: tuple(v) if isinstance(v, list) else v for k, v in constructor.items()}
    return UNetConfig(**{k: v for k, v in as_tuple.items() if k in known})


@functools.cache
def small_unet() -> UNet:
    network = UNet(config_of(numbers("unet_small")["constructor"])).eval()
    weights = tensors("unet_small")
    network.load_state_dict({k: v for k, v in weights.items() if "resample_filter" not in k})
    return network


def small_codec(monkeypatch: pytest.MonkeyPatch) -> torch.nn.Module:
    """The network of the music2latent package with the small fixture's sizes and weights; skips the
    test where the package is missing."""
    models = pytest.importorskip("music2latent.models", reason="the extra `paper` is not installed")
    for name, value in numbers("m2l_small")["hparams"].items():
        if hasattr(models, name):
            monkeypatch.setattr(models, name, value)
    network = models.UNet().eval()
    network.load_state_dict(tensors("m2l_small"))
    return network


def gauss(draw: int, count: int) -> np.ndarray:
    """The README's deterministic noise, float32 [count]."""
    j = np.arange(1, 2 * ((count + 1) // 2) * 2 + 1, dtype=np.uint64)[: 2 * count]
    with np.errstate(over="ignore"):
        z = np.uint64(draw) * np.uint64(0x632BE59BD9B4E019) + j * np.uint64(0x9E3779B97F4A7C15)
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        z = z ^ (z >> np.uint64(31))
    u = (z >> np.uint64(11)).astype(np.float64) * 2.0**-53
    return (np.sqrt(-2 * np.log(1 - u[0::2])) * np.cos(2 * np.pi * u[1::2])).astype(np.float32)
