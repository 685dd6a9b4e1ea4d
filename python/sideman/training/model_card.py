"""MODEL_CARD.md: what a model was trained on, how, and what it lost on pieces never trained on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn

from sideman.models.checkpoint import ModelSpec

__all__ = ["OF_RECORDINGS", "OF_TAKES", "model_card"]

OF_RECORDINGS = "of digest"  # and then that of the recordings
OF_TAKES = "and, of the takes that were learnt,"  # and then those

Stage = tuple[dict[str, Any], dict[str, Any]]  # config and progress of a run


def model_card(
    spec: ModelSpec,
    stages: Sequence[Stage],
    history: Sequence[dict[str, Any]],
    network: nn.Module,
    mean_of: int = 1,
) -> str:
    """The card of a model whose runs were `stages`, first one first, the last `mean_of` beside each
    other; history: of the first of these."""
    config, _ = stages[-1]
    count = sum(weight.numel() for weight in network.parameters())
    trained = "".join(
        f"| {number} | {_stage(*stage)}\n" for number, stage in enumerate(stages, start=1)
    )
    return (
        f"# {spec.name}\n\n"
        f"Plays {', '.join(spec.parts)} in hops of {spec.hop_frames} frames "
        f"({1000 * spec.hop_frames * spec.frame_samples / spec.sample_rate:.0f} ms), "
        f"{spec.leads[0]} to {spec.leads[1]} frames ahead, with {spec.steps} {spec.sampler} steps, "
        f"guidance {spec.guidance}, temperature {spec.temperature}, listening "
        f"{spec.listening} and growing {spec.growing}. "
        f"Family `{spec.family}`, {count / 1e6:.2f} million parameters in float16.\n\n"
        f"Tags: {', '.join(spec.tags) or 'none'}.\n\n"
        "## Training\n\n"
        f"{_material(config)} Cosine decay, averaged weights.\n\n"
        "| stage | kind | steps | minutes | batch | rate | |\n|---|---|---|---|---|---|---|\n"
        f"{trained}\n"
        f"{_averaged(mean_of)}"
        f"{_losses(history)}"
        f"## Licence\n\n{_licence(config)}\n"
    )


def _material(config: dict[str, Any]) -> str:
    pieces, hours = config.get("pieces", "?"), config.get("hours", "?")
    if "recordings" in config:
        takes = f" {OF_TAKES} {' '.join(config['takes'])}" if config.get("takes") else ""
        return (
            f"The network of {config['base']}, tuned on {pieces} pieces ({hours} hours) of its "
            f"owner's recordings ({OF_RECORDINGS} {config['recordings']}{takes}); it began as a "
            f"player of {config['like']} and keeps {config.get('share', 1):.0%} of the tuning."
        )
    if config.get("slakh"):
        return (
            f"{pieces} pieces ({hours} hours), {config['slakh']} of them of Slakh2100 (Manilow et al. "
            "2019, CC BY 4.0)."
        )
    if config.get("midi"):
        return (
            f"{pieces} pieces ({hours} hours), {config['midi']} of them rendered from its owner's MIDI "
            "files."
        )
    return (
        f"{pieces} procedurally composed pieces ({hours} hours), rendered with sound fonts: no "
        "recording of anybody's music."
    )


def _licence(config: dict[str, Any]) -> str:
    if "recordings" in config:
        return "Whose recordings these were says who may use it; what it began with is MIT."
    if config.get("midi"):
        return "Whose music the MIDI files hold says who may use it; the code is MIT."
    if config.get("slakh"):
        return "The code is MIT; whoever passes the weights on names Slakh2100 (CC BY 4.0)."
    return "Its maker's to say; the code is MIT."


def _stage(options: dict[str, Any], progress: dict[str, Any]) -> str:
    common = f"{progress['step']} | {progress['seconds'] / 60:.0f}"
    if options.get("stage") == "forcing":
        return (
            f"ARC-Forcing | {common} | {options['batch']} x {options['blocks']} blocks | "
            f"{options['rate']}, discriminator {options['critic_rate']} | 1 to "
            f"{options['most_steps']} denoising steps |"
        )
    if options.get("family") == "window":
        distilled = "scales" in options
        kind = f"distillation, {options['scales']} scales" if distilled else "diffusion"
        frames = options["network"]["unet"]["img_resolution"]
        unheard = ", ".join(str(n) for n in sorted(set(options["unheard"])))
        return (
            f"{kind} | {common} | {options['batch']} x {frames} frames | {options['rate']} | "
            f"last {unheard} frames unheard |"
        )
    return (
        f"flow | {common} | {options['batch']} x {options['frames']} frames | {options['rate']} | "
        f"own past withheld {options['withhold']['past']}, mean of logit t {options['time_mean']}, "
        f"{options['precision']} |"
    )


def _averaged(count: int) -> str:
    if count == 1:
        return ""
    return f"The last {count} began alike and ran apart; the model has the mean of their weights.\n\n"


def _losses(history: Sequence[dict[str, Any]]) -> str:
    checks = [line for line in history if "checked" in line]
    if not checks:
        return ""
    figures = "".join(
        f"| {key} | {value} |\n" for key, value in checks[-1].items() if key.startswith("checked")
    )
    return (
        "## Loss on pieces never trained on\n\n"
        "Wrong music: told what another sequence heard. Alone: own past unknown.\n\n"
        f"| | loss |\n|---|---|\n{figures}\n"
    )
