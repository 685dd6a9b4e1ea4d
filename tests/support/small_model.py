"""A small playable model with random weights, for tests of everything around the network."""

from __future__ import annotations

import torch
from fake_codec import FakeCodec, FakeCodecConfig

from sideman.models.checkpoint import LoadedModel, ModelSpec
from sideman.models.conditions import CLOCK_CHANNELS, Conditions
from sideman.models.sketch import SKETCH_CHANNELS
from sideman.models.transformer import BlockTransformer, TransformerConfig

PARTS = ("bass", "drums", "guitar", "piano")
TAGS = ("dark", "bright", "busy")


def small_network(seed: int = 0, **settings: int | str) -> BlockTransformer:
    """A network whose every weight matters (branches that start at zero are filled)."""
    usual = {
        "channels": 6, "width": 32, "layers": 3, "heads": 2, "hidden": 48, "context_frames": 12,
    }
    torch.manual_seed(seed)
    network = BlockTransformer(TransformerConfig(**{**usual, **settings}))
    for weight in network.parameters():
        if not weight.any():
            torch.nn.init.normal_(weight, std=0.3)
    return network.eval()


def random_conditions(
    network: BlockTransformer, rows: int, frames: int, seed: int = 0
) -> Conditions:
    """Everything that the network can be told, at random; each frame of music known or not."""
    config, generator = network.config, torch.Generator().manual_seed(seed)

    def random(*shape: int) -> torch.Tensor:
        return torch.randn(shape, generator=generator)

    return Conditions(
        heard=random(rows, config.channels, frames),
        heard_known=(random(rows, frames) > -1).float(),
        clock=random(rows, CLOCK_CHANNELS, frames),
        sketch=random(rows, config.sketch_channels, frames),
        tags=random(rows, config.tags, frames),
        part=torch.arange(rows) % config.parts,
        lead=torch.full((rows,), 3),
        text=random(rows, 3, config.text_channels) if config.text_channels else None,
    )


def small_model(
    seed: int = 0,
    codec: FakeCodecConfig = FakeCodecConfig(),
    leads: tuple[int, int] = (1, 8),
    **settings: int | str,
) -> LoadedModel:
    """A model that knows tags and sketches; `settings` are those of its network."""
    made = FakeCodec(codec).eval()
    told = {"channels": codec.channels, "tags": len(TAGS), "sketch_channels": SKETCH_CHANNELS}
    network = small_network(seed, **{**told, **settings})
    hop = network.config.block_frames
    spec = ModelSpec(
        name="small",
        sample_rate=made.sample_rate,
        frame_samples=made.frame_samples,
        parts=PARTS,
        hop_frames=hop,
        hops=(hop,),
        lead_frames=3,
        leads=leads,
        window_frames=network.window_frames,
        steps=2,
        guidance=2.0,
        tags=TAGS[: network.config.tags],
    )
    return LoadedModel(spec, made, network)
