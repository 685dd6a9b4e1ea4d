"""The published accompaniment checkpoints (Zenodo 19045462) as models of ours.

Two layouts are known: the diffusion model, and the consistency model with its student (`net`, which
is what plays), target and teacher. Everything is checked by name, shape and count before anything is
written; anything else in the file is refused by name.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save_file

from sideman.errors import ModelError
from sideman.models.checkpoint import ModelSpec, channels_last
from sideman.models.foreign_checkpoint import ForeignCheckpoint, plain
from sideman.models.unet import UNet, UNetConfig
from sideman.models.window import WindowConfig

__all__ = ["import_checkpoint"]

PARTS = ("bass", "drums", "guitar", "piano")
FRAME_SAMPLES = 4096  # of music2latent
USUAL_HOP = 8  # frames: r = 0.125
MOST_TENSORS = 5000
# Fixed parts of the network: other values have other equations.
FIXED = {
    "augment_dim": 0, "embedding_type": "positional", "encoder_type": "standard",
    "decoder_type": "standard", "resample_filter": [1, 1], "in_channels": 2, "out_channels": 1,
}  # fmt: skip


@dataclass(frozen=True)
class _Layout:
    """prefix: of the network that plays; beside: patterns of others that may be there and are left
    out."""

    kind: str
    prefix: str
    beside: tuple[str, ...]
    network: dict[str, Any]
    steps: int
    sampler: str


LAYOUTS = (
    _Layout(
        "consistency", "net.model.unet.",
        (r"target_model\.model\.unet\.", r"teacher_model\.model\.unet\.",
         r"ema_models\.\d+\.model\.unet\."),
        {"preconditioning": "consistency", "sigma_max": 80.0, "rho": 9.0}, 2, "consistency",
    ),
    _Layout(
        "diffusion", "model.unet.", (r"model\.diffusion\.net\.",),
        {"preconditioning": "edm", "sigma_max": 50.0, "rho": 9.0}, 5, "ancestral",
    ),
)  # fmt: skip


def import_checkpoint(source: str | Path, folder: str | Path, name: str = "") -> Path:
    """Write a model folder from a published checkpoint; gives the folder.

    Nothing in the file is run. Raises ModelError with the reason, and leaves nothing behind, for a
    file that is none of the known layouts or whose network is not whole.
    """
    source, folder = Path(source), Path(folder)
    if folder.exists():
        raise ModelError(f"cannot import to {folder}: it is there already; give another folder")
    try:
        checkpoint = ForeignCheckpoint(source)
        tensors = checkpoint.state_dict()
        layout = _layout(tensors)
        weights = _network(layout, tensors)
        told = _settings(checkpoint.root)
        config = _config(weights, told)
        _check(config, weights)
    except ModelError as error:
        raise ModelError(
            f"cannot import {source}: {' '.join(str(error).split())}; give a published checkpoint, whole"
        ) from error
    _write(source, folder, name or folder.name, layout, config, weights)
    return folder


def _layout(tensors: Mapping[str, torch.Tensor]) -> _Layout:
    for layout in LAYOUTS:
        if any(name.startswith(layout.prefix) for name in tensors):
            for name in tensors:
                beside = any(re.match(pattern, name) for pattern in layout.beside)
                if not (beside or name.startswith(layout.prefix)):
                    raise ModelError(f"beside the {layout.kind} model it holds {name}")
            return layout
    first = next(iter(tensors))
    raise ModelError(f"it holds neither model.unet. nor net.model.unet. (but {first})")


def _network(layout: _Layout, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The weights of the network that plays, without the constant filters of its resampling."""
    start = len(layout.prefix)
    own = {n[start:]: value for n, value in tensors.items() if n.startswith(layout.prefix)}
    if len(own) > 2 * MOST_TENSORS:
        raise ModelError(f"it holds {len(own)} tensors; the published ones have a few hundred")
    weights = {n: value for n, value in own.items() if not n.endswith("resample_filter")}
    for name, value in own.items():
        if name not in weights and not bool((value == 0.25).all()):
            raise ModelError(f"{name} is not the mean of 2 by 2, which is all that is known here")
    for name, value in weights.items():
        if not bool(torch.isfinite(value).all()):
            raise ModelError(f"{name} holds numbers that are not finite")
    return weights


def _settings(root: Any) -> dict[str, Any]:
    """The network's settings where the training kept them: at the top or under cfg.model."""
    told = plain(root.get("hyper_parameters")) if isinstance(root, dict) else None
    told = told if isinstance(told, dict) else {}
    inner = told.get("cfg")
    model = inner.get("model") if isinstance(inner, dict) else None
    return model if isinstance(model, dict) else told


