"""A model on disk: a folder with model.json and model.safetensors, nothing that can run code.

model.json holds the spec that hosts and sessions read, and the configurations that the codec and
the network are built from; model.safetensors holds their weights as codec.* and network.*, but for a
codec that comes from elsewhere. Which network it is, the spec's `family` says. Images of weights
(4 axes) are stored with their channels last where model.json has "weights": "channels_last": so they
are used as they lie in the mapped file. A model that reads prompts has "text": {"tokens": n} and a folder text/ with their encoder.
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Union

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import nn

from sideman.errors import ModelError
from sideman.models.codec import Codec, CodecConfig
from sideman.models.fitting import check_fit, check_sizes
from sideman.models.packed import best_type, pack
from sideman.models.places import find_model
from sideman.models.text import TextEncoder
from sideman.models.transformer import BlockTransformer, TransformerConfig
from sideman.models.window import WindowConfig, WindowNetwork
from sideman.names import PART_NAME

__all__ = [
    "CODECS",
    "LoadedModel",
    "ModelSpec",
    "bytes_of",
    "channels_last",
    "load_model",
    "model_spec",
    "save_model",
]

Network = Union[BlockTransformer, WindowNetwork]


def _music2latent(config: dict[str, Any]) -> nn.Module:
    from sideman.models.music2latent import Music2Latent  # an extra

    return Music2Latent(**config)


def _window(config: dict[str, Any]) -> WindowNetwork:
    with torch.device("meta"):  # the weights come from the file: no time or memory for others
        return WindowNetwork(WindowConfig.from_json(config))


CODECS: dict[str, Callable[[dict[str, Any]], nn.Module]] = {
    "sideman": lambda config: Codec(CodecConfig(**config)),
    "music2latent": _music2latent,
}
NETWORKS: dict[str, Callable[[dict[str, Any]], Network]] = {
    "block": lambda config: BlockTransformer(_from_json(TransformerConfig, config)),
    "window": _window,
}


MOST_GAIN_DB = 12.0
VERSION = 1
NO_PARTS = ("mix",)  # nor this, which a file beside them is called


@dataclass(frozen=True)
class ModelSpec:
    """What a host must know before it opens a model; times in frames of `frame_samples` samples.

    family: `block` or `window`. steps: of sampling; noise levels for the window family.
    temperature: factor on the noise that the block family begins with. listening, growing: as in
    diffusion.guidance. gains_db: of each part, so that it is as loud as the parts that it learnt
    from; empty: none.
    """

    name: str
    sample_rate: int
    frame_samples: int
    parts: tuple[str, ...]
    hop_frames: int
    hops: tuple[int, ...]
    lead_frames: int
    leads: tuple[int, int]
    window_frames: int
    steps: int
    guidance: float
    tags: tuple[str, ...] = ()
    sampler: str = "euler"
    schedule: str = "quadratic"
    family: str = "block"
    version: int = 1
    gains_db: tuple[float, ...] = ()
    temperature: float = 1.0
    listening: float = 0.0
    growing: float = 0.0

    def __post_init__(self) -> None:
        self._check_types()
        for name in ("sample_rate", "frame_samples", "hop_frames", "window_frames", "steps"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name} (1 or more)")
        if self.version > VERSION:
            raise ValueError(f"version ({VERSION} at most: a newer Sideman made it)")
        if self.hop_frames not in self.hops or min(self.hops) < 1:
            raise ValueError("hops (frames, with hop_frames among them)")
        if len(self.leads) != 2 or self.leads[0] > self.leads[1]:
            raise ValueError("leads (the least and the most)")
        for part in self.parts:
            if not PART_NAME.fullmatch(part) or part in NO_PARTS or self.parts.count(part) > 1:
                raise ValueError(f"parts ({part!r} cannot be one: a word that files may be called by)")
        if not 0 <= self.temperature <= 2:
            raise ValueError("temperature (0 to 2)")
        for name in ("listening", "growing"):
            if not 0 <= getattr(self, name) <= 1:
                raise ValueError(f"{name} (0 to 1)")
        if self.gains_db and len(self.gains_db) != len(self.parts):
            raise ValueError("gains_db (one number for each part, or none)")
        if not all(abs(gain) <= MOST_GAIN_DB for gain in self.gains_db):
            raise ValueError(f"gains_db (each within +-{MOST_GAIN_DB:g} dB)")

    def _check_types(self) -> None:
        """What a foreign model.json may hold in place of what belongs there."""
        kinds = {"int": int, "float": (int, float), "str": str}
        for field in fields(self):
            value, kind = getattr(self, field.name), str(field.type)
            words = {"int": "a whole number", "float": "a number", "str": "a word"}
            inner = kind.removeprefix("tuple[").removesuffix("]").split(",")[0]
            many = kind.startswith("tuple[")
            if many and not isinstance(value, tuple):
                raise ValueError(f"{field.name} (a list)")
            for one in value if many else (value,):
                if not isinstance(one, kinds[inner]) or isinstance(one, bool):
                    raise ValueError(f"{field.name} ({words[inner]})")

    def gain(self, part: str) -> float:
        """The factor on what the codec decodes for a part."""
        return 10 ** (self.gains_db[self.parts.index(part)] / 20) if self.gains_db else 1.0


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to play. Sessions share it: nothing in it changes while they play."""

    spec: ModelSpec
    codec: Codec
    network: Network
    text: TextEncoder | None = None

    @property
    def device(self) -> torch.device:
        """Where it computes, and what it is told and remembers must lie."""
        weights = itertools.chain(self.network.parameters(), self.codec.parameters())
        return next((weight.device for weight in weights), torch.device("cpu"))


