"""Whether the pieces of a model belong together: what its spec says, its codec and its network, and
whether model.json asks for no more memory than its weights take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any

import torch

from sideman.models.codec import CodecConfig
from sideman.models.transformer import TransformerConfig

if TYPE_CHECKING:
    from sideman.models.checkpoint import ModelSpec

__all__ = ["check_fit", "check_sizes"]

# Sizes of a network of the block family that make a matrix of the width by them.
BY_WIDTH = ("channels", "parts", "max_lead", "tags", "sketch_channels", "text_channels",
            "clock_channels")  # fmt: skip
NETWORK_USUAL = {
    field.name: field.default for field in fields(TransformerConfig) if field.default is not MISSING
}
CODEC_USUAL = {field.name: field.default for field in fields(CodecConfig)}
# Whatever is built for a frame, or a second, is as long as these say.
MOST = {"frame_samples": 2**16, "sample_rate": 2**19}


def check_fit(spec: ModelSpec, codec: Any, network: Any) -> None:
    """Raises ValueError, with what the spec misstates, where it contradicts the codec or the network:
    it would be played wrongly, or fail in the middle of a performance."""
    facts = {"sample_rate": codec.sample_rate, "frame_samples": codec.frame_samples,
             "window_frames": network.window_frames}  # fmt: skip
    for name, value in facts.items():
        if getattr(spec, name) != value:
            raise ValueError(f"{name} (the model has {value})")
    if spec.family == "block":
        _check_block(spec, network.config)


def _check_block(spec: ModelSpec, network: Any) -> None:
    if spec.hops != (network.block_frames,):
        raise ValueError(f"hops (its network plays {network.block_frames} frames at a time)")
    if len(spec.parts) > network.parts:
        raise ValueError(f"parts (its network knows {network.parts})")
    if len(spec.tags) != network.tags:
        raise ValueError(f"tags (its network knows {network.tags})")


def check_sizes(
    network: Mapping[str, Any], codec: Mapping[str, Any], tensors: Mapping[str, torch.Tensor]
) -> None:
    """Raises ValueError, before anything is built, for sizes by which more would be built than the
    file holds: a wrong model.json shall not take all the memory of a host."""
    if not isinstance(network.get("unet"), Mapping):  # a window's network is planned without memory
        sizes = {**NETWORK_USUAL, **network}
        width, layers, hidden = (_size(sizes, name) for name in ("width", "layers", "hidden"))
        least = layers * width * (4 * width + 3 * hidden)
        least += sum(width * _size(sizes, name) for name in BY_WIDTH if name in sizes)
        if least > _held("network.", tensors):
            raise ValueError(f"the network's sizes (they ask for {least} weights)")
    for name in MOST.keys() & codec.keys():
        if not 0 < _size(codec, name) <= MOST[name]:
            raise ValueError(f"the codec's {name} (it is {codec[name]})")
    if {"width", "layers"} & codec.keys():
        sizes = {**CODEC_USUAL, **codec}
        least = _size(sizes, "width") ** 2 * _size(sizes, "layers")
        if least > _held("codec.", tensors):
            raise ValueError(f"the codec's sizes (they ask for {least} weights)")


def _size(sizes: Mapping[str, Any], name: str) -> int:
    """A whole number from 0 on: JSON may have a word there, which times a number is a long one."""
    size = sizes[name]
    if not isinstance(size, int) or isinstance(size, bool) or size < 0:
        raise ValueError(f"{name} (it is no whole number)")
    return size


def _held(prefix: str, tensors: Mapping[str, torch.Tensor]) -> int:
    return sum(value.numel() for name, value in tensors.items() if name.startswith(prefix))
