"""A small playable model with random weights, for tests of everything around the network."""

from __future__ import annotations

import torch
from fake_codec import FakeCodec, FakeCodecConfig

from sideman.models.checkpoint import LoadedModel, ModelSpec
from sideman.models.transformer import BlockTransformer, Conditions, TransformerConfig

PARTS = ("bass", "drums", "guitar", "piano")


def small_network(seed: int = 0, **sizes: int) -> BlockTransformer:
    """A network whose every weight matters (branches that start at zero are filled)."""
    settings = {"channels": 6, "width": 32, "layers": 3, "heads": 2, "hidden": 48, "band_blocks": 3}
    torch.manual_seed(seed)
    network = BlockTransformer(TransformerConfig(**{**settings, **sizes}))
    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    return network.eval()


def random_conditions(rows: int, frames: int, channels: int = 6, seed: int = 0) -> Conditions:
    generator = torch.Generator().manual_seed(seed)
    return Conditions(
        heard=torch.randn(rows, channels, frames, generator=generator),
        heard_known=torch.ones(rows, frames),
        clock=torch.randn(rows, 12, frames, generator=generator),
        part=torch.arange(rows) % 4,
        lead=torch.full((rows,), 3),
    )


def part_of(conditions: Conditions, frames: slice) -> Conditions:
    """The conditions of some of the frames."""
    return Conditions(
        conditions.heard[..., frames],
        conditions.heard_known[:, frames],
        conditions.clock[..., frames],
        conditions.part,
        conditions.lead,
    )


def small_model(seed: int = 0) -> LoadedModel:
    codec = FakeCodec(FakeCodecConfig()).eval()
    network = small_network(seed)
    spec = ModelSpec(
        name="small",
        sample_rate=codec.sample_rate,
        frame_samples=codec.frame_samples,
        parts=PARTS,
        hop_frames=4,
        hops=(4,),
        lead_frames=3,
        leads=(1, 8),
        window_frames=network.window_frames,
        steps=2,
        guidance=2.0,
    )
    return LoadedModel(spec, codec, network)
