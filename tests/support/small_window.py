"""A small playable model of the window family with random weights, and networks that show timing."""

from __future__ import annotations

import torch
from fake_codec import FakeCodec, FakeCodecConfig

from sideman.models.checkpoint import LoadedModel, ModelSpec
from sideman.models.unet import UNetConfig
from sideman.models.window import WindowConfig, WindowNetwork

__all__ = ["Copying", "small_window_model", "window_spec"]

PARTS = ("bass", "drums", "guitar", "piano")
SMALL = UNetConfig(
    img_resolution=32, model_channels=8, channel_mult=(1, 2), num_blocks=1, attn_resolutions=(16,),
    dropout=0.0,
)  # fmt: skip


def window_spec(codec: object, config: WindowConfig, **settings: object) -> ModelSpec:
    frames = config.unet.img_resolution
    student = config.preconditioning == "consistency"
    usual = {
        "name": "small-window", "sample_rate": codec.sample_rate,
        "frame_samples": codec.frame_samples, "parts": PARTS, "hop_frames": 4,
        "hops": tuple(range(1, frames // 2 + 1)), "lead_frames": 4, "leads": (1, frames - 2),
        "window_frames": frames, "steps": 2 if student else 3, "guidance": 1.0,
        "sampler": "consistency" if student else "ancestral", "family": "window",
    }  # fmt: skip
    return ModelSpec(**{**usual, **settings})


def small_window_model(seed: int = 0, kind: str = "consistency") -> LoadedModel:
    codec = FakeCodec(FakeCodecConfig(channels=8)).eval()
    config = WindowConfig(unet=SMALL, preconditioning=kind, sigma_max=20.0)
    torch.manual_seed(seed)
    network = WindowNetwork(config).eval()
    for weight in network.parameters():
        torch.nn.init.normal_(weight, std=0.2 if weight.dim() > 1 else 0.1)
    return LoadedModel(window_spec(codec, config), codec, network)


class Copying(torch.nn.Module):
    """A network that plays what it hears: column j of the answer is column j - back of the music."""

    def __init__(self, back: int, frames: int = 32):
        super().__init__()
        self.back = back
        self.config = WindowConfig(
            unet=UNetConfig(img_resolution=frames, model_channels=8, channel_mult=(1,)),
            preconditioning="consistency",
        )

    @property
    def window_frames(self) -> int:
        return self.config.unet.img_resolution

    def forward(self, x, c_noise, context, labels):
        """Of c_skip x + c_out F the data are what F has to give."""
        moved = torch.zeros_like(context)
        moved[..., self.back :] = context[..., : context.shape[-1] - self.back]
        sigma = (4 * c_noise).exp()[:, None, None, None]
        above = sigma - self.config.sigma_min
        total = (sigma.square() + 1).sqrt()
        skip, out = 1 / (above.square() + 1), above / total
        return (moved - skip * x * total) / out
