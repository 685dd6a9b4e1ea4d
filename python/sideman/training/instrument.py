"""Tunes a model on a musician's own recordings: one new part, from what it knows already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch

from sideman.data.latents import LatentPiece
from sideman.data.own_pieces import AROUND
from sideman.data.score import PARTS
from sideman.errors import DataError, SettingsError
from sideman.models.checkpoint import LoadedModel, ModelSpec, save_model
from sideman.models.places import list_models
from sideman.models.transformer import BlockTransformer
from sideman.training.export import FLOWING
from sideman.training.loop import averaged_weights
from sideman.training.model import ModelOptions, ModelTraining
from sideman.training.model_card import model_card
from sideman.training.run_folder import RunFolder

__all__ = [
    "InstrumentTraining",
    "check_name",
    "closest_part",
    "export_instrument",
    "instrument_options",
    "weights_for",
]

NAME = re.compile(r"^[a-z][a-z0-9-]{0,30}$")
EMBEDDING = "part.weight"
ALONE = "checked_alone"
SCORED = ("checked", ALONE)
SHOWN = (*SCORED, f"{ALONE}_wrong_music")  # in the terminal while it learns


class InstrumentTraining(ModelTraining):
    """Stage 1 for one part of one's own; the weights that do best on pieces kept back are the
    result, so a run that goes on for too long does no harm."""

    plotted = ("loss", *SHOWN)
    remedy = "tune anew with another --name and another --seed"

    def check(
        self,
        size: int = 24,
        times: Sequence[float] = (0.35, 0.65, 0.9),
        only: Sequence[str] = (),
    ) -> dict[str, float]:
        """What is scored and shown; at the end all figures."""
        if self.progress < 1:
            only = only or SHOWN
        figures = super().check(size, times, only)
        self.keep_if_best(_score(figures))
        return figures


def _score(figures: Mapping[str, Any]) -> float:
    return sum(figures[name] for name in SCORED) / len(SCORED)


def check_name(name: str) -> None:
    """Raises SettingsError for a name that cannot be a part and a model of one's own."""
    if not NAME.match(name):
        raise SettingsError(
            f"cannot call an instrument {name!r}: a name begins with a small letter and has small "
            "letters, digits and hyphens, 31 characters at most, such as my-kalimba"
        )
    if name in {AROUND, "part", "mix", "auto", *PARTS, *list_models(own=False)}:
        raise SettingsError(f"cannot call an instrument {name}: that is taken; choose another name")


def instrument_options(base: LoadedModel, name: str, precision: str) -> ModelOptions:
    """How a base model becomes the instrument `name`: gently, since it knows music already.

    Raises SettingsError for a base that is not of the block family.
    """
    if not isinstance(base.network, BlockTransformer):
        raise SettingsError(
            f"cannot tune {base.spec.name}: it is of the {base.spec.family} family; give one of the "
            "block family, such as mini"
        )
    spec, block = base.spec, base.network.config.block_frames
    return ModelOptions(
        replace(base.network.config, parts=1), minutes=40.0, rate=3e-4, warm_up=100, average=0.998,
        precision=precision, parts=(name,), tags=spec.tags, leads=spec.leads,
        usual_lead=spec.lead_frames, check_steps=200, frames=ModelOptions.frames // block * block,
    )


def weights_for(base: LoadedModel, part: str) -> dict[str, torch.Tensor]:
    """The network's weights with one part left: that one. Raises SettingsError for one it lacks."""
    if part not in base.spec.parts:
        known = ", ".join(base.spec.parts)
        raise SettingsError(f"{base.spec.name} has no part {part}: give one of {known}")
    row = base.spec.parts.index(part)
    weights = dict(base.network.state_dict())
    weights[EMBEDDING] = weights[EMBEDDING][row : row + 1].clone()
    return weights


def closest_part(
    base: LoadedModel,
    options: ModelOptions,
    pieces: Sequence[LatentPiece],
    device: torch.device | str = "cpu",
    done: Callable[[int, int], None] = lambda count, total: None,
) -> str:
    """The part of the base that explains the recordings best before any training; done(count,
    total) is called after each."""
    losses = {}
    with TemporaryDirectory() as folder:
        for count, part in enumerate(base.spec.parts, start=1):
            trial = ModelTraining(
                options, pieces, pieces, base.codec, Path(folder, part), device=device,
                weights=weights_for(base, part),
            )
            losses[part] = trial.check(only=[ALONE])[ALONE]
            trial.folder.release()
            done(count, len(base.spec.parts))
    return min(losses, key=losses.__getitem__)


def export_instrument(
    run: Path,
    base: LoadedModel,
    out: Path,
    name: str,
    guidance: float | None = None,
    share: float = 1.0,
    takes: Sequence[str] = (),
) -> ModelSpec:
    """Write the model folder `out` from a run; guidance: its default, None: the base's; share: how
    much of the tuning it keeps, 0 gives the base's weights; takes: digests by which its card knows
    those that it learnt from. From a base of a few ping-pong steps it is a flow that is tuned, and
    so it is played as flows usually are.

    Raises DataError when the run has no checkpoint.
    """
    folder = RunFolder(run)
    config, checkpoint = folder.config(), folder.peek()
    if checkpoint is None:
        raise DataError(f"cannot export {run}: it has no checkpoint yet; train for longer")
    network = BlockTransformer(replace(base.network.config, parts=1))
    before, after = weights_for(base, config["like"]), averaged_weights(folder)
    network.load_state_dict({
        key: torch.lerp(before[key].to(tuned), tuned, share) for key, tuned in after.items()
    })
    spec = replace(base.spec, name=name, parts=(name,), gains_db=())
    if spec.sampler == "ping-pong":
        spec = replace(spec, **asdict(FLOWING))
    if guidance is not None:
        spec = replace(spec, guidance=guidance)
    told = {**config, "share": share, "takes": takes}
    stage: tuple[dict[str, Any], Mapping[str, Any]] = (told, checkpoint.progress)
    # The weights are the best ones, so their losses are shown; before any were mixed.
    checks = [line for line in folder.kept_history() if "checked" in line]
    kept = [min(checks, key=_score)] if checks else []
    save_model(out, spec, base.codec, network, model_card(spec, [stage], kept, network))
    return spec