def save_model(
    folder: str | Path,
    spec: ModelSpec,
    codec: nn.Module,
    network: Network,
    card: str = "",
    kind: str = "sideman",
) -> None:
    """Write model.json, model.safetensors (network in float16, codec as it is) and MODEL_CARD.md. Raises
    ModelError, with what was there left as it was."""
    folder = Path(folder)
    tensors = {f"codec.{name}": value for name, value in codec.state_dict().items()}
    weights = {f"network.{name}": value.half() for name, value in network.state_dict().items()}
    window = isinstance(network, WindowNetwork)
    tensors.update(channels_last(weights) if window else weights)
    whole = {name: value.detach().cpu().contiguous().clone() for name, value in tensors.items()}
    described = {
        "spec": asdict(spec),
        "codec": {"kind": kind, "config": asdict(codec.config)},
        "network": asdict(network.config),
        **({"weights": "channels_last"} if window else {}),
    }
    texts = {"model.json": json.dumps(described, indent=2) + "\n"} | ({"MODEL_CARD.md": card} if card else {})
    try:
        folder.mkdir(parents=True, exist_ok=True)
        save_file(whole, str(folder / "model.safetensors.partial"))
        os.chmod(folder / "model.safetensors.partial", 0o644)
        for name, text in texts.items():
            (folder / f"{name}.partial").write_text(text, encoding="utf-8")
        for name in ("model.safetensors", *texts):
            os.replace(folder / f"{name}.partial", folder / name)
    except (OSError, SafetensorError) as error:
        for unfinished in folder.glob("*.partial"):
            unfinished.unlink(missing_ok=True)
        raise ModelError(
            f"cannot write model {folder}: {error}; free some space or choose another folder"
        ) from error


def model_spec(name_or_folder: str | Path) -> ModelSpec:
    """What a host must know of a model, without opening it. Raises ModelError."""
    folder = find_model(name_or_folder)
    try:
        return _from_json(ModelSpec, _read_json(folder / "model.json")["spec"])
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"cannot open model {folder}: model.json lacks or misstates {error}; "
            "export the model again"
        ) from error


