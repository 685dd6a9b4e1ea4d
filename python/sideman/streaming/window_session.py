"""WindowSession: a session of the window family, which fills a sliding window hop by hop.

Source: Karchkhadze and Dubnov 2026 (arXiv 2604.07612). The window ends with the slot. What was
played before the slot is pinned; of the music, what has been heard is told and the rest is zero, so
that nothing can depend on what sounds later. All positions are whole frames of the codec.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from torch.nn import functional

from sideman.errors import Cancelled, ModelError, SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.streaming.asked import check_answer, check_asked, clean_audio, known_hops, left_out
from sideman.streaming.controls import Clock, Controls, Slot
from sideman.streaming.filling import fill
from sideman.streaming.modes import UNHEARD, rests_too, silent_hops
from sideman.streaming.noise import noise
from sideman.streaming.session import Call

__all__ = ["WindowSession", "WindowState"]


@dataclass(frozen=True)
class WindowState:
    """What the next hop depends on, for P parts.

    heard [D, W]: latents of the newest music; music [W frames of samples]: the same as audio, for a
    codec that looks ahead, else empty; played [P, D, W]: the newest latents played; own [W]: which of
    those are the model's: a hole or a rest that it was told to keep is not, and is not pinned, or it
    would go on; silent: hops without music in a row; encoder, decoder: the codec's states for 1 and P
    streams.
    """

    seed: int
    next_hop: int
    heard: torch.Tensor
    music: torch.Tensor
    played: torch.Tensor
    own: torch.Tensor
    silent: int
    encoder: Any
    decoder: Any


class WindowSession:
    """Plays `parts` with a model of the window family. It holds no memory of its own.

    lead_frames may be below 0 offline: -hop_frames is the paper's retrospective regime, in which the
    slot is the hop just heard. Raises ModelError for parts, hop or lead that cannot be.
    """

    def __init__(
        self, model: LoadedModel, parts: Sequence[str], hop_frames: int, lead_frames: int
    ):
        spec = model.spec
        self.window_frames = model.network.window_frames
        leads = (-hop_frames, spec.leads[1])
        check_asked(spec.name, spec.parts, parts, spec.hops, hop_frames, leads, lead_frames)
        if hop_frames + lead_frames >= self.window_frames:
            raise ModelError(
                f"{spec.name} cannot play {lead_frames} frames ahead in hops of {hop_frames}: hop and "
                f"lead leave nothing heard in its window of {self.window_frames} frames; give a "
                f"lead of at most {self.window_frames - hop_frames - 1}, or a shorter hop"
            )
        self.model = model
        self.parts = tuple(parts)
        self.hop_frames, self.lead_frames = hop_frames, lead_frames
        self.hop_samples = hop_frames * spec.frame_samples
        self.reaction_samples = self.hop_samples + lead_frames * spec.frame_samples
        self.part_rows = [spec.parts.index(part) for part in parts]
        labels = functional.one_hot(torch.tensor(self.part_rows), len(spec.parts)).float()
        self.device = model.device
        self.labels = labels.to(self.device)

    def start(self, seed: int = 0) -> WindowState:
        """The state before the first hop: silence was heard, and nothing played."""
        codec, frames = self.model.codec, self.window_frames
        silence = codec.silence_latent()[:, None]
        ahead = not _is_causal(codec)
        return WindowState(
            seed=seed,
            next_hop=0,
            heard=silence.expand(-1, frames).clone(),
            music=torch.zeros(frames * codec.frame_samples if ahead else 0, device=self.device),
            played=silence.expand(len(self.parts), -1, frames).clone(),
            own=torch.zeros(frames, dtype=torch.bool, device=self.device),
            silent=UNHEARD,
            encoder=None if ahead else codec.encoder_state(1),
            decoder=codec.decoder_state(len(self.parts)),
        )

    def step(
        self,
        state: WindowState,
        heard: np.ndarray,
        slot: Slot,
        controls: Controls,
        cancelled: Callable[[], bool] = lambda: False,
        sketch: np.ndarray | None = None,
        before: np.ndarray | None = None,
        sketch_before: np.ndarray | None = None,
    ) -> tuple[np.ndarray, WindowState]:
        """As Session.step; a sketch, guidance and temperature have no effect.

        Raises SettingsError also for tags, other modes and other samplers than this family has.
        """
        call = Call(self, state, heard, slot, controls, before=before)
        return WindowSession.step_together([call], cancelled)[0]

    @staticmethod
    @torch.inference_mode()
    def step_together(
        calls: Sequence[Call], cancelled: Callable[[], bool] = lambda: False
    ) -> list[tuple[np.ndarray, WindowState]]:
        """Several steps at once, those that allow it in one batch."""
        states = [call.session._listen(call) for call in calls]
        latents: dict[int, torch.Tensor] = {}
        for members in _alike(calls):
            rows = _fill_together([(calls[i], states[i]) for i in members], cancelled)
            latents.update(zip(members, rows, strict=True))
        return [
            call.session._mannered(call, state, latents[i])
            for i, (call, state) in enumerate(zip(calls, states, strict=True))
        ]

    def heard_clock(self, state: WindowState) -> Clock | None:
        """This family hears no beat."""
        return None

    def context(self, state: WindowState) -> torch.Tensor:
        """What the network is told of the music, [D, W]: zero from where nothing is heard yet."""
        known = self.window_frames - self.hop_frames - self.lead_frames
        told = torch.zeros_like(state.heard)
        told[:, :known] = state.heard[:, self.window_frames - known :]
        return told

    def _listen(self, call: Call) -> WindowState:
        """The state with the hop heard; in the hops that were left out nothing was played, and what was
        heard is told by the call, or silence."""
        controls, hop_id = call.controls, call.slot.hop_id
        self._check(controls)
        audio = clean_audio(call.heard, self.hop_samples)
        missed = hop_id - call.state.next_hop
        if missed < 0:
            raise SettingsError(
                f"cannot play hop {hop_id}: hop {call.state.next_hop} comes next; "
                "start a new session"
            )
        state = call.state
        if missed * self.hop_frames >= self.window_frames:
            known = known_hops(call.before, self.hop_samples)
            missed = min(known, self.window_frames // self.hop_frames - 1)
            state = replace(self.start(state.seed), next_hop=hop_id - missed)
        if missed:
            state = self._holed(state, missed)
        hops = [*left_out(call.before, missed, self.hop_samples), audio]
        for hop in hops:
            state = replace(state, silent=silent_hops(state.silent, hop, None))
        whole = torch.from_numpy(np.concatenate(hops))
        return self._heard(state, whole.to(self.device))

    def _rest(self, hops: int = 1) -> torch.Tensor:
        """So many hops of silence, [P, D, frames]."""
        silence = self.model.codec.silence_latent()[None, :, None]
        return silence.expand(len(self.parts), -1, hops * self.hop_frames)

    def _holed(self, state: WindowState, hops: int) -> WindowState:
        """The state after so many hops, less than the window has, in which nothing was played: what
        follows begins from silence, which is what sounded."""
        frames = hops * self.hop_frames
        return replace(
            state,
            played=torch.cat((state.played[..., frames:], self._rest(hops)), dim=-1),
            own=torch.cat((state.own[frames:], torch.zeros_like(state.own[:frames]))),
            decoder=self.model.codec.decoder_state(len(self.parts)),
            next_hop=state.next_hop + hops,
        )

    def _mannered(
        self, call: Call, state: WindowState, latents: torch.Tensor
    ) -> tuple[np.ndarray, WindowState]:
        """What was filled in, or a rest where the music has rested for long enough."""
        seconds = self.hop_samples / self.model.spec.sample_rate
        rests = rests_too(state.silent, seconds, call.controls, call.controls.clock)
        return self._sound(state, self._rest() if rests else latents, own=not rests)

    def _check(self, controls: Controls) -> None:
        name = self.model.spec.name
        if controls.mode != "accompany":
            raise SettingsError(f"{name} knows no mode {controls.mode}; set mode to accompany")
        if any(weight > 0 for _, weight in controls.tags):
            raise SettingsError(f"{name} knows no tags; clear them")

    def _heard(self, state: WindowState, audio: torch.Tensor) -> WindowState:
        codec = self.model.codec
        if not _is_causal(codec):
            music = torch.cat((state.music, audio))[len(audio) :]
            return replace(state, music=music, heard=codec.encode_window(music[None])[0])
        latents, encoder = codec.encode(audio[None], state.encoder)
        heard = torch.cat((state.heard, latents[0]), dim=1)[:, latents.shape[-1] :]
        return replace(state, heard=heard, encoder=encoder)

    def _sound(
        self, state: WindowState, latents: torch.Tensor, own: bool
    ) -> tuple[np.ndarray, WindowState]:
        """Remember the hop [P, D, hop] and decode it to float32 [P, hop samples]."""
        audio, decoder = self.model.codec.decode(latents.contiguous(), state.decoder)
        audio = audio.cpu()
        check_answer(state.next_hop, latents, audio)
        played = torch.cat((state.played[..., self.hop_frames :], latents), dim=-1)
        mine = torch.cat((state.own[self.hop_frames :], state.own.new_full((self.hop_frames,), own)))
        state = replace(
            state, played=played, own=mine, decoder=decoder, next_hop=state.next_hop + 1
        )
        return audio.numpy(), state


def _is_causal(codec: Any) -> bool:
    return getattr(codec, "is_causal", True)


def _alike(calls: Sequence[Call]) -> Iterator[list[int]]:
    """Indices of the calls that can share a batch."""
    groups: dict[tuple, list[int]] = {}
    for index, call in enumerate(calls):
        session, controls = call.session, call.controls
        key = (id(session.model.network), session.hop_frames, controls.steps, controls.sampler)
        groups.setdefault(key, []).append(index)
    yield from groups.values()


def _fill_together(
    works: Sequence[tuple[Call, WindowState]], cancelled: Callable[[], bool]
) -> list[torch.Tensor]:
    """What each plays, [P, D, hop]."""
    (first, before), rows = works[0], [len(call.session.parts) for call, _ in works]
    session, hop = first.session, first.session.hop_frames
    contexts, played, own = [], [], []
    for call, state in works:
        told = call.session.context(state)
        contexts.append(told.expand(len(call.session.parts), -1, -1))
        room = state.played.new_zeros(*state.played.shape[:2], hop)
        played.append(torch.cat((state.played[..., hop:], room), dim=-1))
        own.append(state.own.roll(-hop).expand(len(call.session.parts), -1))
    shape = (1, *before.heard.shape)
    draws = iter(range(1_000_000))

    def draw() -> torch.Tensor:
        number = next(draws)
        return torch.cat([
            noise(shape, state.seed, state.next_hop, call.session.part_rows, number)
            for call, state in works
        ]).to(session.device)

    def asked() -> None:
        if cancelled():
            raise Cancelled(f"hop {before.next_hop} was withdrawn")

    filled = fill(
        session.model.network, first.controls.sampler, first.controls.steps, torch.cat(contexts),
        torch.cat([call.session.labels for call, _ in works]), torch.cat(played), hop, draw, asked,
        torch.cat(own),
    )
    return list(session.model.codec.limit(filled).split(rows))
