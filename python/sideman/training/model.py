"""Trains the `block` model with a rectified flow (LMDM, section on fine-tuning; stage 1).

Where attention is block-causal and the music enters at a constant delay, every block of a sequence
is a target with its own noise level, in one pass; otherwise the last block alone is.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, TypeVar

import torch
from torch import nn
from torch.nn import functional

from sideman.data.latents import LatentPiece, codec_hash
from sideman.data.tags import TAGS
from sideman.diffusion.losses import length_shifted_times, logit_normal_times
from sideman.errors import DataError
from sideman.models.checkpoint import LoadedModel
from sideman.models.conditions import CLOCK_CHANNELS
from sideman.models.transformer import BlockTransformer, TransformerConfig
from sideman.training import block_flow
from sideman.training.batches import Batch, Batches, Withhold
from sideman.training.feeding import Feed
from sideman.training.loop import FREE, Training, begin_with, hash_of, origin
from sideman.training.run_folder import RunFolder

__all__ = [
    "PARTS",
    "ModelOptions",
    "ModelTraining",
    "network_of",
    "preset",
    "tags_of",
    "weights_from",
    "with_changes",
]

Changed = TypeVar("Changed")
PARTS = ("bass", "drums", "guitar", "piano")
BEGINNINGS = 0.25  # of the steps of those that train one block at a time
TAG_COLUMNS, CLOCK_COLUMNS = "from_tags.weight", "from_clock.weight"


@dataclass(frozen=True)
class ModelOptions:
    """What a run is. Either `steps` or `minutes` is set: the learning rate ends with it.

    frames: length of a sequence; times: "logit_normal" (time_mean, time_spread) or "length_shifted"
    (as LMDM); precision: "float32" or "bfloat16" (autocast).
    """

    network: TransformerConfig
    steps: int = 0
    minutes: float = 0.0
    batch: int = 8
    accumulate: int = 1
    frames: int = 128
    rate: float = 1e-3
    warm_up: int = 150
    average: float = 0.999
    times: str = "logit_normal"
    time_mean: float = 1.2
    time_spread: float = 1.3
    seed: int = 0
    precision: str = "float32"
    parts: tuple[str, ...] = PARTS
    tags: tuple[str, ...] = TAGS
    leads: tuple[int, int] = (1, 8)
    usual_lead: int = 3
    save_seconds: float = 120.0
    check_steps: int = 500
    withhold: Withhold = Withhold()

    @property
    def drawn_frames(self) -> int:
        """Of a sequence; who learns one block at a time sees what comes before that one."""
        network = self.network
        return self.frames if network.every_block else network.context_frames + network.block_frames


def preset(
    name: str, codec: nn.Module, regime: str = "block_causal", hop: int | None = None
) -> ModelOptions:
    """Named options: `mini` is what the package carries; `tiny` shows both stages on two cores;
    `base` has 154M weights, for a GPU. hop: frames of a block, where not the usual ones.

    Raises DataError for another name, and for a hop that the context is not whole blocks of.
    """
    told: dict[str, Any] = {
        "tags": len(TAGS), "sketch_channels": codec.sketch_channels, "regime": regime,
        "clock_channels": CLOCK_CHANNELS,
    }  # fmt: skip
    if hop is not None:
        told["block_frames"] = hop
    try:
        options = _named(name, codec, told)
    except ValueError as error:
        what = "" if hop is None else f" with hops of {hop} frames"
        raise DataError(f"cannot train{what}: {error}") from error
    block = options.network.block_frames
    return replace(options, frames=options.frames // block * block)


def _named(name: str, codec: nn.Module, told: dict[str, Any]) -> ModelOptions:
    if name == "mini":
        network = TransformerConfig(codec.channels, width=224, heads=4, hidden=608, **told)
        return ModelOptions(network, minutes=60.0)
    if name == "tiny":
        network = TransformerConfig(
            codec.channels, width=128, layers=4, heads=4, hidden=344, context_frames=32, **told
        )
        return ModelOptions(network, minutes=12.0, batch=8, frames=64, rate=2e-3)
    if name == "base":
        network = TransformerConfig(
            codec.channels, width=1024, layers=12, heads=16, hidden=2752, **told
        )
        return ModelOptions(network, steps=100_000, batch=64, rate=3e-4)
    raise DataError(f"no preset {name!r}: presets are base, mini, tiny")


class ModelTraining(Training):
    """One run of stage 1.

    `checked` holds pieces that are never trained on; the figures about them go to the log. `begin`
    is another run whose averaged weights to start from, `weights` are such weights themselves.
    """

    plotted = ("loss", "checked", "checked_wrong_music", "checked_no_clock")

    def __init__(
        self,
        options: ModelOptions,
        pieces: Sequence[LatentPiece],
        checked: Sequence[LatentPiece],
        codec: nn.Module,
        folder: str | Path,
        facts: dict[str, Any] | None = None,
        begin: str | Path | None = None,
        device: torch.device | str = "cpu",
        weights: Mapping[str, torch.Tensor] | None = None,
    ):
        config = {**asdict(options), **(facts or {})}
        torch.manual_seed(options.seed)
        self.network = BlockTransformer(options.network)
        if begin is not None:
            begun = begin_with(self.network, RunFolder(begin), codec)
            config |= origin("begin", RunFolder(begin), begun)
        elif weights is not None:
            self.network.load_state_dict(weights)
            config["base_weights"] = hash_of(weights)
        RunFolder(folder).check_same(config, FREE)  # before a piece is looked at
        self.network.to(device)
        optimizer = torch.optim.AdamW(
            self.network.parameters(), lr=options.rate, betas=(0.9, 0.95), weight_decay=0.01
        )
        self.batches = self._batches(options, pieces, codec, options.seed)
        self.checks = self._batches(options, checked, codec, options.seed + 1) if checked else None
        if self.checks is not None:  # what is bright or busy is said as the training says it
            self.checks.tagger = self.batches.tagger
        self._feed = Feed(self._draw, torch.device(device))
        run = RunFolder.open(folder, config, free=FREE)
        super().__init__(options, run, {"network": self.network}, optimizer)

    @torch.no_grad()
    def check(
        self,
        size: int = 24,
        times: Sequence[float] = (0.35, 0.65, 0.9),
        only: Sequence[str] = (),
    ) -> dict[str, float]:
        """Losses of the averaged weights on pieces never trained on, rightly and wrongly told;
        only: the figures that are wanted, where not all are.

        The same crops, noise and times whenever it is called, so figures of one run compare.
        """
        if self.checks is None:
            return {}
        judge = BlockTransformer(self.options.network).to(self.device)
        judge.load_state_dict(self.average.weights)
        batch = self.checks.draw(0, size, None).to(self.device)
        kinds = {
            "checked": batch,
            "checked_wrong_music": batch.told_wrongly(),
            "checked_no_clock": batch.without("clock"),
            "checked_no_tags": batch.without("tags"),
            "checked_alone": batch.without_past(),
            "checked_alone_wrong_music": batch.without_past().told_wrongly(),
        }
        noise = torch.randn(batch.part.shape, generator=torch.Generator().manual_seed(7))
        noise = noise.to(self.device)
        figures = {}
        for name in only or kinds:
            losses = []
            for t in times:
                level = torch.full((size, self._targets), t, device=self.device)
                losses.append(self._loss(judge, kinds[name], noise, level).item())
            figures[name] = round(sum(losses) / len(losses), 5)
        return figures

    def take_step(self) -> dict[str, Any]:
        return self.descend(self._figures) | {"rate": self.options.rate * self.rate}

    def _figures(self, local: int) -> dict[str, torch.Tensor]:
        options = self.options
        batch = self._feed(local).to(self.device)
        chance = torch.Generator().manual_seed(options.seed * 1_000_003 + self.seed_of(local))
        noise = torch.randn(batch.part.shape, generator=chance).to(self.device)
        level = self._times((options.batch, self._targets), chance).to(self.device)
        batch = batch.cut(self._seen(chance))
        return {"loss": self._loss(self.network, batch, noise, level)}

    def _seen(self, chance: torch.Generator) -> slice:
        """The frames of the sequences that are looked at: those of one pass for every block, which has
        beginnings of itself, are whole; of the others some begin late, as every performance does."""
        network = self.options.network
        if network.every_block or torch.rand((), generator=chance) >= BEGINNINGS:
            return slice(None)
        past = int(torch.randint(network.band_blocks, (), generator=chance))
        return slice(-(past + 1) * network.block_frames, None)

    def _draw(self, local: int) -> Batch:
        return self.batches.draw(self.seed_of(local), self.options.batch, self.options.withhold)

    @property
    def _targets(self) -> int:
        return block_flow.targets(self.options.network, self.options.frames)

    def _times(self, shape: tuple[int, int], chance: torch.Generator) -> torch.Tensor:
        options = self.options
        if options.times == "length_shifted":
            return length_shifted_times(shape, chance, options.frames)
        return logit_normal_times(shape, chance, options.time_mean, options.time_spread)

    def _loss(
        self, network: BlockTransformer, batch: Batch, noise: torch.Tensor, level: torch.Tensor
    ) -> torch.Tensor:
        low = self.options.precision == "bfloat16"
        with torch.autocast(self.device.type, torch.bfloat16) if low else nullcontext():
            return block_flow.loss(network, batch, noise, level)

    @staticmethod
    def _batches(
        options: ModelOptions, pieces: Sequence[LatentPiece], codec: nn.Module, seed: int
    ) -> Batches:
        network = options.network
        return Batches(
            pieces, options.parts, codec, options.drawn_frames, network.block_frames,
            options.leads, options.usual_lead, seed, network.hearing, options.tags,
        )


def network_of(run: RunFolder) -> TransformerConfig:
    """The network that a run trains. Raises DataError when the folder does not say."""
    names = {field.name for field in fields(TransformerConfig)}
    try:
        sizes = run.config()["network"]
        return TransformerConfig(**{name: sizes[name] for name in names & sizes.keys()})
    except (KeyError, TypeError, AttributeError) as error:
        raise DataError(f"cannot use run {run.path}: config.json has no network: {error}") from error


def tags_of(run: RunFolder) -> tuple[str, ...]:
    """The tags that the network of a run knows."""
    return tuple(run.config().get("tags", TAGS))


def leads_of(run: RunFolder) -> dict[str, Any]:
    """The leads that a run has learnt, as options."""
    config = run.config()
    return {"leads": tuple(config["leads"]), "usual_lead": config["usual_lead"]}


def weights_from(
    base: LoadedModel, options: ModelOptions, codec: nn.Module
) -> dict[str, torch.Tensor]:
    """The weights of a model to go on from, on what `codec` makes of music; it may have played in
    other hops; tags and rows of the clock that it lacks begin as unheard of.

    Raises DataError for a network of other sizes, and for a model of another codec.
    """
    theirs = base.network.config
    wanted = replace(options.network, tags=theirs.tags, clock_channels=theirs.clock_channels)
    blocked = replace(theirs, block_frames=1), replace(wanted, block_frames=1)
    if blocked[0] != blocked[1] or base.spec.parts != options.parts:
        raise DataError(
            f"cannot begin with {base.spec.name}: its network has other sizes or parts than this "
            "preset; choose the preset that it was made with"
        )
    if codec_hash(base.codec) != codec_hash(codec):
        raise DataError(
            f"cannot begin with {base.spec.name}: it was trained on the latents of another codec; "
            "give its own: --codec with the same model"
        )
    weights = dict(base.network.state_dict())
    if options.network.tags:
        known = weights[TAG_COLUMNS]
        columns = known.new_zeros(len(known), len(options.tags))
        for place, tag in enumerate(options.tags):
            if tag in base.spec.tags:
                columns[:, place] = known[:, base.spec.tags.index(tag)]
        weights[TAG_COLUMNS] = columns
    clock = weights[CLOCK_COLUMNS]
    more = options.network.clock_channels - clock.shape[1]
    weights[CLOCK_COLUMNS] = functional.pad(clock, (0, more))
    return weights


def with_changes(options: Changed, **changes: Any) -> Changed:
    """`options` with those of `changes` that are not None."""
    return replace(options, **{key: value for key, value in changes.items() if value is not None})
