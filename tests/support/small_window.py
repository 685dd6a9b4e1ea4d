"""A small playable model of the window family with random weights, and networks that show timing."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from fake_codec import FakeCodec, FakeCodecConfig
from paper import PAPER
from safetensors.torch import load_file, save_file

from sideman.models.checkpoint import LoadedModel, ModelSpec, load_model
from sideman.models.places import WEIGHTS
from sideman.models.published import import_checkpoint
from sideman.models.unet import UNetConfig
from sideman.models.window import WindowConfig, WindowNetwork

__all__ = ["Copying", "playable_import", "small_window_model", "window_spec"]

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


def playable_import(folder: Path) -> Path:
    """The published tiny consistency checkpoint, imported, with Sideman's codec in the place of
    music2latent's, whose weights cannot be had here: a model folder that plays."""
    import_checkpoint(PAPER / "ckpt_cd_tiny.ckpt", folder)
    described = json.loads((folder / "model.json").read_text())
    mini = load_model("mini", precision="float32")
    codec = json.loads((WEIGHTS / "mini" / "model.json").read_text())["codec"]
    described["codec"] = codec
    described["spec"] |= {"frame_samples": mini.codec.frame_samples, "hops": list(range(1, 33))}
    (folder / "model.json").write_text(json.dumps(described))
    whole = load_file(str(folder / "model.safetensors"))
    whole |= {f"codec.{name}": value for name, value in mini.codec.state_dict().items()}
    save_file({k: v.contiguous().clone() for k, v in whole.items()}, str(folder / "model.safetensors"))
    return folder