def channels_last(weights: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    """The same with images of weights as [out, height, width, in], for files."""
    return {
        name: value.permute(0, 2, 3, 1).contiguous() if value.dim() == 4 else value
        for name, value in weights.items()
    }


def load_model(
    name_or_folder: str | Path, device: str = "cpu", precision: str = "auto"
) -> LoadedModel:
    """Open a model that the package carries (by name) or that lies in a folder (by path).

    precision: `float32`, as it was trained, or `auto`: for playing alone, its matrix products as the
    processor likes them best, in bfloat16 where it is fast at that. Raises ModelError when it is not there, or when its files are damaged or do not fit together.
    """
    folder = find_model(name_or_folder)
    described = _read_json(folder / "model.json")
    tensors = _read_tensors(folder / "model.safetensors")
    if described.get("weights") == "channels_last":
        tensors = {
            name: value.permute(0, 3, 1, 2) if _is_image(name, value) else value
            for name, value in tensors.items()
        }
    try:
        spec = _from_json(ModelSpec, described["spec"])
        sizes = described["network"]
        make_network = partial(NETWORKS[spec.family], sizes)
        make_codec = partial(CODECS[described["codec"]["kind"]], described["codec"]["config"])
        check_sizes(sizes, described["codec"]["config"], tensors)
        network, codec = make_network(), make_codec()
        _check_tensors(network, "network.", tensors, folder)
        _fill(network, "network.", tensors)
        if not getattr(codec, "comes_from_elsewhere", False):
            _check_tensors(codec, "codec.", tensors, folder)
            _fill(codec, "codec.", tensors)
        check_fit(spec, codec, network)
    # Sizes of nothing, or below it, are what torch and arithmetic stumble over.
    except (ArithmeticError, AttributeError, KeyError, RuntimeError, TypeError, ValueError) as error:
        raise ModelError(
            f"cannot open model {folder}: model.json lacks or misstates {error}; "
            "export the model again"
        ) from error
    text = _text_encoder(folder, described.get("text"), network)
    _suit(network, best_type() if precision == "auto" and device == "cpu" else None)
    return LoadedModel(
        spec, codec.to(device).eval(), network.to(device).eval(), text and text.to(device)
    )


def _is_image(name: str, value: torch.Tensor) -> bool:
    return name.startswith("network.") and value.dim() == 4


def _suit(network: Network, kind: torch.dtype | None) -> None:
    """Lay the weights out as the processor likes them best."""
    if isinstance(network, WindowNetwork):
        network.to(memory_format=torch.channels_last)
        if kind is not None:
            network.to(kind)
    elif kind is not None:
        pack(network, kind)


def _text_encoder(folder: Path, described: Any, network: Network) -> TextEncoder | None:
    """The encoder of prompts, from the folder `text` of the model, where the network reads any."""
    if isinstance(network, WindowNetwork) or not network.config.text_channels:
        return None
    width = network.config.text_channels
    try:
        text = TextEncoder(folder / "text", int(described["tokens"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(
            f"cannot open model {folder}: model.json lacks or misstates text {error}; "
            "export the model again"
        ) from error
    if text.channels != width:
        raise ModelError(
            f"cannot open model {folder}: its text encoder gives {text.channels} channels, the "
            f"network reads {width}; copy the encoder that it was trained with"
        )
    return text


def _read_json(path: Path) -> dict[str, Any]:
    try:
        described = json.loads(path.read_text())
    except (OSError, ValueError) as error:
        raise ModelError(f"cannot read {path}: {error}; export the model again") from error
    if not isinstance(described, dict):
        raise ModelError(f"cannot read {path}: it is not a JSON object; export the model again")
    return described


def _from_json(kind: type, values: Mapping[str, Any]) -> Any:
    names = {field.name for field in fields(kind)}
    unknown = sorted(set(values) - names)
    if unknown:
        raise KeyError(f"{', '.join(unknown)} (not known to this version)")
    return kind(**{k: tuple(v) if isinstance(v, list) else v for k, v in values.items()})


def _read_tensors(path: Path) -> dict[str, torch.Tensor]:
    try:
        return load_file(str(path))
    except (OSError, SafetensorError) as error:
        raise ModelError(f"cannot read {path}: {error}; export the model again") from error


def _check_tensors(
    module: nn.Module, prefix: str, tensors: Mapping[str, torch.Tensor], folder: Path
) -> None:
    """Refuse missing, superfluous and misshapen tensors, and what is no number, by name."""
    found, wanted = _below(prefix, tensors), module.state_dict()
    again = "export the model again"
    for name in sorted({*found, *wanted}):
        if name not in found or name not in wanted:
            what = "missing from" if name not in found else "unknown in"
            raise ModelError(
                f"cannot open model {folder}: {prefix}{name} is {what} model.safetensors; {again}"
            )
        if found[name].shape != wanted[name].shape:
            raise ModelError(
                f"cannot open model {folder}: {prefix}{name} has shape {list(found[name].shape)}, "
                f"model.json asks for {list(wanted[name].shape)}; {again}"
            )
        # Not of a window: a gigabyte would be read from disk for that.
        if not isinstance(module, WindowNetwork) and not found[name].isfinite().all():
            raise ModelError(f"cannot open model {folder}: {prefix}{name} is not finite; {again}")


def _fill(module: nn.Module, prefix: str, tensors: Mapping[str, torch.Tensor]) -> None:
    wanted = module.state_dict()
    same_type = {
        name: value.to(wanted[name].dtype) for name, value in _below(prefix, tensors).items()
    }
    waiting = any(parameter.is_meta for parameter in module.parameters())
    module.load_state_dict(same_type, assign=waiting)


def _below(prefix: str, tensors: Mapping[str, torch.Tensor]) -> dict[str, torch.Tensor]:
    return {name.removeprefix(prefix): x for name, x in tensors.items() if name.startswith(prefix)}


def bytes_of(tensor: torch.Tensor) -> bytes:
    """Its values in order, of any type and layout, for a digest."""
    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
