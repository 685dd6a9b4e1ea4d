"""Stage 2, ARC-Forcing (LMDM, arXiv 2605.22717): the model learns from what it plays.

It rolls out blocks through the caches of live playing, each on top of its own last ones, and a
discriminator tells the whole from real music, and real music that fits what is told from real music
that does not. Ours: the numbers of steps are those played with, and rests are hidden as they are
live; a second judge hears the sound of it all; the model learns from judges that have not seen the
rollout yet, then they learn from it. First, and while the judges have their head start, the model
learns to jump to where the flow of stage 1 leads (LMDM's optional ODE warm-up). In the game that
flow stays its measure: distribution matching on the model's own rollouts (see `matching`), without
which a game of small batches wanders.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import torch
from torch import nn

from sideman.data.latents import LatentPiece
from sideman.diffusion.schedules import SCHEDULES, quadratic
from sideman.errors import DataError
from sideman.evaluation.rehearsal import Rehearsal
from sideman.models.transformer import BlockTransformer
from sideman.training import block_flow, judging
from sideman.training.batches import Batch, Batches
from sideman.training.feeding import Feed
from sideman.training.forcing_options import ForcingOptions
from sideman.training.latent_judge import LatentJudge, real_of
from sideman.training.loop import (
    FREE,
    Training,
    averaged_weights,
    begin_with,
    check_codec,
    origin,
)
from sideman.training.matching import Matching
from sideman.training.model import PARTS
from sideman.training.rolling import draw_counts, roll_out
from sideman.training.run_folder import RunFolder
from sideman.training.sound_judge import SoundJudge

__all__ = ["ForcingTraining"]

REHEARSED_FRAMES, REHEARSED_ROWS = 320, 96
COUNTS = 6_000_011  # apart from what batches and noise are drawn from
Sounds = tuple[torch.Tensor, torch.Tensor]  # of real and played, as SoundJudge hears them


class ForcingTraining(Training):
    """One run of stage 2, begun with the averaged weights of the run `begin`, or with those of
    `student`, an earlier run of stage 2 from there."""

    plotted = ("loss", "critic", "contrast", "jump", "fake")
    remedy = (
        "run it anew with another --run and --seed (a lower --rate helps once the model plays)"
    )

    def __init__(
        self,
        options: ForcingOptions,
        pieces: Sequence[LatentPiece],
        checked: Sequence[LatentPiece],
        codec: nn.Module,
        folder: str | Path,
        begin: str | Path,
        facts: dict[str, Any] | None = None,
        device: torch.device | str = "cpu",
        student: str | Path | None = None,
    ):
        torch.manual_seed(options.seed)
        network = options.network
        self.codec = copy.deepcopy(codec).requires_grad_(False).to(device)
        self.network = BlockTransformer(network).to(device)
        taught = averaged_weights(RunFolder(begin))
        check_codec(RunFolder(begin), codec, "begin with")
        if (parts := tuple(RunFolder(begin).config().get("parts", PARTS))) != PARTS:
            raise DataError(
                f"cannot begin with {begin}: it plays {', '.join(parts)}, and stage 2 is of "
                f"{', '.join(PARTS)}; begin with a run of sideman train model"
            )
        self.network.load_state_dict(taught)
        self.teacher = copy.deepcopy(self.network).requires_grad_(False)
        self.can_jump = student is not None
        begun = {"stage": "forcing", **origin("begin", RunFolder(begin), taught)}
        if student is not None:
            earlier = begin_with(self.network, RunFolder(student), codec)
            begun |= origin("student", RunFolder(student), earlier)
        config = {**asdict(options), **(facts or {}), **begun}
        RunFolder(folder).check_same(config, FREE)  # before a piece is looked at
        self.reader = LatentJudge(
            self.network, options.exit_layer, options.head, options.contrast, options.smooth
        )
        self.ear = SoundJudge(self.codec, len(PARTS), options.head, network.context_frames)
        self.ear.network.to(device)
        self.matching = Matching(
            self.teacher, self.codec, network.context_frames, options.on_beat
        )
        modules = {
            "network": self.network, "critic": self.reader.network, "ear": self.ear.network,
            "fake": self.matching.fake,
        }
        groups = [{"params": list(module.parameters())} for module in modules.values()]
        groups[-1]["betas"] = (0.0, 0.95)  # what it follows moves: no momentum
        optimizer = torch.optim.AdamW(
            groups, lr=options.rate, betas=(0.9, 0.95), weight_decay=0.01
        )
        self.batches = self._batches(options, pieces, codec)
        self._feed = Feed(self._draw, torch.device(device))
        self.rehearsal = self._rehearsal(options, checked, codec) if checked else None
        run = RunFolder.open(folder, config, free=FREE)
        super().__init__(options, run, modules, optimizer)

    def check(self) -> dict[str, Any]:
        """Distances of what the averaged weights play, on pieces never trained on; the best are kept."""
        if self.rehearsal is None:
            return {}
        player = BlockTransformer(self.options.network).to(self.device)
        player.load_state_dict(self.average.weights)
        figures = self.rehearsal.figures(player)
        self.keep_if_best(figures["played"])
        return figures

    def take_step(self) -> dict[str, Any]:
        options = self.options
        judged = self.step - options.jump_steps  # steps since the discriminator came in
        teaching = judged > options.head_start
        self._set_rates(teaching)
        number = self.together.number(self.step, 1)
        chance = torch.Generator().manual_seed(options.seed * 1_000_003 + number)
        batch = self._feed(self.step).to(self.device)
        self.optimizer.zero_grad(set_to_none=True)
        early = batch.cut(slice(0, options.frames)).as_live(options.network)
        if judged <= 0:
            return self._jump(early, chance)
        if judged <= options.head_start // 2:
            return self._warm(early, chance) | self._jump(early, chance)
        free = 0
        if options.lead_in:
            free = int(torch.randint(options.lead_in + 1, (1,), generator=chance))
        with torch.set_grad_enabled(teaching):
            played = self._played(batch, free, chance)
        return self._play_on(early, self._late(batch, free), played, free, chance)

    # --- what a step is made of ---

    def _set_rates(self, teaching: bool) -> None:
        options = self.options
        player, *judges, fake = self.optimizer.param_groups
        slow = teaching or self.can_jump
        player["lr"] = (options.rate if slow else options.jump_rate) * self.rate
        for judge in judges:
            judge["lr"] = options.critic_rate * self.rate
        fake["lr"] = options.fake_rate * self.rate

    def _play_on(
        self, early: Batch, late: Batch, played: torch.Tensor, free: int, chance: torch.Generator
    ) -> dict[str, Any]:
        """Who learns what from a rollout: the fake flow, the model, then its judges."""
        figures: dict[str, Any] = {}
        own = self.matching.own(late, played) if self.options.match else None
        if own is not None:
            figures |= self._follow(own, chance)
        late, judged = self._judged(late, played, free)
        sounds = None
        if self.options.sound:
            sounds = self.ear.sound(real_of(late, self._past)), self.ear.sound(judged)
        if played.requires_grad:
            figures |= self._teach(late, own, judged, sounds, chance)
        else:
            figures |= self._jump(early, chance)
        figures |= self._judge(late, judged.detach(), chance)
        if sounds is not None:
            figures |= self._hear(late, *sounds, chance)
        return figures

    def _draw(self, local: int) -> Batch:
        return self.batches.draw(self.together.number(local, 1), self.options.batch, self.options.withhold)

    def _warm(self, batch: Batch, chance: torch.Generator) -> dict[str, Any]:
        """The discriminator's backbone learns the flow of whole sequences."""
        loss = self.reader.flow(batch, chance)
        self._descend(loss, self.reader.network)
        return {"flow": round(loss.item(), 5)}

    def _judge(
        self, batch: Batch, played: torch.Tensor, chance: torch.Generator
    ) -> dict[str, Any]:
        """The discriminator tells real from played, and what fits from what does not."""
        name = judging.TOLD[self.step % len(judging.TOLD)]
        loss, figures = self.reader.loss(batch, played, name, chance)
        self._descend(loss, self.reader.network)
        return figures

    def _follow(self, own: Batch, chance: torch.Generator) -> dict[str, Any]:
        """The fake flow learns what the model plays now."""
        for _ in range(self.options.fake_turns):
            loss = self.matching.loss(own, chance)
            self._descend(loss, self.matching.fake)
        return {"fake": round(loss.item(), 5)}

    def _hear(
        self, batch: Batch, real: torch.Tensor, played: torch.Tensor, chance: torch.Generator
    ) -> dict[str, Any]:
        """The judge of the sound tells real from played."""
        loss, won = self.ear.loss(real, played, batch.conditions.part, chance)
        self.together.average(self.ear.network.known)
        self._descend(loss, self.ear.network)
        return {"ear": round(loss.item(), 5), "ear_won": won}

    def _teach(
        self,
        late: Batch,
        own: Batch | None,
        played: torch.Tensor,
        sounds: Sounds | None,
        chance: torch.Generator,
    ) -> dict[str, Any]:
        """The model learns to be taken for real where it is judged, and to play what the first stage
        would have played there."""
        loss = self.reader.fooled(late, played, chance)
        if sounds is not None:
            real, heard = sounds
            fooled = self.ear.fooled(heard, real, late.conditions.part)
            loss = loss + self.options.sound * fooled
        figures = {"loss": round(loss.item(), 5)}
        if own is not None:
            loss = loss + self.options.match * self.matching.pull(own, played, chance)
        norm = self._descend(loss, self.network)
        self.average.update(self.network, self.step)
        return {**figures, "norm": round(norm, 4)}

    def _jump(self, batch: Batch, chance: torch.Generator) -> dict[str, Any]:
        """The model learns to reach in one step what the first stage reaches in many."""
        loss = self._jump_loss(batch, chance)
        self._descend(loss, self.network)
        self.average.update(self.network, self.step)
        return {"jump": round(loss.item(), 5)}

    def _jump_loss(self, batch: Batch, chance: torch.Generator) -> torch.Tensor:
        times = quadratic(self.options.euler_steps)
        noise = torch.randn(batch.part.shape, generator=chance).to(self.device)
        path = block_flow.trajectory(self.teacher, batch, noise, times)
        return block_flow.end_loss(self.network, batch, path, times, chance)

    def _descend(self, loss: torch.Tensor, module: nn.Module) -> float:
        loss.backward()
        norm = self.steer(module, loss.detach())  # nothing else has gradients
        self.optimizer.zero_grad(set_to_none=True)
        return norm

    # --- what they look at ---

    def _played(self, batch: Batch, free: int, chance: torch.Generator) -> torch.Tensor:
        """[past | rollout], [B, D, n]: the past is the real one, or after `free` blocks what the
        model played before."""
        options, past = self.options, self._past
        shared = torch.Generator().manual_seed(COUNTS + options.seed * 1_000_003 + self.step)
        counts = draw_counts(free + options.blocks, options.most_steps, shared)
        frames = slice(0, past + len(counts) * options.network.block_frames)
        rolled = roll_out(
            self.network, batch.part[..., :past], batch.known[:, :past],
            batch.conditions.cut(frames), counts, SCHEDULES[options.schedule], self.codec, chance,
            free,
        )
        whole = torch.cat((batch.part[..., :past], rolled), -1)
        return whole[..., free * options.network.block_frames :]

    def _late(self, batch: Batch, free: int) -> Batch:
        """What goes with a rollout after `free` blocks: all that was played before it is known."""
        start = free * self.options.network.block_frames
        late = batch.cut(slice(start, start + self.options.frames)).as_live(self.options.network)
        known = torch.cat((batch.known[:, : self._past], torch.ones_like(batch.known)), 1)
        return replace(late, known=known[:, start : start + self.options.frames])

    def _judged(
        self, batch: Batch, played: torch.Tensor, free: int
    ) -> tuple[Batch, torch.Tensor]:
        """What the judges look at: the past only where it is real and the model may see it. The
        model's own is neither real nor what it shall learn from."""
        known = batch.known.clone()
        if free:
            known[:, : self._past] = 0
        late = replace(batch, known=known)
        context = real_of(late, self._past)[..., : self._past]
        return late, torch.cat((context, played[..., self._past :]), -1)

    @staticmethod
    def _batches(
        options: ForcingOptions, pieces: Sequence[LatentPiece], codec: nn.Module, frames: int = 0
    ) -> Batches:
        # In `hearing`: what is told comes delayed as live; `music` is there for the discriminator.
        network = options.network
        return Batches(
            pieces, PARTS, codec, frames or options.drawn_frames, network.block_frames,
            options.leads, options.usual_lead, options.seed, network.hearing, options.tags,
        )

    def _rehearsal(
        self, options: ForcingOptions, checked: Sequence[LatentPiece], codec: nn.Module
    ) -> Rehearsal:
        block = options.network.block_frames
        # Most of the pieces last as long: shorter ones are not rehearsed.
        long = sorted(piece.frames for piece in checked)[len(checked) // 4]
        frames = min(REHEARSED_FRAMES, long // block * block)
        # Not by the run's seed: by which pieces are drawn the figures differ more than by the run.
        batches = self._batches(replace(options, seed=0), checked, codec, frames)
        batch = batches.draw(0, REHEARSED_ROWS, None).without("tags")
        batch = batch.to(next(self.network.parameters()).device)
        return Rehearsal(
            batch.part, batch.conditions, self.codec, SCHEDULES[options.play_schedule]
        )

    @property
    def _past(self) -> int:
        return self.options.network.context_frames