def _config(weights: Mapping[str, torch.Tensor], told: Mapping[str, Any]) -> UNetConfig:
    """The network's size, as its weights have it; what is told beside them must agree."""
    try:
        found = _measured(weights)
    except (ArithmeticError, LookupError, ValueError) as error:
        raise ModelError(f"its network lacks {error}") from error
    for name, wanted in FIXED.items():
        if told.get(name, wanted) != wanted:
            raise ModelError(f"its {name} is {told[name]}; only {wanted} is known here")
    for name, value in found.items():
        said = told.get(name, value)
        if (tuple(said) if isinstance(said, list) else said) != value:
            raise ModelError(f"its {name} is said to be {said}, but its weights have {value}")
    loose = {name: told[name] for name in ("num_heads", "dropout", "label_dropout") if name in told}
    for name in ("dropout", "label_dropout"):
        share = loose.get(name, 0.0)
        if not (isinstance(share, (int, float)) and 0 <= share < 1):
            raise ModelError(f"its {name} is {share!r}; a share from 0 to below 1 is known here")
    return UNetConfig(**found, **loose)


def _measured(weights: Mapping[str, torch.Tensor]) -> dict[str, Any]:
    if len(weights) > MOST_TENSORS:
        raise ValueError(f"sense: {len(weights)} tensors")
    embedding, noise = weights["map_layer0.weight"].shape
    blocks: dict[int, int] = {}
    widths: dict[int, int] = {}
    for name, value in weights.items():
        found = re.fullmatch(r"enc\.(\d+)x\1_block(\d+)\.conv0\.weight", name)
        if found:
            height = int(found[1])
            blocks[height] = blocks.get(height, 0) + 1  # `_check` finds numbers that are left out
            widths[height] = value.shape[0]
    heights = sorted(blocks, reverse=True)
    width = weights[f"enc.{heights[0]}x{heights[0]}_conv.weight"].shape[0]
    sees = [h for h in heights if f"enc.{h}x{h}_block0.qkv.weight" in weights]
    return {
        "img_resolution": heights[0],
        "label_dim": weights["map_label.weight"].shape[1],
        "model_channels": width,
        "channel_mult": tuple(widths[height] // width for height in heights),
        "channel_mult_emb": embedding // width,
        "channel_mult_noise": noise // width,
        "num_blocks": blocks[heights[0]],
        "attn_resolutions": tuple(sorted(sees)),
    }


def _check(config: UNetConfig, weights: Mapping[str, torch.Tensor]) -> None:
    """Every name and shape, none missing and none too many."""
    if config.label_dim != len(PARTS):
        raise ModelError(f"it knows {config.label_dim} parts; {', '.join(PARTS)} are known here")
    with torch.device("meta"):
        wanted = {name: value.shape for name, value in UNet(config).state_dict().items()}
    for name in sorted({*wanted, *weights}):
        if name not in weights or name not in wanted:
            raise ModelError(f"{name} is {'missing' if name not in weights else 'too many'}")
        if weights[name].shape != wanted[name]:
            raise ModelError(
                f"{name} has the shape {list(weights[name].shape)}, not {list(wanted[name])}"
            )


def _write(
    source: Path, folder: Path, name: str, layout: _Layout, config: UNetConfig,
    weights: Mapping[str, torch.Tensor],
) -> None:  # fmt: skip
    _check_size(weights, source)
    hops = range(1, config.img_resolution // 2 + 1)
    spec = ModelSpec(
        name=name, sample_rate=44100, frame_samples=FRAME_SAMPLES, parts=PARTS,
        hop_frames=USUAL_HOP, hops=(USUAL_HOP, *(n for n in hops if n != USUAL_HOP)),
        lead_frames=USUAL_HOP,
        leads=(1, config.img_resolution - 2), window_frames=config.img_resolution,
        steps=layout.steps, guidance=1.0, sampler=layout.sampler, family="window",
    )  # fmt: skip
    described = {
        "spec": asdict(spec),
        "codec": {"kind": "music2latent", "config": {}},
        "network": WindowConfig(unet=config, **layout.network).to_json(),
        "weights": "channels_last",
        "source": {"file": source.name, "sha256": _sha256(source), "layout": layout.kind},
    }
    partial = None
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        whole = {f"network.unet.{key}": value for key, value in channels_last(weights).items()}
        whole = {key: value.clone(memory_format=torch.contiguous_format) for key, value in whole.items()}
        save_file(whole, str(partial / "model.safetensors"))
        (partial / "model.json").write_text(json.dumps(described, indent=2) + "\n")
        for file in partial.iterdir():
            os.chmod(file, 0o644)
        os.chmod(partial, 0o755)
        os.replace(partial, folder)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot write {folder}: {error}; is there room for it?") from error
    finally:
        if partial is not None:
            shutil.rmtree(partial, ignore_errors=True)  # nothing where it became the folder


def _check_size(weights: Mapping[str, torch.Tensor], source: Path) -> None:
    """Tensors may share their numbers: a small file shall not become a large one."""
    held = sum(weight.numel() * weight.element_size() for weight in weights.values())
    if held > 2 * source.stat().st_size:  # a few may well be tied
        raise ModelError(f"its weights share their numbers: {held} bytes in a file of fewer")


def _sha256(path: Path) -> str:
    digest = hashlib.sha256()
    with open(path, "rb") as file:
        while piece := file.read(1 << 20):
            digest.update(piece)
    return digest.hexdigest()
