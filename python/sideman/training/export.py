"""From a training run to a model folder: the averaged weights, the codec, and a card."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sideman.data.pieces import Piece
from sideman.errors import DataError, SettingsError
from sideman.evaluation.levels import make_up
from sideman.evaluation.rehearsal import STEPS
from sideman.models.checkpoint import LoadedModel, ModelSpec, save_model
from sideman.models.transformer import BlockTransformer
from sideman.models.window import WindowNetwork
from sideman.streaming.controls import usual_controls
from sideman.training.loop import FREE, averaged_weights, check_codec
from sideman.training.model import PARTS, network_of, tags_of, with_changes
from sideman.training.model_card import model_card
from sideman.training.run_folder import PROCESSES, RunFolder
from sideman.training.window import latents_of, window_of

__all__ = ["FLOWING", "check_place", "export_model"]

OF_RUNS = "Exported from: run"  # and then the digest of each: so the folder is known again
WRITTEN = ("model.json", "model.safetensors", "MODEL_CARD.md")


@dataclass(frozen=True)
class Sampling:
    """How a model is played by default."""

    steps: int
    guidance: float
    sampler: str
    schedule: str
    temperature: float = 1.0
    listening: float = 0.0
    growing: float = 0.0


FLOWING = Sampling(6, 2.25, "euler", "quadratic", temperature=0.75, listening=0.6, growing=1.0)
FORCED = Sampling(2, 1.0, "ping-pong", "log_snr")  # of a run that was not checked
# What runs must have in common for the mean of their weights to be worth anything. They began with
# another run (begin, student) or with a model (base, and as which of its parts: like).
ALIKE = (
    "network", "codec", "stage", "begin", "student", "base", "like", "schedule", "play_schedule",
)  # fmt: skip


def check_place(out: str | Path, runs: Sequence[str | Path]) -> None:
    """Raises SettingsError where `export_model` of these runs would replace a model that is not of
    them; one that they were exported to before may be written again."""
    there = [name for name in WRITTEN if (Path(out) / name).exists()]
    if not there:
        return
    card = Path(out) / "MODEL_CARD.md"
    said = card.read_text(encoding="utf-8", errors="replace") if card.is_file() else ""
    if _of_runs([RunFolder(run) for run in runs]) not in said:
        raise SettingsError(
            f"cannot write to {out}: {there[0]} there is not known to be of "
            f"{' '.join(map(str, runs))}; give another --out, or --replace to lose it"
        )


def export_model(
    run: str | Path,
    codec: nn.Module,
    out: str | Path,
    name: str,
    level_on: Sequence[Piece] = (),
    beside: Sequence[str | Path] = (),
    **wanted: float | None,
) -> ModelSpec:
    """Write the model folder `out` from a run; what is `wanted` (fields of Sampling) becomes its
    defaults, and its parts as loud as those of `level_on`. beside: further runs of the same stage
    from the same weights; the model has the mean of all their weights.

    What is None or not named follows from the last stage: as `mini` after the first stage; after
    ARC-Forcing without guidance, in as many steps as came nearest to real music. Raises DataError
    when a run has no checkpoint, was made for a codec of other channels or did not begin as the
    others did, SettingsError for defaults that nothing could be played with.
    """
    folder, others = RunFolder(run), [RunFolder(path) for path in beside]
    if folder.config().get("family") == "window":
        if others:
            raise DataError(f"cannot average {run} with others: windows are exported one by one")
        useless = [name for name, value in wanted.items() if name != "steps" and value is not None]
        if useless or level_on:
            names = ", ".join([*useless, *(["level_on"] if level_on else [])])
            raise DataError(f"cannot export {run} with {names}: a window has steps alone")
        return _export_window(folder, codec, out, name, wanted.get("steps"))
    config, weights, sizes = folder.config(), _mean_weights(folder, others), network_of(folder)
    check_codec(folder, codec, "export")
    if sizes.channels != codec.channels:
        raise DataError(
            f"cannot export {run}: it was trained for {sizes.channels} latent channels, the codec "
            f"has {codec.channels}; give the codec it was trained with"
        )
    network = BlockTransformer(sizes)
    network.load_state_dict(weights)
    usual = _forced([folder, *others]) if config.get("stage") == "forcing" else FLOWING
    sampling = with_changes(usual, **wanted)
    spec = ModelSpec(
        name=name,
        sample_rate=codec.sample_rate,
        frame_samples=codec.frame_samples,
        parts=tuple(config.get("parts", PARTS)),
        hop_frames=sizes.block_frames,
        hops=(sizes.block_frames,),
        lead_frames=config["usual_lead"],
        leads=tuple(config["leads"]),
        window_frames=network.window_frames,
        tags=tags_of(folder) if sizes.tags else (),
        **asdict(sampling),
    )
    usual_controls(spec)  # which checks them
    if level_on:
        spec = replace(spec, gains_db=make_up(LoadedModel(spec, codec, network.eval()), level_on))
    stages = [*_stages(folder), *(_stages(other)[-1] for other in others)]
    card = model_card(spec, stages, folder.kept_history(), network, 1 + len(others))
    card += _of_runs([folder, *others])
    save_model(out, spec, codec, network, card)
    return spec


def _forced(folders: Sequence[RunFolder]) -> Sampling:
    """How the best weights of stage 2, or the mean of several runs', are denoised: as they were
    nearest, all together, when they were kept."""
    said = folders[0].config()  # runs of before played at the times that they learnt at
    learnt = said.get("schedule", FORCED.schedule)
    usual = replace(FORCED, schedule=said.get("play_schedule", learnt))
    kept = []
    for folder in folders:
        checks = [line for line in folder.kept_history() if "played" in line]
        if checks:
            kept.append(min(checks, key=lambda line: line["played"]))
    if not kept:
        return usual
    far = {
        steps: math.prod(line[f"latent_{steps}"] * line[f"mel_{steps}"] for line in kept)
        for steps in STEPS
    }
    return replace(usual, steps=min(STEPS, key=far.__getitem__))


def _mean_weights(folder: RunFolder, others: Sequence[RunFolder]) -> dict[str, torch.Tensor]:
    """Mean of the averaged weights of runs that began alike (Wortsman et al. 2022, model soups,
    arXiv 2203.05482: weights that were tuned apart from the same ones may be averaged)."""
    config, found = folder.config(), averaged_weights(folder)
    if others and not {"begin", "base"} & config.keys():
        raise DataError(
            f"cannot average {folder.path} with others: it began with random weights, and the mean "
            "of such runs plays nothing; give runs that began with one run or model (--begin)"
        )
    for other in others:
        for key in ALIKE:
            known = f"{key}_weights" if f"{key}_weights" in config else key
            if config.get(known) != other.config().get(known):
                raise DataError(
                    f"cannot average {other.path} with {folder.path}: they differ in {key!r}; give "
                    "runs of one stage and codec that began with the same run or model"
                )
        found = {name: found[name] + weight for name, weight in averaged_weights(other).items()}
    return {name: weight / (1 + len(others)) for name, weight in found.items()}


def _export_window(
    folder: RunFolder, codec: nn.Module, out: str | Path, name: str, steps: int | None
) -> ModelSpec:
    sizes, config = window_of(folder), folder.config()
    check_codec(folder, codec, "export")
    wanted = {name: config.get(name, value) for name, value in latents_of(codec).items()}
    if wanted != latents_of(codec) or getattr(codec, "comes_from_elsewhere", False):
        raise DataError(
            f"cannot export {folder.path}: it was trained for other latents than this codec's; give "
            "the codec it was trained with"
        )
    network = WindowNetwork(sizes)
    network.load_state_dict(averaged_weights(folder))
    student, frames = sizes.preconditioning == "consistency", sizes.unet.img_resolution
    hop = frames // 8
    spec = ModelSpec(
        name=name,
        sample_rate=codec.sample_rate,
        frame_samples=codec.frame_samples,
        parts=PARTS,
        hop_frames=hop,
        hops=(hop, *(n for n in range(1, frames // 2 + 1) if n != hop)),
        lead_frames=hop,
        leads=(1, frames - 2),
        window_frames=frames,
        steps=(2 if student else 5) if steps is None else steps,
        guidance=1.0,
        sampler="consistency" if student else "ancestral",
        family="window",
    )
    card = model_card(spec, _stages(folder), folder.kept_history(), network)
    card += _of_runs([folder])
    save_model(out, spec, codec, network, card)
    return spec


def _of_runs(folders: Sequence[RunFolder]) -> str:
    """The last words of a card, the same for the same runs however long they trained on."""
    return f"\n{OF_RUNS} {', '.join(sorted(_identity(folder) for folder in folders))}.\n"


def _identity(folder: RunFolder) -> str:
    """What stays of a run while it trains on, or moves: its options, and the first that it logged,
    which tells how long that took: so runs of the same options differ."""
    config = {key: told for key, told in folder.config().items() if key not in (*FREE, PROCESSES)}
    known = json.dumps([config, folder.history()[:1]], sort_keys=True)
    return hashlib.sha256(known.encode()).hexdigest()[:16]


def _stages(folder: RunFolder) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """(config, progress) of the run and of those it began with, first one first, as far as they are
    still where they were."""
    if not (folder.path / "config.json").is_file():
        return []
    config, checkpoint = folder.config(), folder.peek()
    begun = config.get("student", config.get("begin"))
    before = _stages(RunFolder(begun)) if begun else []
    return [*before, (config, checkpoint.progress if checkpoint else {"step": 0, "seconds": 0})]
