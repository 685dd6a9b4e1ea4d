"""Session: the only code that knows a model in time. Bridge, server and evaluation call it.

Hop n of the music answers slot n. The slot starts `lead` frames after the hop has ended, and each
of its frames is told the music heard exactly lead + hop frames earlier, which is frame i of hop n
for frame i of the slot: nothing ever has to be told twice.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import torch

from sideman.diffusion.guidance import BRANCHES, guided
from sideman.diffusion.samplers import euler
from sideman.diffusion.schedules import quadratic
from sideman.errors import Cancelled, ModelError, SettingsError
from sideman.models.checkpoint import LoadedModel
from sideman.models.kv_cache import KVCache
from sideman.models.transformer import CLOCK_CHANNELS, Conditions, Prepared
from sideman.streaming.controls import Clock, Controls, Slot, clock_of
from sideman.streaming.state import SessionState

__all__ = ["Session"]


def _never() -> bool:
    return False


class Session:
    """Plays `parts` with a model, hop by hop. It holds no memory of its own: see SessionState.

    Raises ModelError for parts, hop or lead that the model was not trained for.
    """

    def __init__(
        self, model: LoadedModel, parts: Sequence[str], hop_frames: int, lead_frames: int
    ):
        spec = model.spec
        _check(spec.name, spec.parts, parts, spec.hops, hop_frames, spec.leads, lead_frames)
        self.model = model
        self.parts = tuple(parts)
        self.hop_frames = hop_frames
        self.lead_frames = lead_frames
        self.hop_samples = hop_frames * spec.frame_samples
        self.frame_seconds = spec.frame_samples / spec.sample_rate
        self._part_rows = torch.tensor([spec.parts.index(part) for part in parts])
        self._lead_rows = torch.full_like(self._part_rows, lead_frames)

    def start(self, seed: int = 0) -> SessionState:
        """The state before the first hop."""
        rows, channels = len(self.parts), self.model.codec.channels
        return SessionState(
            seed=seed,
            next_hop=0,
            cache=self.model.network.empty_cache(BRANCHES * rows),
            played=torch.zeros(rows, channels, 0),
            heard=torch.zeros(channels, 0),
            clock=torch.zeros(CLOCK_CHANNELS, 0),
            encoder=self.model.codec.encoder_state(1),
            decoder=self.model.codec.decoder_state(rows),
        )

    @torch.no_grad()
    def step(
        self,
        state: SessionState,
        heard: np.ndarray,
        slot: Slot,
        controls: Controls,
        cancelled: Callable[[], bool] = _never,
    ) -> tuple[np.ndarray, SessionState]:
        """One hop of music, float32 [hop samples], answered by float32 [parts, hop samples].

        Hops that were left out since the last step count as silence, heard and played. Samples that
        are not finite count as zero. Raises SettingsError for a hop that lies in the past or has
        the wrong length, Cancelled when the caller withdrew; `state` is untouched in every case.
        """
        state = self._catch_up(state, slot.hop_id, controls.clock)
        state, heard_frames = self._encode(state, _clean_audio(heard, self.hop_samples))
        state = self._place(state, heard_frames, controls.clock)
        state = self._denoise(state, controls, cancelled)
        return self._decode(state)

    def _catch_up(self, state: SessionState, hop_id: int, clock: Clock | None) -> SessionState:
        missed = hop_id - state.next_hop
        if missed < 0:
            raise SettingsError(
                f"cannot play hop {hop_id}: hop {state.next_hop} comes next; start a new session"
            )
        if missed * self.hop_frames >= self.model.network.window_frames:
            return replace(self.start(state.seed), next_hop=hop_id)
        hop_seconds = self.hop_frames * self.frame_seconds
        silence = np.zeros(self.hop_samples, dtype=np.float32)
        for left in range(missed, 0, -1):
            then = clock.moved(-left * hop_seconds) if clock else None
            state, heard_frames = self._encode(state, silence)
            state = self._place(state, heard_frames, then)
            rest = self.model.codec.silence_latent()[None, :, None]
            rest = rest.expand(len(self.parts), -1, self.hop_frames).contiguous()
            _, state = self._decode(replace(state, played=rest))
        return state

    def _encode(
        self, state: SessionState, heard: np.ndarray
    ) -> tuple[SessionState, torch.Tensor]:
        audio = torch.from_numpy(heard)[None]
        latents, encoder = self.model.codec.encode(audio, state.encoder)
        return replace(state, encoder=encoder), latents[0]

    def _place(
        self, state: SessionState, heard: torch.Tensor, clock: Clock | None
    ) -> SessionState:
        """Remember the block played last, and make room for the next, told what was heard."""
        cache = state.cache
        if state.played.shape[-1]:
            whole = torch.ones(len(self.parts), self.hop_frames)
            alone = torch.zeros(2 * len(self.parts), self.hop_frames)
            cache = self.model.network.remember(
                state.played.repeat(BRANCHES, 1, 1),
                torch.cat((whole, alone)),
                _branches(self._conditions(state)),
                cache,
            )
        channels = torch.from_numpy(clock_of(clock, self.hop_frames, self.frame_seconds))
        return replace(state, cache=cache, heard=heard, clock=channels)

    def _denoise(
        self, state: SessionState, controls: Controls, cancelled: Callable[[], bool]
    ) -> SessionState:
        conditions, cache = self._conditions(state), state.cache
        if controls.guidance == 1:
            rows = len(self.parts)
            cache = KVCache(cache.keys[:, :rows], cache.values[:, :rows])
        else:
            conditions = _branches(conditions)

        def denoise(x: torch.Tensor, t: float, prepared: Prepared) -> torch.Tensor:
            if cancelled():
                raise Cancelled(f"hop {state.next_hop} was withdrawn")
            return self.model.network.denoise(x, t, prepared)

        played = euler(
            guided(denoise, controls.guidance),
            self._noise(state),
            quadratic(controls.steps),
            self.model.network.prepare(conditions, cache),
            self.model.codec.limit,
        )
        return replace(state, played=played)

    def _decode(self, state: SessionState) -> tuple[np.ndarray, SessionState]:
        audio, decoder = self.model.codec.decode(state.played, state.decoder)
        return audio.numpy(), replace(state, decoder=decoder, next_hop=state.next_hop + 1)

    def _conditions(self, state: SessionState) -> Conditions:
        rows = len(self.parts)
        return Conditions(
            heard=state.heard[None].expand(rows, -1, -1),
            heard_known=torch.ones(rows, self.hop_frames),
            clock=state.clock[None].expand(rows, -1, -1),
            part=self._part_rows,
            lead=self._lead_rows,
        )

    def _noise(self, state: SessionState) -> torch.Tensor:
        """Noise [P, D, hop] that depends on seed, hop and part alone."""
        shape = (self.model.codec.channels, self.hop_frames)
        draws = []
        for part in self._part_rows.tolist():
            words = np.random.SeedSequence([state.seed % 2**64, state.next_hop, part])
            seed = int(words.generate_state(1, np.uint64)[0] >> np.uint64(1))
            draws.append(torch.randn(shape, generator=torch.Generator().manual_seed(seed)))
        return torch.stack(draws)


def _branches(conditions: Conditions) -> Conditions:
    """Rows for guidance: with own past, without it, and without it and deaf."""
    return conditions.joined(conditions).joined(conditions.without_heard())


def _clean_audio(heard: np.ndarray, samples: int) -> np.ndarray:
    if heard.shape != (samples,):
        raise SettingsError(
            f"cannot play: heard audio has shape {list(heard.shape)}, a hop is [{samples}]"
        )
    return np.nan_to_num(heard, nan=0.0, posinf=0.0, neginf=0.0).astype(np.float32, copy=False)


def _check(
    name: str,
    known: Sequence[str],
    parts: Sequence[str],
    hops: Sequence[int],
    hop: int,
    leads: Sequence[int],
    lead: int,
) -> None:
    unknown = [part for part in parts if part not in known]
    if unknown or not parts or len(set(parts)) < len(parts):
        raise ModelError(
            f"{name} cannot play {' '.join(parts) or 'no part'}: "
            f"it knows {' '.join(known)}; name each part once"
        )
    if hop not in hops:
        choices = " or ".join(map(str, hops))
        raise ModelError(f"{name} cannot play hops of {hop} frames: give {choices}")
    if not (math.isfinite(lead) and leads[0] <= lead <= leads[1]):
        raise ModelError(
            f"{name} cannot play {lead} frames ahead: give a lead of {leads[0]} to {leads[1]}"
        )
