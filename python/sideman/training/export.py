"""From a training run to a model folder: the averaged weights, the codec, and a card."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

from torch import nn

from sideman.errors import DataError
from sideman.models.checkpoint import ModelSpec, save_model
from sideman.models.transformer import BlockTransformer, TransformerConfig
from sideman.training.model import PARTS, averaged_weights
from sideman.training.run_folder import RunFolder

__all__ = ["export_model"]


def export_model(
    run: str | Path, codec: nn.Module, out: str | Path, name: str, steps: int, guidance: float
) -> ModelSpec:
    """Write the model folder `out` from a run; `steps` and `guidance` become its defaults.

    Raises DataError when the run has no checkpoint or was made for a codec of other channels.
    """
    folder = RunFolder(run)
    config = folder.config()
    weights = averaged_weights(run)
    names = {field.name for field in fields(TransformerConfig)}
    sizes = TransformerConfig(**{k: v for k, v in config["network"].items() if k in names})
    if sizes.channels != codec.channels:
        raise DataError(
            f"cannot export {run}: it was trained for {sizes.channels} latent channels, the codec "
            f"has {codec.channels}; give the codec it was trained with"
        )
    network = BlockTransformer(sizes)
    network.load_state_dict(weights)
    spec = ModelSpec(
        name=name,
        sample_rate=codec.sample_rate,
        frame_samples=codec.frame_samples,
        parts=PARTS,
        hop_frames=sizes.block_frames,
        hops=(sizes.block_frames,),
        lead_frames=config["usual_lead"],
        leads=tuple(config["leads"]),
        window_frames=network.window_frames,
        steps=steps,
        guidance=guidance,
    )
    card = _card(spec, _stages(folder), folder.history(), network)
    save_model(out, spec, codec, network, card)
    return spec


def _stages(folder: RunFolder) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(config, progress) of the run and of those it began with, first one first."""
    config, checkpoint = folder.config(), folder.peek()
    before = _stages(RunFolder(config["begin"])) if "begin" in config else []
    return [*before, (config, checkpoint.progress if checkpoint else {"step": 0, "seconds": 0})]


def _card(
    spec: ModelSpec,
    stages: list[tuple[dict[str, Any], dict[str, Any]]],
    history: list[dict[str, Any]],
    network: nn.Module,
) -> str:
    config, _ = stages[-1]
    trained = "".join(
        f"| {number} | {progress['step']} | {options['batch']} x {options['frames']} frames | "
        f"{progress['seconds'] / 60:.0f} | {options['rate']} | {options['withhold']['past']} | "
        f"{options['time_mean']} | {options['precision']} |\n"
        for number, (options, progress) in enumerate(stages, start=1)
    )
    checks = [line for line in history if "checked" in line]
    figures = "".join(
        f"| {key} | {value} |\n" for key, value in (checks[-1] if checks else {}).items()
        if key.startswith("checked")
    )
    count = sum(weight.numel() for weight in network.parameters())
    return (
        f"# {spec.name}\n\n"
        f"Plays {', '.join(spec.parts)} in hops of {spec.hop_frames} frames "
        f"({1000 * spec.hop_frames * spec.frame_samples / spec.sample_rate:.0f} ms), "
        f"{spec.leads[0]} to {spec.leads[1]} frames ahead, with {spec.steps} steps and guidance "
        f"{spec.guidance}. Family `{spec.family}`, {count / 1e6:.2f} million parameters in "
        "float16.\n\n"
        "## Training\n\n"
        f"{config.get('pieces', '?')} procedurally composed pieces "
        f"({config.get('hours', '?')} hours), rendered with free sound fonts: no recording of "
        "anybody's music. AdamW, cosine decay, averaged weights, on one CPU.\n\n"
        "| stage | steps | batch | minutes | rate | own past withheld | mean of logit t | precision "
        "|\n|---|---|---|---|---|---|---|---|\n"
        f"{trained}\n"
        "## Loss on pieces never trained on\n\n"
        "Wrong music: told what another sequence heard. Alone: own past unknown.\n\n"
        f"| | loss |\n|---|---|\n{figures}\n"
        "## Licence\n\nMIT, like the code.\n"
    )
